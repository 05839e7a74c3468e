package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Stats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of listings and statistics. */
interface ListingContract extends StoreContractSupport {

  private static AgentQuery query(int limit) {
    return new AgentQuery(Set.of(), null, Map.of(), null, limit, AgentQuery.NEWEST);
  }

  private static AgentQuery from(AgentQuery query, long before) {
    return new AgentQuery(
        query.statuses(),
        query.taskId(),
        query.labels(),
        query.sessionOpen(),
        query.limit(),
        before);
  }

  /** Reads all pages and returns their agents. */
  private List<Agent> allPages(AgentQuery query, Runnable between) {
    List<Agent> all = new ArrayList<>();
    AgentPage page = store().agents().list(query);
    all.addAll(page.items());
    while (page.next() != null) {
      assertThat(page.items())
          .as("number of agents on a page that is not the last")
          .hasSize(query.limit());
      between.run();
      page = store().agents().list(from(query, page.next()));
      assertThat(page.items()).as("page after a cursor").isNotEmpty();
      all.addAll(page.items());
      assertThat(all).as("agents on all pages").hasSizeLessThan(1_000);
    }
    return all;
  }

  /**
   * Registers agents of all kinds, so that each combination of filters matches some agents only.
   */
  private List<Agent> population(int size) {
    Random random = new Random(7);
    for (int i = 0; i < size; i++) {
      String id = "a-" + i;
      String[] labels =
          switch (random.nextInt(4)) {
            case 0 -> new String[] {};
            case 1 -> new String[] {"team", "search"};
            case 2 -> new String[] {"team", "ads", "env", "prod"};
            default -> new String[] {"team", "search", "env", "prod"};
          };
      register(registration(id, "task-" + random.nextInt(3), labels));
      AgentStatus status = ALL_STATUSES.get(random.nextInt(ALL_STATUSES.size()));
      moveTo(id, status);
      if (status.isFinal() && random.nextBoolean()) {
        store().sessions().endSession(id);
      }
    }
    List<Agent> newestFirst =
        new ArrayList<>(IntStream.range(0, size).mapToObj(i -> found("a-" + i)).toList());
    Collections.reverse(newestFirst);
    return newestFirst;
  }

  private List<Agent> matching(AgentQuery query, List<Agent> population) {
    Predicate<Agent> selected =
        agent ->
            (query.statuses().isEmpty() || query.statuses().contains(agent.status()))
                && (query.taskId() == null || query.taskId().equals(agent.taskId()))
                && (query.sessionOpen() == null
                    || query.sessionOpen()
                        == store().sessions().findSession(agent.agentId()).session().isPresent())
                && query.labels().entrySet().stream()
                    .allMatch(
                        label ->
                            label.getValue().stream()
                                .allMatch(
                                    value -> value.equals(agent.labels().get(label.getKey()))));
    return population.stream().filter(selected).toList();
  }

  private static Stream<AgentQuery> everyCombination(int limit) {
    List<Set<AgentStatus>> statuses =
        List.of(
            Set.of(),
            Set.of(AgentStatus.RUNNING),
            Set.of(AgentStatus.SPAWNING, AgentStatus.KILLED),
            Set.copyOf(Arrays.asList(AgentStatus.values())));
    List<Optional<String>> tasks =
        List.of(Optional.empty(), Optional.of("task-1"), Optional.of("task-none"));
    List<Map<String, Set<String>>> labels =
        List.of(
            Map.of(),
            Map.of("team", Set.of("search")),
            Map.of("team", Set.of("search"), "env", Set.of("prod")),
            Map.of("team", Set.of("search", "ads")));
    List<Optional<Boolean>> open = List.of(Optional.empty(), Optional.of(true), Optional.of(false));
    return statuses.stream()
        .flatMap(
            status ->
                tasks.stream()
                    .flatMap(
                        task ->
                            labels.stream()
                                .flatMap(
                                    label ->
                                        open.stream()
                                            .map(
                                                session ->
                                                    new AgentQuery(
                                                        status,
                                                        task.orElse(null),
                                                        label,
                                                        session.orElse(null),
                                                        limit,
                                                        AgentQuery.NEWEST)))));
  }

