package org.agentlifecycle.valkey;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Log of the store's outages, once for all callers: one line without a stack trace for each
 * condition, and one when the store replies again.
 */
final class OutageLog {
  private static final Logger LOG = System.getLogger(OutageLog.class.getName());

  /** A condition that lasts, or comes and goes, is logged once in this time. */
  private static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();

  private final String store;
  private final String namespace;
  private final Map<StoreCondition, AtomicLong> nextLine = new EnumMap<>(StoreCondition.class);
  private volatile boolean logged;

  OutageLog(StoreAddress address, String namespace) {
    this.store = address.toString();
    this.namespace = namespace;
    for (StoreCondition condition : StoreCondition.values()) {
      nextLine.put(condition, new AtomicLong(System.nanoTime()));
    }
  }

  void failed(StoreCondition condition, Throwable cause) {
    AtomicLong next = nextLine.get(condition);
    long due = next.get();
    long now = System.nanoTime();
    if (now - due >= 0 && next.compareAndSet(due, now + REPEAT_NANOS)) {
      logged = true;
      LOG.log(
          condition.level(),
          "store unavailable, {0}: {1}, {2}; {3}{4}",
          condition,
          store,
          message(cause),
          condition.nextStep(),
          hint(cause));
    }
  }

  /** The store took a call. */
  void replied() {
    if (logged) {
      logged = false;
      LOG.log(Level.INFO, "store available again: {0}", store);
    }
  }

  /** The innermost cause says why a connection could not be made. */
  private static String message(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage();
  }

  /** Another namespace than that of the ACL is the usual mistake, and Valkey does not name keys. */
  private String hint(Throwable cause) {
    String tag = "{" + namespace + "}";
    return cause.getMessage().startsWith("NOPERM")
        ? ", which must allow ~" + tag + ", ~" + tag + ":* and &" + namespace + ":events"
        : "";
  }
}
