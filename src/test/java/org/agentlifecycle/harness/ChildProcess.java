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
 * A program that ends with its parent, whatever ends the parent.
 *
 * <p>The program is started by a shell that leaves a watchdog behind and then becomes the program,
 * so {@link #pid()} is the program's own. The watchdog reads a pipe that only this JVM holds open:
 * when the JVM is gone, by SIGKILL too, the read ends and the watchdog kills the program. A
 * shutdown hook is quicker where there is time for one: it kills a test's programs, and asks those
 * that run for a person to end, the last started first, so that a server still reaches its store.
 *
 * <p>Program and watchdog get a session of their own where the system has {@code setsid}: a Ctrl-C
 * in the terminal reaches this JVM alone, and this JVM says in which order things end.
 */
public final class ChildProcess {

  /** Out of reach of what is sent to this JVM's process group: Ctrl-C, and a {@code kill -9}. */
  private static final String OWN_SESSION =
      "command -v setsid >/dev/null && set -- setsid \"$@\"; exec \"$@\"";

  /** Descriptor 3, since a shell gives /dev/null to what runs in its background. */
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
  private final Duration patience;
  private final boolean foreground;

  private ChildProcess(
      String name, Process process, Path directory, Duration patience, boolean foreground) {
    this.name = name;
    this.process = process;
    this.directory = directory;
    this.patience = patience;
    this.foreground = foreground;
  }

  /**
   * Starts a program.
   *
   * @param environment what is added to this JVM's environment; a null value takes a variable away
   * @param directory where it runs and keeps what is its own; it goes when this JVM ends
   * @param log where its output goes, or null for this JVM's own output
   * @param patience how long {@link #stop()} waits for an orderly end
   */
  static ChildProcess start(
      String name,
      List<String> command,
      Map<String, String> environment,
      Path directory,
      Path log,
      Duration patience) {
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
          new ChildProcess(name, builder.start(), directory, patience, log == null);
      LIVE.addFirst(child);
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** The program's own process id. */
  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for the program's end and gives its exit code (128 + signal where a signal ended it). */
  public int await() throws InterruptedException {
    int code = process.waitFor();
    LIVE.remove(this);
    return code;
  }

  /** {@code kill -9}: nothing of the program runs any more when this returns. */
  public void kill() {
    process.destroyForcibly();
    ended(Duration.ofSeconds(10));
  }

  /** SIGSTOP: the program keeps its connections and answers nothing. */
  public void pause() {
    signal("STOP");
  }

  /** SIGCONT, after {@link #pause()}. */
  public void resume() {
    signal("CONT");
  }

  /** SIGTERM, and {@code kill -9} when that was not obeyed in time. */
  public void stop() {
    if (process.isAlive()) {
      terminate();
    }
    if (!ended(patience)) {
      System.err.println(name + " did not end within " + patience + ": killed");
      kill();
    }
  }

  /** Whether this JVM is on its way out and takes its children with it. */
  static boolean isEnding() {
    return ending;
  }

  /** SIGTERM, without waiting. */
  public void terminate() {
    signal("TERM"); // Process.destroy() would close the pipe as well, and the watchdog would kill
    signal("CONT"); // a frozen program hears it now
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
   * Maven's exec plugin runs us in a thread group that it takes apart when we end; a hook that sits
   * in it would end with it.
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
