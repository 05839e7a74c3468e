package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.junit.jupiter.api.Test;

/** Contract of pipelines: each call has the effect and the result of the single call. */
interface BatchContract extends StoreContractSupport {

  private static Supplier<TransitionResult> move(
      StorePipeline pipeline, String agentId, TransitionRequest request) {
    return pipeline.move(agentId, request, request.to().sources(), null);
  }

  @Test
  default void callsTakeEffectInTheirOrder() {
    StorePipeline pipeline = store().batches().pipeline();
    Supplier<RegisterResult> registered = pipeline.register(registration("a-1", "task-1"), null);
    Supplier<TransitionResult> early = move(pipeline, "a-1", move(AgentStatus.COMPLETED));
    Supplier<TransitionResult> running = move(pipeline, "a-1", move(AgentStatus.RUNNING));
    Supplier<HeartbeatResult> heartbeat = pipeline.heartbeat("a-1", Duration.ofHours(1), null);
    Supplier<EndSessionResult> unfinished = pipeline.endSession("a-1", null);
    Supplier<TransitionResult> failed = move(pipeline, "a-1", move(AgentStatus.FAILED));
    Supplier<HeartbeatResult> late = pipeline.heartbeat("a-1", null, null);
    Supplier<EndSessionResult> ended = pipeline.endSession("a-1", null);
    assertThat(store().agents().find("a-1")).as("nothing is sent before").isEmpty();
    pipeline.execute();

    assertThat(registered.get()).isInstanceOf(RegisterResult.Registered.class);
    assertThat(early.get()).isEqualTo(new TransitionResult.Illegal(AgentStatus.SPAWNING));
    assertThat(running.get()).isInstanceOf(TransitionResult.Applied.class);
    assertThat(heartbeat.get()).isInstanceOf(HeartbeatResult.Renewed.class);
    assertThat(unfinished.get()).isEqualTo(new EndSessionResult.NotFinished(AgentStatus.RUNNING));
    assertThat(((TransitionResult.Applied) failed.get()).transition().agent().version())
        .isEqualTo(3);
    assertThat(late.get())
        .isEqualTo(
            new HeartbeatResult.Finished(
                new Ending(AgentStatus.FAILED, null, "exit code 1", null)));
    assertThat(ended.get()).isInstanceOf(EndSessionResult.Ended.class);
    assertThat(store().events()).hasSize(4);
    assertThat(found("a-1").sessionConfirmed()).isTrue();
  }

  @Test
  default void rejectedCallsDoNotAffectTheOthers() {
    register("a-0");
    StorePipeline pipeline = store().batches().pipeline();
    List<Supplier<RegisterResult>> replies = new ArrayList<>();
    IntStream.range(0, 200)
        .forEach(i -> replies.add(pipeline.register(registration("a-" + i % 100, "t"), null)));
    pipeline.execute();
    assertThat(replies.stream().map(Supplier::get))
        .filteredOn(RegisterResult.Registered.class::isInstance)
        .hasSize(99);
    assertThat(store().events()).hasSize(100);
  }

  @Test
  default void versionOfAnyLifeMatchesTheCurrentVersion() {
    register("a-1");
    moved("a-1", AgentStatus.RUNNING);
    TransitionRequest stale =
        new TransitionRequest(AgentStatus.COMPLETED, null, null, Set.of(AgentVersion.ofAnyLife(1)));
    assertThat(tryMove("a-1", stale)).isEqualTo(new TransitionResult.VersionMismatch(2));
    TransitionRequest current =
        new TransitionRequest(AgentStatus.COMPLETED, null, null, Set.of(AgentVersion.ofAnyLife(2)));
    assertThat(tryMove("a-1", current)).isInstanceOf(TransitionResult.Applied.class);
  }

  @Test
  default void repeatedEndOfSessionReturnsStoredReply() {
    IdempotencyKey key = new IdempotencyKey("key-1 0", "content", "content");
    register("a-1");
    assertThat(store().sessions().endSession("a-1", key))
        .as("a rejection is not stored")
        .isEqualTo(new EndSessionResult.NotFinished(AgentStatus.SPAWNING));
    moved("a-1", AgentStatus.KILLED);
    EndSessionResult.Ended first =
        (EndSessionResult.Ended) store().sessions().endSession("a-1", key);
    assertThat(store().sessions().endSession("a-1", key))
        .isEqualTo(new EndSessionResult.Ended(first.event(), true));
    assertThat(
            store().sessions().endSession("a-1", new IdempotencyKey(key.key(), "other", "other")))
        .isEqualTo(new EndSessionResult.KeyReused());
    assertThat(store().sessions().endSession("a-1"))
        .isEqualTo(new EndSessionResult.SessionNotFound());
    assertThat(store().events()).hasSize(3);
  }
}
