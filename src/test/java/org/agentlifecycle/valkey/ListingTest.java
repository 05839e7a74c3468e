package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Listings of more agents than one call of the function scans. */
class ListingTest {
  private static final int AGENTS = 12_000;

  private static EmbeddedStore valkey;
  private static ValkeyUnderTest store;

  /**
   * Agents with even numbers have a label. The oldest and the newest agent have another one too.
   */
  @BeforeAll
  static void manyAgents() {
    valkey = EmbeddedStore.start();
    store = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO);
    for (int i = 0; i < AGENTS; i++) {
      Map<String, String> labels =
          i == 0 || i == AGENTS - 2
              ? Map.of("even", "yes", "rare", "yes")
              : i % 2 == 0 ? Map.of("even", "yes") : Map.of("odd", "yes");
      store
          .agents()
          .register(new Registration("a-" + i, "task-" + i % 2, labels, null, null, null), null);
    }
  }

  @AfterAll
  static void stop() {
    store.close();
    valkey.close();
  }

  private static AgentQuery query(
      String taskId, Map<String, Set<String>> labels, Boolean open, int limit, long before) {
    return new AgentQuery(Set.of(), taskId, labels, open, limit, before);
  }

  /** Returns the number of index entries that the store read for a call. */
  private static long lookups(Runnable call) {
    ValkeyCommands.resetCounters(store.client());
    call.run();
    String stats = store.client().info("commandstats");
    Matcher calls = Pattern.compile("cmdstat_(zscore|hmget|zrange):calls=(\\d+)").matcher(stats);
    return calls.results().mapToLong(found -> Long.parseLong(found.group(2))).sum();
  }

  @Test
  void pageReadsOnlyItsOwnEntries() {
    AgentQuery first = query("task-1", Map.of(), true, 10, AgentQuery.NEWEST);
    AgentQuery middle = query("task-1", Map.of(), true, 10, AGENTS / 2);
    for (AgentQuery query : List.of(first, middle)) {
      assertThat(lookups(() -> store.agents().list(query))).isLessThan(100);
    }
  }

  @Test
  void smallestIndexIsRead() {
    AgentQuery rare =
        query(
            "task-0",
            Map.of("even", Set.of("yes"), "rare", Set.of("yes")),
            true,
            1000,
            AgentQuery.NEWEST);
    assertThat(lookups(() -> store.agents().list(rare))).isLessThan(20);
    assertThat(store.agents().list(rare).items())
        .extracting(Agent::agentId)
        .containsExactly("a-" + (AGENTS - 2), "a-0");
  }

  /** Each filter alone matches many agents, but no agent matches both. */
  @Test
  void pageOfSearchWithoutResultIsOneBoundedCall() {
    Map<String, Set<String>> odd = Map.of("odd", Set.of("yes"));
    int pages = 0;
    Long before = AgentQuery.NEWEST;
    while (before != null) {
      AgentQuery none = query("task-0", odd, null, 1, before);
      ValkeyCommands.resetCounters(store.client());
      AgentPage page = store.agents().list(none);
      String stats = store.client().info("commandstats");
      assertThat(stats).containsPattern("cmdstat_fcall_ro:calls=1,");
      assertThat(stats).containsPattern("cmdstat_zrange:calls=\\d{1,2},");
      assertThat(page.items()).isEmpty();
      before = page.next();
      pages++;
    }
    assertThat(pages).isEqualTo(AGENTS / 2 / 2000 + 1);
  }

  /** No index has the time of the last progress, so that a page scans a bounded part. */
  @Test
  void pagesOfStalledAgentsAreBoundedCalls() {
    int agents = 4_500;
    try (ValkeyUnderTest other = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO)) {
      for (int i = 0; i < agents; i++) {
        String id = "s-" + i;
        other.agents().register(new Registration(id, "task-1", Map.of(), null, null, null), null);
        other
            .agents()
            .move(
                id, TransitionRequest.to(AgentStatus.RUNNING), AgentStatus.RUNNING.sources(), null);
      }
      assertThat(stalledPages(other, Duration.ofHours(1))).hasSize(3).allMatch(List::isEmpty);
      // The oldest agent is the only one whose last progress is old.
      other.client().hset(other.key("agent:s-0"), "progressed", "1");
      assertThat(stalledPages(other, Duration.ofHours(1)))
          .isEqualTo(List.of(List.of(), List.of(), List.of("s-0")));
      assertThat(stalledPages(other, Duration.ZERO).get(0)).hasSize(1).containsExactly("s-4499");
    }
  }

  /** Returns the ids of each page, of at most four pages. */
  private static List<List<String>> stalledPages(ValkeyUnderTest store, Duration time) {
    SupervisionFilter filter = new SupervisionFilter(null, null, Set.of(), time);
    List<List<String>> pages = new ArrayList<>();
    Long before = AgentQuery.NEWEST;
    while (before != null && pages.size() < 4) {
      ValkeyCommands.resetCounters(store.client());
      AgentPage page =
          store.agents().list(new AgentQuery(Set.of(), null, Map.of(), null, filter, 1, before));
      String stats = store.client().info("commandstats");
      assertThat(stats).containsPattern("cmdstat_fcall_ro:calls=1,");
      assertThat(stats).containsPattern("cmdstat_hmget:calls=(1?\\d{1,3}|2000),");
      pages.add(page.items().stream().map(Agent::agentId).toList());
      before = page.next();
    }
    return pages;
  }

  @Test
  void pageOfAFamilyReadsOnlyItsOwnEntries() {
    for (String child : List.of("child-1", "child-2")) {
      store
          .agents()
          .register(
              new Registration(
                  child,
                  "family",
                  Map.of(),
                  null,
                  null,
                  null,
                  Timeouts.NONE,
                  new Parent("a-5", Parent.OnEnd.CONTINUE)),
              null);
    }
    for (SupervisionFilter filter :
        List.of(
            new SupervisionFilter("a-5", null, Set.of(), null),
            new SupervisionFilter(null, "a-5", Set.of(), null),
            new SupervisionFilter(null, "a-7", Set.of(), null),
            new SupervisionFilter("a-7", null, Set.of(), null))) {
      AgentQuery query =
          new AgentQuery(Set.of(), null, Map.of(), true, filter, 1000, AgentQuery.NEWEST);
      assertThat(lookups(() -> store.agents().list(query))).isLessThan(20);
    }
    SupervisionFilter tree = new SupervisionFilter(null, "a-5", Set.of(), null);
    assertThat(
            store
                .agents()
                .list(new AgentQuery(Set.of(), null, Map.of(), null, tree, 10, AgentQuery.NEWEST))
                .items())
        .extracting(Agent::agentId)
        .containsExactly("child-2", "child-1", "a-5");
  }

  @Test
  void pageEndsAfterOneMebibyte() {
    RawJson large = new RawJson("{\"pad\":\"" + "x".repeat(16_000) + "\"}");
    try (ValkeyUnderTest other = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO)) {
      for (int i = 0; i < 150; i++) {
        other
            .agents()
            .register(new Registration("b-" + i, "task-1", Map.of(), large, null, null), null);
      }
      List<String> all = new ArrayList<>();
      List<Integer> sizes = new ArrayList<>();
      Long before = AgentQuery.NEWEST;
      while (before != null) {
        AgentPage page = other.agents().list(query("task-1", Map.of(), null, 1000, before));
        sizes.add(page.items().size());
        page.items().forEach(agent -> all.add(agent.agentId()));
        before = page.next();
      }
      assertThat(sizes).hasSize(3).allMatch(size -> size <= 65);
      assertThat(all).hasSize(150).doesNotHaveDuplicates().startsWith("b-149").endsWith("b-0");
    }
  }

  @Test
  void pageReportsUnreadableAgentsAndReturnsOthers() {
    try (ValkeyUnderTest other = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO)) {
      for (int i = 0; i < 4; i++) {
        other
            .agents()
            .register(new Registration("c-" + i, "task-1", Map.of(), null, null, null), null);
      }
      other.client().hdel(other.key("agent:c-1"), "version");
      other.client().hset(other.key("agent:c-2"), "status", "unknown");
      AgentPage page = other.agents().list(query("task-1", Map.of(), null, 10, AgentQuery.NEWEST));
      assertThat(page.items()).extracting(Agent::agentId).containsExactly("c-3", "c-0");
      assertThat(page.unreadable()).containsExactlyInAnyOrder("c-1", "c-2");
      assertThat(page.next()).isNull();
    }
  }

  /** An index entry of an earlier agent with this id must not add the agent to another listing. */
  @Test
  void leftoverIndexEntryDoesNotMatch() {
    try (ValkeyUnderTest other = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO)) {
      Map<String, String> labels = Map.of("team", "a");
      other.agents().register(new Registration("d", "task-1", labels, null, null, null), null);
      other.client().zadd(other.key("task:task-0"), 1, "d");
      other.client().zadd(other.key("label:team:b"), 1, "d");
      other.client().zadd(other.key("status:running"), 1, "d");
      assertThat(items(other, Set.of(), "task-0", Map.of())).isEmpty();
      assertThat(items(other, Set.of(), null, Map.of("team", Set.of("b")))).isEmpty();
      assertThat(items(other, Set.of(AgentStatus.RUNNING), null, Map.of())).isEmpty();
      assertThat(items(other, Set.of(), "task-1", Map.of("team", Set.of("a")))).hasSize(1);
    }
  }

  private static List<Agent> items(
      ValkeyUnderTest store,
      Set<AgentStatus> statuses,
      String taskId,
      Map<String, Set<String>> labels) {
    return store
        .agents()
        .list(new AgentQuery(statuses, taskId, labels, null, 10, AgentQuery.NEWEST))
        .items();
  }

  @Test
  void pagesHaveEveryMatchOnce() {
    List<String> all = new ArrayList<>();
    long before = AgentQuery.NEWEST;
    while (true) {
      AgentPage page =
          store
              .agents()
              .list(
                  new AgentQuery(
                      Set.of(AgentStatus.SPAWNING, AgentStatus.RUNNING),
                      "task-0",
                      Map.of("even", Set.of("yes")),
                      true,
                      997,
                      before));
      page.items().forEach(agent -> all.add(agent.agentId()));
      if (page.next() == null) {
        break;
      }
      before = page.next();
    }
    assertThat(all)
        .isEqualTo(
            IntStream.iterate(AGENTS - 2, i -> i >= 0, i -> i - 2)
                .mapToObj(i -> "a-" + i)
                .toList());
  }
}
