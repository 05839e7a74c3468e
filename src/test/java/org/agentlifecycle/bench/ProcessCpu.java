package org.agentlifecycle.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** CPU time of a process, user and system, of all its threads. */
final class ProcessCpu {

  /** The kernel reports in units of USER_HZ, which is 100 on every Linux that runs a JVM. */
  private static final double TICKS_PER_SECOND = 100;

  private ProcessCpu() {}

  /** Returns the CPU time so far in seconds, or NaN if the operating system does not report it. */
  static double seconds(long pid) {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    if (!Files.exists(stat)) {
      return ProcessHandle.of(pid)
          .flatMap(process -> process.info().totalCpuDuration())
          .map(Duration::toNanos)
          .map(nanos -> nanos / 1e9)
          .orElse(Double.NaN);
    }
    try {
      String text = Files.readString(stat);
      // the name of the program, in parentheses, may contain spaces
      String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    } catch (IOException e) {
      return Double.NaN;
    }
  }

  /** Returns the CPU time of the whole machine so far in seconds, or NaN if it is not reported. */
  static double machineSeconds() {
    Path stat = Path.of("/proc/stat");
    if (!Files.exists(stat)) {
      return Double.NaN;
    }
    try (Stream<String> lines = Files.lines(stat)) {
      long[] times =
          Stream.of(lines.findFirst().orElseThrow().split(" +", -1))
              .skip(1)
              .mapToLong(Long::parseLong)
              .toArray();
      // all but idle and the wait for disks; the time of guests is contained in that of users
      return (LongStream.of(times).limit(8).sum() - times[3] - times[4]) / TICKS_PER_SECOND;
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
