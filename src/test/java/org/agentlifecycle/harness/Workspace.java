package org.agentlifecycle.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Comparator;
import java.util.stream.Stream;

/** Folders and ports. All files of a run are under {@code target/}. */
final class Workspace {

  /** Folder of the project. Maven runs tests there; other plugins set a system property. */
  static final Path PROJECT = Paths.get(System.getProperty("basedir", "")).toAbsolutePath();

  static final Path TARGET = PROJECT.resolve("target");

  static final Path WAR = TARGET.resolve("agent-lifecycle.war");

  private Workspace() {}

  /** Creates an empty folder below {@code target/} whose name begins with the prefix. */
  static Path folder(String kind, String prefix) {
    try {
      Path parent = Files.createDirectories(TARGET.resolve(kind));
      return Files.createTempDirectory(parent, prefix + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns a free port of the loopback address. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns whether the port is free.
   *
   * @param host an address of this machine, or {@code *} for all
   */
  static boolean isFree(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(
          host.equals("*") ? new InetSocketAddress(port) : new InetSocketAddress(host, port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static Path write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void copy(Path from, Path to) {
    try {
      Files.createDirectories(to.getParent());
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes a folder and its content; ignores files that are already deleted. */
  static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // a process that has just ended may still have a file open; mvn clean deletes it
    }
  }
}
