package org.agentlifecycle.valkey;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObjects;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.resps.LibraryInfo;

/**
 * Calls the functions of {@code valkey/*.lua}. Loads the library before the first call, and again
 * when a call or a readiness check finds that it is missing or differs.
 *
 * <p>The names of the library and of its functions contain a hash of the text, see {@link
 * LibrarySource}. Servers of several releases can therefore use one store.
 */
@ApplicationScoped
public class FunctionLibrary {
  private static final Logger LOG = System.getLogger(FunctionLibrary.class.getName());

  private final ValkeyClient valkey;
  private final String hashTag;
  private final String channel;
  private final LibrarySource library = LibrarySource.load();
  private final CommandObjects commands = new CommandObjects(RedisProtocol.RESP3);
  private final ReentrantLock loading = new ReentrantLock();

  /** How often callers loaded the library. Only written under {@link #loading}. */
  private volatile int loads;

  /** For the client proxy. */
  protected FunctionLibrary() {
    valkey = null;
    hashTag = null;
    channel = null;
  }

  @Inject
  public FunctionLibrary(ValkeyClient valkey, ValkeySettings settings) {
    Keys keys = Keys.of(settings.namespace());
    this.valkey = valkey;
    this.hashTag = keys.hashTag();
    this.channel = keys.channel();
  }

  /** Returns the channel of the namespace that the functions work on. */
  String channel() {
    return channel;
  }

  /** Returns the name of the library, for the log. */
  String describe() {
    return library.name();
  }

  /** Calls a function that may change something. */
  List<Object> write(String function, Object... arguments) {
    CommandArguments call = call(Command.FCALL, function, arguments);
    return reply(valkey.write(sender -> execute(sender, call)));
  }

  /** Calls a function that may change something. */
  <T> T write(FunctionCall<T> call) {
    return call.parser().apply(write(call.function(), call.arguments().toArray()));
  }

  /**
   * Calls functions that may change something, in order and in one write. Each call is sent once.
   *
   * @return the results in the same order
   * @throws org.agentlifecycle.agent.LifecycleException {@code STORE_UNAVAILABLE} if no call was
   *     sent
   */
  List<CallResult> writeAll(List<? extends FunctionCall<?>> calls) {
    List<CommandArguments> commands =
        calls.stream()
            .map(call -> call(Command.FCALL, call.function(), call.arguments().toArray()))
            .toList();
    return valkey.writeAll(commands, sender -> load(sender, loads));
  }

  /** Calls a function that changes nothing. */
  List<Object> read(String function, Object... arguments) {
    CommandArguments call = call(Command.FCALL_RO, function, arguments);
    return reply(valkey.read(sender -> execute(sender, call)));
  }

  /** Calls a function that returns a page of a listing. */
  List<Object> readListing(String function, Object... arguments) {
    CommandArguments call = call(Command.FCALL_RO, function, arguments);
    return reply(valkey.readListing(sender -> execute(sender, call)));
  }

  /** Calls a function of background work that may change something. */
  List<Object> writeInBackground(String function, Object... arguments) {
    CommandArguments call = call(Command.FCALL, function, arguments);
    return reply(valkey.callInBackground(sender -> execute(sender, call)));
  }

  /** Calls a function of background work that changes nothing. */
  List<Object> readInBackground(String function, Object... arguments) {
    CommandArguments call = call(Command.FCALL_RO, function, arguments);
    return reply(valkey.callInBackground(sender -> execute(sender, call)));
  }

  /**
   * Checks that the store accepts changes and has exactly this library. Loads the library if it is
   * missing or differs.
   *
   * @param padding makes the call as large as the largest one that must pass
   * @return the name of the library
   * @throws org.agentlifecycle.agent.LifecycleException if the store does not accept changes
   */
  String checkReady(String padding) {
    CommandArguments call = call(Command.FCALL, "ready", padding);
    valkey.checkHealth(
        sender -> {
          loadIfMissing(sender);
          return sender.send(call);
        });
    return library.name();
  }

  /** Absent arguments at the end are not sent, because each one costs time in the store. */
  private CommandArguments call(Command command, String function, Object... arguments) {
    CommandArguments call =
        new CommandArguments(command).add(library.functionName(function)).add(1).key(hashTag);
    int present = FunctionArguments.countPresent(arguments);
    for (int i = 0; i < present; i++) {
      call.add(arguments[i]);
    }
    return call;
  }

  @SuppressWarnings("unchecked") // a function returns a table or a number
  static List<Object> reply(Object reply) {
    return reply instanceof List<?> list ? (List<Object>) list : List.of(reply);
  }

  /** Executes the call. A missing function changed nothing, so the call can be repeated. */
  private Object execute(CommandSender sender, CommandArguments call) {
    if (loads == 0) {
      load(sender, 0);
    }
    int before = loads;
    try {
      return sender.send(call);
    } catch (JedisDataException error) {
      if (!StoreErrors.isFunctionMissing(error)) {
        throw error;
      }
      load(sender, before);
      return sender.send(call);
    }
  }

  /**
   * Loads the library, unless another caller has loaded it. Many callers find at the same time that
   * it is missing, and loading it is expensive for the store.
   *
   * @param before the value of {@link #loads} before the caller found that the library is missing
   */
  private void load(CommandSender sender, int before) {
    if (!lockToLoad()) {
      throw new CallNotSentException(new JedisException("the function library is being loaded"));
    }
    try {
      if (loads == before) {
        loadIfMissing(sender);
        loads++;
      }
    } finally {
      loading.unlock();
    }
  }

  private boolean lockToLoad() {
    try {
      return loading.tryLock(ValkeyClient.SOCKET_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** A user that may not load functions uses the library that another user has loaded. */
  private void loadIfMissing(CommandSender sender) {
    try {
      List<LibraryInfo> found = sender.send(commands.functionListWithCode(library.name()));
      if (found.isEmpty() || !found.get(0).getLibraryCode().equals(library.code())) {
        sender.send(commands.functionLoadReplace(library.code()));
        LOG.log(Level.INFO, "loaded the function library {0}", library.name());
      }
    } catch (JedisAccessControlException notPermitted) {
      LOG.log(Level.DEBUG, "the user may not load functions", notPermitted);
    }
  }
}
