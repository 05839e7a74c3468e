package org.agentlifecycle.valkey;

import jakarta.annotation.PreDestroy;
import jakarta.annotation.Resource;
import jakarta.enterprise.concurrent.ManagedScheduledExecutorService;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Reads the kind of the store, at the start and every few seconds, and logs it if it is another one
 * or has another configuration.
 */
@ApplicationScoped
public class StoreMonitor {
  private static final Logger LOG = System.getLogger(StoreMonitor.class.getName());

  private static final long INTERVAL_SECONDS = 10;

  @Resource private ManagedScheduledExecutorService scheduler;

  private final ValkeyClient valkey;
  private final FunctionLibrary functions;
  private final ValkeySettings settings;
  private volatile StoreInfo info = StoreInfo.NONE;
  private boolean known;
  private ScheduledFuture<?> schedule;

  /** For the client proxy. */
  protected StoreMonitor() {
    this(null, null, null);
  }

  @Inject
  public StoreMonitor(ValkeyClient valkey, FunctionLibrary functions, ValkeySettings settings) {
    this.valkey = valkey;
    this.functions = functions;
    this.settings = settings;
  }

  void onStartup(@Observes Startup startup) {
    schedule = scheduler.scheduleWithFixedDelay(this::run, 0, INTERVAL_SECONDS, TimeUnit.SECONDS);
  }

  /** Returns the last read information about the store. */
  StoreInfo info() {
    return info;
  }

  /** Reads the store. It catches everything, because a task that throws is never run again. */
  void run() {
    try {
      StoreInfo before = info;
      info = valkey.checkHealth(StoreMonitor::read);
      if (!known || !info.equals(before)) {
        log();
      }
      known = true;
    } catch (Throwable failure) {
      LOG.log(Level.DEBUG, "the store was not read, the next run tries again", failure);
    }
  }

  private static StoreInfo read(CommandSender sender) {
    try {
      Object reply = sender.send(new CommandArguments(Command.INFO).add("server").add("memory"));
      return StoreInfo.parse(ReplyReader.text(reply));
    } catch (JedisDataException forbidden) {
      return StoreInfo.NONE;
    }
  }

  private void log() {
    LOG.log(
        Level.INFO,
        "store: {0} at {1}, namespace {2}, function library {3}, eviction policy {4}",
        info.server(),
        settings.address(),
        settings.namespace(),
        functions.describe(),
        info.evictionPolicy());
    if (info.evicts()) {
      LOG.log(
          Level.ERROR,
          "the store evicts keys when its memory is full, so that agents are lost silently:"
              + " set its maxmemory-policy to noeviction instead of {0}",
          info.evictionPolicy());
    }
  }

  @PreDestroy
  void stop() {
    if (schedule != null) {
      schedule.cancel(false);
    }
  }
}
