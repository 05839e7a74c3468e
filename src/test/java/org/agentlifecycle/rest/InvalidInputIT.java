package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Invalid requests over HTTP: each is rejected within a second with a problem that names the field,
 * and changes nothing. The unit tests of the requests have more cases. These cases show that no
 * server responds first, because the servers differ.
 */
class InvalidInputIT extends ApiTestBase {
  private static final byte[] NOTHING = {};

  private String agents;
  private long started;

  @BeforeEach
  void countAgents() {
    agents = agentCounts();
    started = System.nanoTime();
  }

  @AfterEach
  void rejectedRequestsChangedNothing() {
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
    assertThat(agentCounts()).isEqualTo(agents);
  }

  private String agentCounts() {
    JsonNode stats = json(get("/api/v1/stats"));
    return Stream.of("spawning", "running", "completed", "failed", "killed")
        .map(status -> stats.path(status).asString())
        .collect(Collectors.joining(","));
  }

  static Stream<Arguments> bodies() {
    String keys =
        IntStream.range(0, 5000).mapToObj("\"k%d\":1"::formatted).collect(Collectors.joining(","));
    return Stream.of(
        Arguments.of("", "body"),
        Arguments.of("null", "body"),
        Arguments.of("[{\"taskId\":\"t\"}]", "body"),
        Arguments.of("\"t\"", "body"),
        Arguments.of("{\"taskId\":\"t\"", "body"),
        Arguments.of("{\"taskId\":\"t\"}{\"taskId\":\"t\"}", "body"),
        Arguments.of("{\"taskId\":\"t\",\"taskId\":\"u\"}", "taskId"),
        Arguments.of("{\"taskId\":\"t\",\"tsakId\":\"t\"}", "tsakId"),
        Arguments.of("{}", "taskId"),
        Arguments.of("{\"taskId\":null}", "taskId"),
        Arguments.of("{\"taskId\":5}", "taskId"),
        Arguments.of("{\"taskId\":\"t\",\"labels\":{\"team\":5}}", "labels.team"),
        Arguments.of("{\"taskId\":\"t\",\"startTimeout\":\"PT0.5S\"}", "startTimeout"),
        Arguments.of("{\"taskId\":\"t\",\"runTimeout\":\"P366D\"}", "runTimeout"),
        Arguments.of("{\"taskId\":\"t\",\"onParentEnd\":\"kill\"}", "onParentEnd"),
        Arguments.of("{\"taskId\":\"t\",\"metadata\":\"{}\"}", "metadata"),
        Arguments.of("{\"taskId\":\"t\",\"metadata\":{\"n\":NaN}}", "body"),
        Arguments.of("{\"taskId\":\"t\",\"metadata\":{\"n\":01}}", "body"),
        Arguments.of("{\"taskId\":\"t\"/* */}", "body"),
        Arguments.of("{\"taskId\":\"t\u0001\"}", "body"),
        Arguments.of("{\"taskId\":\"t\",\"metadata\":{\"a\":\"\\ud800\"}}", "metadata"),
        Arguments.of(
            "{\"taskId\":\"t\",\"metadata\":{\"n\":" + "9".repeat(60_000) + "}}", "metadata"),
        Arguments.of("{\"taskId\":\"t\",\"metadata\":" + "{\"a\":".repeat(10_000), "metadata"),
        Arguments.of("[".repeat(60_000), "body"),
        Arguments.of("{\"taskId\":\"t\",\"metadata\":{" + keys + "}}", "metadata"));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void invalidBodyIsRejectedByItsField(String body, String field) {
    assertRejected(post(AGENTS, body), field);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "heartbeat | {\"progress\":{}}                               | progress",
        "heartbeat | {\"progress\":{\"current\":-1}}                 | progress.current",
        "heartbeat | {\"progress\":{\"current\":1e400}}              | progress.current",
        "heartbeat | {\"progress\":{\"current\":2,\"total\":1}}      | progress.total",
        "heartbeat | {\"progress\":{\"percent\":1}}                  | progress,progress.percent",
        "waiting   | {}                                            | for",
        "waiting   | {\"for\":\"coffee\"}                            | for",
        "waiting   | {\"for\":\"input\",\"url\":\"javascript:a\"}    | url",
        "desired   | {}                                            | mode",
        "desired   | {\"mode\":\"stopped\"}                          | grace",
        "desired   | {\"mode\":\"stopped\",\"grace\":\"PT2H\"}       | grace",
        "desired   | {\"mode\":\"paused\",\"grace\":\"PT1M\"}        | grace",
      })
  void invalidSupervisionIsRejectedByItsField(String resource, String body, String fields) {
    assertRejected(
        call("PUT", AGENTS + "/a/" + resource, body, "Content-Type", JSON), fields.split(","));
  }

