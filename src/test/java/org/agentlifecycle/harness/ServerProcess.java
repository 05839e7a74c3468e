package org.agentlifecycle.harness;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Server of this build with the real WAR, in a separate process and folder. Any number of servers
 * can run at the same time.
 */
public final class ServerProcess implements AutoCloseable {

  private static final Duration START = Duration.ofMinutes(3);
  private static final Duration STOP = Duration.ofSeconds(40);

  private static final HttpClient HTTP =
      HttpClient.newBuilder()
          .version(
              HttpClient.Version.HTTP_1_1) // no HTTP/2 upgrade request to a server that is starting
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  private final URI baseUri;
  private final Path folder;
  private final Path log;
  private final ChildProcess process;

  private ServerProcess(URI baseUri, Path folder, Path log, ChildProcess process) {
    this.baseUri = baseUri;
    this.folder = folder;
    this.log = log;
    this.process = process;
  }

  /**
   * Starts this build's server on a free port of the loopback address and waits until the
   * application has started.
   *
   * @param store URI of the store
   * @param config MicroProfile Config keys and values, which are set as environment variables; the
   *     default of {@code lifecycle.namespace} is {@link TestStore#namespace()}
   */
  public static ServerProcess start(URI store, Map<String, String> config) {
    ServerProcess server = launch(store, config);
    server.awaitStarted();
    return server;
  }

  /**
   * Starts a server as {@link #start} does, without waiting. Several servers can start at the same
   * time; call {@link #awaitStarted()} on each.
   *
   * @param jvmOptions JVM options that have precedence over those of the server configuration
   */
  public static ServerProcess launch(URI store, Map<String, String> config, String... jvmOptions) {
    return launch(List.of(), store, config, jvmOptions);
  }

  /**
   * Starts a server as {@link #launch(URI, Map, String...)} does, with further applications beside
   * the service.
   *
   * @param wars WARs of the applications; a file name without {@code .war} is the context root
   */
  public static ServerProcess launch(
      List<Path> wars, URI store, Map<String, String> config, String... jvmOptions) {
    Map<String, String> environment = new HashMap<>();
    // tests do not inherit the configuration of the service from the environment
    System.getenv().keySet().stream()
        .filter(name -> name.startsWith("LIFECYCLE_") || name.startsWith("VALKEY_"))
        .forEach(name -> environment.put(name, null));
    environment.put("LIFECYCLE_NAMESPACE", TestStore.namespace());
    environment.put("VALKEY_URI", store.toString());
    config.forEach((key, value) -> environment.put(environmentName(key), value));
    return launch(
        ServerType.ofThisBuild(),
        wars,
        "127.0.0.1",
        Workspace.freePort(),
        environment,
        false,
        List.of(jvmOptions));
  }

  /** Starts a server in the foreground; its output is the output of this JVM. */
  static ServerProcess foreground(
      ServerType kind, String host, int port, Map<String, String> environment) {
    return launch(kind, List.of(), host, port, environment, true, List.of());
  }

  private static ServerProcess launch(
      ServerType kind,
      List<Path> wars,
      String host,
      int port,
      Map<String, String> environment,
      boolean foreground,
      List<String> jvmOptions) {
    Path folder = Workspace.folder("servers", kind.name().toLowerCase(Locale.ROOT) + "-" + port);
    Path log = folder.resolveSibling(folder.getFileName() + ".log");
    Map<String, String> all = new HashMap<>(kind.environment(folder, host, port));
    all.putAll(environment);
    List<String> command = kind.command(folder, Workspace.WAR, host, port);
    wars.forEach(war -> kind.deploy(war, folder, command));
    command.addAll(command.indexOf("-jar"), jvmOptions);
    ChildProcess process =
        ChildProcess.start("server-" + port, command, all, folder, foreground ? null : log, STOP);
    String reachable = host.equals("127.0.0.1") || host.equals("*") ? "localhost" : host;
    return new ServerProcess(
        URI.create("http://" + reachable + ":" + port + "/"), folder, log, process);
  }

  /**
   * Returns the environment variable of a key, for example {@code LIFECYCLE_LOCK_PATIENCE} for
   * {@code lifecycle.lock.patience}.
   */
  static String environmentName(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }

  /** Returns {@code http://localhost:<port>/}. */
  public URI baseUri() {
    return baseUri;
  }

  /** Returns the process id of the JVM of the server. */
  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Returns the log of the server. */
  public String log() {
    return ProcessLog.read(log);
  }

  /** Sends SIGKILL and waits for the end. */
  public void kill() {
    process.kill();
  }

  /** Sends SIGSTOP. */
  public void pause() {
    process.pause();
  }

  /** Sends SIGCONT. */
  public void resume() {
    process.resume();
  }

  /** Sends SIGTERM, as a platform does, and waits for the end. */
  public void stop() {
    process.stop();
  }

  /** Sends SIGTERM without waiting for the end. */
  public void terminate() {
    process.terminate();
  }

  /** Waits for the end and returns the exit code. */
  public int await() throws InterruptedException {
    return process.await();
  }

  /** Stops the server and deletes its folder; the log beside the folder is kept. */
  @Override
  public void close() {
    process.stop();
    Workspace.delete(folder);
  }

  /** Waits until the application has started, with or without a store. */
  public void awaitStarted() {
    long deadline = System.nanoTime() + START.toNanos();
    while (!isStarted()) {
      if (!process.isAlive()) {
        throw new IllegalStateException(
            "the server ended while it started:\n" + ProcessLog.tail(log));
      }
      if (System.nanoTime() > deadline) {
        process.kill();
        throw new IllegalStateException(
            "not started within " + START + ":\n" + ProcessLog.tail(log));
      }
      Sleep.of(Duration.ofMillis(50));
    }
  }

  /** Returns whether the service accepts calls that change something. */
  boolean isReady() {
    return check(() -> get("health/ready").statusCode() == 200);
  }

  /**
   * Returns whether the REST resources of the service respond and the application has started. The
   * resources come first: Payara runs health checks before the application is complete.
   */
  private boolean isStarted() {
    return check(
        () ->
            get("api/v1/stats").headers().firstValue("Content-Type").orElse("").contains("json")
                && get("health/started").statusCode() == 200);
  }

  private interface Check {
    boolean passes() throws IOException, InterruptedException;
  }

  private static boolean check(Check check) {
    try {
      return check.passes();
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the server started", e);
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(baseUri.resolve(path)).timeout(Duration.ofSeconds(5)).build();
    return HTTP.send(request, BodyHandlers.ofString());
  }

  @Override
  public String toString() {
    return process + " at " + baseUri;
  }
}
