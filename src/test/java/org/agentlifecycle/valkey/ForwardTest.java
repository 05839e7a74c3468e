package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Publishing and trimming of the feed. */
class ForwardTest {
  private static final int KEEP = 100;

  private final ValkeyUnderTest store = ValkeyUnderTest.keeping(TestStore.uri(), KEEP);

  private int registered;

  @AfterEach
  void close() {
    store.close();
  }

  private void register(int count) {
    for (int i = 0; i < count; i++) {
      store
          .agents()
          .register(
              new Registration("a-" + registered++, "task-1", Map.of(), null, null, null), null);
    }
  }

  private long feedLength() {
    return store.client().xlen(store.key("feed"));
  }

  @Test
  void channelMessagesEqualTheFeedEntries() {
    String nasty = "\"\\/</a>\t\r\n\u0000\u001f\u007f\u2028 ü語\ud83d\ude80 \\/ \\\\/";
    store.agents().register(new Registration("a-1", "task-1", Map.of(), null, null, null), null);
    store
        .agents()
        .move(
            "a-1",
            new TransitionRequest(AgentStatus.FAILED, nasty, nasty, null),
            List.of(AgentStatus.SPAWNING),
            null);
    store.sessions().endSession("a-1");
    store.feed().forward(10);
    assertThat(store.publishedJson()).hasSize(3).isEqualTo(store.feedJson());
    assertThat(store.published()).element(1).extracting("error").isEqualTo(nasty);
    assertThat(store.publishedJson())
        .noneMatch(json -> json.chars().anyMatch(c -> c < ' '))
        .element(2)
        .asString()
        .matches(
            "\\{\"id\":\"\\d+-\\d+\",\"type\":\"agent.cleanup\",\"agentId\":\"a-1\","
                + "\"taskId\":\"task-1\",\"timestamp\":\"[^\"]+\",\"version\":2,"
                + "\"confirmed\":true}");
  }

  /** The last step cannot tell that it was the last one. */
  @Test
  void feedIsTrimmedWhenTheLastStepEndedAtItsLimit() {
    register(300);
    for (int i = 0; i < 3; i++) {
      assertThat(store.feed().forward(100).published()).isEqualTo(100);
    }
    assertThat(store.feed().forward(100).published()).isZero();
    assertThat(feedLength()).isLessThan(300).isGreaterThanOrEqualTo(KEEP);
  }

  @Test
  void feedIsTrimmedOnlyAfterAllEventsArePublished() {
    register(350);
    for (int i = 0; i < 3; i++) {
      assertThat(store.feed().forward(100).published()).isEqualTo(100);
      assertThat(feedLength()).isEqualTo(350);
    }
    List<AgentEvent> all = store.events();
    assertThat(store.feed().forward(100).published()).isEqualTo(50);
    assertThat(feedLength()).isLessThan(350).isGreaterThanOrEqualTo(KEEP);
    assertThat(store.published()).isEqualTo(all);
    assertThat(store.events())
        .as("newest events")
        .isEqualTo(all.subList(all.size() - (int) feedLength(), all.size()));
  }

  @Test
  void feedWithinItsLimitIsNotTrimmed() {
    register(KEEP);
    store.feed().forward(1000);
    assertThat(feedLength()).isEqualTo(KEEP);
  }

  @Test
  void forwardingContinuesAfterTrim() {
    register(350);
    store.feed().forward(1000);
    store.client().xtrim(store.key("feed"), 0, false);
    register(3);
    assertThat(store.feed().forward(1000).published()).isEqualTo(3);
    assertThat(store.published()).hasSize(353).doesNotHaveDuplicates();
  }

  @Test
  void twoServersPublishEachEventOnce() {
    register(120);
    int published = 0;
    try (ValkeyUnderTest other = store.anotherServer()) {
      for (int i = 0; i < 10; i++) {
        published += (i % 2 == 0 ? store : other).feed().forward(25).published();
      }
    }
    assertThat(published).isEqualTo(120);
    assertThat(store.published()).hasSize(120).doesNotHaveDuplicates();
  }
}
