package org.agentlifecycle.valkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Source text of the function library and of its Java callers. */
final class LibraryFiles {
  private LibraryFiles() {}

  static String code() {
    return LibrarySource.text();
  }

  static String callers() {
    try (Stream<Path> sources = Files.list(Path.of("src/main/java/org/agentlifecycle/valkey"))) {
      return sources.map(LibraryFiles::read).collect(Collectors.joining());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
