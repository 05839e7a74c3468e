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
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.TransitionEvent;
import redis.clients.jedis.RedisClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Invariants of a namespace: hashes, indexes, sessions and the feed are consistent. Reads the keys
 * directly, without the service.
 */
final class StoreInvariants {
  private static final JsonMapper JSON = new JsonMapper();

  private final ValkeyUnderTest store;
  private final RedisClient client;
  private final Map<String, Map<String, String>> agents = new TreeMap<>();
  private final List<AgentEvent> feed;
  private final Set<String> keys;

  private StoreInvariants(ValkeyUnderTest store) {
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

  /** Fails if an invariant is violated. */
  static void check(ValkeyUnderTest store) {
    StoreInvariants invariants = new StoreInvariants(store);
    invariants.checkIndexes();
    invariants.checkSessionsAndCleanups();
    invariants.checkLeasesAndFinals();
    invariants.checkFeed();
    invariants.checkKills();
    invariants.checkIdempotencyRecords();
    invariants.checkPublishedEvents();
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

  private void checkIndexes() {
    Set<String> expected = new TreeSet<>();
    Map<String, Predicate<Map<String, String>>> indexes = new HashMap<>();
    indexes.put("agents", agent -> true);
    for (Map<String, String> agent : agents.values()) {
      indexes.put(
          "status:" + agent.get("status"), a -> a.get("status").equals(agent.get("status")));
      indexes.put("task:" + agent.get("task"), a -> a.get("task").equals(agent.get("task")));
      labels(agent)
          .forEach(
              (key, value) ->
                  indexes.put("label:" + key + ":" + value, a -> value.equals(labels(a).get(key))));
    }
    indexes.forEach(
        (name, expectedAgents) ->
            assertThat(index(name)).as(name).isEqualTo(where(expectedAgents, "seq")));
    if (!agents.isEmpty()) {
      indexes.keySet().forEach(name -> expected.add(store.key(name)));
      agents.keySet().forEach(id -> expected.add(store.key("agent:" + id)));
      assertThat(where(agent -> true, "seq").values())
          .as("spawn sequences")
          .doesNotHaveDuplicates()
          .allMatch(seq -> seq <= Long.parseLong(client.get(store.key("seq"))));
    }
    Stream.of("seq", "feed", "forwarded", "admission")
        .forEach(name -> keys.remove(store.key(name)));
    Stream.of("outages", "shortening", "damaged", "checked")
        .forEach(name -> keys.remove(store.key(name)));
    Stream.of("sessions", "cleanups", "leases", "finals", "swept", "grace", "kills")
        .forEach(name -> keys.remove(store.key(name)));
    keys.removeIf(key -> key.startsWith(store.key("kill:")) || key.startsWith(store.key("once:")));
    assertThat(keys).as("keys of the namespace").isEqualTo(expected);
  }

  private void checkSessionsAndCleanups() {
    Map<String, Long> sessions = index("sessions");
    Set<String> ended =
        lastAgents().entrySet().stream()
            .filter(events -> isCleanup(last(events.getValue())))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    Map<String, Long> open = where(agent -> true, "seq");
    open.keySet().removeAll(ended);
    assertThat(sessions).as("open sessions").isEqualTo(open);
    Map<String, Long> due = where(agent -> agent.containsKey("cleanup"), "cleanup");
    assertThat(index("cleanups")).as("cleanups").isEqualTo(due);
    assertThat(due.keySet())
        .as("due sessions")
        .isEqualTo(
            agents.keySet().stream()
                .filter(id -> sessions.containsKey(id) && isFinal(agents.get(id)))
                .collect(Collectors.toSet()));
    assertThat(where(agent -> agent.containsKey("confirmed"), "seq").keySet())
        .as("agents with a confirmation flag")
        .isEqualTo(
            where(agent -> true, "seq").keySet().stream()
                .filter(id -> !sessions.containsKey(id))
                .collect(Collectors.toSet()));
    assertThat(where(agent -> agent.containsKey("context"), "seq").keySet())
        .as("agents with a session context")
        .isSubsetOf(sessions.keySet());
  }

  private void checkLeasesAndFinals() {
    assertThat(index("leases"))
        .as("leases")
        .isEqualTo(where(agent -> !isFinal(agent) && agent.containsKey("lease"), "expires"));
    assertThat(index("finals"))
        .as("finals")
        .isEqualTo(where(StoreInvariants::isFinal, "completed"));
  }

  /**
   * Returns the events of the last agent with each id. A purged id can be registered a second time.
   */
  private Map<String, List<AgentEvent>> lastAgents() {
    Map<String, List<AgentEvent>> lastAgents = new HashMap<>();
    for (AgentEvent event : feed) {
      if (event.type() == AgentEvent.Type.SPAWNED) {
        List<AgentEvent> before = lastAgents.put(event.agentId(), new ArrayList<>());
        assertThat(before == null || isCleanup(last(before)))
            .as("session end of the agent before %s", event)
            .isTrue();
      }
      lastAgents.get(event.agentId()).add(event);
    }
    return lastAgents;
  }

  private static AgentEvent last(List<AgentEvent> events) {
    return events.get(events.size() - 1);
  }

  private static boolean isCleanup(AgentEvent event) {
    return event.type() == AgentEvent.Type.CLEANUP;
  }

  private void checkFeed() {
    Map<String, List<AgentEvent>> lastAgents = lastAgents();
    assertThat(lastAgents.keySet()).containsAll(agents.keySet());
    lastAgents.forEach(
        (id, events) -> {
          List<TransitionEvent> moves =
              events.stream()
                  .filter(TransitionEvent.class::isInstance)
                  .map(TransitionEvent.class::cast)
                  .toList();
          assertThat(events.size() - moves.size()).as("cleanups of %s", id).isBetween(0, 1);
          assertThat(events.size() == moves.size() || isCleanup(last(events)))
              .as("cleanup is the last event of %s", id)
              .isTrue();
          AgentStatus status = null;
          long version = 0;
          for (TransitionEvent move : moves) {
            assertThat(move.from()).as("%s", move).isEqualTo(status);
            assertThat(move.version()).as("%s", move).isEqualTo(++version);
            assertThat(status == null ? List.of(AgentStatus.SPAWNING) : status.next())
                .as("%s", move)
                .contains(move.to());
            status = move.to();
          }
          if (agents.containsKey(id)) {
            assertThat(agents.get(id))
                .containsEntry("status", status.wireName())
                .containsEntry("version", Long.toString(version));
          } else {
            assertThat(isCleanup(last(events)))
                .as("session end of the purged agent %s", id)
                .isTrue();
          }
        });
  }

  private void checkKills() {
    Set<String> running = new TreeSet<>();
    for (String key : client.keys(store.key("kill:*"))) {
      Map<String, String> kill = client.hgetAll(key);
      if ("running".equals(kill.get("state"))) {
        running.add(key.substring(store.key("kill:").length()));
      } else {
        assertThat(client.pttl(key)).as("expiry of %s", key).isPositive();
      }
      if ("0".equals(kill.get("dry"))) {
        assertThat(number(kill, "killed") + number(kill, "missed"))
            .as("%s", kill)
            .isEqualTo(number(kill, "matched"));
      }
    }
    assertThat(index("kills").keySet()).isEqualTo(running);
  }

  private static long number(Map<String, String> hash, String field) {
    return Long.parseLong(hash.get(field));
  }

  private void checkIdempotencyRecords() {
    for (String key : client.keys(store.key("once:*"))) {
      assertThat(client.pttl(key)).as("expiry of %s", key).isPositive();
    }
  }

  private void checkPublishedEvents() {
    String cursor = client.get(store.key("forwarded"));
    List<String> ids = feed.stream().map(AgentEvent::id).toList();
    int forwarded = cursor == null ? 0 : ids.indexOf(cursor) + 1;
    assertThat(store.published()).isEqualTo(feed.subList(0, forwarded));
  }
}
