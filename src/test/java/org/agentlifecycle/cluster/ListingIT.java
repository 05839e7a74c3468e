package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agentlifecycle.valkey.FunctionNames;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Protocol.Command;
import tools.jackson.databind.JsonNode;

/** Content and cost of listing pages with 100,000 agents. */
@TestMethodOrder(OrderAnnotation.class)
class ListingIT {
  /** Cleanup delay in milliseconds: no session ends during the test. */
  private static final String TOMORROW = Long.toString(Duration.ofDays(1).toMillis());

  private static final int FEW = 1_000;
  private static final int MANY = 100_000;

  /** Queries that match more than three pages even in the smaller data set. */
  private static final List<String> PAGES =
      Stream.of(
              "",
              "&status=running",
              "&status=running,completed",
              "&label=team:t3",
              "&label=team:t0&status=running",
              "&label=team:t3&sessionOpen=true")
          .map("limit=10"::concat)
          .toList();

  /** Commands of connections and of the feed readers, which are not caused by a listing. */
  private static final Pattern OTHERS = Pattern.compile("(info|ping|hello|client|xread).*");

  private static Cluster cluster;
  private static Map<String, Map<String, Long>> costAmongFew;

  @BeforeAll
  static void fill() {
    cluster = Cluster.empty();
    resetCommandStatistics(); // other tests may call KEYS
    fill(0, FEW);
    costAmongFew = costs();
    fill(FEW, MANY);
  }

  @Test
  void costOfAPageIsIndependentOfTheNumberOfAgents() {
    assertThat(costs()).isEqualTo(costAmongFew);
  }

  static final List<Arguments> FILTERS =
      List.of(
          filter("limit=1000&label=team:t3", i -> i % 10 == 3),
          filter("limit=7&taskId=task-7", i -> i % 1000 == 7),
          filter("limit=1000&status=running", i -> i % 20 == 10),
          filter("limit=1000&status=running,completed", i -> i % 10 == 0),
          filter("limit=100&label=team:t3&label=shard:s13", i -> i % 100 == 13),
          filter("limit=100&status=spawning&label=shard:s13", i -> i % 100 == 13),
          filter("limit=999&sessionOpen=false", i -> i % 40 == 0),
          filter("limit=999&sessionOpen=true&status=completed", i -> i % 40 == 20),
          filter(
              "limit=33&status=completed&taskId=task-20&label=team:t0&label=shard:s20"
                  + "&sessionOpen=true",
              i -> i % 1000 == 20),
          filter("limit=100&taskId=task-7&status=completed", i -> false));

  private static Arguments filter(String query, IntPredicate selects) {
    return Arguments.of(query, selects);
  }

  @ParameterizedTest(name = "{0}")
  @FieldSource("FILTERS")
  void pagesReturnEachMatchingAgentOnceNewestFirst(String query, IntPredicate selects) {
    List<String> expected =
        IntStream.iterate(MANY - 1, i -> i >= 0, i -> i - 1)
            .filter(selects)
            .mapToObj(ListingIT::id)
            .toList();

    assertSame(AgentClient.listAll(cluster.clients(), query), expected);
  }

  @Test
  void pageWithoutFiltersHasTheNewestAgents() {
    ApiResponse first = cluster.client(0).agents("limit=1000");
    ApiResponse second = cluster.client(1).agents("limit=500" + first.cursor());

    assertSame(
        Stream.of(first, second).flatMap(page -> page.items().stream()).toList(),
        IntStream.rangeClosed(1, 1500).mapToObj(i -> id(MANY - i)).toList());
  }

  /**
   * Asserts equal ids; the message contains only the first difference, because there are thousands
   * of ids.
   */
  private static void assertSame(List<JsonNode> agents, List<String> expected) {
    List<String> ids = agents.stream().map(agent -> agent.path("agentId").asString()).toList();
    assertThat(ids).size().isEqualTo(expected.size());
    int index = Arrays.mismatch(ids.toArray(), expected.toArray());
    assertThat(index).as(() -> ids.get(index) + " for " + expected.get(index)).isNegative();
  }

