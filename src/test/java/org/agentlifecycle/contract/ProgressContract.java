package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.batch.StorePipeline;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Contract of progress, and of listings of agents without progress. */
interface ProgressContract extends StoreContractSupport {
  SupervisionFilter ANY = SupervisionFilter.ALL;
  Progress THREE_OF_TEN = new Progress(3.0, 10.0, "running tests");

  private HeartbeatResult beat(String agentId, Progress progress) {
    return store().sessions().heartbeat(agentId, null, progress);
  }

  /** Sends a heartbeat in a later millisecond than the last one, and returns the session. */
  private Session beatLater(String agentId, Progress progress) {
    Instant last = session(agentId).lastHeartbeatAt();
    awaitAfter((last == null ? store().now() : last).plusMillis(1));
    assertThat(beat(agentId, progress)).isInstanceOf(HeartbeatResult.Renewed.class);
    return session(agentId);
  }

  static Stream<Progress> progresses() {
    return Stream.of(
        THREE_OF_TEN,
        new Progress(0.0, 0.0, null),
        new Progress(Progress.MAX, Progress.MAX, null),
        new Progress(3.25, 1e15, null),
        new Progress(1e-7, null, null),
        new Progress(0.1 + 0.2, 1.0, null),
        new Progress(null, 10.0, "only a total and a text"),
        new Progress(null, null, NASTY),
        new Progress(12.0, null, ""));
  }

  @ParameterizedTest
  @MethodSource("progresses")
  default void sessionShowsTheLastProgress(Progress progress) {
    running("a-1");
    Agent agent = found("a-1");
    int events = store().events().size();
    assertThat(session("a-1").progress()).isNull();
    assertThat(session("a-1").progressAt()).isNull();
    Session session = beatLater("a-1", progress);
    assertThat(session.progress()).isEqualTo(progress);
    assertThat(session.progressAt()).isEqualTo(session.lastHeartbeatAt());
    assertThat(beatLater("a-1", progress).progressAt())
        .as("the same value is no progress")
        .isEqualTo(session.progressAt());
    assertThat(store().events()).as("progress has no event").hasSize(events);
    assertThat(found("a-1")).isEqualTo(agent);
  }

  @Test
  default void repeatedValueIsNoProgress() {
    running("a-1");
    Instant first = beatLater("a-1", THREE_OF_TEN).progressAt();
    for (int i = 0; i < 3; i++) {
      Session session = beatLater("a-1", new Progress(3.0, 10.0, "running tests"));
      assertThat(session.progressAt()).isEqualTo(first);
      assertThat(session.lastHeartbeatAt()).isAfter(first);
    }
  }

  @Test
  default void changeOfEachPartIsProgress() {
    running("a-1");
    Instant last = beatLater("a-1", THREE_OF_TEN).progressAt();
    for (Progress changed :
        List.of(
            new Progress(4.0, 10.0, "running tests"),
            new Progress(4.0, 11.0, "running tests"),
            new Progress(4.0, 11.0, "running other tests"),
            new Progress(4.0, 11.0, null),
            new Progress(4.0, null, null),
            THREE_OF_TEN)) {
      Session session = beatLater("a-1", changed);
      assertThat(session.progress()).isEqualTo(changed);
      assertThat(session.progressAt()).isAfter(last).isEqualTo(session.lastHeartbeatAt());
      last = session.progressAt();
    }
  }

  @Test
  default void heartbeatWithoutProgressKeepsIt() {
    running("a-1");
    Instant first = beatLater("a-1", THREE_OF_TEN).progressAt();
    Session session = beatLater("a-1", null);
    assertThat(session.progress()).isEqualTo(THREE_OF_TEN);
    assertThat(session.progressAt()).isEqualTo(first);
  }

  @Test
  default void spawningAgentMayReportProgress() {
    register("a-1");
    Session session = beatLater("a-1", THREE_OF_TEN);
    moved("a-1", AgentStatus.RUNNING);
    assertThat(session("a-1").progress()).isEqualTo(THREE_OF_TEN);
    assertThat(session("a-1").progressAt()).isEqualTo(session.progressAt());
  }

  @Test
  default void progressOfAFinalAgentIsRejected() {
    running("a-1");
    beat("a-1", THREE_OF_TEN);
    moved("a-1", AgentStatus.COMPLETED);
    Session session = session("a-1");
    assertThat(session.progress()).isEqualTo(THREE_OF_TEN);
    assertThat(beat("a-1", new Progress(9.0, 10.0, null)))
        .isEqualTo(
            new HeartbeatResult.Finished(new Ending(AgentStatus.COMPLETED, null, null, null)));
    assertThat(session("a-1")).isEqualTo(session);
    assertThat(beat("a-0", THREE_OF_TEN)).isEqualTo(new HeartbeatResult.AgentNotFound());
  }