  @Test
  void missingBodyAndUnknownParameterOfSupervisionAreRejected() {
    assertRejected(call("PUT", AGENTS + "/a/waiting", null), "body");
    assertRejected(call("PUT", AGENTS + "/a/desired", null), "body");
    assertRejected(call("DELETE", AGENTS + "/a/waiting?x=1", null), "x");
    assertRejected(
        call("PUT", AGENTS + "/-/waiting", "{\"for\":\"input\"}", "Content-Type", JSON), "agentId");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "c0af", "eda080", "7b0022", "fffe7b007d00"})
  void bodyThatIsNotUtf8IsRejected(String hex) {
    byte[] octets = new byte[hex.length() / 2];
    for (int at = 0; at < octets.length; at++) {
      octets[at] = (byte) Integer.parseInt(hex, 2 * at, 2 * at + 2, 16);
    }
    assertRejected(send(posting().POST(BodyPublishers.ofByteArray(octets)).build()), "body");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void bodyLongerThan64KibibytesIsRejected(boolean chunked) {
    byte[] octets = ("{\"taskId\":\"t\"}" + " ".repeat(64 * 1024)).getBytes(StandardCharsets.UTF_8);
    HttpRequest.BodyPublisher sized = BodyPublishers.ofByteArray(octets);
    HttpResponse<String> answer =
        send(posting().POST(chunked ? BodyPublishers.fromPublisher(sized) : sized).build());

    assertProblem(answer, 413, "content-too-large");
  }

  @Test
  void hugeBodyIsRejectedBeforeItArrives() {
    String answer =
        raw(
            """
            POST /api/v1/agents HTTP/1.1\r
            Host: localhost\r
            Content-Type: application/json\r
            Content-Length: 20000000\r
            """,
            NOTHING);

    assertThat(answer).startsWith("HTTP/1.1 413 ").contains(PROBLEM, "content-too-large");
  }

  private HttpRequest.Builder posting() {
    return HttpRequest.newBuilder(uri(AGENTS))
        .timeout(Duration.ofSeconds(10))
        .header("Content-Type", JSON);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/json; charset=utf-16",
        "application/*",
        "json"
      })
  void bodyOfAnotherMediaTypeIsRejected(String contentType) {
    assertProblem(
        post(AGENTS, "{\"taskId\":\"t\"}", "Content-Type", contentType),
        415,
        "unsupported-media-type");
  }

  @Test
  void emptyOrEncodedBodyIsRejected() {
    assertProblem(call("POST", AGENTS, "{\"taskId\":\"t\"}"), 415, "unsupported-media-type");
    assertProblem(
        post(AGENTS, "{\"taskId\":\"t\"}", "Content-Encoding", "gzip"),
        415,
        "unsupported-media-type");
    assertRejected(call("POST", AGENTS, null), "body");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-a", "a;x=1", "a%3Bx=1", "{a}", "%7Ba%7D", "a%20b", "%20", "ü", "%C3%BC", "😀", "a|b",
        "\"a\"", "<a>", "a%2fb", "a+b", "a@b", "a%25"
      })
  void invalidIdIsRejected(String id) {
    for (String call :
        new String[] {"GET %s", "GET %s/session", "DELETE %s/session", "POST %s/transitions"}) {
      String line = call.formatted(AGENTS + "/" + id);
      String answer =
          raw(
              line
                  + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  + "Content-Length: 16\r\n".repeat(call.startsWith("POST") ? 1 : 0),
              (call.startsWith("POST") ? "{\"to\":\"running\"}" : "")
                  .getBytes(StandardCharsets.UTF_8));

      assertThat(answer).as(line).startsWith("HTTP/1.1 400 ").contains(PROBLEM);
      assertThat(answer).as(line).contains("invalid-request", "\"field\":\"agentId\"");
    }
  }

  @Test
  void idThatIsTooLongIsRejected() {
    assertRejected(get(AGENTS + "/" + "a".repeat(129)), "agentId");
  }

  /** The servers reject some of these paths before they reach the service. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a%00",
        "%00",
        ";x=1",
        "a%0d%0aX:%20y",
        "%c0%af",
        "%5c",
        "%2e%2e%2f",
        "..%2f..",
        "a b"
      })
  void invalidPathIsRejected(String id) {
    String answer = raw("GET " + AGENTS + "/" + id + " HTTP/1.1\r\nHost: localhost\r\n", NOTHING);

    assertThat(answer).matches("(?s)HTTP/1\\.1 (400|404|505) .*");
    assertThat(answer).doesNotContain("Exception", "\tat ");
  }

  @ParameterizedTest
  @CsvSource({
    "limit=abc,limit",
    "limit=0,limit",
    "limit=-1,limit",
    "limit=2147483648,limit",
    "limit=1&limit=1,limit",
    "limit=,limit",
    "status=nope,status",
    "status=,status",
    "cursor=abc,cursor",
    "taskId=a%2Fb,taskId",
    "taskId=%00,taskId",
    "label=team,label",
    "lable=team:search,lable",
    "sessionOpen=yes,sessionOpen",
    "waiting=false,waiting",
    "stalledFor=P366D,stalledFor",
    "parentId=a%2Fb,parentId",
    "rootId=,rootId",
  })
  void invalidParameterIsRejectedByItsName(String query, String field) {
    assertRejected(get(AGENTS + "?" + query), field);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "limit=%zz",
        "limit=%",
        "limit=%c0%af",
        "limit={a}",
        "limit=a|b",
        "limit=\"",
        "limit=ü"
      })
  void malformedQueryIsRejected(String query) {
    String answer =
        raw("GET " + AGENTS + "?" + query + " HTTP/1.1\r\nHost: localhost\r\n", NOTHING);

    assertThat(answer).startsWith("HTTP/1.1 400 ").contains(PROBLEM, "\"field\":\"limit\"");
  }

  @Test
  void unknownParameterIsRejected() {
    assertRejected(get("/api/v1/stats?x=1"), "x");
    assertRejected(get(AGENTS + "/a?limit=1"), "limit");
    assertRejected(post(AGENTS + "?dryRun=true", "{\"taskId\":\"t\"}"), "dryRun");
  }

  @Test
  void matrixParameterIsRejected() {
    String answer = raw("GET /api/v1/agents;x=1 HTTP/1.1\r\nHost: localhost\r\n", NOTHING);
    assertThat(answer).startsWith("HTTP/1.1 400 ").contains(PROBLEM, "\"field\":\"path\"");
  }

  @Test
  void invalidHostIsRejected() {
    String answer = raw("GET /api/v1/agents HTTP/1.1\r\nHost: {x}|y\r\n", NOTHING);
    assertThat(answer).startsWith("HTTP/1.1 400 ").contains(PROBLEM, "\"field\":\"Host\"");
  }
}
