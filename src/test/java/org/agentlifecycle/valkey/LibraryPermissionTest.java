package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisClient;

/** A user of the store that may call functions and may not load them. */
class LibraryPermissionTest {
  private static final Registration REGISTRATION =
      new Registration("a-1", "task-1", Map.of(), null, null, null);

  private static EmbeddedStore valkey;

  @BeforeAll
  static void start() {
    valkey = EmbeddedStore.start();
  }

  @AfterAll
  static void stop() {
    valkey.close();
  }

  private static ValkeyUnderTest open() {
    String namespace = ValkeyUnderTest.newNamespace();
    try (RedisClient admin = RedisClient.create(valkey.uri())) {
      ValkeyCommands.type(
          admin,
          Command.ACL,
          "SETUSER",
          namespace,
          "reset",
          "on",
          ">secret",
          "~{" + namespace + "}*",
          "&" + namespace + ":events",
          "+@all",
          "-function");
    }
    URI uri = URI.create("redis://" + namespace + ":secret@127.0.0.1:" + valkey.port());
    return ValkeyUnderTest.on(uri, valkey.uri(), namespace, StoreSettings.QUIET);
  }

  @Test
  void loadedLibraryCanBeUsed() {
    try (RedisClient admin = RedisClient.create(valkey.uri());
        ValkeyUnderTest store = open()) {
      admin.functionLoadReplace(FunctionNames.code());
      assertThat(store.agents().register(REGISTRATION, null))
          .isInstanceOf(RegisterResult.Registered.class);
      assertThat(store.functions().checkReady("")).isNotEmpty();
    }
  }

  @Test
  void missingLibraryIsReportedAndNothingIsChanged() {
    try (RedisClient admin = RedisClient.create(valkey.uri());
        ValkeyUnderTest store = open()) {
      admin.functionFlush();
      LifecycleException rejected =
          catchThrowableOfType(
              LifecycleException.class, () -> store.agents().register(REGISTRATION, null));
      assertThat(rejected.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
      assertThat(rejected.retryAfter()).isEqualTo(Duration.ofSeconds(30));
      LifecycleException notReady =
          catchThrowableOfType(LifecycleException.class, () -> store.functions().checkReady(""));
      assertThat(StoreCondition.of(notReady))
          .isEqualTo(Optional.of(StoreCondition.LIBRARY_MISSING));
    }
  }
}
