package org.agentlifecycle.harness;

import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;

/**
 * {@code mvn -Prun}: runs the service in the foreground until Ctrl-C or SIGTERM. It starts a
 * private store unless {@code -Dvalkey.uri} or {@code VALKEY_URI} names one.
 *
 * <p>{@code -Dhttp.port} and {@code -Dhttp.host} set the address of the service; {@code
 * -Dlifecycle.…} and the environment configure it.
 */
public final class DevServer {

  private static final Duration FIRST_RETRY = Duration.ofSeconds(2);
  private static final Duration MAX_RETRY = Duration.ofSeconds(30);

  private final ServerProcess server;
  private final EmbeddedStore store;
  private final Map<String, String> configuration;

  private DevServer(ServerType kind) {
    store = EmbeddedStore.forDevServer();
    print("Store: " + store.describe());
    configuration = configuration();
    server = ServerProcess.foreground(kind, Preflight.host(), Preflight.port(kind), configuration);
  }

  /**
   * @param arguments the server, {@code liberty} or {@code payara}
   */
  public static void main(String[] arguments) throws InterruptedException {
    try {
      ServerType kind = ServerType.of(arguments[0]);
      Preflight.check(kind); // checked again, because the build takes time
      new DevServer(kind).run();
    } catch (IllegalStateException e) {
      fail(e.getMessage());
    }
  }

  /** The keys of the service that are set on Maven's command line, as environment variables. */
  private Map<String, String> configuration() {
    Map<String, String> environment = new HashMap<>();
    System.getProperties().stringPropertyNames().stream()
        .filter(key -> key.startsWith("lifecycle."))
        .forEach(
            key -> environment.put(ServerProcess.environmentName(key), System.getProperty(key)));
    environment.put("VALKEY_URI", store.uri().toString());
    return environment;
  }

  private void run() throws InterruptedException {
    awaitStarted();
    awaitReady();
    if (server.isAlive()) {
      String namespace =
          configuration.getOrDefault(
              "LIFECYCLE_NAMESPACE", System.getenv().getOrDefault("LIFECYCLE_NAMESPACE", "agents"));
      print(Welcome.text(server.baseUri(), store, namespace));
    }
    int code = server.await();
    fail("The server ended with code " + code + ".");
  }

  private void awaitStarted() {
    try {
      server.awaitStarted();
    } catch (IllegalStateException e) {
      throw new IllegalStateException(
          "The server did not start. The reason is in its messages above.", e);
    }
  }

  /** Waits for the store, with one line for each failed attempt. */
  private void awaitReady() {
    Duration pause = FIRST_RETRY;
    while (server.isAlive() && !server.isReady()) {
      LocalTime next = LocalTime.now().plus(pause).truncatedTo(ChronoUnit.SECONDS);
      print(
          "The service is not ready: the store at %s %s. Next attempt at %s."
              .formatted(store.address(), store.address().fault(), next));
      Sleep.of(pause);
      pause = pause.multipliedBy(2).compareTo(MAX_RETRY) < 0 ? pause.multipliedBy(2) : MAX_RETRY;
    }
  }

  private static void print(String text) {
    System.out.println(text);
  }

  private static void fail(String text) {
    if (ChildProcess.isEnding()) {
      return; // Ctrl-C or SIGTERM
    }
    System.err.println("\n" + text);
    System.exit(1);
  }
}
