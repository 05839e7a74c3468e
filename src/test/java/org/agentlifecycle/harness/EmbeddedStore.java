package org.agentlifecycle.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Store of a test or of {@code mvn -Prun}. A private store listens on a free port of the loopback
 * address, keeps its data under {@code target/} and ends with this JVM.
 *
 * <p>{@link #forTests()} uses the store that the caller provides ({@link ProvidedStore}), if any;
 * {@link #start(String...)} always starts a private one that a test may kill, pause and start
 * again.
 */
public final class EmbeddedStore implements AutoCloseable {

  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final int ATTEMPTS = 3;
  private static final int DEV_PORT = 16379;

  private final URI uri;
  private final ProvidedStore address;
  private final int port;
  private final Path folder;
  private final List<String> options;
  private final Supplier<StoreBinary> binaries;
  private String description;
  private ChildProcess process;

  private EmbeddedStore(ProvidedStore external) {
    this.uri = external.uri();
    this.address = external;
    this.port = external.port();
    this.folder = null;
    this.options = List.of();
    this.binaries = StoreBinary::find;
    this.description = external.toString();
  }

  private EmbeddedStore(int port, List<String> options, Supplier<StoreBinary> binaries) {
    this.uri = URI.create("redis://127.0.0.1:" + port);
    this.address = new ProvidedStore(uri.toString());
    this.port = port;
    this.folder = Workspace.folder("stores", "store-" + port);
    this.options = options;
    this.binaries = binaries;
  }

  /** Returns the store that the caller provides, or a private one. */
  public static EmbeddedStore forTests() {
    return ProvidedStore.provided().map(EmbeddedStore::new).orElseGet(() -> start());
  }

  /**
   * Returns the store that the caller provides, or a private one, on the port in the README if it
   * is free.
   */
  static EmbeddedStore forDevServer() {
    return ProvidedStore.provided().map(EmbeddedStore::new).orElseGet(EmbeddedStore::startForDev);
  }

  private static EmbeddedStore startForDev() {
    if (!Workspace.isFree("127.0.0.1", DEV_PORT)) {
      return start();
    }
    EmbeddedStore store = new EmbeddedStore(DEV_PORT, List.of(), StoreBinary::find);
    store.launch();
    return store;
  }

  /**
   * Starts a private store.
   *
   * @param options options of the command line, for example {@code "--appendonly", "yes"}; by
   *     default the data is only in memory
   */
  public static EmbeddedStore start(String... options) {
    return start(StoreBinary::find, options);
  }

  /** Starts a private store with the bundled Redis 7.0, even if the machine has Valkey. */
  public static EmbeddedStore startBundled(String... options) {
    return start(StoreBinary::bundled, options);
  }

  private static EmbeddedStore start(Supplier<StoreBinary> binaries, String... options) {
    for (int attempt = 1; ; attempt++) {
      EmbeddedStore store = new EmbeddedStore(Workspace.freePort(), List.of(options), binaries);
      try {
        store.launch();
        return store;
      } catch (IllegalStateException e) {
        store.close();
        if (attempt == ATTEMPTS) { // another process may use the port in the meantime
          throw e;
        }
      }
    }
  }

  public URI uri() {
    return uri;
  }

  public int port() {
    return port;
  }

  /** Returns whether the caller provides the store. Such a store must not be killed or flushed. */
  public boolean isExternal() {
    return folder == null;
  }

  /** Returns the address and the type of the store, without user and password. */
  String describe() {
    return isExternal() ? description : address + ", " + description;
  }

  ProvidedStore address() {
    return address;
  }

  public long pid() {
    return own().pid();
  }

  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** Sends SIGKILL and waits for the end. */
  public void kill() {
    own().kill();
  }

  /** Sends SIGSTOP: connections stay open, but the store does not reply. */
  public void pause() {
    own().pause();
  }

  /** Sends SIGCONT. */
  public void resume() {
    own().resume();
  }

  /** Sends SIGTERM and waits for the end. The data is kept for {@link #restart()}. */
  public void stop() {
    own().stop();
  }

  /** Starts the store again with the same port and data; a running store is stopped first. */
  public void restart() {
    if (isRunning()) {
      stop();
    }
    launch();
  }

  /** Ends a private store and deletes its data; a provided store is not changed. */
  @Override
  public void close() {
    if (process != null) {
      process.kill();
    }
    if (folder != null) {
      Workspace.delete(folder);
    }
  }

  private ChildProcess own() {
    if (process == null) {
      throw new IllegalStateException("not a private store:  " + uri);
    }
    return process;
  }

  private void launch() {
    try (StoreBinary binary = binaries.get()) {
      description = binary.describe();
      List<String> command = new ArrayList<>();
      command.add(binary.path().toString());
      command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
      command.addAll(List.of("--dir", folder.toString(), "--save", ""));
      command.addAll(options);
      process =
          ChildProcess.start(
              "store-" + port, command, Map.of(), folder, folder.resolve("log.txt"), STOP);
      awaitReady();
    }
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START.toNanos();
    while (!isReady()) {
      if (!process.isAlive() || System.nanoTime() > deadline) {
        process.kill();
        throw new IllegalStateException(
            "the store on port "
                + port
                + " did not start:\n"
                + ProcessLog.tail(folder.resolve("log.txt")));
      }
      Sleep.of(Duration.ofMillis(5));
    }
  }

  /** Returns whether the store replies to PING with PONG; it does not while it loads its data. */
  private boolean isReady() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      socket.setSoTimeout(500);
      socket.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
      return new String(socket.getInputStream().readNBytes(5), US_ASCII).equals("+PONG");
    } catch (IOException e) {
      return false;
    }
  }
}
