package org.agentlifecycle.valkey;

import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Runs the contract on the bundled Redis 7.0, because the library must not use newer commands. */
class EmbeddedRedisStoreTest extends StoreContract {
  private static EmbeddedStore redis;

  @BeforeAll
  static void start() {
    redis = EmbeddedStore.startBundled();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Override
  protected StoreUnderTest open(StoreSettings settings) {
    return ValkeyUnderTest.on(redis.uri(), settings);
  }
}
