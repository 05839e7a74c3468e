package org.agentlifecycle.harness;

import java.util.Locale;

/** Operating systems on which the harness can start servers and stores. */
final class OperatingSystem {

  private OperatingSystem() {}

  /** Rejects every operating system except Linux and macOS. */
  static void requireSupported() {
    requireSupported(System.getProperty("os.name"));
  }

  static void requireSupported(String name) {
    if (!isLinux(name) && !isMac(name)) {
      throw new IllegalStateException(
          "The tests and mvn -Prun need Linux or macOS, because they start Unix processes. This"
              + " machine runs "
              + name
              + ".");
    }
  }

  static boolean isMac(String name) {
    return name.toLowerCase(Locale.ROOT).startsWith("mac");
  }

  private static boolean isLinux(String name) {
    return name.toLowerCase(Locale.ROOT).startsWith("linux");
  }
}
