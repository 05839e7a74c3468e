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
 * A store for a test or a run: on the loopback address, on a free port, its data under {@code
 * target/}, and gone with the JVM that started it.
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

  /** The same; a private store listens on the port that the README names if that is free. */
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
   * @param options as on the command line, for example {@code "--appendonly", "yes"}; without any
   *     it keeps everything in memory
   */
  public static EmbeddedStore start(String... options) {
    return start(StoreBinary::find, options);
  }

  /** The same with the Redis 7.0 that a Maven artifact ships, whatever the machine has. */
  public static EmbeddedStore startBundled(String... options) {
    return start(StoreBinary::shipped, options);
  }

  private static EmbeddedStore start(Supplier<StoreBinary> binaries, String... options) {
    for (int attempt = 1; ; attempt++) {
      EmbeddedStore store = new EmbeddedStore(Workspace.freePort(), List.of(options), binaries);
      try {
        store.launch();
        return store;
      } catch (IllegalStateException e) {
        store.close();
        if (attempt == ATTEMPTS) { // anybody may have taken the free port in between
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

  /** Whether it is somebody else's, by {@code VALKEY_URI}: not ours to kill or to flush. */
  public boolean isExternal() {
    return folder == null;
  }

  /** Returns the address, and what serves as the store, without user and password. */
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

  /** {@code kill -9}. */
  public void kill() {
    own().kill();
  }

  /** SIGSTOP: connections stay open, nothing is answered. */
  public void pause() {
    own().pause();
  }

  /** SIGCONT. */
  public void resume() {
    own().resume();
  }

  /** SIGTERM, and waits for the end. The data stays for {@link #restart()}. */
  public void stop() {
    own().stop();
  }

  /** Starts it again on the same port with the same data; stops it first where it still runs. */
  public void restart() {
    if (isRunning()) {
      stop();
    }
    launch();
  }

  /** Ends it and deletes its data; an external one stays as it is. */
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
      throw new IllegalStateException("not a store of our own: " + uri);
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
    while (!answers()) {
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

  /** Whether PING is answered by PONG: while data is still being read, it is not. */
  private boolean answers() {
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
