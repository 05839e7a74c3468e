package org.agentlifecycle.rest.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.rest.json.Surrogates;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ProblemsTest {

  static Stream<Arguments> reasons() {
    return Stream.of(
        Arguments.of(LifecycleException.agentNotFound("a"), 404, "agent-not-found", null),
        Arguments.of(LifecycleException.agentExists("a"), 409, "agent-exists", null),
        Arguments.of(
            LifecycleException.illegalTransition("a", AgentStatus.KILLED, AgentStatus.RUNNING),
            409,
            "illegal-transition",
            null),
        Arguments.of(LifecycleException.versionMismatch("a", 3), 412, "precondition-failed", null),
        Arguments.of(LifecycleException.sessionNotFound("a"), 404, "session-not-found", null),
        Arguments.of(
            LifecycleException.agentNotFinished("a", AgentStatus.RUNNING),
            409,
            "agent-not-finished",
            null),
        Arguments.of(LifecycleException.admissionLimit(50), 429, "admission-limit", 1L),
        Arguments.of(LifecycleException.admissionClosed(), 409, "admission-closed", null),
        Arguments.of(
            LifecycleException.agentFinished("a", new Ending(AgentStatus.KILLED, null, null, null)),
            409,
            "agent-finished",
            null),
        Arguments.of(
            LifecycleException.agentNotRunning("a", AgentStatus.SPAWNING),
            409,
            "agent-not-running",
            null),
        Arguments.of(LifecycleException.stopRequested("a"), 409, "stop-requested", null),
        Arguments.of(LifecycleException.parentNotActive("a"), 409, "parent-not-active", null),
        Arguments.of(LifecycleException.treeTooDeep(), 409, "tree-too-deep", null),
        Arguments.of(LifecycleException.agentNotDamaged("a"), 409, "agent-not-damaged", null),
        Arguments.of(LifecycleException.killNotFound("k"), 404, "kill-not-found", null),
        Arguments.of(LifecycleException.tooManyKills(), 503, "too-many-kills", 1L),
        Arguments.of(LifecycleException.tooManyBatches(), 503, "too-many-batches", 1L),
        Arguments.of(LifecycleException.keyReused(), 422, "idempotency-key-reused", null),
        Arguments.of(LifecycleException.tooManyFollowers(9), 503, "too-many-followers", 2L),
        Arguments.of(LifecycleException.busy("a"), 503, "busy", 1L),
        Arguments.of(
            LifecycleException.storeUnavailable(Duration.ofMillis(1001), null),
            503,
            "store-unavailable",
            2L),
        Arguments.of(LifecycleException.outcomeUnknown(null), 504, "outcome-unknown", 1L),
        Arguments.of(LifecycleException.storeFault("secret", null), 500, "internal-error", null),
        Arguments.of(LifecycleException.recordDamaged("a", null), 500, "internal-error", null));
  }

  @ParameterizedTest
  @MethodSource("reasons")
  void eachReasonIsMappedToItsProblem(
      LifecycleException thrown, int status, String type, Long retryAfter) {
    ProblemDetail problem = Problems.of(thrown, "GET /");

    assertThat(problem.status()).isEqualTo(status);
    assertThat(problem.type().uri()).isEqualTo("urn:problem-type:" + type);
    assertThat(problem.retryAfterSeconds()).isEqualTo(retryAfter);
    assertThat(json(problem)).doesNotContain("secret", "Exception");
  }

  @Test
  void everyReasonIsTested() {
    assertThat(reasons().map(row -> ((LifecycleException) row.get()[0]).reason()))
        .containsExactlyInAnyOrder(Reason.values());
  }

  @Test
  void illegalTransitionNamesTheAllowedStatuses() {
    LifecycleException rejected =
        LifecycleException.illegalTransition("a", AgentStatus.SPAWNING, AgentStatus.COMPLETED);

    assertThat(json(Problems.of(rejected, "POST /")))
        .contains("\"status\":409")
        .contains("\"instance\":\"/a%20%7B\"")
        .contains("\"from\":\"spawning\"")
        .contains("\"to\":\"completed\"")
        .contains("\"allowed\":[\"running\",\"failed\",\"killed\"]");
  }

  @Test
  void faultContainsOnlyTheInstance() {
    ProblemDetail problem =
        Problems.of(new IllegalStateException("redis://10.0.0.1", new RuntimeException()), "GET /");

    assertThat(problem.status()).isEqualTo(500);
    assertThat(json(problem))
        .contains("\"instance\":\"urn:uuid:")
        .doesNotContain("redis", "Exception", "10.0.0.1");
  }

  @Test
  void wrappedRejectionIsFound() {
    ProblemDetail problem =
        Problems.of(
            new IllegalStateException(ValidationErrors.problem("limit", "must be")), "GET /");
    assertThat(problem.status()).isEqualTo(400);
  }

  @ParameterizedTest
  @EnumSource
  void everyTypeHasAUriAndATitle(ProblemType type) {
    assertThat(type.uri()).matches("urn:problem-type:[a-z-]+");
    assertThat(type.title()).isNotBlank().doesNotEndWith(".");
    assertThat(type.status()).isBetween(400, 599);
  }

  @Test
  void clientTextCannotBreakALogLine() {
    assertThat(LogText.escape("GET /a\r\nERROR fake \u001b[31m\u2028é" + "x".repeat(500)))
        .hasSizeLessThan(260)
        .startsWith("GET /a\\u000d\\u000aERROR fake \\u001b[31m\\u2028\\u00e9")
        .matches("[ -~]*");
  }

  @Test
  void loneSurrogatesAreDetected() {
    assertThat(Surrogates.hasLone("a😀b")).isFalse();
    assertThat(Surrogates.hasLone("a\ud83d")).isTrue();
    assertThat(Surrogates.hasLone("\ude00a")).isTrue();
    assertThat(Surrogates.hasLone("\ude00\ud83d")).isTrue();
    assertThat(Surrogates.hasLoneEscape("\"\\ud83d\\ude00\\n\\\\ud800\"")).isFalse();
    assertThat(Surrogates.hasLoneEscape("\"\\ud83d\"")).isTrue();
    assertThat(Surrogates.hasLoneEscape("\"\\uDE00\\ud83d\"")).isTrue();
    assertThat(Surrogates.hasLoneEscape("\"\\\\\\ud800\"")).isTrue();
    assertThat(Surrogates.hasLoneEscape("\"\\ud83d\\\\ude00\"")).isTrue();
  }

  private static String json(ProblemDetail problem) {
    return new String(problem.json("/a {"), StandardCharsets.UTF_8);
  }
}
