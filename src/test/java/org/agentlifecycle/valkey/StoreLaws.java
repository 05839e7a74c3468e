package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import redis.clients.jedis.RedisClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What holds in a namespace after whatever was done to it: hashes, indexes, sessions and the feed
 * tell the same story. Reads the keys themselves, not what the service makes of them.
 */
final class StoreLaws {
  private static final JsonMapper JSON = new JsonMapper();

  private final ValkeyUnderTest store;
  private final RedisClient client;
  private final Map<String, Map<String, String>> agents = new TreeMap<>();
  private final List<AgentEvent> feed;
  private final Set<String> keys;

  private StoreLaws(ValkeyUnderTest store) {
    this.store = store;
    client = store.client();
    keys = new TreeSet<>();
    client.scanIteration(1_000, store.key("*")).collect(keys);
    String prefix = store.key("agent:");
    keys.stream()
        .filter(key -> key.startsWith(prefix))
        .forEach(key -> agents.put(key.substring(prefix.length()), client.hgetAll(key)));
    feed = store.events();
  }

  /** Fails where a law does not hold. */
  static void hold(ValkeyUnderTest store) {
    StoreLaws laws = new StoreLaws(store);
    laws.everyIndexHoldsWhatTheHashesSay();
    laws.sessionsAndCleanupsFollowTheirAgents();
    laws.theFeedTellsEveryAgentsLife();
    laws.theChannelSaidWhatIsBeforeTheCursor();
  }

  private Map<String, Long> index(String name) {
    return client.zrangeWithScores(store.key(name), 0, -1).stream()
        .collect(Collectors.toMap(entry -> entry.getElement(), entry -> (long) entry.getScore()));
  }

  private Map<String, Long> where(Predicate<Map<String, String>> selected, String score) {
    Map<String, Long> found = new HashMap<>();
    agents.forEach(
        (id, agent) -> {
          if (selected.test(agent)) {
            found.put(id, Long.parseLong(agent.get(score)));
          }
        });
    return found;
  }

  private static Map<String, String> labels(Map<String, String> agent) {
    String labels = agent.getOrDefault("labels", "{}");
    return JSON.readValue(labels, new TypeReference<Map<String, String>>() {});
  }

  private static boolean isFinal(Map<String, String> agent) {
    return AgentStatus.ofWireName(agent.get("status")).orElseThrow().isFinal();
  }

  private void everyIndexHoldsWhatTheHashesSay() {
    Set<String> expected = new TreeSet<>();
    Map<String, Predicate<Map<String, String>>> indexes = new HashMap<>();
    indexes.put("agents", agent -> true);
    for (Map<String, String> one : agents.values()) {
      indexes.put("status:" + one.get("status"), a -> a.get("status").equals(one.get("status")));
      indexes.put("task:" + one.get("task"), a -> a.get("task").equals(one.get("task")));
      labels(one)
          .forEach(
              (key, value) ->
                  indexes.put("label:" + key + ":" + value, a -> value.equals(labels(a).get(key))));
    }
    indexes.forEach((name, said) -> assertThat(index(name)).as(name).isEqualTo(where(said, "seq")));
    if (!agents.isEmpty()) {
      indexes.keySet().forEach(name -> expected.add(store.key(name)));
      agents.keySet().forEach(id -> expected.add(store.key("agent:" + id)));
      List.of("seq", "feed").forEach(name -> expected.add(store.key(name)));
      assertThat(where(agent -> true, "seq").values())
          .as("sequence numbers are their own")
          .doesNotHaveDuplicates()
          .allMatch(seq -> seq <= Long.parseLong(client.get(store.key("seq"))));
    }
    List.of("sessions", "cleanups", "forwarded", "leases", "swept", "grace", "finals")
        .forEach(name -> keys.remove(store.key(name)));
    assertThat(keys).as("no key that nobody knows").isEqualTo(expected);
  }

  private void sessionsAndCleanupsFollowTheirAgents() {
    Map<String, Long> sessions = index("sessions");
    Set<String> ended =
        feed.stream()
            .filter(event -> event.type() == AgentEvent.Type.CLEANUP)
            .map(AgentEvent::agentId)
            .collect(Collectors.toSet());
    Map<String, Long> open = where(agent -> true, "seq");
    open.keySet().removeAll(ended);
    assertThat(sessions).as("open sessions").isEqualTo(open);
    Map<String, Long> due = where(agent -> agent.containsKey("cleanup"), "cleanup");
    assertThat(index("cleanups")).as("cleanups").isEqualTo(due);
    assertThat(due.keySet())
        .as("the open sessions of final agents are due")
        .isEqualTo(
            agents.keySet().stream()
                .filter(id -> sessions.containsKey(id) && isFinal(agents.get(id)))
                .collect(Collectors.toSet()));
    assertThat(where(agent -> agent.containsKey("context"), "seq").keySet())
        .as("a context goes with its session")
        .isSubsetOf(sessions.keySet());
  }

  private void theFeedTellsEveryAgentsLife() {
    Map<String, List<AgentEvent>> lives =
        feed.stream().collect(Collectors.groupingBy(AgentEvent::agentId));
    assertThat(lives.keySet()).isEqualTo(agents.keySet());
    lives.forEach(
        (id, life) -> {
          List<AgentEvent> moves = new ArrayList<>(life);
          moves.removeIf(event -> event.type() == AgentEvent.Type.CLEANUP);
          assertThat(life.size() - moves.size()).as("cleanups of %s", id).isBetween(0, 1);
          if (life.size() > moves.size()) {
            assertThat(life).last().extracting(AgentEvent::type).isEqualTo(AgentEvent.Type.CLEANUP);
          }
          AgentStatus status = null;
          long version = 0;
          for (AgentEvent move : moves) {
            assertThat(move.from()).as("%s", move).isEqualTo(status);
            assertThat(move.version()).as("%s", move).isEqualTo(++version);
            assertThat(status == null ? List.of(AgentStatus.SPAWNING) : status.next())
                .as("%s", move)
                .contains(move.to());
            status = move.to();
          }
          assertThat(agents.get(id))
              .containsEntry("status", status.wireName())
              .containsEntry("version", Long.toString(version));
        });
  }

  private void theChannelSaidWhatIsBeforeTheCursor() {
    String cursor = client.get(store.key("forwarded"));
    List<String> ids = feed.stream().map(AgentEvent::id).toList();
    int forwarded = cursor == null ? 0 : ids.indexOf(cursor) + 1;
    assertThat(store.published()).isEqualTo(feed.subList(0, forwarded));
  }
}
