package org.agentlifecycle.valkey;

import java.time.Duration;
import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.harness.TestStore;

/** On the store of the run: a Valkey where there is one. */
class ValkeyStoreTest extends StoreContract {

  @Override
  protected StoreUnderTest open(Duration cleanupDelay) {
    return ValkeyUnderTest.on(TestStore.uri(), cleanupDelay);
  }
}
