package org.agentlifecycle.feed;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Logs failures of tasks that must continue. It never throws. */
final class FeedFailures {
  private static final Logger LOG = System.getLogger("org.agentlifecycle.feed");

  private FeedFailures() {}

  static void log(String message, Throwable failure) {
    log(Level.WARNING, message, failure);
  }

  static void log(Level level, String message, Throwable failure) {
    try {
      LOG.log(level, message, failure);
    } catch (Throwable ignored) {
      // Memory may be exhausted. The task continues without the line.
    }
  }
}