  @Test
  default void progressRenewsTheLease() {
    running("a-1");
    store().sessions().heartbeat("a-1", Duration.ofHours(1), THREE_OF_TEN);
    Session session = session("a-1");
    assertThat(session.progress()).isEqualTo(THREE_OF_TEN);
    assertThat(session.leaseExpiresAt())
        .isEqualTo(session.lastHeartbeatAt().plus(Duration.ofHours(1)));
  }

  @Test
  default void batchAcceptsProgress() {
    running("a-1");
    StorePipeline pipeline = store().batches().pipeline();
    pipeline.heartbeat("a-1", null, new Progress(1.0, 10.0, null));
    Supplier<HeartbeatResult> last = pipeline.heartbeat("a-1", null, THREE_OF_TEN);
    pipeline.execute();
    assertThat(last.get()).isInstanceOf(HeartbeatResult.Renewed.class);
    assertThat(session("a-1").progress()).isEqualTo(THREE_OF_TEN);
    assertThat(store().sessions().list(supervised(ANY), false).items())
        .singleElement()
        .satisfies(item -> assertThat(item.session()).isEqualTo(session("a-1")));
  }

  // Agents without progress -----------------------------------------------------------------------

  private static SupervisionFilter filter(Duration time) {
    return new SupervisionFilter(null, null, Set.of(), time);
  }

  private List<String> stalledFor(Duration time, AgentStatus... statuses) {
    return listedIds(
        new AgentQuery(
            Set.of(statuses), null, Map.of(), null, filter(time), 1000, AgentQuery.NEWEST));
  }

  /** Returns the running agents without progress after a time. */
  private List<String> stalledSince(Instant time, Instant nextProgress) {
    while (true) {
      Instant before = store().now();
      List<String> stalled =
          stalledFor(Duration.ofMillis(Duration.between(time, before).toMillis()));
      // A call that took longer covers later progress too.
      Duration late = Duration.between(before, store().now()).plusMillis(2);
      if (time.plus(late).isBefore(nextProgress)) {
        return stalled;
      }
    }
  }

  @Test
  default void agentsWithoutProgressSinceATimeAreListed() {
    running("old");
    running("beats");
    running("repeats");
    beat("repeats", THREE_OF_TEN);
    running("moves");
    beat("moves", THREE_OF_TEN);
    Instant last = session("moves").progressAt();
    awaitAfter(last.plusMillis(100));
    beat("beats", null);
    beat("repeats", THREE_OF_TEN);
    beat("moves", new Progress(4.0, 10.0, null));
    assertThat(stalledSince(last, session("moves").progressAt()))
        .containsExactly("repeats", "beats", "old");
    assertThat(stalledFor(Duration.ofHours(1))).isEmpty();
    assertThat(stalledFor(Duration.ZERO)).containsExactly("moves", "repeats", "beats", "old");
  }

  /** The progress of a spawning agent is its last progress. */
  @Test
  default void progressBeforeTheStartCounts() {
    register("a-1");
    beat("a-1", THREE_OF_TEN);
    Instant progress = session("a-1").progressAt();
    awaitAfter(progress.plusMillis(100));
    Instant started = moved("a-1", AgentStatus.RUNNING).agent().startedAt();
    running("a-2");
    assertThat(stalledSince(progress, started)).containsExactly("a-1");
  }

  @Test
  default void onlyRunningAgentsStall() {
    register("spawning");
    running("running");
    for (AgentStatus last : FINAL_STATUSES) {
      register("a-" + last);
      moveTo("a-" + last, last);
    }
    assertThat(stalledFor(Duration.ZERO)).containsExactly("running");
    assertThat(stalledFor(Duration.ZERO, AgentStatus.SPAWNING, AgentStatus.KILLED)).isEmpty();
    assertThat(stalledFor(Duration.ZERO, AgentStatus.SPAWNING, AgentStatus.RUNNING))
        .containsExactly("running");
  }

  @Test
  default void pagesOfStalledAgentsCombineWithOtherFilters() {
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      String id = "a-" + i;
      register(registration(id, "task-" + i % 2, "team", "t-" + i % 4));
      if (i % 5 != 0) {
        moved(id, AgentStatus.RUNNING);
        if (i % 4 == 1) {
          expected.add(0, id);
        }
      }
    }
    List<String> listed = new ArrayList<>();
    Long before = AgentQuery.NEWEST;
    while (before != null) {
      AgentPage page =
          store()
              .agents()
              .list(
                  new AgentQuery(
                      Set.of(),
                      "task-1",
                      Map.of("team", Set.of("t-1")),
                      true,
                      filter(Duration.ZERO),
                      2,
                      before));
      assertThat(page.items()).hasSizeLessThanOrEqualTo(2);
      page.items().forEach(agent -> listed.add(agent.agentId()));
      before = page.next();
    }
    assertThat(listed).isEqualTo(expected);
  }
}