  @Test
  @Order(Integer.MAX_VALUE) // after all other tests of this class
  void keysAndScanAreNeverCalled() {
    assertThat(calls().keySet()).contains("zrange").doesNotContain("keys", "scan");
  }

  private static void resetCommandStatistics() {
    CommandArguments reset = new CommandArguments(Command.CONFIG).add("RESETSTAT");
    cluster.valkey().executeCommand(new CommandObject<>(reset, BuilderFactory.STRING));
  }

  private static String id(int i) {
    return "agent-" + i;
  }

  /**
   * Registers the agents of a number range by the functions that servers call. Every 10th agent is
   * running, every 20th is completed, and every 40th is without a session.
   */
  private static void fill(int from, int to) {
    try (Pipeline pipeline = cluster.valkey().pipelined()) {
      for (int i = from; i < to; i++) {
        String labels = "{\"team\":\"t" + i % 10 + "\",\"shard\":\"s" + i % 100 + "\"}";
        String metadata = "{\"number\":" + i + "}";
        call(
            pipeline,
            "register",
            Cluster.registration(id(i), "task-" + i % 1000, labels, metadata));
        if (i % 10 == 0) {
          move(pipeline, id(i), "running", "");
        }
        if (i % 20 == 0) {
          move(pipeline, id(i), "completed", TOMORROW);
        }
        if (i % 40 == 0) {
          call(pipeline, "close_session", List.of(id(i), "completed,failed,killed"));
        }
        if (i % 1000 == 999) {
          assertThat(pipeline.syncAndReturnAll())
              .allSatisfy(reply -> assertThat(reply).asInstanceOf(LIST).startsWith("ok"));
        }
      }
    }
  }

  private static void move(Pipeline pipeline, String id, String to, String cleanupDelay) {
    call(pipeline, "move", List.of(id, to, cleanupDelay, "spawning,running", "*"));
  }

  private static void call(Pipeline pipeline, String function, List<String> arguments) {
    pipeline.fcall(FunctionNames.of(function), List.of(Cluster.ROOT), arguments);
  }

  /** Returns the number of store commands for the first and the third page of each listing. */
  private static Map<String, Map<String, Long>> costs() {
    Map<String, Map<String, Long>> costs = new LinkedHashMap<>();
    for (String query : PAGES) {
      costs.put(query, cost(query));
      String second = cluster.client(0).agents(query).cursor();
      String third = cluster.client(0).agents(query + second).cursor();
      assertThat(third).isNotEmpty();
      costs.put(query + ", third page", cost(query + third));
    }
    return costs;
  }

  /**
   * Returns the number of store commands of one request. It is measured again if a sweep called
   * functions at the same time.
   */
  private static Map<String, Long> cost(String query) {
    AtomicReference<Map<String, Long>> cost = new AtomicReference<>();
    await()
        .atMost(Duration.ofMinutes(1))
        .pollDelay(Duration.ZERO)
        .untilAsserted(
            () -> {
              Map<String, Long> before = calls();
              assertThat(cluster.client(0).agents(query).items()).hasSize(10);
              cost.set(difference(before, calls()));
              assertThat(cost.get()).containsEntry("fcall_ro", 1L).doesNotContainKey("fcall");
            });
    return cost.get();
  }

  private static Map<String, Long> difference(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> difference = new TreeMap<>();
    after.forEach(
        (command, calls) -> {
          long made = calls - before.getOrDefault(command, 0L);
          if (made > 0 && !OTHERS.matcher(command).matches()) {
            difference.put(command, made);
          }
        });
    return difference;
  }

  /**
   * Returns the number of calls of each command since the start of the store, including calls by
   * functions.
   */
  private static Map<String, Long> calls() {
    Map<String, Long> calls = new TreeMap<>();
    cluster
        .valkey()
        .info("commandstats")
        .lines()
        .filter(line -> line.startsWith("cmdstat_"))
        .forEach(
            line -> {
              String[] words = line.substring("cmdstat_".length()).split(":calls=|,", 3);
              calls.put(words[0], Long.parseLong(words[1]));
            });
    return calls;
  }
}
