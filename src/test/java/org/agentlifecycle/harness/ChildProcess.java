package org.agentlifecycle.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;

/**
 * Child process that ends with this JVM, even if this JVM is killed.
 *
 * <p>A shell starts a watchdog and then becomes the program, so {@link #pid()} is the process id of
 * the program. The watchdog reads a pipe that only this JVM holds open. When this JVM ends, even by
 * SIGKILL, the read ends and the watchdog kills the program. On an orderly exit, a shutdown hook is
 * faster: it kills the programs of tests and sends SIGTERM to the programs in the foreground, the
 * last started program first, so that a server can still reach its store.
 *
 * <p>If the system has {@code setsid}, program and watchdog run in a separate session. A Ctrl-C in
 * the terminal then reaches only this JVM, which ends the programs in the correct order.
 */
public final class ChildProcess {

  /**
   * Starts a new session, so that signals to the process group of this JVM do not reach the
   * program.
   */
  private static final String OWN_SESSION =
      "command -v setsid >/dev/null && set -- setsid \"$@\"; exec \"$@\"";

  /**
   * The watchdog reads descriptor 3, because a shell connects the input of a background process to
   * /dev/null.
   */
  private static final String GUARDED =
      """
      exec 3<&0
      (read -r _ <&3 || kill -9 $$) >/dev/null 2>&1 &
      exec "$@" </dev/null 3<&-
      """;

  private static final Deque<ChildProcess> LIVE = new ConcurrentLinkedDeque<>();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(topGroup(), ChildProcess::endAll, "end-children"));
  }

  private static volatile boolean ending;

  private final String name;
  private final Process process;
  private final Path directory;
  private final Duration stopTimeout;
  private final boolean foreground;

  private ChildProcess(
      String name, Process process, Path directory, Duration stopTimeout, boolean foreground) {
    this.name = name;
    this.process = process;
    this.directory = directory;
    this.stopTimeout = stopTimeout;
    this.foreground = foreground;
  }

  /**
   * Starts a program.
   *
   * @param environment variables in addition to the environment of this JVM; a null value removes a
   *     variable
   * @param directory working directory of the program; it is deleted when this JVM ends
   * @param log file for the output, or null for the output of this JVM
   * @param stopTimeout maximum time that {@link #stop()} waits for an orderly end
   */
  static ChildProcess start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path directory,
      Path log,
      Duration stopTimeout) {
    List<String> guarded = new ArrayList<>(List.of("sh", "-c", OWN_SESSION, name));
    guarded.addAll(List.of("sh", "-c", GUARDED, name));
    guarded.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(guarded).directory(directory.toFile());
    environment.forEach(
        (key, value) -> {
          if (value == null) {
            builder.environment().remove(key);
          } else {
            builder.environment().put(key, value);
          }
        });
    builder.redirectErrorStream(true);
    builder.redirectOutput(log == null ? Redirect.INHERIT : Redirect.appendTo(log.toFile()));
    try {
      Files.createDirectories(directory);
      ChildProcess child =
          new ChildProcess(name, builder.start(), directory, stopTimeout, log == null);
      LIVE.addFirst(child);
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** Returns the process id of the program. */
  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /**
   * Waits for the end of the program and returns the exit code (128 + signal if a signal ended it).
   */
  public int await() throws InterruptedException {
    int code = process.waitFor();
    LIVE.remove(this);
    return code;
  }

  /** Sends SIGKILL and waits until the program has ended. */
  public void kill() {
    process.destroyForcibly();
    ended(Duration.ofSeconds(10));
  }

  /** Sends SIGSTOP: the program keeps its connections but does not respond. */
  public void pause() {
    signal("STOP");
  }

  /** Sends SIGCONT after {@link #pause()}. */
  public void resume() {
    signal("CONT");
  }

  /** Sends SIGTERM, and SIGKILL if the program does not end within the timeout. */
  public void stop() {
    if (process.isAlive()) {
      terminate();
    }
    if (!ended(stopTimeout)) {
      System.err.println(name + " did not end within " + stopTimeout + ": killed");
      kill();
    }
  }

  /** Returns whether this JVM is shutting down and ends its child processes. */
  static boolean isEnding() {
    return ending;
  }

  /** Sends SIGTERM without waiting for the end. */
  public void terminate() {
    signal("TERM"); // Process.destroy() would also close the pipe, and the watchdog would then kill
    signal("CONT"); // a paused program receives SIGTERM only after SIGCONT
  }

  private boolean ended(Duration limit) {
    boolean interrupted = Thread.interrupted();
    try {
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (ended) {
        LIVE.remove(this);
      }
      return ended;
    } catch (InterruptedException e) {
      interrupted = true;
      return false;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void signal(String signal) {
    try {
      new ProcessBuilder("sh", "-c", "kill -" + signal + " " + pid())
          .redirectErrorStream(true)
          .redirectOutput(Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot send " + signal + " to " + name, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void endAll() {
    ending = true;
    for (ChildProcess child : new ArrayDeque<>(LIVE)) {
      if (child.foreground) {
        child.stop();
      } else {
        child.kill();
      }
      Workspace.delete(child.directory);
    }
  }

  /**
   * Returns the root thread group. Maven's exec plugin destroys the thread group of the main thread
   * at the end, so a shutdown hook in that group would end too early.
   */
  private static ThreadGroup topGroup() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    while (group.getParent() != null) {
      group = group.getParent();
    }
    return group;
  }

  @Override
  public String toString() {
    return name + " (pid " + pid() + ")";
  }
}