  @ParameterizedTest(name = "pages of {0}")
  @ValueSource(ints = {1, 3, 7, 1000})
  default void filteredPagesHaveEachMatchOnceNewestFirst(int limit) {
    List<Agent> population = population(40);
    assertThat(everyCombination(limit))
        .hasSize(4 * 3 * 4 * 3)
        .allSatisfy(
            query -> assertThat(allPages(query, () -> {})).isEqualTo(matching(query, population)));
  }

  @Test
  default void pageWithTheLastAgentHasNoNextPage() {
    for (int i = 0; i < 6; i++) {
      register("a-" + i);
    }
    assertThat(store().agents().list(query(6)).next()).isNull();
    assertThat(store().agents().list(query(7)).next()).isNull();
    AgentPage five = store().agents().list(query(5));
    assertThat(five.next()).isNotNull();
    AgentPage last = store().agents().list(from(query(1), five.next()));
    assertThat(last.items()).extracting(Agent::agentId).containsExactly("a-0");
    assertThat(last.next()).isNull();
  }

  @Test
  default void emptyStoreReturnsOneEmptyPage() {
    assertThat(everyCombination(10))
        .allSatisfy(
            query ->
                assertThat(store().agents().list(query)).isEqualTo(new AgentPage(List.of(), null)));
  }

  @Test
  default void pagesAreCompleteWhileAgentsChange() {
    List<String> there = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      register(registration("old-" + i, "task-1", "team", "search"));
      there.add(0, "old-" + i);
    }
    int[] added = {0};
    Runnable change =
        () -> {
          String id = "new-" + added[0]++;
          register(registration(id, "task-1", "team", "search"));
          moved("old-" + (29 - added[0]), AgentStatus.RUNNING);
          moveTo(id, AgentStatus.KILLED);
        };
    for (AgentQuery query :
        List.of(
            query(4),
            new AgentQuery(Set.of(), "task-1", Map.of(), null, 4, AgentQuery.NEWEST),
            new AgentQuery(
                Set.of(AgentStatus.SPAWNING, AgentStatus.RUNNING),
                null,
                Map.of("team", Set.of("search")),
                true,
                4,
                AgentQuery.NEWEST))) {
      assertThat(allPages(query, change))
          .extracting(Agent::agentId)
          .filteredOn(id -> id.startsWith("old-"))
          .isEqualTo(there);
    }
    assertThat(added[0]).isGreaterThan(15);
  }

  @Test
  default void pageHasTheCurrentStateOfItsAgents() {
    register(registration("a-1", "task-1", "team", "search"));
    moved("a-1", AgentStatus.RUNNING);
    moved("a-1", AgentStatus.FAILED);
    assertThat(store().agents().list(query(1)).items()).containsExactly(found("a-1"));
  }

  // Stats -----------------------------------------------------------------------------------------

  @Test
  default void statsCountAgentsAndSessions() {
    assertThat(store().agents().stats()).isEqualTo(new Stats(0, 0, 0, 0, 0, 0, 0, 0));
    Map<AgentStatus, Integer> many =
        Map.of(
            AgentStatus.SPAWNING,
            3,
            AgentStatus.RUNNING,
            2,
            AgentStatus.COMPLETED,
            1,
            AgentStatus.FAILED,
            4,
            AgentStatus.KILLED,
            2);
    many.forEach(
        (status, count) -> {
          for (int i = 0; i < count; i++) {
            register("a-" + status + i);
            moveTo("a-" + status + i, status);
          }
        });
    assertThat(store().agents().stats()).isEqualTo(new Stats(3, 2, 1, 4, 2, 12, 7, 0));
    store().sessions().endSession("a-" + AgentStatus.KILLED + 0);
    assertThat(store().agents().stats()).isEqualTo(new Stats(3, 2, 1, 4, 2, 11, 6, 0));
  }
}
