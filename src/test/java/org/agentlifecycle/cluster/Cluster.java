package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.valkey.FunctionNames;
import redis.clients.jedis.RedisClient;

/**
 * Two servers with a private store. The tests share them and use them one after another, because
 * the start of a server takes long. They end with this JVM.
 */
final class Cluster {
  static final int SIZE = 2;

  /** Long enough for a runner to confirm the end before, even on a busy machine. */
  static final Duration CLEANUP_DELAY = Duration.ofSeconds(6);

  static final String NAMESPACE = TestStore.namespace("cluster");
  static final String ROOT = "{" + NAMESPACE + "}";

  private static final Map<String, String> CONFIG =
      Map.of(
          "lifecycle.namespace",
          NAMESPACE,
          "lifecycle.session.cleanup-delay",
          CLEANUP_DELAY.toString(),
          "lifecycle.lease.sweep-every",
          "PT0.2S",
          // on a busy machine, callers in a race must not reach the lock timeout
          "lifecycle.lock.patience",
          "PT10S");

  private static Cluster shared;

  private final EmbeddedStore store = EmbeddedStore.start();
  private final RedisClient valkey = RedisClient.create(store.uri());
  private final List<ServerProcess> servers = new ArrayList<>();

  private Cluster() {}

  /** Returns the cluster with an empty store and both servers running. */
  static Cluster empty() {
    Cluster cluster = existing();
    cluster.start(SIZE);
    cluster.valkey.flushAll();
    return cluster;
  }

  /** Returns the cluster with an empty store and at least one server running. */
  static Cluster emptyWithOneServer() {
    Cluster cluster = existing();
    cluster.servers.removeIf(server -> !server.isAlive());
    cluster.start(1);
    cluster.valkey.flushAll();
    return cluster;
  }

  private static Cluster existing() {
    if (shared == null) {
      shared = new Cluster();
    }
    return shared;
  }

  /** Starts servers until the given number is running. */
  void start(int count) {
    servers.removeIf(server -> !server.isAlive());
    List<ServerProcess> starting = new ArrayList<>();
    while (servers.size() + starting.size() < count) {
      starting.add(ServerProcess.launch(store.uri(), CONFIG));
    }
    starting.forEach(ServerProcess::awaitStarted);
    servers.addAll(starting);
  }

  ServerProcess server(int index) {
    return servers.get(index);
  }

  AgentClient client(int index) {
    return new AgentClient(servers.get(index));
  }

  /** Returns a client of each server. */
  List<AgentClient> clients() {
    return servers.stream().map(AgentClient::new).toList();
  }

  /** Returns a direct client of the store. */
  RedisClient valkey() {
    return valkey;
  }

  /** Returns a log of the events; the channel is recorded from this call on. */
  EventLog events() {
    return new EventLog(store.uri(), NAMESPACE);
  }

  /**
   * Registers an agent as a server does that is killed before it forwards the event: the change is
   * in the store, but no server has a record of it.
   */
  void registerUnforwarded(String agentId) {
    Object reply =
        valkey.fcall(
            FunctionNames.of("register"), List.of(ROOT), registration(agentId, "left", "", ""));
    assertThat(reply).asInstanceOf(LIST).startsWith("ok");
  }

  /** Returns the arguments of a registration without lease, limit and idempotency key. */
  static List<String> registration(String agentId, String task, String labels, String metadata) {
    return List.of(agentId, task, labels, metadata, "", "", "0");
  }
}
