package org.agentlifecycle.valkey;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.config.ConfigurationException;

/**
 * Address and credentials of the store, read from {@code
 * redis[s]://[[user]:password@]host[:port][/database]}. The service parses the URI itself: the
 * message of {@link java.net.URI} contains the password, and the client decodes credentials
 * differently.
 *
 * @param tls whether the connection uses TLS
 * @param host a name or an address, without brackets
 * @param port 1 to 65535
 * @param user null means the store's default user
 * @param password null means no authentication
 * @param database 0 to 15
 */
record StoreAddress(
    boolean tls, String host, int port, String user, String password, int database) {
  static final String KEY = "valkey.uri";

  private static final int DEFAULT_PORT = 6379;

  /** The default number of databases of Valkey is 16. */
  private static final int MAX_DATABASE = 15;

  private static final Pattern SCHEME = Pattern.compile("(?i)(redis|rediss)://(.*)");
  private static final Pattern PARTS =
      Pattern.compile(
          "(?:(?<credentials>[^@/?#]*)@)?(?<hostAndPort>[^@/?#]*)(?:/(?<database>.*))?");
  private static final Pattern CREDENTIALS =
      Pattern.compile("(?<user>[^:]*):(?<password>.+)", Pattern.DOTALL);
  private static final Pattern HOST_AND_PORT =
      Pattern.compile(
          "(?:\\[(?<ip6>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\\]|(?<name>[A-Za-z0-9._-]+))"
              + "(?::(?<port>[0-9]{1,5}))?");

  /** Unreserved characters, sub-delimiters and colon of RFC 3986, or a percent-encoded octet. */
  private static final Pattern ENCODED =
      Pattern.compile("(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*");

  static StoreAddress parse(String uri) {
    Matcher scheme = SCHEME.matcher(uri);
    require(scheme.matches(), "must start with redis:// or rediss://");
    Matcher parts = PARTS.matcher(scheme.group(2));
    require(
        parts.matches(),
        "must be redis://[[user]:password@]host[:port][/database], without query and fragment,"
            + " with user and password percent-encoded");
    Matcher host = HOST_AND_PORT.matcher(parts.group("hostAndPort"));
    require(host.matches(), "must name a host, and a port from 1 to 65535 or none");
    String[] credentials = credentials(parts.group("credentials"));
    return new StoreAddress(
        scheme.group(1).toLowerCase(Locale.ROOT).equals("rediss"),
        host.group("ip6") == null ? host.group("name") : host.group("ip6"),
        port(host.group("port")),
        credentials[0],
        credentials[1],
        database(parts.group("database")));
  }

  private static String[] credentials(String text) {
    if (text == null) {
      return new String[2];
    }
    require(ENCODED.matcher(text).matches(), "must have a percent-encoded user and password");
    Matcher credentials = CREDENTIALS.matcher(text);
    require(credentials.matches(), "must have a password if it has a user: user:password@");
    String user = decode(credentials.group("user"));
    return new String[] {user.isEmpty() ? null : user, decode(credentials.group("password"))};
  }

  private static int port(String digits) {
    int port = digits == null ? DEFAULT_PORT : Integer.parseInt(digits);
    require(port >= 1 && port <= 65_535, "must have a port from 1 to 65535");
    return port;
  }

  private static int database(String text) {
    if (text == null || text.isEmpty()) {
      return 0;
    }
    String rule = "must have a database from 0 to " + MAX_DATABASE + ", and nothing after it";
    require(text.matches("[0-9]{1,3}"), rule);
    int database = Integer.parseInt(text);
    require(database <= MAX_DATABASE, rule);
    return database;
  }

  /** Decodes percent-encoded octets once; a plus sign is a plus sign. */
  private static String decode(String encoded) {
    ByteBuffer octets = ByteBuffer.allocate(encoded.length());
    for (int at = 0; at < encoded.length(); at++) {
      if (encoded.charAt(at) == '%') {
        octets.put((byte) Integer.parseInt(encoded, at + 1, at + 3, 16));
        at += 2;
      } else {
        octets.put((byte) encoded.charAt(at));
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
    } catch (CharacterCodingException notText) {
      throw new ConfigurationException(KEY, "must have a user and a password in UTF-8");
    }
  }

  private static void require(boolean condition, String rule) {
    if (!condition) {
      throw new ConfigurationException(KEY, rule);
    }
  }

  /** Host, port and database; never the credentials. */
  @Override
  public String toString() {
    return (tls ? "rediss://" : "redis://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port
        + "/"
        + database;
  }
}
