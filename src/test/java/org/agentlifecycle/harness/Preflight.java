package org.agentlifecycle.harness;

import java.util.Optional;

/**
 * Checks of {@code mvn -Prun} that must fail before the build starts: operating system, store
 * address, port.
 *
 * <p>The profile compiles this class and the harness classes that it uses before anything else.
 * They must therefore need nothing but the JDK.
 */
public final class Preflight {

  private static final int MAX_PORT = 65535;

  private Preflight() {}

  /**
   * Ends Maven with one line on standard error if the service cannot start.
   *
   * @param arguments the server, {@code liberty} or {@code payara}
   */
  public static void main(String[] arguments) {
    try {
      check(ServerType.of(arguments[0]));
    } catch (IllegalStateException e) {
      System.err.println("\n" + e.getMessage());
      System.exit(1);
    }
  }

  /** Throws an {@link IllegalStateException} with a message for the user. */
  static void check(ServerType kind) {
    OperatingSystem.requireSupported();
    ProvidedStore.provided().ifPresent(ProvidedStore::uri);
    requireFreePort(host(), port(kind));
  }

  static String host() {
    return System.getProperty("http.host", "127.0.0.1");
  }

  static int port(ServerType kind) {
    return Optional.ofNullable(System.getProperty("http.port"))
        .map(Preflight::parsePort)
        .orElse(kind.defaultPort());
  }

  static int parsePort(String value) {
    try {
      int port = Integer.parseInt(value.strip());
      if (port > 0 && port <= MAX_PORT) {
        return port;
      }
    } catch (NumberFormatException e) {
      // reported below, with a number that is out of range
    }
    throw new IllegalStateException("The value of http.port must be a number from 1 to 65535");
  }

  static void requireFreePort(String host, int port) {
    if (!Workspace.isFree(host, port)) {
      throw new IllegalStateException(
          "Port "
              + port
              + " is in use. End the process that listens there, or choose another port with"
              + " -Dhttp.port=<port>");
    }
  }
}
