package org.agentlifecycle.harness;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Log of a child process, for error messages. */
final class ProcessLog {

  private static final int LINES = 40;

  private ProcessLog() {}

  static String read(Path log) {
    try {
      return new String(Files.readAllBytes(log), UTF_8);
    } catch (IOException e) {
      return "(no log: " + e.getMessage() + ")";
    }
  }

  static String tail(Path log) {
    List<String> lines = read(log).lines().toList();
    return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES), lines.size()));
  }
}
