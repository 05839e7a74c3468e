package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Startup with invalid configuration: the server ends, so that no server without its application
 * reports "live".
 */
class ConfigIT {
  private static final Map<String, String> INVALID =
      Map.of(
          "valkey.uri", "redis://user:se^cret@localhost", // the server cannot convert it to a URI
          "lifecycle.lock.patience", "PT2562047788015215H", // the server could convert it
          "lifecycle.feed.max-events", "secret"); // the server cannot convert it to a number

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void invalidValuesEndTheServerWithOneLineForEachKey() throws InterruptedException {
    try (ServerProcess server = ServerProcess.launch(TestStore.uri(), INVALID)) {
      assertThat(server.await()).isEqualTo(1);
      assertThat(server.log()).doesNotContain("cret").doesNotContain("\tat ");
      assertThat(server.log().lines().toList())
          .filteredOn(line -> line.contains("invalid configuration, the server ends"))
          .hasSameSizeAs(INVALID.keySet())
          .allSatisfy(
              line -> assertThat(line).containsAnyOf(INVALID.keySet().toArray(String[]::new)));
      assertThat(server.log().lines().reduce("", (before, line) -> line))
          .contains("invalid configuration");
    }
  }
}
