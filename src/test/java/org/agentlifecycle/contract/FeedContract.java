package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.FeedSlice;
import org.agentlifecycle.feed.Gap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of reading the feed. */
interface FeedContract extends StoreContractSupport {

  /** Returns the position of the next slice. */
  private static EventId end(FeedSlice slice) {
    List<FeedEvent> events = slice.events();
    return events.isEmpty() ? slice.after() : events.get(events.size() - 1).id();
  }

  private List<EventId> createEvents(int agents) {
    for (int i = 0; i < agents; i++) {
      register(registration("a-" + i, "task-" + i % 2));
      moveTo("a-" + i, List.of(AgentStatus.values()).get(i % 5));
    }
    return eventIds();
  }

  private List<EventId> eventIds() {
    return store().events().stream().map(event -> EventId.parse(event.id())).toList();
  }

  private static List<EventId> ids(FeedSlice slice) {
    return slice.events().stream().map(FeedEvent::id).toList();
  }

  @Test
  default void eventHasTheFieldsThatFiltersUse() {
    createEvents(5);
    moved("a-0", AgentStatus.KILLED);
    store().sessions().endSession("a-0");
    List<AgentEvent> events = store().events();
    List<FeedEvent> read = store().feed().read(EventId.BEGINNING, 100).events();
    assertThat(read).hasSameSizeAs(events);
    for (int i = 0; i < read.size(); i++) {
      assertThat(read.get(i).id()).hasToString(events.get(i).id());
      assertThat(read.get(i).type()).isEqualTo(events.get(i).type().wireName());
      assertThat(read.get(i).agentId()).isEqualTo(events.get(i).agentId());
      assertThat(read.get(i).taskId()).isEqualTo(events.get(i).taskId());
      assertThat(read.get(i).json()).startsWith("{\"id\":\"" + events.get(i).id() + "\"");
    }
  }

  @Test
  default void eventHasTheLabelsOfItsAgent() {
    Map<String, String> labels = Map.of("team", "s\u00fc\"d", "x", "");
    store()
        .agents()
        .register(new Registration("a-labels", "task-1", labels, null, null, null), null);
    register("a-plain");
    moved("a-labels", AgentStatus.KILLED);
    store().sessions().endSession("a-labels");
    assertThat(store().feed().read(EventId.BEGINNING, 10).events())
        .extracting(FeedEvent::labels)
        .containsExactly(labels, Map.of(), labels, labels);
  }

