package org.agentlifecycle.feed;

import static org.agentlifecycle.feed.TestFeed.id;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecentEventsTest {
  private static FeedEvent event(long ms, int characters) {
    return new FeedEvent(id(ms), "agent.failed", "a", "t", Map.of(), "x".repeat(characters));
  }

  private static FeedSlice slice(long after, FeedEvent... events) {
    EventId end = events.length == 0 ? id(after) : events[events.length - 1].id();
    return new FeedSlice(id(after), true, List.of(events), end, id(1), end);
  }

  private static List<EventId> all(RecentEvents recent, EventId from) {
    List<EventId> found = new ArrayList<>();
    for (FeedEvent event = recent.after(from); event != null; event = recent.after(event.id())) {
      found.add(event.id());
    }
    return found;
  }

  @Test
  void eventsAreReturnedInFeedOrderFromAnyPosition() {
    RecentEvents recent = new RecentEvents(1 << 20, id(5), 0);
    recent.add(slice(5, event(6, 1), event(7, 1)));
    recent.add(slice(7, event(9, 1), event(10, 1), event(100, 1)));
    assertThat(all(recent, id(5))).containsExactly(id(6), id(7), id(9), id(10), id(100));
    assertThat(all(recent, id(8))).containsExactly(id(9), id(10), id(100));
    assertThat(recent.last()).isEqualTo(id(100));
    assertThat(recent.after(id(100))).isNull();
    assertThat(recent.covers(id(5))).isTrue();
    assertThat(recent.covers(id(4))).isFalse();
    assertThat(recent.covers(id(100))).isTrue();
    assertThat(recent.covers(id(101))).as("beyond the newest").isFalse();
  }

  @Test
  void oldestEventsAreRemovedWhenTheBytesExceedTheLimit() {
    RecentEvents recent = new RecentEvents(210_000, id(0), 0);
    for (int ms = 1; ms <= 200; ms++) {
      recent.add(slice(ms - 1, event(ms, 10_000)));
      long kept = all(recent, id(0)).stream().count();
      assertThat(kept * event(1, 10_000).bytes()).isLessThanOrEqualTo(210_000);
    }
    List<EventId> kept = all(recent, id(0));
    assertThat(kept).containsExactly(id(197), id(198), id(199), id(200));
    assertThat(recent.covers(id(196))).isTrue();
    assertThat(recent.covers(id(195))).isFalse();
  }

  @Test
  void eventLargerThanTheLimitIsNotKept() {
    RecentEvents recent = new RecentEvents(1_000, id(0), 0);
    recent.add(slice(0, event(1, 10_000)));
    assertThat(recent.covers(id(0))).isFalse();
    assertThat(recent.covers(id(1))).isTrue();
    assertThat(recent.last()).isEqualTo(id(1));
  }
}
