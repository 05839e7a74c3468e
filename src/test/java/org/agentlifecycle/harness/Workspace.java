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

/** Places and ports: everything that a run leaves on disk is under {@code target/}. */
final class Workspace {

  /** Maven runs tests in the project's folder; the plugins that do not, say where it is. */
  static final Path PROJECT = Paths.get(System.getProperty("basedir", "")).toAbsolutePath();

  static final Path TARGET = PROJECT.resolve("target");

  static final Path WAR = TARGET.resolve("agent-lifecycle.war");

  private Workspace() {}

  /** An empty folder of its own below {@code target/}, its name beginning as asked for. */
  static Path folder(String kind, String prefix) {
    try {
      Path parent = Files.createDirectories(TARGET.resolve(kind));
      return Files.createTempDirectory(parent, prefix + "-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port on the loopback address that nobody listens on at this moment. */
  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns whether a server could listen there now.
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

  /** Deletes a folder with what is in it; what is gone already is no fault. */
  static void delete(Path folder) {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // a process that just ended may still have had a file open: target/ is cleaned by Maven
    }
  }
}
