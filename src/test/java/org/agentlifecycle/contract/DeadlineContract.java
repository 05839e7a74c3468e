package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.SweepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of deadlines: an agent that is past its deadline ends once, and no other agent does. */
interface DeadlineContract extends StoreContractSupport {
  Duration HOUR = Duration.ofHours(1);
  Duration DAY = Duration.ofDays(1);
  Duration TINY = Duration.ofMillis(1);
  Timeouts DEFAULTS = new Timeouts(HOUR, DAY);

  /** Registers an agent and waits until its start deadline has passed. */
  private void registerLate(String agentId) {
    awaitAfter(register(agentId, TINY, null).agent().startDeadline());
  }

  /** Starts an agent and waits until its run deadline has passed. */
  private void runLate(String agentId) {
    register(agentId, null, TINY);
    awaitAfter(moved(agentId, AgentStatus.RUNNING).agent().runDeadline());
  }

  // Deadlines of an agent -------------------------------------------------------------------------

  @Test
  default void eachActiveStatusHasItsDeadline() {
    Agent spawning = register("a-1", HOUR, DAY).agent();
    assertThat(spawning.timeouts()).isEqualTo(new Timeouts(HOUR, DAY));
    assertThat(spawning.startDeadline()).isEqualTo(spawning.spawnedAt().plus(HOUR));
    assertThat(spawning.runDeadline()).isNull();
    assertThat(found("a-1")).isEqualTo(spawning);
    Agent running = moved("a-1", AgentStatus.RUNNING).agent();
    assertThat(running.startDeadline()).isNull();
    assertThat(running.runDeadline()).isEqualTo(running.startedAt().plus(DAY));
    assertThat(found("a-1")).isEqualTo(running);
    Agent completed = moved("a-1", AgentStatus.COMPLETED).agent();
    assertThat(completed.startDeadline()).isNull();
    assertThat(completed.runDeadline()).isNull();
    assertThat(completed.timeouts()).isEqualTo(new Timeouts(HOUR, DAY));
    assertThat(store().agents().list(supervised(ProgressContract.ANY)).items())
        .containsExactly(completed);
  }

  @Test
  default void defaultTimeoutsReplaceAbsentOnes() {
    use(StoreSettings.QUIET.timingOut(DEFAULTS));
    assertThat(register("none").agent().timeouts()).isEqualTo(DEFAULTS);
    assertThat(register("start", TINY, null).agent().timeouts()).isEqualTo(new Timeouts(TINY, DAY));
    assertThat(register("run", null, TINY).agent().timeouts()).isEqualTo(new Timeouts(HOUR, TINY));
    assertThat(found("none").timeouts()).isEqualTo(DEFAULTS);
    awaitAfter(found("start").startDeadline());
    assertThat(ids(expireDeadlines())).containsExactly("start");
  }

  @Test
  default void agentWithoutTimeoutsHasNoDeadline() {
    Agent agent = running("a-1");
    assertThat(agent.timeouts()).isEqualTo(Timeouts.NONE);
    assertThat(agent.runDeadline()).isNull();
    assertThat(expireDeadlines()).isEmpty();
  }

  // Expiry ----------------------------------------------------------------------------------------

  @Test
  default void startDeadlineFailsASpawningAgentOnce() {
    register("a-1", Duration.ofMillis(20), HOUR);
    Agent before = found("a-1");
    awaitAfter(before.startDeadline());
    assertEndedOnce(before, "not started within PT0.02S");
  }

  @Test
  default void runDeadlineFailsARunningAgentOnce() {
    register("a-1", HOUR, Duration.ofMillis(125));
    moved("a-1", AgentStatus.RUNNING);
    Agent before = found("a-1");
    awaitAfter(before.runDeadline());
    assertEndedOnce(before, "not finished within PT0.125S");
  }

  private void assertEndedOnce(Agent before, String error) {
    CommittedTransition change = expireDeadlines().get(0);
    Agent agent = change.agent();
    assertThat(found("a-1")).isEqualTo(agent);
    assertThat(agent.status()).isEqualTo(AgentStatus.FAILED);
    assertThat(agent.error()).isEqualTo(error);
    assertThat(agent.version()).isEqualTo(before.version() + 1);
    TransitionEvent event = change.event();
    assertThat(store().events()).last().isEqualTo(event);
    assertThat(event)
        .isEqualTo(
            new TransitionEvent(
                event.id(),
                "a-1",
                "task-1",
                agent.completedAt(),
                agent.version(),
                before.status(),
                AgentStatus.FAILED,
                error,
                null,
                "deadline",
                null));
    assertThat(store().agents().history("a-1").orElseThrow())
        .last()
        .isEqualTo(
            new Transition(
                agent.version(),
                before.status(),
                AgentStatus.FAILED,
                agent.completedAt(),
                "deadline",
                null,
                error,
                event.id()));
    assertThat(session("a-1").cleanupAt()).isEqualTo(agent.completedAt().plus(StoreSettings.NEVER));
    assertThat(store().sessions().heartbeat("a-1", null))
        .isEqualTo(new HeartbeatResult.Finished(new Ending(AgentStatus.FAILED, null, error, null)));
    assertThat(expireDeadlines()).isEmpty();
    try (StoreUnderTest other = store().anotherServer()) {
      assertThat(other.supervision().expireDeadlines(10))
          .isEqualTo(new SweepResult<>(0, List.of()));
    }
    assertEachEndedOnce(1);
  }

