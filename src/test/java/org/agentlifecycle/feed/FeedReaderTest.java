package org.agentlifecycle.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FeedReaderTest {
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final ScheduledExecutorService oneThread = Executors.newScheduledThreadPool(1);
  private final CountDownLatch waiting = new CountDownLatch(1);
  private final CountDownLatch news = new CountDownLatch(1);
  private final AtomicInteger told = new AtomicInteger();

  /** A feed whose news come when the test says so. */
  private final class Quiet implements FeedStore {
    @Override
    public int forward(int limit) {
      throw new UnsupportedOperationException("a reader forwards nothing");
    }

    @Override
    public FeedSlice read(EventId after, int limit) {
      return new FeedSlice(after, List.of(), null);
    }

    @Override
    public EventId newest() {
      return EventId.BEGINNING;
    }

    @Override
    public boolean await(EventId after, Duration patience) {
      waiting.countDown();
      try {
        return news.await(1, TimeUnit.MINUTES);
      } catch (InterruptedException over) {
        return false;
      }
    }
  }

  @AfterEach
  void end() {
    executor.shutdownNow();
    oneThread.shutdownNow();
  }

  /** Payara gives an application one thread for everything that is scheduled. */
  @Test
  void whileItWaitsForNewsTheOnlyThreadOfTheSchedulerIsFree() throws Exception {
    FeedReader reader =
        new FeedReader(new Quiet(), executor, oneThread, () -> true, told::incrementAndGet);
    reader.start();
    waiting.await();

    assertThat(oneThread.schedule(() -> "a sweep", 1, TimeUnit.MILLISECONDS).get())
        .isEqualTo("a sweep");

    int before = told.get();
    news.countDown();
    await().until(() -> told.get() > before);
  }
}
