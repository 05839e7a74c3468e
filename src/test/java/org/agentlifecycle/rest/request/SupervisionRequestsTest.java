package org.agentlifecycle.rest.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.rest.binding.JsonBinder;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.supervision.DesiredRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Validation of heartbeats, of what an agent waits for, and of the desired state: each error names
 * its field once.
 */
class SupervisionRequestsTest {

  private static <T extends JsonRequest> List<String> rejectedFields(Class<T> type, String body) {
    return ProblemAssertions.fields(
        catchThrowableOfType(ProblemException.class, () -> JsonBinder.bind(type, body)));
  }

  private static HeartbeatRequest heartbeat(String body) {
    return JsonBinder.bind(HeartbeatRequest.class, body).content();
  }

  private static Progress progress(String progress) {
    return heartbeat("{\"progress\":" + progress + "}").newProgress();
  }

  private static WaitingRequest waiting(String body) {
    return JsonBinder.bind(WaitingRequest.class, body).content();
  }

  private static DesiredStateRequest desired(String body) {
    return JsonBinder.bind(DesiredStateRequest.class, body).content();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "5                                        | progress",
        "\"half\"                                 | progress",
        "[]                                       | progress",
        "{}                                       | progress",
        "{\"current\":null,\"message\":null}      | progress",
        "{\"total\":10}                           | progress",
        "{\"current\":\"3\"}                      | progress.current",
        "{\"current\":true}                       | progress.current",
        "{\"current\":[3]}                        | progress.current",
        "{\"current\":-1}                         | progress.current",
        "{\"current\":-0.001}                     | progress.current",
        "{\"current\":9007199254740992}           | progress.current",
        "{\"current\":1e400}                      | progress.current",
        "{\"current\":-1e400}                     | progress.current",
        "{\"current\":1e400,\"total\":5}          | progress.current",
        "{\"current\":1,\"total\":1e400}          | progress.total",
        "{\"current\":1,\"total\":-1}             | progress.total",
        "{\"current\":1,\"total\":\"2\"}          | progress.total",
        "{\"current\":3,\"total\":2.999}          | progress.total",
        "{\"current\":-1,\"total\":-1}            | progress.current,progress.total",
        "{\"message\":1}                          | progress.message",
        "{\"message\":\"\\ud800\"}                | progress.message",
        "{\"current\":1,\"percent\":50}           | progress.percent",
        "{\"current\":1,\"current\":2}            | progress.current",
      })
  void invalidProgressIsRejectedByItsField(String progress, String fields) {
    assertThat(rejectedFields(HeartbeatRequest.class, "{\"progress\":" + progress + "}"))
        .containsExactly(fields.split(","));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"progress\":{\"current\":NaN}}         | body",
        "{\"lease\":\"x\",\"progress\":{}}        | lease,progress",
        "{\"waiting\":{}}                         | waiting",
      })
  void invalidHeartbeatIsRejectedByItsField(String body, String fields) {
    assertThat(rejectedFields(HeartbeatRequest.class, body)).containsExactly(fields.split(","));
  }

  @Test
  void validProgressIsBound() {
    assertThat(heartbeat("{\"progress\":null}").newProgress()).isNull();
    assertThat(heartbeat("{\"lease\":\"PT1S\"}").newProgress()).isNull();
    assertThat(progress("{\"current\":0}")).isEqualTo(new Progress(0.0, null, null));
    assertThat(progress("{\"message\":\"m\"}")).isEqualTo(new Progress(null, null, "m"));
    assertThat(progress("{\"message\":\"m\",\"total\":10}"))
        .isEqualTo(new Progress(null, 10.0, "m"));
    assertThat(progress("{\"current\":0.5,\"total\":0.5,\"message\":null}"))
        .isEqualTo(new Progress(0.5, 0.5, null));
    assertThat(progress("{\"current\":9007199254740991,\"total\":9.007199254740991e15}"))
        .isEqualTo(new Progress(Progress.MAX, Progress.MAX, null));
  }

  @Test
  void messageHasAtMost512Characters() {
    String longest = "😀".repeat(512);
    assertThat(progress("{\"message\":\"" + longest + "\"}").message()).isEqualTo(longest);
    assertThat(
            rejectedFields(
                HeartbeatRequest.class, "{\"progress\":{\"message\":\"" + longest + "x\"}}"))
        .containsExactly("progress.message");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null                                     | body",
        "[]                                       | body",
        "{}                                       | for",
        "{\"for\":null}                           | for",
        "{\"for\":\"\"}                           | for",
        "{\"for\":\"INPUT\"}                      | for",
        "{\"for\":\"true\"}                       | for",
        "{\"for\":true}                           | for",
        "{\"for\":[\"input\"]}                    | for",
        "{\"kind\":\"input\"}                     | for,kind",
        "{\"for\":\"input\",\"note\":1}           | note",
        "{\"for\":\"input\",\"note\":\"\\udc00\"} | note",
        "{\"for\":\"input\",\"url\":1}            | url",
        "{\"for\":\"input\",\"url\":\"\"}         | url",
        "{\"for\":\"input\",\"url\":\"/a\"}       | url",
        "{\"for\":\"input\",\"url\":\"//a/b\"}    | url",
        "{\"for\":\"input\",\"url\":\"javascript:alert(1)\"}  | url",
        "{\"for\":\"input\",\"url\":\"javascript://a/%0aalert(1)\"} | url",
        "{\"for\":\"input\",\"url\":\"ftp://a/b\"}            | url",
        "{\"for\":\"input\",\"url\":\"https:///a\"}           | url",
        "{\"for\":\"input\",\"url\":\"https://a b\"}          | url",
        "{\"for\":\"input\",\"url\":\" https://a\"}           | url",
        "{\"for\":\"input\",\"since\":\"2026-11-22T15:00:00Z\"} | since",
        "{\"for\":5,\"note\":5,\"url\":5}         | for,note,url",
      })
  void invalidWaitingIsRejectedByItsField(String body, String fields) {
    assertThat(rejectedFields(WaitingRequest.class, body)).containsExactly(fields.split(","));
  }

  @Test
  void validWaitingIsBound() {
    assertThat(waiting("{\"for\":\"other\",\"note\":null,\"url\":null}").waiting())
        .isEqualTo(new Waiting(Waiting.Kind.OTHER, null, null, null));
    assertThat(waiting("{\"for\":\"input\",\"note\":\" \"}").waiting().note()).isNull();
    String note = "😀".repeat(1024);
    String url = "HTTP://host/" + "x".repeat(2036);
    assertThat(
            waiting(
                    "{\"url\":\"%s\",\"note\":\"%s\",\"for\":\"authorization\"}"
                        .formatted(url, note))
                .waiting())
        .isEqualTo(new Waiting(Waiting.Kind.AUTHORIZATION, note, url, null));
    assertThat(
            rejectedFields(
                WaitingRequest.class,
                "{\"for\":\"input\",\"note\":\"%sx\",\"url\":\"%sx\"}".formatted(note, url)))
        .containsExactly("note", "url");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "null                                             | body",
        "{}                                               | mode",
        "{\"mode\":null}                                  | mode",
        "{\"mode\":\"\"}                                  | mode",
        "{\"mode\":\"Paused\"}                            | mode",
        "{\"mode\":\"killed\"}                            | mode",
        "{\"mode\":1}                                     | mode",
        "{\"mode\":\"stopped\"}                           | grace",
        "{\"mode\":\"stopped\",\"grace\":null}            | grace",
        "{\"mode\":\"stopped\",\"grace\":60}              | grace",
        "{\"mode\":\"stopped\",\"grace\":\"\"}            | grace",
        "{\"mode\":\"stopped\",\"grace\":\"1m\"}          | grace",
        "{\"mode\":\"stopped\",\"grace\":\"-PT1S\"}       | grace",
        "{\"mode\":\"stopped\",\"grace\":\"PT-1S\"}       | grace",
        "{\"mode\":\"stopped\",\"grace\":\"PT2H\"}        | grace",
        "{\"mode\":\"stopped\",\"grace\":\"PT1H0.001S\"}  | grace",
        "{\"mode\":\"paused\",\"grace\":\"PT1M\"}         | grace",
        "{\"mode\":\"running\",\"grace\":\"PT0S\"}        | grace",
        "{\"mode\":\"paused\",\"grace\":\"PT2H\"}         | grace",
        "{\"mode\":\"paused\",\"reason\":1}               | reason",
        "{\"mode\":\"paused\",\"reason\":\"\\ud800\"}     | reason",
        "{\"mode\":\"paused\",\"since\":\"now\"}          | since",
        "{\"mode\":\"x\",\"grace\":\"x\",\"reason\":{}}   | grace,mode,reason",
      })
  void invalidDesiredStateIsRejectedByItsField(String body, String fields) {
    assertThat(rejectedFields(DesiredStateRequest.class, body)).containsExactly(fields.split(","));
  }

  @Test
  void validDesiredStateIsBound() {
    assertThat(desired("{\"mode\":\"paused\",\"grace\":null,\"reason\":\" \"}").request())
        .isEqualTo(new DesiredRequest(Desired.Mode.PAUSED, null, null));
    assertThat(desired("{\"mode\":\"running\",\"reason\":\"go\"}").request())
        .isEqualTo(new DesiredRequest(Desired.Mode.RUNNING, null, "go"));
    assertThat(desired("{\"mode\":\"stopped\",\"grace\":\"PT0S\"}").request())
        .isEqualTo(new DesiredRequest(Desired.Mode.STOPPED, Duration.ZERO, null));
    assertThat(desired("{\"mode\":\"stopped\",\"grace\":\"PT1H\"}").request().grace())
        .isEqualTo(Duration.ofHours(1));
    String longest = "{\"mode\":\"paused\",\"reason\":\"" + "x".repeat(4096) + "\"}";
    assertThat(desired(longest).request().reason()).hasSize(4096);
    assertThat(rejectedFields(DesiredStateRequest.class, longest.replace("x\"", "xx\"")))
        .containsExactly("reason");
  }
}
