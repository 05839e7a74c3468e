package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.Test;

/**
 * A value that cannot be used stops the start. The server itself stays, with nothing in it: that it
 * has not started is what a platform hears.
 */
class ConfigIT {
  private static final Map<String, String> BAD =
      Map.of(
          "valkey.uri", "http://localhost", // what only the service knows to be wrong
          "lifecycle.lock.patience", "one second"); // what cannot even be read

  @Test
  void aValueThatCannotBeUsedStopsTheStartWithAMessageThatNamesTheKey() {
    Map<String, ServerProcess> servers = new HashMap<>();
    try {
      BAD.forEach(
          (key, value) ->
              servers.put(key, ServerProcess.launch(TestStore.uri(), Map.of(key, value))));
      servers.forEach(ConfigIT::assertRefusesToStart);
    } finally {
      servers.values().forEach(ServerProcess::kill);
      servers.values().forEach(ServerProcess::close);
    }
  }

  private static void assertRefusesToStart(String key, ServerProcess server) {
    Client client = new Client(server);
    await()
        .atMost(Duration.ofMinutes(3))
        .ignoreException(UncheckedIOException.class)
        .untilAsserted(
            () -> {
              assertThat(server.log()).contains(key);
              // 503; Payara says 500 where the value could not be read
              assertThat(client.health("started").status()).isIn(500, 503);
              assertThat(client.health("ready").status()).isIn(500, 503);
            });
    assertThat(client.stats().isSuccess()).isFalse();
    assertThat(client.stats().contentType()).doesNotContain("json");
  }
}
