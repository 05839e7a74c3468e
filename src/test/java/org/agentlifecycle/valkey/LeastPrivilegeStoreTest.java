package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.supervision.DesiredRequest;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/**
 * Runs the contract as a user with only the documented rights. A missing right could stop a
 * function after its first write, so that the whole contract is needed.
 */
class LeastPrivilegeStoreTest extends StoreContract {

  /**
   * PING validates idle connections. A connection without the right to set its name has no name.
   * Without INFO, the health data and the log contain "unknown".
   */
  private static final String CONNECTION = "+ping +client|setinfo +client|setname +info +wait";

  /** Commands of a connection, of the service and of its functions. */
  static final List<String> COMMANDS =
      List.of(
          CONNECTION,
          "+fcall +fcall_ro +function|list +function|load",
          "+exists +get +set +incr +del +pexpire +time +publish",
          "+hget +hmget +hset +hdel +hincrby +zadd +zrem +zcard +zrange +zscore",
          "+xadd +xlen +xrange +xrevrange +xtrim +xread");

  private static EmbeddedStore valkey;
  private static List<String> known;

  @BeforeAll
  static void start() {
    valkey = EmbeddedStore.start();
    try (RedisClient admin = RedisClient.create(valkey.uri())) {
      known = each(COMMANDS).filter(right -> isKnown(admin, right)).toList();
    }
  }

  /** Returns whether an ACL rule may contain the right: Redis 7.0 has no CLIENT SETINFO. */
  private static boolean isKnown(RedisClient admin, String right) {
    CommandArguments info = new CommandArguments(Command.COMMAND).add("INFO");
    List<?> reply = (List<?>) admin.executeCommand(info.add(right.substring(1)));
    return reply.get(0) != null;
  }

  @AfterAll
  static void stop() {
    valkey.close();
  }

  @Override
  protected StoreUnderTest open(StoreSettings settings) {
    String namespace = ValkeyUnderTest.newNamespace();
    return ValkeyUnderTest.on(user(namespace, known), valkey.uri(), namespace, settings);
  }

  /** Adds a user for one namespace, and returns the URI of the store for this user. */
  private static URI user(String namespace, List<String> commands) {
    List<String> rule = new ArrayList<>(List.of("SETUSER", namespace, "reset", "on", ">secret"));
    rule.add("~{" + namespace + "}");
    rule.add("~{" + namespace + "}:*");
    rule.add("&" + namespace + ":events");
    rule.addAll(commands);
    try (RedisClient admin = RedisClient.create(valkey.uri())) {
      ValkeyCommands.type(admin, Command.ACL, rule.toArray(String[]::new));
    }
    return URI.create("redis://" + namespace + ":secret@127.0.0.1:" + valkey.port());
  }

  static Stream<String> rights() {
    return each(COMMANDS).filter(right -> !CONNECTION.contains(right));
  }

  private static Stream<String> each(List<String> commands) {
    return commands.stream().flatMap(some -> Stream.of(some.split(" ")));
  }

  @ParameterizedTest
  @MethodSource("rights")
  void everyRightIsRequired(String right) {
    List<String> fewer = known.stream().filter(other -> !other.equals(right)).toList();
    try (RedisClient admin = RedisClient.create(valkey.uri())) {
      admin.functionFlush();
    }
    String namespace = ValkeyUnderTest.newNamespace();
    try (ValkeyUnderTest store =
        ValkeyUnderTest.on(
            user(namespace, fewer),
            valkey.uri(),
            namespace,
            StoreSettings.QUIET.cleanupAfter(Duration.ZERO).keepingFinals(Duration.ofMillis(1)))) {
      assertThatThrownBy(() -> callEveryFunction(store)).isInstanceOf(LifecycleException.class);
    }
  }

  /** Calls every function with the arguments that cause the most writes. */
  private static void callEveryFunction(ValkeyUnderTest store) {
    IdempotencyKey key = new IdempotencyKey("key", "content", "text");
    store
        .agents()
        .register(new Registration("a-1", "task-1", Map.of(), null, null, Duration.ofDays(1)), key);
    store.feed().awaitEvent(EventId.BEGINNING, Duration.ofMillis(1));
    store.sessions().heartbeat("a-1", null);
    store.sessions().expireLeases(10, Duration.ofDays(1));
    store
        .agents()
        .register(
            new Registration(
                "a-2",
                "task-1",
                Map.of(),
                null,
                null,
                null,
                new Timeouts(Duration.ofDays(1), Duration.ofDays(1)),
                new Parent("a-1", Parent.OnEnd.KILL)),
            null);
    move(store, "a-2", AgentStatus.RUNNING);
    store
        .supervision()
        .startWaiting("a-2", new Waiting(Waiting.Kind.INPUT, null, null, null), null);
    store.supervision().endWaiting("a-2", null);
    store
        .supervision()
        .setDesired("a-2", new DesiredRequest(Desired.Mode.PAUSED, null, "reason"), null);
    store
        .supervision()
        .setDesired("a-2", new DesiredRequest(Desired.Mode.STOPPED, Duration.ZERO, null), null);
    store.supervision().expireDeadlines(10);
    move(store, "a-1", AgentStatus.KILLED);
    store.supervision().killDependents(10);
    register(store, "a-3");
    KillRequest all = new KillRequest(null, null, Map.of(), null, false);
    store.kills().start("k-1", all, null);
    store.kills().step("k-1", 10, AgentStatus.KILLED.sources());
    store.sessions().cleanUpDueSessions(10).results();
    store.feed().forward(100);
    store.agents().list(new AgentQuery(Set.of(), "task-1", Map.of(), false, 10, AgentQuery.NEWEST));
    int[] purged = {0};
    Awaitility.await().until(() -> (purged[0] += store.sessions().purge(10).scanned()) == 3);
  }

  private static void register(ValkeyUnderTest store, String agentId) {
    store.agents().register(new Registration(agentId, "task-1", Map.of(), null, null, null), null);
  }

  private static void move(ValkeyUnderTest store, String agentId, AgentStatus to) {
    store.agents().move(agentId, TransitionRequest.to(to), to.sources(), null);
  }
}
