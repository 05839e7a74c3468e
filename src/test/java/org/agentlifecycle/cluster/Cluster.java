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
 * Two servers on a store that nobody else uses, shared by the tests one after the other, since a
 * server takes long to start. They end with this JVM.
 */
final class Cluster {
  static final int SIZE = 2;

  /** Long enough for a runner to confirm before, however busy the machine is. */
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
          // a busy machine must not turn a race into a queue that is sent away
          "lifecycle.lock.patience",
          "PT10S");

  private static Cluster shared;

  private final EmbeddedStore store = EmbeddedStore.start();
  private final RedisClient valkey = RedisClient.create(store.uri());
  private final List<ServerProcess> servers = new ArrayList<>();

  private Cluster() {}

  /** The cluster with nothing in its store and both servers running. */
  static Cluster empty() {
    Cluster cluster = existing();
    cluster.start(SIZE);
    cluster.valkey.flushAll();
    return cluster;
  }

  /** The same, but one server is enough. */
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

  /** Starts what is missing to that many. */
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

  Client client(int index) {
    return new Client(servers.get(index));
  }

  /** One of each server. */
  List<Client> clients() {
    return servers.stream().map(Client::new).toList();
  }

  /** As a person at the console. */
  RedisClient valkey() {
    return valkey;
  }

  /** Hears everything from now on. */
  EventLog events() {
    return new EventLog(store.uri(), NAMESPACE);
  }

  /**
   * Registers an agent as a server would that is killed before it can forward the event: the store
   * has it all, and no server knows.
   */
  void registerUnforwarded(String agentId) {
    Object answer =
        valkey.fcall(
            FunctionNames.of("register"), List.of(ROOT), registration(agentId, "left", "", ""));
    assertThat(answer).asInstanceOf(LIST).startsWith("ok");
  }

  /** What the function library wants of a registration, without lease, limit and idempotency. */
  static List<String> registration(String agentId, String task, String labels, String metadata) {
    return List.of(agentId, task, labels, metadata, "", "", "0", "", "", "0");
  }
}
