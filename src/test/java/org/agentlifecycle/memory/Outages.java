package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The outages of the in-memory store, by the rules of the function library. */
final class Outages {

  private record Outage(Instant start, Instant end) {
    Duration overlap(Instant from, Instant to) {
      Instant first = start.isAfter(from) ? start : from;
      Instant last = end.isBefore(to) ? end : to;
      return first.isBefore(last) ? Duration.between(first, last) : Duration.ZERO;
    }
  }

  private final List<Outage> outages = new ArrayList<>();
  private Instant swept;

  /**
   * Records a sweep. The time since the last one is an outage if it is longer than the threshold.
   */
  void observe(Instant now, Duration threshold) {
    if (swept == null || Duration.between(swept, now).compareTo(threshold) > 0) {
      outages.add(new Outage(swept == null ? Instant.MIN : swept, now));
    }
    swept = now;
  }

  /** Returns the deadline of a lease with the time that outages add. */
  Instant extend(Instant deadline, Duration lease, Instant now) {
    Duration total = Duration.ZERO;
    Duration longest = lease;
    for (Outage outage : outages) {
      Duration length = outage.overlap(deadline.minus(lease), now);
      total = total.plus(length);
      longest = longest.compareTo(length) < 0 ? length : longest;
    }
    Instant extended = deadline.plus(total.compareTo(longest) < 0 ? total : longest);
    Instant latest = now.plus(lease);
    return extended.isAfter(latest) ? latest : extended;
  }
}
