package org.agentlifecycle.harness;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The image of this build's server, without a container engine: the files are installed by the
 * script of the Dockerfile, and the Dockerfile's entry point runs as the user ids that a platform
 * chooses. The image's root is a folder, so absolute paths get that folder as a prefix.
 */
class ContainerImageIT {
  /** The user of the image, and a random user id as OpenShift chooses it, both with group 0. */
  private static final List<String> USERS = List.of("1001", "1000680000");

  private static final Duration START = Duration.ofMinutes(3);

  private static Path root;
  private static String dockerfile;

  @BeforeAll
  static void installImage() throws IOException, InterruptedException {
    assumeTrue(System.getProperty("os.name").contains("Linux"), "user ids are changed on Linux");
    assumeTrue(output("id", "-u").equals("0"), "only root may start a process as another user");
    assumeTrue(!output("sh", "-c", "command -v setpriv").isEmpty(), "setpriv is not installed");
    String server = System.getProperty("lifecycle.server", "liberty");
    dockerfile =
        Files.readString(Workspace.PROJECT.resolve("docker/Dockerfile." + server))
            .replace("\\\n", " ");
    Matcher install =
        Pattern.compile("RUN bash (docker/\\S+) (\\S+) /build /image").matcher(dockerfile);
    assertThat(install.find()).as("the Dockerfile installs by the script").isTrue();
    root =
        Files.createTempDirectory(
            "image-"); // every user has access to /tmp, but not to every checkout
    output("chmod", "755", root.toString());
    assertThat(
            output(
                "bash",
                Workspace.PROJECT.resolve(install.group(1)).toString(),
                install.group(2),
                Workspace.PROJECT.toString(),
                root.toString()))
        .isEmpty();
  }

  @AfterAll
  static void deleteImage() {
    if (root != null) {
      Workspace.delete(root);
    }
  }

  @Test
  void imageStartsAsUserOfImageAndAsRandomUser() throws IOException, InterruptedException {
    for (String user : USERS) {
      int port = Workspace.freePort();
      Path log = root.resolve("log-" + user);
      ChildProcess server = start(user, port, log);
      try {
        assertThat(isHealthy(server, port)).as(ProcessLog.tail(log)).isTrue();
        assertThat(ProcessLog.read(log))
            .doesNotContain("CWWKZ0131W", "CWWKE0044E", "could not open", "Permission denied");
      } finally {
        server.stop();
        output("sh", "-c", "rm -rf " + root + "/var/service/*");
      }
    }
  }

  @Test
  void onlyTheVolumeIsWritable() throws IOException, InterruptedException {
    for (String user : USERS) {
      List<String> find = as(user);
      find.addAll(List.of("find", root.toString(), "-writable", "-not", "-type", "l"));
      assertThat(output(find.toArray(String[]::new)).lines())
          .containsExactly(root.resolve("var/service").toString());
      find.set(find.size() - 4, root + "/opt");
      find.set(find.size() - 3, "-not");
      find.set(find.size() - 2, "-readable");
      find.remove(find.size() - 1);
      assertThat(output(find.toArray(String[]::new))).isEmpty();
    }
    assertThat(instruction("VOLUME")).isEqualTo("/var/service");
    assertThat(instruction("USER")).isEqualTo("1001:0");
  }

  /** A variable of the deployment replaces a variable of the image. */
  @Test
  void heapLimitIsNotInAVariable() {
    assertThat(environment()).doesNotContainKeys("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS");
    assertThat(entryPoint()).contains("-XX:MaxRAMPercentage=70");
  }

  private static ChildProcess start(String user, int port, Path log)
      throws IOException, InterruptedException {
    List<String> command = as(user);
    for (String argument : entryPoint()) {
      command.add(
          switch (argument) {
            case "java" -> Path.of(System.getProperty("java.home"), "bin/java").toString();
            case "8080" -> Integer.toString(port);
            case "/opt/payara/pre-boot.txt" -> loopbackPreBoot().toString();
            default -> inRoot(argument);
          });
    }
    Map<String, String> variables = new HashMap<>();
    environment().forEach((name, value) -> variables.put(name, inRoot(value)));
    variables.put("JAVA_TOOL_OPTIONS", "-Duser.timezone=UTC");
    variables.put("HTTP_HOST", "127.0.0.1");
    variables.put("HTTP_PORT", Integer.toString(port));
    variables.put("VALKEY_URI", TestStore.uri().toString());
    variables.put("LIFECYCLE_NAMESPACE", TestStore.namespace("image"));
    return ChildProcess.start(
        "image-" + user,
        command,
        variables,
        root.resolve("var/service"),
        log,
        Duration.ofSeconds(40));
  }

  /** Returns a copy of the image's pre-boot file that sets the loopback address. */
  private static Path loopbackPreBoot() throws IOException, InterruptedException {
    Path file = root.resolve("pre-boot.txt");
    Files.writeString(
        file,
        Files.readString(root.resolve("opt/payara/pre-boot.txt"))
            + "\nset configs.config.server-config.network-config.network-listeners"
            + ".network-listener.http-listener.address=127.0.0.1\n");
    output("chmod", "644", file.toString());
    return file;
  }

  private static boolean isHealthy(ChildProcess server, int port)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + START.toNanos();
    while (server.isAlive() && System.nanoTime() < deadline) {
      Process check =
          new ProcessBuilder("bash", root + "/opt/health.sh", Integer.toString(port))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (check.waitFor() == 0) {
        return true;
      }
      Sleep.of(Duration.ofMillis(200));
    }
    return false;
  }

  private static List<String> as(String user) {
    return new ArrayList<>(
        List.of("setpriv", "--reuid=" + user, "--regid=0", "--clear-groups", "--no-new-privs"));
  }

  private static String inRoot(String text) {
    return text.replaceAll("(^|[=:@])(/opt/|/var/service)", "$1" + root + "$2");
  }

  private static List<String> entryPoint() {
    Matcher arguments = Pattern.compile("\"([^\"]*)\"").matcher(instruction("ENTRYPOINT"));
    return arguments.results().map(result -> result.group(1)).toList();
  }

  private static Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>();
    if (dockerfile.contains("\nENV ")) {
      for (String variable : instruction("ENV").split("\\s+")) {
        variables.put(variable.split("=")[0], variable.substring(variable.indexOf('=') + 1));
      }
    }
    return variables;
  }

  /** Returns the rest of the line that begins with the instruction. */
  private static String instruction(String word) {
    Matcher line = Pattern.compile("(?m)^" + word + " (.*)$").matcher(dockerfile);
    assertThat(line.find()).as(word).isTrue();
    return line.group(1).strip();
  }

  private static String output(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }
}
