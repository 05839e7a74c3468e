package org.agentlifecycle.feed;

import static org.agentlifecycle.feed.TestFeed.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.enterprise.concurrent.ManagedThreadFactory;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.memory.ManualScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Live feed with threads and time that the test controls. */
@Timeout(60)
class LiveFeedTest {
  private static final int MAX_FOLLOWERS = 3;

  private final TestFeed feed = new TestFeed();
  private final ManualScheduler scheduler = new ManualScheduler();
  private final List<Follower> followers = new ArrayList<>();
  private long now;
  private final LiveFeed live = new LiveFeed(feed, MAX_FOLLOWERS, () -> now);

  @BeforeEach
  void start() throws ReflectiveOperationException {
    scheduler.injectInto(live);
    Field threads = LiveFeed.class.getDeclaredField("threads");
    threads.setAccessible(true);
    threads.set(
        live,
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {ManagedThreadFactory.class},
            (self, method, arguments) -> new Thread((Runnable) arguments[0])));
    live.start();
  }

  @AfterEach
  void stop() {
    live.stop();
  }

  private RecordingSink follow(EventId after, FeedFilter filter) {
    RecordingSink sink = new RecordingSink();
    Follower follower = live.follow(after, filter, sink);
    followers.add(follower);
    follower.signal();
    settle();
    return sink;
  }

  private RecordingSink follow(long after) {
    return follow(id(after), FeedFilter.ALL);
  }

  private void settle() {
    for (int i = 0; i < 40; i++) {
      scheduler.run();
    }
  }

  private void advance(Duration time) {
    now += time.toNanos();
    scheduler.runPeriodic();
    settle();
  }

  @Test
  void newEventsAreSentOnceAndInOrder() {
    feed.add(1, 2);
    RecordingSink sink = follow(null, FeedFilter.ALL);
    for (int ms = 3; ms < 100; ms++) {
      feed.add(ms);
      if (ms % 5 == 0) {
        settle();
      }
    }
    settle();
    assertThat(sink.events()).isEqualTo(feed.ids().subList(2, 99));
    assertThat(sink.messages).endsWith("flush");
  }

  @Test
  void resumedFollowerGetsTheBacklogAndThenNewEvents() {
    for (int ms = 1; ms <= 50; ms++) {
      feed.add(ms);
    }
    RecordingSink sink = follow(10);
    feed.add(60);
    settle();
    assertThat(sink.events()).isEqualTo(feed.ids().subList(10, 51));
    assertThat(sink.gaps()).isEmpty();
  }

  @Test
  void recentEventsAreReadFromTheStoreOnceForAllFollowers() {
    feed.add(1);
    List<RecordingSink> sinks = List.of(follow(null, FeedFilter.ALL), follow(null, FeedFilter.ALL));
    settle();
    feed.add(2);
    settle();
    assertThat(sinks).allSatisfy(sink -> assertThat(sink.events()).containsExactly("2-0"));
    assertThat(feed.reads()).filteredOn(id(1)::equals).as("all by the reader").isNotEmpty();
    int before = feed.reads().size();
    followers.forEach(Follower::signal);
    followers.forEach(Follower::signal);
    scheduler.run();
    assertThat(feed.reads()).hasSizeLessThanOrEqualTo(before + 1);
  }

  @Test
  void gapIsSentOnceIfTheRequestedIdWasTrimmed() {
    feed.add(10, 11, 12, 13);
    feed.trimTo(12);
    RecordingSink sink = follow(10);
    assertThat(sink.messages).containsExactly("gap 10-0 12-0", "event 12-0", "event 13-0", "flush");
    RecordingSink filtered = follow(id(10), new FeedFilter("none", null, Set.of(), Map.of()));
    assertThat(filtered.messages).containsExactly("gap 10-0 12-0", "flush");
    advance(Duration.ofSeconds(11));
    assertThat(filtered.messages)
        .containsSubsequence("comment keep-alive", "position 13-0", "flush");
    assertThat(filtered.gaps()).hasSize(1);
  }

  @Test
  void positionDirectlyBeforeTheOldestEventHasNoGap() {
    feed.add(12, 13);
    RecordingSink sink = follow(id(12).predecessor(), FeedFilter.ALL);
    assertThat(sink.gaps()).isEmpty();
    assertThat(sink.events()).containsExactly("12-0", "13-0");
  }

  @Test
  void beginningHasNoGap() {
    feed.add(12, 13);
    RecordingSink sink = follow(EventId.BEGINNING, FeedFilter.ALL);
    assertThat(sink.messages).containsExactly("event 12-0", "event 13-0", "flush");
  }

  @Test
  void positionBeyondTheNewestEventIsOneGapAndTheStreamContinues() {
    feed.add(12, 13);
    RecordingSink sink = follow(99);
    assertThat(sink.messages.stream().filter(m -> !m.equals("flush")))
        .containsExactly("gap 99-0 12-0", "event 12-0", "event 13-0");
    feed.add(14);
    settle();
    assertThat(sink.events()).containsExactly("12-0", "13-0", "14-0");
    assertThat(sink.gaps()).hasSize(1);
  }

  @Test
  void positionInAnEmptyFeedIsAGapWhenTheFirstEventComes() {
    RecordingSink sink = follow(99);
    settle();
    assertThat(sink.messages).isEmpty();
    feed.add(5);
    settle();
    assertThat(sink.gaps()).containsExactly("gap 99-0 5-0");
    assertThat(sink.events()).containsExactly("5-0");
  }

  /**
   * The new feed is empty, or its ids are lower or higher than those of the lost feed.
   *
   * @param first the first id of the new feed
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 11, 500})
  void replacedFeedIsOneGapForConnectedFollowers(long first) {
    feed.add(10, 11, 12);
    RecordingSink sink = follow(null, FeedFilter.ALL);
    feed.add(13, 14);
    settle();
    feed.clear();
    settle();
    assertThat(sink.gaps()).isEmpty();
    feed.add(first, first + 1000);
    settle();
    feed.add(first + 1001);
    settle();
    assertThat(sink.messages.stream().filter(m -> !m.equals("flush")))
        .containsExactly(
            "event 13-0",
            "event 14-0",
            "gap 14-0 " + id(first),
            "event " + id(first),
            "event " + id(first + 1000),
            "event " + id(first + 1001));
  }

  /**
   * After a failover to a replica without the last events, new events may have lower ids than the
   * lost events.
   */
  @Test
  void lostEventsAreAGapAlsoIfTheFeedGrowsBeyondThem() {
    feed.add(10, 11);
    RecordingSink sink = follow(null, FeedFilter.ALL);
    feed.add(15, 16);
    settle();
    feed.clear();
    feed.add(10, 11, 14, 20);
    settle();
    assertThat(sink.gaps()).containsExactly("gap 16-0 10-0");
    assertThat(sink.events()).containsExactly("15-0", "16-0", "10-0", "11-0", "14-0", "20-0");
  }

  @Test
  void followerInTheBacklogContinuesInAFeedThatContainsItsPosition() {
    feed.add(10, 11, 12);
    RecordingSink sink = follow(10);
    sink.ready = false;
    feed.add(15);
    settle();
    RecordingSink slow = new RecordingSink();
    slow.ready = false;
    Follower follower = live.follow(id(11), FeedFilter.ALL, slow);
    follower.signal();
    settle();
    feed.clear();
    feed.add(10, 11, 14);
    settle();
    slow.ready = true;
    follower.signal();
    settle();
    assertThat(slow.gaps()).isEmpty();
    assertThat(slow.events()).containsExactly("14-0");
  }

  @Test
  void followerThatAcceptsNoDataFor30SecondsIsDisconnected() {
    feed.add(1);
    RecordingSink stalled = follow(null, FeedFilter.ALL);
    RecordingSink idle = follow(null, FeedFilter.ALL);
    stalled.ready = false;
    for (int i = 0; i < 15; i++) {
      assertThat(stalled.closed).isFalse();
      advance(Duration.ofSeconds(2));
    }
    advance(Duration.ofSeconds(2));
    assertThat(stalled.closed).isTrue();
    assertThat(idle.closed).isFalse();
    assertThat(live.followerCount()).isEqualTo(1);
    assertThat(idle.comments()).hasSizeGreaterThan(3);
  }

  @Test
  void slowFollowerKeepsNoEventsInMemoryAndLosesNone() {
    for (int ms = 1; ms <= 30; ms++) {
      feed.add(ms);
    }
    RecordingSink sink = new RecordingSink();
    sink.ready = false;
    Follower follower = live.follow(id(1), FeedFilter.ALL, sink);
    follower.signal();
    settle();
    for (int i = 0; i < 12; i++) {
      advance(Duration.ofSeconds(2));
    }
    sink.ready = true;
    follower.signal();
    settle();
    assertThat(sink.events()).isEqualTo(feed.ids().subList(1, 30));
  }

  @Test
  void filteredFollowerResumesNearTheNewestEvent() {
    feed.add(1);
    RecordingSink sink = follow(null, new FeedFilter("quiet", null, Set.of(), Map.of()));
    feed.add(2, 3, 4);
    settle();
    advance(Duration.ofSeconds(1));
    assertThat(sink.messages).containsExactly("position 4-0", "flush");
    feed.trimTo(4);
    RecordingSink resumed = follow(id(4), new FeedFilter("quiet", null, Set.of(), Map.of()));
    assertThat(resumed.gaps()).isEmpty();
  }

  @Test
  void keepAliveIsACommentWithThePosition() {
    feed.add(7);
    RecordingSink sink = follow(null, FeedFilter.ALL);
    advance(Duration.ofSeconds(1));
    assertThat(sink.messages).isEmpty();
    advance(Duration.ofSeconds(1));
    assertThat(sink.messages).containsExactly("comment keep-alive", "position 7-0", "flush");
  }

  @Test
  void followersAreLimited() {
    for (int i = 0; i < MAX_FOLLOWERS; i++) {
      follow(null, FeedFilter.ALL);
    }
    assertThatThrownBy(() -> follow(null, FeedFilter.ALL)).isInstanceOf(LifecycleException.class);
    followers.get(0).close();
    follow(null, FeedFilter.ALL);
    assertThat(live.followerCount()).isEqualTo(MAX_FOLLOWERS);
  }

  @Test
  void stoppedServerEndsStreamsWithACommentAndRejectsNewOnes() {
    RecordingSink sink = follow(null, FeedFilter.ALL);
    live.stop();
    assertThat(sink.comments()).hasSize(1);
    assertThat(sink.closed).isTrue();
    assertThatThrownBy(() -> follow(null, FeedFilter.ALL)).isInstanceOf(LifecycleException.class);
  }

  @Test
  void everyFailureOfTheStoreIsRetried() {
    feed.add(1);
    RecordingSink sink = follow(null, FeedFilter.ALL);
    for (int i = 0; i < 20; i++) {
      feed.add(10 + i);
      feed.failure = i % 2 == 0 ? new OutOfMemoryError("test") : new IllegalStateException("test");
      scheduler.run();
      scheduler.runPeriodic();
    }
    settle();
    assertThat(sink.events()).isEqualTo(feed.ids().subList(1, 21));
  }

  @Test
  void failedReadOfTheBacklogIsRetried() {
    feed.add(1, 2, 3);
    RecordingSink sink = new RecordingSink();
    Follower follower = live.follow(id(1), FeedFilter.ALL, sink);
    settle();
    feed.failure = new OutOfMemoryError("test");
    follower.signal();
    settle();
    assertThat(sink.events()).containsExactly("2-0", "3-0");
  }

  @Test
  void stalledReaderIsReportedAndRestarted() {
    feed.add(1);
    RecordingSink sink = follow(null, FeedFilter.ALL);
    FeedLivenessCheck check = new FeedLivenessCheck(null, live);
    assertThat(live.timeSinceLastStep()).isZero();
    scheduler.loseTasks();
    now += Duration.ofMinutes(3).toNanos();
    assertThat(live.timeSinceLastStep()).isEqualTo(Duration.ofMinutes(3));
    assertThat(check.check().up()).isFalse();
    feed.add(2);
    advance(Duration.ofSeconds(2));
    assertThat(check.check().up()).isTrue();
    followers.forEach(Follower::signal);
    settle();
    assertThat(sink.events()).isEmpty(); // the reader was stalled for three minutes
    assertThat(follow(1).events()).containsExactly("2-0");
  }
}
