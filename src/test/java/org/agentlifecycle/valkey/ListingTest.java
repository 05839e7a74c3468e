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
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Listings of more agents than one call of the function looks at. */
class ListingTest {
  private static final int AGENTS = 12_000;

  private static EmbeddedStore valkey;
  private static ValkeyUnderTest store;

  /** The even ones have a label, the oldest and the newest another one too. */
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

  /** How many index entries the store looked up for a call. */
  private static long lookups(Runnable call) {
    Console.countAnew(store.client());
    call.run();
    String stats = store.client().info("commandstats");
    Matcher calls = Pattern.compile("cmdstat_(zscore|hmget|zrange):calls=(\\d+)").matcher(stats);
    return calls.results().mapToLong(found -> Long.parseLong(found.group(2))).sum();
  }

  @Test
  void aPageCostsThePage() {
    AgentQuery first = query("task-1", Map.of(), true, 10, AgentQuery.NEWEST);
    AgentQuery middle = query("task-1", Map.of(), true, 10, AGENTS / 2);
    for (AgentQuery query : List.of(first, middle)) {
      assertThat(lookups(() -> store.agents().list(query))).isLessThan(100);
    }
  }

  @Test
  void theRarestFilterLeads() {
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

  /** Filters that have many each and nothing in common: the function stops and is called again. */
  @Test
  void aSearchThatFindsNothingEndsAndIsDoneInBoundedCalls() {
    AgentQuery none = query("task-0", Map.of("odd", Set.of("yes")), null, 100, AgentQuery.NEWEST);
    Console.countAnew(store.client());
    assertThat(store.agents().list(none)).isEqualTo(new AgentPage(List.of(), null));
    assertThat(store.client().info("commandstats"))
        .as("several calls, so that others come in between")
        .containsPattern("cmdstat_fcall_ro:calls=[2-9],");
  }

  @Test
  void nothingIsLostOrRepeatedAcrossCallsAndPages() {
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
      if (page.before() == null) {
        break;
      }
      before = page.before();
    }
    assertThat(all)
        .isEqualTo(
            IntStream.iterate(AGENTS - 2, i -> i >= 0, i -> i - 2)
                .mapToObj(i -> "a-" + i)
                .toList());
  }
}
