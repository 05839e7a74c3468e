package org.agentlifecycle.harness;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Store that the caller provides: {@code -Dvalkey.uri=…} on Maven's command line, or {@code
 * VALKEY_URI} in the environment. The system property has precedence, as in MicroProfile Config.
 *
 * <p>No message contains the value, because it may contain a password.
 */
record ProvidedStore(String value) {

  private static final String PROPERTY = "valkey.uri";
  private static final String VARIABLE = "VALKEY_URI";
  private static final int CONNECT_TIMEOUT_MS = 1000;

  private static final Pattern SCHEME =
      Pattern.compile("rediss?://.+", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

  /** Scheme, user and password, host, port. */
  private static final Pattern PARTS =
      Pattern.compile(
          "(?:.*?://)?(?:.*@)?(\\[[^]]*]|[^:/?#]*)(?::([0-9]{1,5}))?.*", Pattern.DOTALL);

  /** Returns the address that the caller provides, or nothing if there is none. */
  static Optional<ProvidedStore> provided() {
    return provided(System.getProperty(PROPERTY), System.getenv(VARIABLE));
  }

  static Optional<ProvidedStore> provided(String property, String variable) {
    return Optional.ofNullable(property)
        .filter(value -> !value.isBlank())
        .or(() -> Optional.ofNullable(variable).filter(value -> !value.isBlank()))
        .map(ProvidedStore::new);
  }

  /** Rejects a value without a scheme, which is the most frequent mistake. */
  void requireScheme() {
    if (!SCHEME.matcher(value).matches()) {
      throw new IllegalStateException(
          "The value of valkey.uri (VALKEY_URI in the environment) must begin with redis:// or"
              + " rediss://, for example redis://localhost:6379");
    }
  }

  /** Returns the address for a client. */
  URI uri() {
    requireScheme();
    try {
      return URI.create(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException( // without the cause: its message contains the value
          "The value of valkey.uri (VALKEY_URI in the environment) is not a valid URI. Reserved"
              + " characters in a password must be percent-encoded");
    }
  }

  String host() {
    return parts().group(1);
  }

  int port() {
    String port = parts().group(2);
    return port == null ? 6379 : Integer.parseInt(port);
  }

  /** Returns the most probable reason why the service cannot use the store, for a message. */
  String fault() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(host(), port()), CONNECT_TIMEOUT_MS);
      return "accepts connections, but the service cannot use it (see its messages above)";
    } catch (UnknownHostException e) {
      return "has an unknown host name";
    } catch (IOException e) {
      return "does not accept connections (" + e.getMessage() + ")";
    }
  }

  private Matcher parts() {
    Matcher parts = PARTS.matcher(value);
    if (!parts.matches()) {
      throw new IllegalStateException("the pattern matches every value");
    }
    return parts;
  }

  /** Returns host and port, without user and password. */
  @Override
  public String toString() {
    return host() + ":" + port();
  }
}
