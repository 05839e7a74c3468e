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
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.Move;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/**
 * As a user who may do what the service does and nothing else. A right that is missing in the
 * middle of a function would leave a step half done, so the whole contract is run.
 */
class LeastPrivilegeStoreTest extends StoreContract {

  /** PING is for connections that were idle; a connection that cannot say its name does without. */
  private static final String CONNECTION = "+ping +client|setinfo +client|setname";

  /** What a connection says, what the service calls, and what its functions call. */
  static final List<String> COMMANDS =
      List.of(
          CONNECTION,
          "+fcall +fcall_ro +function|list +function|load",
          "+exists +get +set +incr +time +publish",
          "+hmget +hset +hdel +zadd +zrem +zcard +zrange +zscore",
          "+xadd +xlen +xrange +xtrim");

  private static EmbeddedStore valkey;

  @BeforeAll
  static void start() {
    valkey = EmbeddedStore.start();
  }

  @AfterAll
  static void stop() {
    valkey.close();
  }

  @Override
  protected StoreUnderTest open(Duration cleanupDelay) {
    String namespace = ValkeyUnderTest.newNamespace();
    return ValkeyUnderTest.on(
        user(namespace, COMMANDS), valkey.uri(), namespace, cleanupDelay, 1_000_000);
  }

  /** Makes a user for one namespace; the URI by which it comes. */
  private static URI user(String namespace, List<String> commands) {
    List<String> rule = new ArrayList<>(List.of("SETUSER", namespace, "reset", "on", ">secret"));
    rule.add("~{" + namespace + "}");
    rule.add("~{" + namespace + "}:*");
    rule.add("&" + namespace + ":events");
    each(commands).forEach(rule::add);
    try (RedisClient admin = RedisClient.create(valkey.uri())) {
      Console.type(admin, Command.ACL, rule.toArray(String[]::new));
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
  void noRightIsSpare(String right) {
    List<String> fewer = each(COMMANDS).filter(other -> !other.equals(right)).toList();
    try (RedisClient admin = RedisClient.create(valkey.uri())) {
      admin.functionFlush();
    }
    String namespace = ValkeyUnderTest.newNamespace();
    try (ValkeyUnderTest store =
        ValkeyUnderTest.on(
            user(namespace, fewer), valkey.uri(), namespace, Duration.ZERO, 1_000_000)) {
      assertThatThrownBy(() -> wholeLife(store)).isInstanceOf(LifecycleException.class);
    }
  }

  private static void wholeLife(ValkeyUnderTest store) {
    store.agents().register(new Registration("a-1", "task-1", Map.of(), null, null));
    store.agents().move("a-1", Move.to(AgentStatus.KILLED), List.of(AgentStatus.SPAWNING));
    store.sessions().cleanUpDue(10);
    store.feed().forward(10);
    store.agents().find("a-1");
    store.agents().list(new AgentQuery(Set.of(), "task-1", Map.of(), false, 10, AgentQuery.NEWEST));
    store.sessions().closeSession("a-1");
  }
}
