package org.agentlifecycle.rest.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.batch.BatchCall;
import org.agentlifecycle.rest.binding.JsonBinder;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.supervision.DesiredRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Validation of {@code POST /batches}: each error names its field with the position of the call.
 */
class BatchRequestTest {
  private static final String CALL = "{\"heartbeat\":{\"agentId\":\"a\"}}";

  private static BatchRequest request(String body) {
    return JsonBinder.bind(BatchRequest.class, body).content();
  }

  private static List<BatchCall> calls(String calls) {
    return request("{\"calls\":[" + calls + "]}").batchCalls(position -> null);
  }

  private static List<String> rejectedFields(String body) {
    return ProblemAssertions.fields(
        catchThrowableOfType(ProblemException.class, () -> request(body)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                          | calls",
        "{\"calls\":null}                                            | calls",
        "{\"calls\":{}}                                              | calls",
        "{\"calls\":\"x\"}                                           | calls",
        "{\"calls\":[]}                                              | calls",
        "{\"calls\":[null]}                                          | calls[0]",
        "{\"calls\":[5]}                                             | calls[0]",
        "{\"calls\":[[]]}                                            | calls[0]",
        "{\"calls\":[{}]}                                            | calls[0]",
        "{\"calls\":[{\"move\":null}]}                               | calls[0]",
        "{\"calls\":[{\"stop\":{}}]}                                 | calls[0],calls[0].stop",
        "{\"calls\":[{\"move\":5}]}                                  | calls[0].move",
        "{\"calls\":[{\"register\":{}}]}                             | calls[0].register.taskId",
        "{\"calls\":[{\"register\":{\"taskId\":\"a b\"}}]}             | calls[0].register.taskId",
        "{\"calls\":[{\"register\":{\"taskId\":\"t\",\"labels\":{\"a\":1}}}]} | calls[0].register.labels.a",
        "{\"calls\":[{\"register\":{\"taskId\":\"t\",\"lease\":\"PT0S\"}}]} | calls[0].register.lease",
        "{\"calls\":[{\"heartbeat\":{}}]}                            | calls[0].heartbeat.agentId",
        "{\"calls\":[{\"heartbeat\":{\"agentId\":\"a\",\"lease\":\"x\"}}]} | calls[0].heartbeat.lease",
        "{\"calls\":[{\"endSession\":{\"agentId\":\"a\",\"to\":\"x\"}}]} | calls[0].endSession.to",
        "{\"calls\":[{\"move\":{\"agentId\":\"a\",\"to\":\"x\"}}]}     | calls[0].move.to",
        "{\"calls\":[{\"move\":{\"agentId\":\"a\",\"to\":\"failed\"}}]} | calls[0].move.error",
        "{\"calls\":[{\"move\":{\"agentId\":\"a\",\"to\":\"killed\",\"error\":\"x\"}}]} | calls[0].move.error",
        "{\"calls\":[{\"move\":{\"agentId\":\"a\",\"to\":\"killed\",\"ifVersion\":0}}]} | calls[0].move.ifVersion",
        "{\"calls\":[{\"move\":{\"agentId\":\"a\",\"to\":\"killed\",\"ifVersion\":\"1\"}}]} | calls[0].move.ifVersion",
        "{\"calls\":[{\"move\":{\"agentId\":\"a\",\"to\":\"killed\"},\"heartbeat\":{\"agentId\":\"a\"}}]} | calls[0]",
        "{\"calls\":[{\"register\":{\"taskId\":\"t\",\"onParentEnd\":\"kill\"}}]} | calls[0].register.onParentEnd",
        "{\"calls\":[{\"register\":{\"taskId\":\"t\",\"runTimeout\":\"PT0S\"}}]} | calls[0].register.runTimeout",
        "{\"calls\":[{\"heartbeat\":{\"agentId\":\"a\",\"progress\":{}}}]} | calls[0].heartbeat.progress",
        "{\"calls\":[{\"heartbeat\":{\"agentId\":\"a\",\"progress\":{\"current\":1e400}}}]} | calls[0].heartbeat.progress.current",
        "{\"calls\":[{\"waiting\":{\"agentId\":\"a\"}}]}           | calls[0].waiting.for",
        "{\"calls\":[{\"waiting\":{\"for\":\"input\"}}]}           | calls[0].waiting.agentId",
        "{\"calls\":[{\"waiting\":{\"agentId\":\"a\",\"for\":\"input\",\"url\":\"javascript:a\"}}]} | calls[0].waiting.url",
        "{\"calls\":[{\"endWaiting\":{}}]}                         | calls[0].endWaiting.agentId",
        "{\"calls\":[{\"endWaiting\":{\"agentId\":\"a\",\"for\":\"input\"}}]} | calls[0].endWaiting.for",
        "{\"calls\":[{\"desired\":{\"agentId\":\"a\"}}]}           | calls[0].desired.mode",
        "{\"calls\":[{\"desired\":{\"agentId\":\"a\",\"mode\":\"stopped\"}}]} | calls[0].desired.grace",
        "{\"calls\":[{\"desired\":{\"agentId\":\"a\",\"mode\":\"paused\",\"grace\":\"PT1M\"}}]} | calls[0].desired.grace",
        "{\"calls\":[{\"desired\":{\"agentId\":\"a\",\"mode\":\"paused\"},\"endWaiting\":{\"agentId\":\"a\"}}]} | calls[0]",
        "{\"calls\":[],\"atomic\":true}                              | atomic,calls",
      })
  void invalidBatchIsRejectedByItsField(String body, String fields) {
    assertThat(rejectedFields(body)).containsExactly(fields.split(","));
  }

  @Test
  void errorsOfAllCallsAreReported() {
    assertThat(
            rejectedFields(
                "{\"calls\":["
                    + CALL
                    + ",{\"move\":{\"to\":\"failed\"}},"
                    + CALL
                    + ",{\"move\":{\"agentId\":\"a\",\"to\":\"gone\",\"error\":5}}]}"))
        .containsExactly(
            "calls[1].move.agentId",
            "calls[1].move.error",
            "calls[3].move.error",
            "calls[3].move.to");
  }

  @Test
  void batchHasAtMostThousandCalls() {
    String thousand = String.join(",", Collections.nCopies(1_000, CALL));
    assertThat(calls(thousand)).hasSize(1_000);
    assertThat(rejectedFields("{\"calls\":[" + thousand + "," + CALL + "]}"))
        .containsExactly("calls");
    assertThat(rejectedFields("{\"calls\":[" + "null,".repeat(500_000) + "null]}"))
        .hasSize(20)
        .contains("calls[0]");
  }

  @Test
  void validCallsAreBound() {
    assertThat(
            calls(
                "{\"register\":{\"agentId\":\"a\",\"taskId\":\"t\",\"labels\":{\"x\":\"y\"},"
                    + "\"metadata\":{\"n\":1.50},\"lease\":\"PT9S\",\"session\":{\"pid\":7}},"
                    + "\"move\":null},"
                    + "{\"move\":{\"agentId\":\"a\",\"to\":\"failed\",\"error\":\"e\",\"reason\":\"r\","
                    + "\"ifVersion\":2}},"
                    + "{\"heartbeat\":{\"agentId\":\"a\",\"lease\":\"PT1S\"}},"
                    + "{\"heartbeat\":{\"agentId\":\"a\",\"progress\":{\"current\":0.5}}},"
                    + "{\"waiting\":{\"agentId\":\"a\",\"for\":\"input\",\"note\":\"n\"}},"
                    + "{\"endWaiting\":{\"agentId\":\"a\"}},"
                    + "{\"desired\":{\"agentId\":\"a\",\"mode\":\"stopped\",\"grace\":\"PT1M\"}},"
                    + "{\"endSession\":{\"agentId\":\"a\"}}"))
        .containsExactly(
            new BatchCall.Register(
                new Registration(
                    "a",
                    "t",
                    Map.of("x", "y"),
                    new RawJson("{\"n\":1.50}"),
                    new RawJson("{\"pid\":7}"),
                    Duration.ofSeconds(9)),
                null),
            new BatchCall.Move(
                "a",
                new TransitionRequest(
                    AgentStatus.FAILED, "e", "r", Set.of(AgentVersion.ofAnyLife(2))),
                null),
            new BatchCall.SendHeartbeat("a", Duration.ofSeconds(1), null),
            new BatchCall.SendHeartbeat("a", null, new Progress(0.5, null, null)),
            new BatchCall.StartWaiting("a", new Waiting(Waiting.Kind.INPUT, "n", null, null), null),
            new BatchCall.EndWaiting("a", null),
            new BatchCall.SetDesired(
                "a", new DesiredRequest(Desired.Mode.STOPPED, Duration.ofMinutes(1), null), null),
            new BatchCall.EndSession("a", null));
  }

  @Test
  void keyAppliesToEachCallByItsPosition() {
    BatchRequest one = request("{\"calls\":[" + move("running", " ") + "," + CALL + "]}");
    BatchRequest other =
        request("{\"calls\":[" + move("running", "") + "," + move("killed", "") + "]}");
    IntFunction<IdempotencyKey> keys = keys(one);
    assertThat(keys.apply(0)).isEqualTo(keys(other).apply(0));
    assertThat(keys.apply(1).key()).isEqualTo(keys(other).apply(1).key());
    assertThat(keys.apply(1).fingerprint()).isNotEqualTo(keys(other).apply(1).fingerprint());
    assertThat(keys.apply(0).key()).isNotEqualTo(keys.apply(1).key()).contains(" ");
    assertThat(IdempotencyKeyHeader.ofBatch(List.of(), one.calls()).apply(0)).isNull();
    assertThat(
            ProblemAssertions.fields(
                catchThrowableOfType(
                    ProblemException.class,
                    () -> IdempotencyKeyHeader.ofBatch(List.of("key 1"), one.calls()))))
        .containsExactly("Idempotency-Key");
  }

  private static IntFunction<IdempotencyKey> keys(BatchRequest request) {
    return IdempotencyKeyHeader.ofBatch(List.of("key"), request.calls());
  }

  private static String move(String to, String space) {
    return "{\"move\":{" + space + "\"agentId\":\"a\",\"to\":\"" + to + "\"}}";
  }
}
