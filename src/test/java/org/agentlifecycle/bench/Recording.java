package org.agentlifecycle.bench;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;

/** A recording of JDK Flight Recorder in the server, controlled with {@code jcmd}. */
final class Recording {

  /** Options of the server: samples name the right lines, and deep stacks are complete. */
  static final String[] JVM_OPTIONS = {
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:+DebugNonSafepoints",
    "-XX:FlightRecorderOptions=stackdepth=256"
  };

  private Recording() {}

  /** Records the server while the work runs. */
  static void record(long pid, Path file, Runnable work) {
    jcmd(pid, "JFR.start", "name=bench", "settings=profile");
    work.run();
    jcmd(pid, "JFR.stop", "name=bench", "filename=" + file.toAbsolutePath());
  }

  private static void jcmd(long pid, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Paths.get(System.getProperty("java.home"), "bin", "jcmd").toString());
    command.add(Long.toString(pid));
    command.addAll(List.of(arguments));
    try {
      int code =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start()
              .waitFor();
      if (code != 0) {
        throw new IllegalStateException("exit code " + code + " of " + command);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot run " + command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
