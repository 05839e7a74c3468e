package org.agentlifecycle.valkey;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The text of the function library and the name under which a server loads it.
 *
 * <p>The name contains a hash of the text. Therefore each release has its own functions, and no
 * server replaces the library of another release.
 *
 * @param name the name of the library and the prefix of its functions
 * @param code the text that the store loads
 */
record LibrarySource(String name, String code) {

  /** The name in the resource files. */
  static final String BASE_NAME = "agents_v1";

  private static final int HASH_LENGTH = 12;

  /** Returns the library of this release. */
  static LibrarySource load() {
    return of(text());
  }

  /** Returns the text with its hash in the names of the library and of the functions. */
  static LibrarySource of(String text) {
    String name = BASE_NAME + "_" + hash(text);
    String code =
        text.replaceFirst("#!lua name=" + BASE_NAME, "#!lua name=" + name)
            .replace("'" + BASE_NAME + "_", "'" + name + "_");
    return new LibrarySource(name, code);
  }

  /** Returns the text of the resource files. Each file uses the definitions of those before it. */
  static String text() {
    return Stream.of("agents", "supervision", "sessions", "listing", "feed", "kills")
        .map(part -> read("/valkey/" + part + ".lua"))
        .collect(Collectors.joining("\n"));
  }

  String functionName(String function) {
    return name + "_" + function;
  }

  private static String hash(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      byte[] digest = sha256.digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest).substring(0, HASH_LENGTH);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String read(String resource) {
    try (InputStream in = LibrarySource.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
