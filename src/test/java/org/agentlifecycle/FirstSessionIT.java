package org.agentlifecycle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.agentlifecycle.harness.FirstSession;
import org.agentlifecycle.harness.FirstSession.Step;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Executes every command of the README's first session as printed, in a shell. Only the address of
 * the service is replaced.
 */
class FirstSessionIT {
  private static final long COMMAND_SECONDS = 60;

  private static ServerProcess server;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    assumeTrue(run("curl --version").contains("http"), "curl is not on the PATH");
    server =
        ServerProcess.start(
            TestStore.uri(), Map.of("lifecycle.namespace", TestStore.namespace("readme")));
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void everyCommandSucceedsAsTheReadmeStates() throws IOException, InterruptedException {
    for (Step step : FirstSession.steps()) {
      List<String> output = new ArrayList<>();
      for (String command : step.commands()) {
        output.add(run(here(command)));
      }
      String printed = String.join("\n", output);
      if (step.output() == null) {
        assertThat(printed).as("%s", step.commands()).doesNotContain("urn:problem-type");
      } else {
        assertThat(stable(printed)).as("%s", step.commands()).containsAll(stable(step.output()));
      }
    }
  }

  private static String here(String command) {
    String base = server.baseUri().toString().replaceAll("/$", "");
    return command.replace(FirstSession.ADDRESS, base);
  }

  /** The lines without what differs from run to run: address, times, ids, entity tags. */
  private static List<String> stable(String output) {
    return output
        .replaceAll("https?://localhost:[0-9]+", "")
        .replaceAll("[0-9-]{10}T[0-9:.]{12}Z", "<time>")
        .replaceAll("(?m)^(ETag|etag): .*", "ETag: <tag>")
        .replaceAll("[0-9]{13}-[0-9]+", "<id>")
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** Returns the output of a command that must succeed; a stream ends at its first event. */
  private static String run(String command) throws IOException, InterruptedException {
    boolean stream = command.contains("text/event-stream");
    Process shell =
        new ProcessBuilder("sh", "-c", "exec " + command).redirectErrorStream(true).start();
    shell.getOutputStream().close();
    StringBuilder output = new StringBuilder();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(shell.getInputStream(), UTF_8))) {
      for (String line; (line = reader.readLine()) != null; ) {
        output.append(line).append('\n');
        if (stream && line.startsWith("data: ")) {
          shell.destroy();
          return output.toString();
        }
      }
      assertThat(shell.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)).as(command).isTrue();
      assertThat(shell.exitValue()).as("%s: %s", command, output).isZero();
      assertThat(stream).as("stream without an event: %s", output).isFalse();
    } finally {
      shell.destroyForcibly();
    }
    return output.toString();
  }
}
