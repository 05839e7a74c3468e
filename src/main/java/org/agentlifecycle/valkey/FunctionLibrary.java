package org.agentlifecycle.valkey;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObjects;
import redis.clients.jedis.Connection;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.resps.LibraryInfo;

/**
 * Calls the functions of {@code valkey/*.lua}, and sees to it that the store has them: before the
 * first call, and again when a call finds them gone.
 *
 * <p>An older library is replaced, a newer one is left alone, so that servers of two versions can
 * run side by side. One of the same revision that differs was changed by hand and is replaced.
 */
@ApplicationScoped
public class FunctionLibrary {
  private static final Logger LOG = System.getLogger(FunctionLibrary.class.getName());
  private static final Pattern NAME = Pattern.compile("^#!lua name=(\\w+)");
  private static final Pattern REVISION = Pattern.compile("(?m)^local REVISION = (\\d+)$");

  private final ValkeyConnection valkey;
  private final String root;
  private final String channel;
  private final String code = source();
  private final String name = find(NAME, code);
  private final CommandObjects commands = new CommandObjects(RedisProtocol.RESP3);
  private volatile boolean loaded;

  /** For the client proxy. */
  protected FunctionLibrary() {
    valkey = null;
    root = null;
    channel = null;
  }

  @Inject
  public FunctionLibrary(ValkeyConnection valkey, ValkeySettings settings) {
    Keys keys = Keys.of(settings.namespace());
    this.valkey = valkey;
    this.root = keys.root();
    this.channel = keys.channel();
  }

  /** The channel of the namespace that the functions work on. */
  String channel() {
    return channel;
  }

  /** Calls a function that may change something. */
  List<Object> write(String function, Object... arguments) {
    CommandArguments call = call(Command.FCALL, function, arguments);
    return answer(valkey.write(connection -> execute(connection, call)));
  }

  /** Calls a function that changes nothing. */
  List<Object> read(String function, Object... arguments) {
    CommandArguments call = call(Command.FCALL_RO, function, arguments);
    return answer(valkey.read(connection -> execute(connection, call)));
  }

  private CommandArguments call(Command command, String function, Object... arguments) {
    return new CommandArguments(command)
        .add(name + "_" + function)
        .add(1)
        .key(root)
        .addObjects(arguments);
  }

  @SuppressWarnings("unchecked") // a function answers a table or a number
  private static List<Object> answer(Object answer) {
    return answer instanceof List<?> list ? (List<Object>) list : List.of(answer);
  }

  /** A function that is not there did nothing, so the call can be made again. */
  private Object execute(Connection connection, CommandArguments call) {
    if (!loaded) {
      load(connection);
    }
    try {
      return connection.executeCommand(call);
    } catch (JedisDataException error) {
      if (!StoreErrors.isFunctionMissing(error)) {
        throw error;
      }
      load(connection);
      return connection.executeCommand(call);
    }
  }

  /** Several callers may do this at once: they load the same. */
  private void load(Connection connection) {
    List<LibraryInfo> found = connection.executeCommand(commands.functionListWithCode(name));
    if (found.isEmpty() || mustReplace(found.get(0).getLibraryCode())) {
      connection.executeCommand(commands.functionLoadReplace(code));
      LOG.log(Level.INFO, "loaded the function library {0}, revision {1}", name, revision(code));
    }
    loaded = true;
  }

  private boolean mustReplace(String there) {
    return revision(there) < revision(code)
        || (revision(there) == revision(code) && !there.equals(code));
  }

  private static int revision(String code) {
    return Integer.parseInt(find(REVISION, code));
  }

  private static String find(Pattern pattern, String code) {
    Matcher matcher = pattern.matcher(code);
    return matcher.find() ? matcher.group(1) : "0";
  }

  /** The parts in their order: each uses what those before it define. */
  private static String source() {
    return Stream.of("agents", "sessions", "feed", "kills")
        .map(part -> read("/valkey/" + part + ".lua"))
        .collect(Collectors.joining("\n"));
  }

  private static String read(String resource) {
    try (InputStream in = FunctionLibrary.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
