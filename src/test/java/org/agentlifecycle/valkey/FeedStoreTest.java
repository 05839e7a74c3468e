package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.FeedFilter;
import org.agentlifecycle.feed.FeedPage;
import org.agentlifecycle.feed.FeedPages;
import org.agentlifecycle.feed.FeedSlice;
import org.agentlifecycle.feed.ForwardResult;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.memory.LogCapture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.AbstractTransaction;
import redis.clients.jedis.BuilderFactory;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.CommandObject;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.XAddParams;

/** Slices and forwarding of a feed with large entries, and with entries of another release. */
class FeedStoreTest {
  private static final String LARGE = "\ud83d\ude00".repeat(4096);

  private final ValkeyUnderTest store = ValkeyUnderTest.keeping(TestStore.uri(), 1_000_000);

  @AfterEach
  void close() {
    store.close();
  }

  private void register(String id) {
    store.agents().register(new Registration(id, "task-1", Map.of(), null, null, null), null);
  }

  private void addLarge(int count) {
    for (int i = 0; i < count; i++) {
      register("large-" + i);
      store
          .agents()
          .move(
              "large-" + i,
              new TransitionRequest(AgentStatus.FAILED, LARGE, LARGE, null),
              List.of(AgentStatus.SPAWNING),
              null);
    }
  }

  private void addEntry(Map<String, String> fields) {
    store.client().xadd(store.key("feed"), fields, new XAddParams());
  }

  private List<String> types(FeedSlice slice) {
    return slice.events().stream().map(FeedEvent::type).toList();
  }

  @Test
  void sliceEndsAtAbout256KilobytesAndSlicesReturnEverything() {
    addLarge(60);
    EventId position = EventId.BEGINNING;
    int events = 0;
    int slices = 0;
    for (boolean more = true; more; slices++) {
      FeedSlice slice = store.feed().read(position, 1000);
      int bytes = slice.events().stream().mapToInt(e -> 2 * e.json().length()).sum();
      assertThat(bytes).isLessThan((256 + 64) << 10);
      events += slice.events().size();
      position = slice.end();
      more = slice.hasMore();
    }
    assertThat(events).isEqualTo(120);
    assertThat(slices).isGreaterThan(6);
  }

  @Test
  void pageOfLargeEventsIsBoundedAndHasItsEnd() {
    addLarge(100);
    FeedPages pages = new FeedPages(store.feed());
    int events = 0;
    EventId after = EventId.BEGINNING;
    for (boolean more = true; more; ) {
      FeedPage page = pages.page(after, FeedFilter.ALL, 1000);
      assertThat(page.items().stream().mapToInt(e -> e.json().length()).sum())
          .isLessThan((1 << 20) + 50_000);
      events += page.items().size();
      after = page.head();
      more = page.more();
    }
    assertThat(events).isEqualTo(200);
    assertThat(after).isEqualTo(store.feed().lastEventId());
  }

  @Test
  void unknownTypePassesThroughUnchanged() {
    register("before");
    addEntry(
        Map.of(
            "event", "{\"type\":\"agent.paused\",\"agentId\":\"p\",\"taskId\":\"u\",\"x\":[1]}"));
    addEntry(Map.of("event", "{\"type\":\"admission.closed\",\"by\":\"operator\"}"));
    register("after");
    FeedSlice slice = store.feed().read(EventId.BEGINNING, 10);
    assertThat(types(slice))
        .containsExactly("agent.spawned", "agent.paused", "admission.closed", "agent.spawned");
    store.feed().forward(10);
    assertThat(store.publishedJson())
        .isEqualTo(slice.events().stream().map(FeedEvent::json).toList());
  }

  @Test
  void unreadableEntryIsSkippedAndLoggedOnce() {
    register("before");
    addEntry(Map.of("other", "field"));
    addEntry(Map.of("event", "{\"type\":\"agent.failed\",\"agentId\":\"x\","));
    addEntry(Map.of("event", "text"));
    addEntry(Map.of("event", "{\"agentId\":\"x\"}"));
    addEntry(Map.of("event", "{\"type\":\"agent.failed\"} {}"));
    register("after");
    addEntry(Map.of("event", ""));
    try (LogCapture log = new LogCapture(FeedEventParser.class)) {
      for (int i = 0; i < 3; i++) {
        FeedSlice slice = store.feed().read(EventId.BEGINNING, 100);
        assertThat(slice.events())
            .extracting(FeedEvent::agentId)
            .containsExactly("before", "after");
        assertThat(slice.end()).isEqualTo(store.feed().lastEventId());
        assertThat(slice.hasMore()).isFalse();
      }
      assertThat(log.lines()).hasSize(6);
    }
    ForwardResult result = store.feed().forward(100);
    assertThat(result).isEqualTo(new ForwardResult(8, false));
    assertThat(store.feed().forward(100)).isEqualTo(new ForwardResult(0, false));
  }

  /**
   * The output buffer of a subscriber is limited to 32 MB, and to 8 MB for a minute, by default.
   * The calls and both times are one transaction, so that the number of periods is known exactly.
   */
  @Test
  void forwardedBytesAreLimitedPerPeriod() {
    addLarge(100); // 3.3 MB
    long periods;
    int published = 0;
    int attempts = 0;
    do {
      assertThat(attempts++).as("a transaction within two periods").isLessThan(20);
      store.client().del(store.key("forwarded"));
      published = 0;
      try (AbstractTransaction transaction = store.client().multi()) {
        Response<List<String>> begin = transaction.executeCommand(time());
        List<Response<Object>> calls = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          calls.add(forwardCall(transaction));
        }
        Response<List<String>> end = transaction.executeCommand(time());
        transaction.exec();
        for (Response<Object> call : calls) {
          List<?> reply = (List<?>) call.get();
          published += (int) ReplyReader.number(reply.get(0));
        }
        periods = period(end.get()) - period(begin.get()) + 1;
      }
      // An entry of 33 kB ends a period's share, and so does a small entry after it.
      assertThat(published).isLessThanOrEqualTo((int) periods * 2 * (400_000 / 32_768 + 2));
    } while (periods > 2);
    assertThat(published).as("calls beyond the limit publish nothing").isLessThan(200);
  }

  @Test
  void forwardingContinuesInTheNextPeriod() {
    addLarge(100);
    Awaitility.await()
        .pollInterval(Duration.ofMillis(5))
        .until(() -> !store.feed().forward(500).more());
    assertThat(store.publishedJson()).hasSize(200).isEqualTo(store.feedJson());
  }

  private Response<Object> forwardCall(AbstractTransaction transaction) {
    String hashTag = store.key("").substring(0, store.key("").length() - 1);
    return transaction.fcall(
        FunctionNames.of("forward"),
        List.of(hashTag),
        List.of(store.functions().channel(), "500", "1000000"));
  }

  private static CommandObject<List<String>> time() {
    return new CommandObject<>(
        new CommandArguments(Protocol.Command.TIME), BuilderFactory.STRING_LIST);
  }

  private static long period(List<String> time) {
    return (Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000) / 50;
  }
}