  @Test
  default void noAgentEndsBeforeItsDeadline() {
    register("spawning", HOUR, TINY);
    register("running", TINY, HOUR);
    moved("running", AgentStatus.RUNNING);
    register("none");
    registerLate("late");
    awaitAfter(found("running").startedAt().plus(TINY));
    assertThat(ids(expireDeadlines())).containsExactly("late");
    assertThat(expireDeadlines()).isEmpty();
  }

  /** The time in which the agent was spawning does not count. */
  @Test
  default void runDeadlineCountsFromTheStart() {
    Duration timeout = Duration.ofMillis(200);
    Instant spawned = register("a-1", null, timeout).agent().spawnedAt();
    awaitAfter(spawned.plus(timeout));
    Instant deadline = moved("a-1", AgentStatus.RUNNING).agent().runDeadline();
    assertThat(deadline).isAfter(spawned.plus(timeout));
    List<CommittedTransition> ended;
    do {
      ended = expireDeadlines();
    } while (ended.isEmpty());
    assertThat(ended.get(0).agent().completedAt()).isAfterOrEqualTo(deadline);
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"RUNNING", "COMPLETED", "FAILED", "KILLED"})
  default void transitionBeforeTheSweepWins(AgentStatus to) {
    if (to == AgentStatus.COMPLETED) {
      runLate("a-1");
    } else {
      registerLate("a-1");
    }
    Agent moved = moved("a-1", to).agent();
    assertThat(expireDeadlines()).isEmpty();
    assertThat(found("a-1")).isEqualTo(moved);
  }

  @Test
  default void transitionAfterTheSweepIsIllegal() {
    registerLate("spawning");
    runLate("running");
    assertThat(ids(expireDeadlines())).containsExactly("spawning", "running");
    TransitionResult illegal = new TransitionResult.Illegal(AgentStatus.FAILED);
    assertThat(tryMove("spawning", move(AgentStatus.RUNNING))).isEqualTo(illegal);
    assertThat(tryMove("running", move(AgentStatus.COMPLETED))).isEqualTo(illegal);
  }

  @Test
  default void concurrentSweepsAndTransitionsEndEachAgentOnce() throws Exception {
    int agents = 60;
    for (int i = 0; i < agents; i++) {
      register("a-" + i, null, TINY);
      moved("a-" + i, AgentStatus.RUNNING);
    }
    awaitAfter(found("a-" + (agents - 1)).runDeadline());
    List<List<String>> ended =
        concurrently(
            4,
            (server, caller) -> {
              List<String> own = new ArrayList<>();
              for (int i = caller; i < agents; i += 4) {
                own.addAll(ids(server.supervision().expireDeadlines(2).results()));
                TransitionResult completed =
                    server
                        .agents()
                        .move(
                            "a-" + i,
                            move(AgentStatus.COMPLETED),
                            AgentStatus.COMPLETED.sources(),
                            null);
                if (completed instanceof TransitionResult.Applied) {
                  own.add("a-" + i);
                }
              }
              return own;
            });
    assertThat(ended.stream().flatMap(List::stream)).hasSize(agents).doesNotHaveDuplicates();
    assertEachEndedOnce(agents);
    assertThat(expireDeadlines()).isEmpty();
  }

  @Test
  default void deadlinesExpireOldestFirstUpToTheLimit() {
    Map<String, Instant> due = new HashMap<>();
    for (int i = 0; i < 25; i++) {
      Duration timeout = Duration.ofMillis(i % 2 == 0 ? 10 : 1);
      due.put("a-" + i, register("a-" + i, timeout, null).agent().startDeadline());
    }
    due.values().forEach(this::awaitAfter);
    List<String> failed = new ArrayList<>();
    for (int expected : new int[] {10, 10, 5, 0}) {
      SweepResult<CommittedTransition> step = store().supervision().expireDeadlines(10);
      assertThat(step.scanned()).isEqualTo(expected);
      failed.addAll(ids(step.results()));
    }
    assertThat(failed)
        .hasSize(25)
        .doesNotHaveDuplicates()
        .isSortedAccordingTo(Comparator.comparing(due::get));
  }

  /** The time counts even if no server was able to receive a transition. */
  @Test
  default void outageDoesNotMoveADeadline() {
    store().sessions().expireLeases(10, DAY);
    Registration leased =
        new Registration(
            "a-1", "task-1", Map.of(), null, null, TINY, new Timeouts(TINY, null), null);
    awaitAfter(register(leased).agent().startDeadline());
    assertThat(store().sessions().expireLeases(10, Duration.ofMillis(-1)).results())
        .as("an outage moves the lease")
        .isEmpty();
    assertThat(expireDeadlines()).hasSize(1);
    assertThat(found("a-1").error()).isEqualTo("not started within PT0.001S");
  }

  // The earliest deadline -------------------------------------------------------------------------

  @Test
  default void stopDeadlineAfterTheRunDeadlineDoesNotCount() {
    runLate("run");
    awaitAfter(found("run").runDeadline().plus(TINY));
    desire("run", Desired.Mode.STOPPED, Duration.ZERO);
    registerLate("start");
    desire("start", Desired.Mode.STOPPED, HOUR);
    assertThat(expireDeadlines())
        .hasSize(2)
        .allSatisfy(c -> assertThat(c.agent().status()).isEqualTo(AgentStatus.FAILED));
    assertThat(found("run").error()).isEqualTo("not finished within PT0.001S");
    assertThat(found("start").error()).isEqualTo("not started within PT0.001S");
  }

  @Test
  default void stopDeadlineBeforeTheRunDeadlineCounts() {
    register("a-1", HOUR, Duration.ofMillis(50));
    Agent running = moved("a-1", AgentStatus.RUNNING).agent();
    boolean isFirst =
        desire("a-1", Desired.Mode.STOPPED, Duration.ZERO)
            .desired()
            .deadline()
            .isBefore(running.runDeadline());
    awaitAfter(running.runDeadline());
    assertThat(ids(expireDeadlines())).containsExactly("a-1");
    assertThat(found("a-1").status()).isEqualTo(isFirst ? AgentStatus.KILLED : AgentStatus.FAILED);
    assertThat(found("a-1").error() == null).isEqualTo(isFirst);
  }

  // Calls and retention ---------------------------------------------------------------------------

  @Test
  default void replayReturnsTheTimeouts() {
    use(StoreSettings.QUIET.keepingFinals(TINY).timingOut(DEFAULTS));
    IdempotencyKey key = new IdempotencyKey("key-1", "content", "text");
    Registration request = timed("a-1", null, TINY);
    CommittedTransition first =
        ((RegisterResult.Registered) store().agents().register(request, key)).transition();
    assertThat(first.agent().timeouts()).isEqualTo(new Timeouts(HOUR, TINY));
    RegisterResult replay = new RegisterResult.Registered(first, true);
    assertThat(store().agents().register(request, key)).isEqualTo(replay);
    moved("a-1", AgentStatus.KILLED);
    purgeAll(1);
    assertThat(store().agents().register(request, key)).isEqualTo(replay);
    assertThat(store().agents().find("a-1")).isEmpty();
  }

  @Test
  default void batchRegistersWithTimeouts() {
    StorePipeline pipeline = store().batches().pipeline();
    Supplier<RegisterResult> reply = pipeline.register(timed("a-1", TINY, HOUR), null);
    pipeline.execute();
    Agent agent = ((RegisterResult.Registered) reply.get()).transition().agent();
    assertThat(agent).isEqualTo(found("a-1"));
    assertThat(agent.timeouts()).isEqualTo(new Timeouts(TINY, HOUR));
    awaitAfter(agent.startDeadline());
    assertThat(ids(expireDeadlines())).containsExactly("a-1");
  }

  @Test
  default void purgedDeadlinesLeaveNothing() {
    assertLeavesNothing(
        4,
        () -> {
          registerLate("failed");
          assertThat(expireDeadlines()).hasSize(1);
          runLate("completed");
          moved("completed", AgentStatus.COMPLETED);
          register("spawning", HOUR, HOUR);
          moved("spawning", AgentStatus.KILLED);
          register("running", HOUR, HOUR);
          moveTo("running", AgentStatus.COMPLETED);
        });
  }

  /** Another agent with the id of a purged one has its own deadline. */
  @Test
  default void deadlineOfAPurgedAgentDoesNotAffectTheNext() {
    use(StoreSettings.QUIET.keepingFinals(TINY));
    registerLate("a-1");
    moved("a-1", AgentStatus.KILLED);
    purgeAll(1);
    register("a-1");
    assertThat(expireDeadlines()).isEmpty();
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.SPAWNING);
  }
}
