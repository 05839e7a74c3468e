package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.Link;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of the output: the result and the links of a final agent. */
interface OutputContract extends StoreContractSupport {
  Output OUTPUT =
      new Output(
          new RawJson("{ \"n\": 1.00, \"big\": 1e400 }"),
          List.of(new Link("https://host/a?b=%20", "log", NASTY), new Link("s3://b/k", "x", null)));

  private static TransitionRequest finish(AgentStatus to, Output output) {
    String error = to == AgentStatus.FAILED ? NASTY : null;
    return new TransitionRequest(to, error, null, output, null);
  }

  private TransitionResult move(TransitionRequest request, IdempotencyKey key) {
    return store().agents().move("a-1", request, request.to().sources(), key);
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void finalAgentHasItsOutput(AgentStatus to) {
    register("a-1");
    moved("a-1", AgentStatus.RUNNING);
    assertThat(found("a-1").output()).isEqualTo(Output.NONE);
    CommittedTransition transition = moved("a-1", finish(to, OUTPUT));
    assertThat(transition.agent().output()).isEqualTo(OUTPUT);
    assertThat(found("a-1")).isEqualTo(transition.agent());
    assertThat(
            store()
                .agents()
                .list(new AgentQuery(Set.of(), null, Map.of(), null, 10, AgentQuery.NEWEST))
                .items())
        .containsExactly(transition.agent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1.50", "true", "\"text\"", "[]", "[[1e400], \"a\\u0000\"]", "{}"})
  default void anyJsonValueIsAResult(String result) {
    register("a-1");
    Output output = new Output(new RawJson(result), List.of());
    assertThat(moved("a-1", finish(AgentStatus.KILLED, output)).agent().output()).isEqualTo(output);
    assertThat(found("a-1").output()).isEqualTo(output);
  }

  @Test
  default void rejectedTransitionDoesNotReplaceTheOutput() {
    register("a-1");
    moved("a-1", finish(AgentStatus.KILLED, OUTPUT));
    assertThat(
            tryMove(
                "a-1", finish(AgentStatus.FAILED, new Output(new RawJson("\"other\""), List.of()))))
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.KILLED));
    assertThat(found("a-1").output()).isEqualTo(OUTPUT);
    store().sessions().endSession("a-1");
    assertThat(found("a-1").output()).isEqualTo(OUTPUT);
  }

  @Test
  default void eachReplayHasTheOutputOfItsTransition() {
    IdempotencyKey start = new IdempotencyKey("start", "content", "text");
    IdempotencyKey end = new IdempotencyKey("end", "content", "text");
    register(new Registration("a-1", "t", Map.of("a", "b"), new RawJson("{}"), null, null));
    TransitionRequest running = TransitionRequest.to(AgentStatus.RUNNING);
    TransitionResult.Applied started = (TransitionResult.Applied) move(running, start);
    TransitionRequest completed = finish(AgentStatus.COMPLETED, OUTPUT);
    TransitionResult.Applied ended = (TransitionResult.Applied) move(completed, end);
    assertThat(move(running, start))
        .isEqualTo(new TransitionResult.Applied(started.transition(), true));
    assertThat(move(completed, end))
        .isEqualTo(new TransitionResult.Applied(ended.transition(), true));
  }

  @Test
  default void eventsDoNotCarryTheOutput() {
    register("a-1");
    CommittedTransition transition = moved("a-1", finish(AgentStatus.KILLED, OUTPUT));
    assertThat(transitionEvents()).last().isEqualTo(transition.event());
    assertThat(transition.event().toString()).doesNotContain("1e400", "s3://");
  }
}
