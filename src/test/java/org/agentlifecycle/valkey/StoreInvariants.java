package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.DesiredEvent;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.WaitingEvent;
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
    invariants.checkDeadlinesAndWaiting();
    invariants.checkFamilies();
    invariants.checkDependents();
    invariants.checkFeed();
    invariants.checkKills();
    invariants.checkIdempotencyRecords();
    invariants.checkPublishedEvents();
  }

  /** Fails if something remains after the purge of all agents and the end of all kills. */
  static void checkEmpty(ValkeyUnderTest store) {
    Set<String> remaining = new StoreInvariants(store).keys;
    Stream.of("seq", "feed", "forwarded", "admission", "swept", "grace", "outages")
        .forEach(name -> remaining.remove(store.key(name)));
    assertThat(remaining).as("keys of an empty namespace").isEmpty();
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
    Stream.of("deadlines", "waiting", "ended-parents", "kills-extended", "stopping")
        .forEach(name -> keys.remove(store.key(name)));
    for (String prefix : List.of("kill:", "once:", "children:", "tree:", "dependents:")) {
      keys.removeIf(key -> key.startsWith(store.key(prefix)));
    }
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

  // Supervision -----------------------------------------------------------------------------------

  private static final List<String> SUPERVISION_FIELDS =
      List.of("start_timeout", "run_timeout", "ancestors", "waiting", "desired", "stop_kills");

  private void checkDeadlinesAndWaiting() {
    assertThat(where(agent -> SUPERVISION_FIELDS.stream().anyMatch(agent::containsKey), "seq"))
        .as("supervised agents")
        .allSatisfy((id, seq) -> assertThat(agents.get(id)).containsEntry("supervised", "1"));
    Map<String, Long> deadlines = index("deadlines");
    assertThat(deadlines.keySet())
        .as("agents with a deadline")
        .isEqualTo(where(agent -> !isFinal(agent) && hasDeadline(agent), "seq").keySet());
    assertThat(deadlines)
        .allSatisfy(
            (id, check) ->
                assertThat(check)
                    .as("next check of %s", agents.get(id))
                    .isLessThanOrEqualTo(deadline(agents.get(id))));
    assertThat(index("waiting"))
        .as("waiting agents")
        .isEqualTo(where(agent -> agent.containsKey("waiting"), "seq"));
    assertThat(index("waiting").keySet())
        .allSatisfy(
            id ->
                assertThat(agents.get(id))
                    .containsEntry("status", "running")
                    .containsKey("waiting_since"));
    assertThat(where(agent -> agent.containsKey("stop_by"), "seq"))
        .isEqualTo(where(agent -> "stopped".equals(agent.get("desired")), "seq"));
  }

  /** A spawning agent with a run timeout is checked too: an older release may start it. */
  private static boolean hasDeadline(Map<String, String> agent) {
    return agent.containsKey("run_timeout")
        || agent.containsKey("stop_by")
        || agent.containsKey("start_timeout") && agent.get("status").equals("spawning");
  }

  private static long deadline(Map<String, String> agent) {
    boolean isSpawning = agent.get("status").equals("spawning");
    String timeout = agent.get(isSpawning ? "start_timeout" : "run_timeout");
    long ofStatus =
        timeout == null
            ? Long.MAX_VALUE
            : number(agent, isSpawning ? "spawned" : "started") + Long.parseLong(timeout);
    return Math.min(ofStatus, Long.parseLong(agent.getOrDefault("stop_by", "" + Long.MAX_VALUE)));
  }

  private static List<String> ancestors(Map<String, String> agent) {
    return agent.containsKey("ancestors") ? List.of(agent.get("ancestors").split("/")) : List.of();
  }

  private static String parent(Map<String, String> agent) {
    List<String> ancestors = ancestors(agent);
    return ancestors.isEmpty() ? null : ancestors.get(ancestors.size() - 1);
  }

  /** Returns the names after a prefix of all keys. */
  private Set<String> named(String prefix) {
    String start = store.key(prefix);
    return client.keys(start + "*").stream()
        .map(key -> key.substring(start.length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void checkFamilies() {
    Set<String> parents = named("children:");
    agents.values().stream()
        .map(StoreInvariants::parent)
        .filter(Objects::nonNull)
        .forEach(parents::add);
    for (String id : parents) {
      assertThat(index("children:" + id))
          .as("children of %s", id)
          .isEqualTo(where(agent -> id.equals(parent(agent)), "seq"));
    }
    Set<String> tops = named("tree:");
    agents.values().forEach(agent -> tops.addAll(ancestors(agent)));
    for (String id : tops) {
      Map<String, Long> tree = where(agent -> ancestors(agent).contains(id), "seq");
      if (agents.containsKey(id)) {
        tree.put(id, number(agents.get(id), "seq"));
      }
      assertThat(index("tree:" + id)).as("tree of %s", id).isEqualTo(tree);
    }
  }

  /** The dependents of a final, purged or replaced parent are due. */
  private void checkDependents() {
    Set<String> ended = index("ended-parents").keySet();
    for (String id : named("dependents:")) {
      Map<String, Long> dependents = index("dependents:" + id);
      assertThat(index("children:" + id)).as("children of %s", id).containsAllEntriesOf(dependents);
      Map<String, String> parent = agents.get(id);
      boolean due =
          dependents.entrySet().stream()
              .filter(dependent -> !isFinal(agents.get(dependent.getKey())))
              .anyMatch(
                  dependent ->
                      parent == null
                          || isFinal(parent)
                          || number(parent, "seq") > dependent.getValue());
      assertThat(!due || ended.contains(id)).as("ended parent %s", id).isTrue();
    }
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
          long cleanups = events.stream().filter(StoreInvariants::isCleanup).count();
          assertThat(cleanups).as("cleanups of %s", id).isBetween(0L, 1L);
          assertThat(cleanups == 0 || isCleanup(last(events)))
              .as("cleanup is the last event of %s", id)
              .isTrue();
          checkOtherEvents(events);
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

  /** An active agent has no events after its end, and each of its events has its version. */
  private static void checkOtherEvents(List<AgentEvent> events) {
    boolean waits = false;
    AgentStatus status = null;
    long version = 0;
    for (AgentEvent event : events) {
      if (event instanceof TransitionEvent move) {
        status = move.to();
        version = move.version();
        waits = false;
        continue;
      }
      assertThat(event.version()).as("%s", event).isEqualTo(version);
      if (event instanceof WaitingEvent waiting) {
        assertThat(status).as("%s", event).isEqualTo(AgentStatus.RUNNING);
        assertThat(waits || waiting.waiting() != null).as("%s", event).isTrue();
        waits = waiting.waiting() != null;
      } else if (event instanceof DesiredEvent) {
        assertThat(status.isFinal()).as("%s", event).isFalse();
      }
    }
  }

  private void checkKills() {
    Set<String> simple = new TreeSet<>();
    Set<String> extended = new TreeSet<>();
    Map<String, Long> stopping = new HashMap<>();
    for (String id : named("kill:")) {
      Map<String, String> kill = client.hgetAll(store.key("kill:" + id));
      if ("done".equals(kill.get("state"))) {
        assertThat(client.pttl(store.key("kill:" + id))).as("expiry of %s", id).isPositive();
      } else if (kill.containsKey("scanned")) {
        stopping.put(id, number(kill, "deadline"));
      } else if (kill.containsKey("tree") || kill.containsKey("deadline")) {
        extended.add(id);
      } else {
        simple.add(id);
      }
      if ("0".equals(kill.get("dry"))) {
        assertThat(number(kill, "killed") + number(kill, "missed") + stoppingAgents(id))
            .as("%s", kill)
            .isEqualTo(number(kill, "matched"));
      }
    }
    assertThat(index("kills").keySet()).isEqualTo(simple);
    assertThat(index("kills-extended").keySet()).isEqualTo(extended);
    assertThat(index("stopping").keySet()).isEqualTo(stopping.keySet());
    assertThat(index("stopping"))
        .allSatisfy((id, end) -> assertThat(end).isGreaterThan(stopping.get(id)));
  }

  /** Returns the number of active agents whose stop a kill has requested. */
  private long stoppingAgents(String killId) {
    return agents.values().stream()
        .filter(agent -> !isFinal(agent) && agent.containsKey("stop_kills"))
        .filter(agent -> List.of(agent.get("stop_kills").split(" ")).contains(killId))
        .count();
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
