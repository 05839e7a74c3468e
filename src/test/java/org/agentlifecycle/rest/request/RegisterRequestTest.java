package org.agentlifecycle.rest.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Link;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.rest.binding.JsonBinder;
import org.agentlifecycle.rest.binding.JsonBodyReader;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Validation of registrations and transitions: each error names its field. */
class RegisterRequestTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "[]",
        "[{\"taskId\":\"t\"}]",
        "\"x\"",
        "5",
        "true",
        "{",
        "{\"taskId\":\"t\"",
        "{\"taskId\":\"t\"}{\"taskId\":\"t\"}",
        "{\"taskId\":\"t\"} x",
        "{\"taskId\":\"t\"}\0",
        "{\"taskId\":\"t\",}",
        "{\"taskId\":\"t\"/* why */}",
        "{\"taskId\":\"t\"} // why",
        "{'taskId':'t'}",
        "{taskId:\"t\"}",
        "{\"taskId\":\"a\tb\"}",
        "{\"taskId\":\"\\x\"}",
        "{\"taskId\":\"\\u12\"}",
        "{\"taskId\":\"t\",\"metadata\":{\"n\":NaN}}",
        "{\"taskId\":\"t\",\"metadata\":{\"n\":Infinity}}",
        "{\"taskId\":\"t\",\"metadata\":{\"n\":01}}",
        "{\"taskId\":\"t\",\"metadata\":{\"n\":+1}}",
        "{\"taskId\":\"t\",\"metadata\":{\"n\":.5}}",
        "{\"taskId\":\"t\",\"metadata\":{\"n\":1.}}",
        "{\"taskId\":\"t\",\"metadata\":{\"n\":0x10}}",
        "{\"taskId\":\"t\",\"metadata\":{\"s\":\"a\nb\"}}",
        "\uFEFF{\"taskId\":\"t\"}",
        "<a/>",
        "taskId=t"
      })
  void bodyThatIsNotOneJsonObjectIsRejected(String body) {
    assertThat(rejectedFields(body)).containsExactly("body");
  }

  @Test
  void emptyBodyIsRejected() {
    assertThat(rejectedFields("")).containsExactly("body");
    assertThat(rejectedFields(" \n")).containsExactly("body");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                    | taskId",
        "{\"taskId\":null}                                     | taskId",
        "{\"taskId\":5}                                        | taskId",
        "{\"taskId\":[\"t\"]}                                  | taskId",
        "{\"taskId\":\"\"}                                     | taskId",
        "{\"taskId\":\"a b\"}                                  | taskId",
        "{\"taskId\":\"\\ud800\"}                              | taskId",
        "{\"taskId\":\"t\",\"taskId\":\"t\"}                   | taskId",
        "{\"taskId\":\"t\",\"agentId\":\"a/b\"}                | agentId",
        "{\"taskId\":\"t\",\"agentId\":1}                      | agentId",
        "{\"taskId\":\"t\",\"lease\":\"PT0.099S\"}             | lease",
        "{\"taskId\":\"t\",\"lease\":\"P366D\"}                | lease",
        "{\"taskId\":\"t\",\"lease\":\"30s\"}                  | lease",
        "{\"taskId\":\"t\",\"lease\":30}                     | lease",
        "{\"taskId\":\"t\",\"leases\":\"PT30S\"}               | leases",
        "{\"taskId\":\"t\",\"taskid\":\"t\"}                   | taskid",
        "{\"taskId\":\"t\",\"labels\":[]}                      | labels",
        "{\"taskId\":\"t\",\"labels\":\"a:b\"}                 | labels",
        "{\"taskId\":\"t\",\"labels\":{\"team\":1}}            | labels.team",
        "{\"taskId\":\"t\",\"labels\":{\"team\":null}}         | labels.team",
        "{\"taskId\":\"t\",\"labels\":{\"team\":{}}}           | labels.team",
        "{\"taskId\":\"t\",\"labels\":{\"team\":\"\\udc00\"}}  | labels.team",
        "{\"taskId\":\"t\",\"labels\":{\"a b\":\"c\"}}         | labels.a b",
        "{\"taskId\":\"t\",\"metadata\":[]}                    | metadata",
        "{\"taskId\":\"t\",\"metadata\":\"{}\"}                | metadata",
        "{\"taskId\":\"t\",\"metadata\":{\"a\":1,\"a\":1}}     | metadata",
        "{\"taskId\":\"t\",\"metadata\":{\"a\":[{\"b\":1,\"b\":1}]}} | metadata",
        "{\"taskId\":\"t\",\"metadata\":{\"a\":\"\\ud83d\"}}   | metadata",
        "{\"taskId\":\"t\",\"metadata\":{\"\\ude00\":1}}       | metadata",
        "{\"taskId\":\"t\",\"metadata\":{\"a\":\"\\ud83d\\u0041\"}} | metadata",
        "{\"taskId\":\"t\",\"session\":1}                      | session",
        "{\"taskId\":\"t\",\"startTimeout\":\"PT0.5S\"}        | startTimeout",
        "{\"taskId\":\"t\",\"startTimeout\":\"PT0S\"}          | startTimeout",
        "{\"taskId\":\"t\",\"startTimeout\":\"P366D\"}         | startTimeout",
        "{\"taskId\":\"t\",\"startTimeout\":60}              | startTimeout",
        "{\"taskId\":\"t\",\"runTimeout\":\"PT0.999S\"}        | runTimeout",
        "{\"taskId\":\"t\",\"runTimeout\":\"P365DT1S\"}        | runTimeout",
        "{\"taskId\":\"t\",\"runTimeout\":\"1h\"}              | runTimeout",
        "{\"taskId\":\"t\",\"parentId\":\"a/b\"}               | parentId",
        "{\"taskId\":\"t\",\"parentId\":5}                   | parentId",
        "{\"taskId\":\"t\",\"parentId\":\"-\",\"onParentEnd\":\"kill\"} | parentId",
        "{\"taskId\":\"t\",\"onParentEnd\":\"kill\"}           | onParentEnd",
        "{\"taskId\":\"t\",\"parentId\":\"p\",\"onParentEnd\":\"KILL\"} | onParentEnd",
        "{\"taskId\":\"t\",\"parentId\":\"p\",\"onParentEnd\":true} | onParentEnd",
        "{\"taskId\":\"t\",\"rootId\":\"p\"}                   | rootId",
      })
  void invalidFieldIsNamed(String body, String field) {
    assertThat(rejectedFields(body)).containsExactly(field);
  }

  @Test
  void allErrorsAreReportedTogether() {
    assertThat(rejectedFields("{\"agentId\":\"-\",\"labels\":{\"a\":1},\"nope\":{\"deep\":[1]}}"))
        .containsExactly("agentId", "labels.a", "nope", "taskId");
  }

  @Test
  void atMostTwentyErrorsAreReported() {
    String fields =
        IntStream.range(0, 5000).mapToObj("\"k%d\":1"::formatted).collect(Collectors.joining(","));
    assertThat(rejectedFields("{" + fields + "}")).hasSize(20);
  }

  @Test
  void longFieldNameIsAbbreviated() {
    assertThat(rejectedFields("{\"taskId\":\"t\",\"" + "n".repeat(60_000) + "\":1}"))
        .containsExactly("n".repeat(64) + "…");
    assertThat(rejectedFields("{\"taskId\":\"t\",\"\\ud800\":1}")).containsExactly("?");
  }

  @Test
  void nullCountsAsAbsent() {
    Registration registration =
        registration(
            "{\"taskId\":\"t\",\"agentId\":null,\"labels\":null,\"metadata\":null,\"session\":null}");

    assertThat(registration.taskId()).isEqualTo("t");
    assertThat(registration.agentId()).isNull();
    assertThat(registration.labels()).isEmpty();
    assertThat(registration.metadata()).isNull();
    assertThat(registration.session()).isNull();
  }

  @Test
  void timeoutsAndParentAreBound() {
    String longest = "{\"taskId\":\"t\",\"startTimeout\":\"PT1S\",\"runTimeout\":\"P365D\"";
    assertThat(registration(longest + "}").timeouts())
        .isEqualTo(new Timeouts(Duration.ofSeconds(1), Duration.ofDays(365)));
    assertThat(registration("{\"taskId\":\"t\"}").timeouts()).isEqualTo(Timeouts.NONE);
    assertThat(registration("{\"taskId\":\"t\",\"onParentEnd\":\"continue\"}").parent()).isNull();
    assertThat(registration("{\"taskId\":\"t\",\"parentId\":\"p\",\"onParentEnd\":null}").parent())
        .isEqualTo(new Parent("p", Parent.OnEnd.CONTINUE));
    assertThat(
            registration("{\"taskId\":\"t\",\"parentId\":\"p\",\"onParentEnd\":\"kill\"}").parent())
        .isEqualTo(new Parent("p", Parent.OnEnd.KILL));
  }

  @Test
  void clientObjectsAreKeptAsSent() {
    String metadata =
        "{ \"n\":12345678901234567890.100e400,\"\\u00e9\": [1 ,2],\"s\":\"\\ud83d\\ude00 😀 \\\\ud800\" }";
    Registration registration =
        registration(
            "{"
                + "\"session\":{},\"metadata\": "
                + metadata
                + ",\"taskId\":\"t\",\"agentId\":\"a:1\",\"lease\":\"PT30S\",\"labels\":{\"team/x\":\"\\u00e9:\",\"e\":\"\"}}");

    assertThat(registration)
        .isEqualTo(
            new Registration(
                "a:1",
                "t",
                Map.of("team/x", "é:", "e", ""),
                new RawJson(metadata),
                new RawJson("{}"),
                Duration.ofSeconds(30)));
  }

  @Test
  void seventeenthLevelIsRejected() {
    assertThat(registration(withMetadata(nested(16))).metadata().text()).isEqualTo(nested(16));
    assertThat(rejectedFields(withMetadata(nested(17)))).containsExactly("metadata");
    assertThat(rejectedFields("{\"taskId\":\"t\",\"x\":" + "[".repeat(60_000)))
        .containsExactly("x");
  }

  private static String nested(int depth) {
    return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
  }

  @Test
  void objectOf16KibibytesIsAccepted() {
    String frame = "{\"a\":\"\"}";
    String ascii = "{\"a\":\"" + "x".repeat(16_384 - frame.length()) + "\"}";
    String wide = "{\"a\":\"" + "é".repeat((16_384 - frame.length()) / 2 + 1) + "\"}";

    assertThat(registration(withMetadata(ascii)).metadata().text()).isEqualTo(ascii);
    assertThat(rejectedFields(withMetadata(ascii.replace("x\"", "xx\""))))
        .containsExactly("metadata");
    assertThat(wide.length()).isLessThan(16_384);
    assertThat(rejectedFields(withMetadata(wide))).containsExactly("metadata");
  }

  @Test
  @Timeout(1)
  void numberOfManyDigitsIsRejectedQuickly() {
    assertThat(rejectedFields(withMetadata("{\"n\":" + "9".repeat(60_000) + "}")))
        .containsExactly("metadata");
    assertThat(rejectedFields(withMetadata("{\"n\":1e" + "9".repeat(60_000) + "}")))
        .containsExactly("metadata");
    String longest = "{\"n\":" + "9".repeat(1000) + "}";
    assertThat(registration(withMetadata(longest)).metadata().text()).isEqualTo(longest);
  }

  private static String withMetadata(String metadata) {
    return "{\"taskId\":\"t\",\"metadata\":" + metadata + "}";
  }

  @Test
  void seventeenthLabelIsRejected() {
    assertThat(registration(withLabels(16)).labels()).hasSize(16);
    assertThat(rejectedFields(withLabels(17))).containsExactly("labels");
  }

  private static String withLabels(int count) {
    String labels =
        IntStream.range(0, count)
            .mapToObj("\"k%d\":\"v\""::formatted)
            .collect(Collectors.joining(","));
    return "{\"taskId\":\"t\",\"labels\":{" + labels + "}}";
  }

  @Test
  void surrogatePairCountsAsOneCharacter() {
    String longest = "😀".repeat(128);
    String body = "{\"taskId\":\"t\",\"labels\":{\"k\":\"%s\"}}";

    assertThat(registration(body.formatted(longest)).labels()).containsEntry("k", longest);
    assertThat(rejectedFields(body.formatted(longest + "x"))).containsExactly("labels.k");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                   | to",
        "{\"to\":null}                        | to",
        "{\"to\":\"\"}                        | to",
        "{\"to\":\"RUNNING\"}                 | to",
        "{\"to\":\"done\"}                    | to",
        "{\"to\":1}                           | to",
        "{\"to\":\"failed\"}                  | error",
        "{\"to\":\"failed\",\"error\":null}   | error",
        "{\"to\":\"failed\",\"error\":\" \"}  | error",
        "{\"to\":\"failed\",\"error\":1}      | error",
        "{\"to\":\"failed\",\"error\":\"\\ud800\"} | error",
        "{\"to\":\"running\",\"error\":\"x\"} | error",
        "{\"to\":\"running\",\"error\":\"\"}  | error",
        "{\"to\":\"running\",\"reason\":{}}   | reason",
        "{\"to\":\"running\",\"result\":0}    | result",
        "{\"to\":\"running\",\"result\":0,\"links\":[{\"href\":\"https://a\",\"rel\":\"x\"}]} | links,result",
        "{\"to\":\"killed\",\"links\":{}}     | links",
        "{\"to\":\"killed\",\"links\":[1]}    | links[0]",
        "{\"to\":\"killed\",\"links\":[{}]}   | links[0].href,links[0].rel",
        "{\"to\":\"killed\",\"links\":[{\"href\":\"/a\",\"rel\":\"x\"}]} | links[0].href",
        "{\"to\":\"killed\",\"links\":[{\"href\":\"javascript:a\",\"rel\":\"x\"}]} | links[0].href",
        "{\"to\":\"killed\",\"links\":[{\"href\":\"https:///a\",\"rel\":\"x\"}]} | links[0].href",
        "{\"to\":\"killed\",\"links\":[{\"href\":\"https://a b\",\"rel\":\"x\"}]} | links[0].href",
        "{\"to\":\"killed\",\"links\":[{\"href\":\"https://a\",\"rel\":\" x\"}]} | links[0].rel",
        "{\"to\":\"killed\",\"links\":[{\"href\":\"https://a\",\"rel\":\"x\",\"type\":1}]} | links[0].type",
        "{\"to\":\"running\",\"form\":\"x\"}  | form",
      })
  void invalidMoveRequestIsRejectedByItsField(String body, String fields) {
    assertThat(rejectedFields(() -> move(body))).containsExactly(fields.split(","));
  }

  @Test
  void outputIsBoundAsItWasSent() {
    String links =
        "[{\"href\":\"https://host/a?b=%20#c\",\"rel\":\"log\",\"title\":\"Log\"},"
            + "{\"href\":\"s3://bucket/key\",\"rel\":\"x/y\",\"title\":\" \"}]";
    for (String result :
        List.of("0", "1.50", "-1e400", "true", "\"a\"", "[ 1, {} ]", "{\"a\": 1.0 }")) {
      assertThat(move("{\"to\":\"killed\",\"result\": " + result + " ,\"links\":" + links + "}"))
          .extracting(TransitionRequest::output)
          .isEqualTo(
              new Output(
                  new RawJson(result),
                  List.of(
                      new Link("https://host/a?b=%20#c", "log", "Log"),
                      new Link("s3://bucket/key", "x/y", null))));
    }
    assertThat(move("{\"to\":\"running\",\"result\":null,\"links\":[]}"))
        .isEqualTo(TransitionRequest.to(AgentStatus.RUNNING));
  }

  @Test
  void outputIsBounded() {
    String link = "{\"href\":\"https://a\",\"rel\":\"x\"}";
    String eight = String.join(",", Collections.nCopies(8, link));
    assertThat(move("{\"to\":\"killed\",\"links\":[" + eight + "]}").output().links()).hasSize(8);
    assertThat(
            rejectedFields(
                () -> move("{\"to\":\"killed\",\"links\":[" + eight + "," + link + "]}")))
        .containsExactly("links");
    String url = "https://a/" + "x".repeat(2038);
    assertThat(move("{\"to\":\"killed\",\"links\":[{\"href\":\"" + url + "\",\"rel\":\"x\"}]}"))
        .isNotNull();
    assertThat(
            rejectedFields(
                () ->
                    move(
                        "{\"to\":\"killed\",\"links\":[{\"href\":\""
                            + url
                            + "y\",\"rel\":\"x\"}]}")))
        .containsExactly("links[0].href");
    String largest = "\"" + "x".repeat(16_382) + "\"";
    assertThat(move("{\"to\":\"killed\",\"result\":" + largest + "}").output().result().text())
        .isEqualTo(largest);
    for (String result :
        List.of("\"" + "x".repeat(16_383) + "\"", "[".repeat(17) + "]".repeat(17), "\"\\ud800\"")) {
      assertThat(rejectedFields(() -> move("{\"to\":\"killed\",\"result\":" + result + "}")))
          .containsExactly("result");
    }
    String deepest = "[".repeat(16) + "]".repeat(16);
    assertThat(move("{\"to\":\"killed\",\"result\":" + deepest + "}").output().result().text())
        .isEqualTo(deepest);
  }

  @Test
  void validMoveRequestIsBound() {
    AgentVersion version = new AgentVersion(17, 1763823600123L, 2);
    assertThat(move("{\"to\":\"spawning\"}")).isEqualTo(TransitionRequest.to(AgentStatus.SPAWNING));
    assertThat(move("{\"to\":\"killed\",\"error\":null,\"reason\":\"  \"}"))
        .isEqualTo(TransitionRequest.to(AgentStatus.KILLED));
    assertThat(
            JsonBinder.bind(
                    MoveRequest.class,
                    "{\"reason\":\"why\\n\",\"error\":\" x \",\"to\":\"failed\"}")
                .content()
                .transition(Set.of(version)))
        .isEqualTo(new TransitionRequest(AgentStatus.FAILED, " x ", "why\n", Set.of(version)));
  }

  @Test
  void errorHasAtMost4096Characters() {
    assertThat(move("{\"to\":\"failed\",\"error\":\"" + "x".repeat(4096) + "\"}").error())
        .hasSize(4096);
    assertThat(
            rejectedFields(
                () -> move("{\"to\":\"failed\",\"error\":\"" + "x".repeat(4097) + "\"}")))
        .containsExactly("error");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "c0af", "eda080", "e282", "f4908080", "80"})
  void invalidUtf8IsRejected(String hex) {
    byte[] octets = ("{\"taskId\":\"t\"}" + " ".repeat(8)).getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at < hex.length(); at += 2) {
      octets[octets.length - 8 + at / 2] = (byte) Integer.parseInt(hex, at, at + 2, 16);
    }
    assertThat(rejectedFields(() -> JsonBodyReader.decode(octets))).containsExactly("body");
  }

  @Test
  void sentReplacementCharacterIsKept() {
    String text = "{\"taskId\":\"t\",\"metadata\":{\"a\":\"\ufffd\"}}";
    assertThat(JsonBodyReader.decode(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(text);
  }

  @Test
  void manyKeysAreBoundQuickly() {
    List<String> keys = IntStream.range(0, 1500).mapToObj("\"k%d\":1"::formatted).toList();
    String body = withMetadata("{" + String.join(",", keys) + "}");
    long start = System.nanoTime();
    Collections.nCopies(20, body).forEach(RegisterRequestTest::registration);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
  }

  private static Registration registration(String body) {
    return JsonBinder.bind(RegisterRequest.class, body).content().registration();
  }

  private static TransitionRequest move(String body) {
    return JsonBinder.bind(MoveRequest.class, body).content().transition(null);
  }

  private static List<String> rejectedFields(String body) {
    return rejectedFields(() -> registration(body));
  }

  private static List<String> rejectedFields(Runnable reading) {
    return ProblemAssertions.fields(catchThrowableOfType(ProblemException.class, reading::run));
  }
}
