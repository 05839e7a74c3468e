package org.agentlifecycle.valkey;

import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.harness.TestStore;

/** On the store of the run: a Valkey where there is one. */
class ValkeyStoreTest extends StoreContract {

  @Override
  protected StoreUnderTest open(StoreSettings settings) {
    return ValkeyUnderTest.on(TestStore.uri(), settings);
  }
}
