package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The program of {@code docs/runners.md}, as printed. */
class RunnerIT extends ApiTestBase {
  private static final Pattern PROGRAM = Pattern.compile("(?s)```java\n(.*?)```");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @TempDir Path directory;

  private Process run(String id, String... command) throws IOException {
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("docs/runners.md")));
    assertThat(program.find()).isTrue();
    Path source = Files.writeString(directory.resolve("Runner.java"), program.group(1));
    String service = uri("/").toString().replaceFirst("/$", "");
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dlease=15",
                source.toString(),
                service,
                id,
                "task-" + id));
    line.addAll(List.of(command));
    return new ProcessBuilder(line).inheritIO().start();
  }

  private static void awaitEnd(Process runner) throws InterruptedException {
    assertThat(runner.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(runner.exitValue()).isZero();
  }

  private JsonNode agent(String id) {
    return json(get(AGENTS + "/" + id));
  }

  @Test
  void failedProcessIsReportedAndItsSessionEnded() throws Exception {
    String id = newId();
    awaitEnd(run(id, "sh", "-c", "exit 3"));
    assertThat(agent(id).path("status").asString()).isEqualTo("failed");
    assertThat(agent(id).path("error").asString()).isEqualTo("exit code 3");
    assertThat(agent(id).path("version").asInt()).isEqualTo(3);
    assertThat(agent(id).has("sessionConfirmed")).isTrue();
  }

  @Test
  void killStopsTheProcess() throws Exception {
    String id = newId();
    Process runner = run(id, "sleep", "300");
    try {
      Awaitility.await()
          .atMost(TIMEOUT)
          .until(() -> agent(id).path("status").asString("").equals("running"));
      long pid = json(get(AGENTS + "/" + id + "/session")).path("context").path("pid").asLong();
      assertThat(ProcessHandle.of(pid)).isPresent();
      assertThat(move(id, "{\"to\":\"killed\",\"reason\":\"enough\"}").statusCode()).isEqualTo(200);
      awaitEnd(runner);
      assertThat(ProcessHandle.of(pid)).isEmpty();
      assertThat(agent(id).path("status").asString()).isEqualTo("killed");
      assertThat(agent(id).has("sessionConfirmed")).isTrue();
    } finally {
      runner.descendants().forEach(ProcessHandle::destroy);
      runner.destroy();
    }
  }
}
