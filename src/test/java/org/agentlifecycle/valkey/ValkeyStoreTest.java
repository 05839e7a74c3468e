package org.agentlifecycle.valkey;

import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.harness.TestStore;

/** Runs the contract on the configured store, a Valkey if one is available. */
class ValkeyStoreTest extends StoreContract {

  @Override
  protected StoreUnderTest open(StoreSettings settings) {
    return ValkeyUnderTest.on(TestStore.uri(), settings);
  }
}