  @Test
  default void sliceReportsWhetherPositionIsFoundAndMoreFollow() {
    List<EventId> all = createEvents(3);
    FeedSlice first = store().feed().read(all.get(0), 2);
    assertThat(first.found()).isTrue();
    assertThat(first.hasMore()).isTrue();
    assertThat(first.gapOfKnownEvent()).isNull();
    FeedSlice rest = store().feed().read(all.get(0).predecessor(), 100);
    assertThat(rest.found()).isFalse();
    assertThat(rest.hasMore()).isFalse();
    assertThat(rest.gap()).isNull();
    assertThat(rest.gapOfKnownEvent()).isEqualTo(new Gap(all.get(0).predecessor(), all.get(0)));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 100})
  default void slicesReturnTheFeedInOrder(int limit) {
    List<EventId> all = createEvents(10);
    List<EventId> read = new ArrayList<>();
    FeedSlice slice = store().feed().read(EventId.BEGINNING, limit);
    while (!slice.events().isEmpty()) {
      assertThat(slice.events()).hasSizeLessThanOrEqualTo(limit);
      assertThat(slice.gap()).isNull();
      read.addAll(ids(slice));
      slice = store().feed().read(end(slice), limit);
    }
    assertThat(read).isEqualTo(all).isSorted();
    assertThat(end(slice)).isEqualTo(all.get(all.size() - 1));
  }

  @Test
  default void readFromPositionWithoutEventReturnsLaterEvents() {
    List<EventId> all = createEvents(10);
    EventId fifth = all.get(5);
    assertThat(ids(store().feed().read(fifth, 100))).isEqualTo(all.subList(6, all.size()));
    assertThat(ids(store().feed().read(fifth.predecessor(), 100)))
        .isEqualTo(all.subList(5, all.size()));
    EventId later = new EventId(all.get(all.size() - 1).ms() + 1_000_000, 0);
    EventId newest = all.get(all.size() - 1);
    FeedSlice beyond = store().feed().read(later, 100);
    assertThat(beyond).isEqualTo(new FeedSlice(later, false, List.of(), later, all.get(0), newest));
    assertThat(beyond.gap()).isEqualTo(new Gap(later, all.get(0)));
  }

  @Test
  default void emptyFeedHasNoEventAndNoGap() {
    for (EventId after : List.of(EventId.BEGINNING, new EventId(5, 7))) {
      FeedSlice slice = store().feed().read(after, 10);
      assertThat(slice).isEqualTo(new FeedSlice(after, false, List.of(), after, null, null));
      assertThat(slice.gap()).isNull();
      assertThat(end(slice)).isEqualTo(after);
    }
    assertThat(store().feed().lastEventId()).isEqualTo(EventId.BEGINNING);
  }

  @Test
  default void lastEventIdIsTheIdOfTheNewestEvent() {
    for (int i = 0; i < 3; i++) {
      String id = register("a-" + i).event().id();
      assertThat(store().feed().lastEventId()).hasToString(id);
    }
  }

  @Test
  default void positionBeforeOldestEventHasGapUnlessAdjacent() {
    List<EventId> all = createEvents(10);
    store().trimFeed(4);
    List<EventId> stored = all.subList(all.size() - 4, all.size());
    EventId oldest = stored.get(0);
    FeedSlice slice = store().feed().read(all.get(2), 2);
    assertThat(slice.gap()).isEqualTo(new Gap(all.get(2), oldest));
    assertThat(ids(slice)).isEqualTo(stored.subList(0, 2));
    EventId trimmed = all.get(all.size() - 6);
    assertThat(store().feed().read(trimmed, 2).gap()).isEqualTo(new Gap(trimmed, oldest));
    assertThat(store().feed().read(oldest, 10).gap()).isNull();
    assertThat(store().feed().read(oldest.predecessor(), 10).gap()).isNull();
    assertThat(store().feed().lastEventId()).isEqualTo(stored.get(3));
  }

  @Test
  default void readFromBeginningReturnsAllStoredEvents() {
    List<EventId> all = createEvents(10);
    store().trimFeed(4);
    FeedSlice slice = store().feed().read(EventId.BEGINNING, 100);
    assertThat(slice.gap()).isNull();
    assertThat(ids(slice)).isEqualTo(all.subList(all.size() - 4, all.size()));
  }

  @Test
  default void awaitEventReturnsWhetherThereIsAnEvent() {
    EventId last = EventId.parse(register("a-1").event().id());
    assertThat(store().feed().awaitEvent(EventId.BEGINNING, Duration.ofSeconds(30))).isTrue();
    assertThat(store().feed().awaitEvent(last, Duration.ofMillis(20))).isFalse();
    register("a-2");
    assertThat(store().feed().awaitEvent(last, Duration.ofSeconds(30))).isTrue();
  }

  @Test
  default void awaitEventReturnsAtTheNextEvent() throws Exception {
    EventId last = EventId.parse(register("a-1").event().id());
    ExecutorService executor = Executors.newSingleThreadExecutor();
    try {
      Future<Boolean> event =
          executor.submit(() -> store().feed().awaitEvent(last, Duration.ofSeconds(30)));
      awaitAfter(store().now().plusMillis(30));
      assertThat(event.isDone()).isFalse();
      register("a-2");
      assertThat(event.get()).isTrue();
    } finally {
      executor.shutdown();
    }
  }
}
