package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The runner of the README, as printed. */
class RunnerLoopIT extends ApiTestBase {
  private static final Pattern PROGRAM = Pattern.compile("(?s)```python\n(.*?)```");
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  @TempDir Path directory;

  private final String id = newId();
  private Process runner;

  @BeforeAll
  static void requirePython() throws IOException, InterruptedException {
    Process version;
    try {
      version = new ProcessBuilder("python3", "--version").start();
    } catch (IOException missing) {
      version = null;
    }
    assumeTrue(version != null && version.waitFor() == 0, "python3 is not on the PATH");
  }

  @AfterEach
  void stop() {
    if (runner != null) {
      runner.descendants().forEach(ProcessHandle::destroyForcibly);
      runner.destroyForcibly();
    }
  }

  private void run(String... command) throws IOException {
    Matcher program = PROGRAM.matcher(Files.readString(Path.of("README.md")));
    assertThat(program.find()).isTrue();
    assertThat(program.group(1).lines()).hasSizeLessThanOrEqualTo(25);
    Path source = Files.writeString(directory.resolve("runner.py"), program.group(1));
    String service = uri("/").toString().replaceFirst("/$", "");
    List<String> line = new ArrayList<>(List.of("python3", source.toString(), service, id));
    line.addAll(List.of(command));
    runner = new ProcessBuilder(line).inheritIO().directory(directory.toFile()).start();
  }

  private void awaitEnd() throws InterruptedException {
    assertThat(runner.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(runner.exitValue()).isZero();
  }

  private JsonNode agent() {
    return json(get(AGENTS + "/" + id));
  }

  private void awaitProgress(Predicate<Integer> lines) {
    Awaitility.await()
        .atMost(TIMEOUT)
        .until(
            () -> {
              JsonNode session = json(get(AGENTS + "/" + id + "/session"));
              return lines.test(session.path("progress").path("current").asInt(-1));
            });
  }

  private void desire(String body) {
    assertThat(call("PUT", AGENTS + "/" + id + "/desired", body, "Content-Type", JSON).statusCode())
        .isEqualTo(200);
  }

  @Test
  void progressAndResultAreReported() throws Exception {
    run("sh", "-c", "echo a; echo b; until test -f end; do sleep 0.1; done");
    awaitProgress(lines -> lines == 2);
    Files.createFile(directory.resolve("end"));
    awaitEnd();
    assertThat(agent().path("status").asString()).isEqualTo("completed");
    assertThat(agent().path("result").toString()).isEqualTo("{\"exitCode\":0}");
    assertThat(agent().has("sessionConfirmed")).isTrue();
  }

  @Test
  void exitCodeOfFailedProcessIsReported() throws Exception {
    run("sh", "-c", "exit 3");
    awaitEnd();
    assertThat(agent().path("status").asString()).isEqualTo("failed");
    assertThat(agent().path("error").asString()).isEqualTo("exit code 3");
    assertThat(agent().path("result").toString()).isEqualTo("{\"exitCode\":3}");
  }

  @Test
  void processPausesContinuesAndStopsOnRequest() throws Exception {
    run("sh", "-c", "while true; do echo a; sleep 0.1; done");
    awaitProgress(lines -> lines > 0);
    ProcessHandle process = runner.children().findFirst().orElseThrow();
    Path log = directory.resolve(id + ".log");

    desire("{\"mode\":\"paused\"}");
    long paused = awaitUnchanged(log);
    desire("{\"mode\":\"running\"}");
    Awaitility.await().atMost(TIMEOUT).until(() -> size(log) > paused);

    desire("{\"mode\":\"paused\"}");
    desire("{\"mode\":\"stopped\",\"grace\":\"PT1H\"}");
    awaitEnd();
    assertThat(process.isAlive()).isFalse();
    assertThat(agent().path("status").asString()).isEqualTo("failed");
    assertThat(agent().path("error").asString()).isEqualTo("exit code -15");
    assertThat(agent().has("sessionConfirmed")).isTrue();
  }

  /** Returns the size of a file to which nothing is written any more. */
  private static long awaitUnchanged(Path file) {
    AtomicLong last = new AtomicLong(-1);
    Awaitility.await()
        .atMost(TIMEOUT)
        .pollInterval(Duration.ofSeconds(2))
        .until(
            () -> {
              long size = size(file);
              return last.getAndSet(size) == size;
            });
    return last.get();
  }

  private static long size(Path file) {
    return file.toFile().length();
  }

  @Test
  void killStopsTheProcess() throws Exception {
    run("sleep", "300");
    awaitProgress(lines -> lines == 0);
    ProcessHandle process = runner.children().findFirst().orElseThrow();
    assertThat(move(id, "{\"to\":\"killed\"}").statusCode()).isEqualTo(200);
    awaitEnd();
    assertThat(process.isAlive()).isFalse();
    assertThat(agent().path("status").asString()).isEqualTo("killed");
    assertThat(agent().has("sessionConfirmed")).isTrue();
  }
}
