package org.agentlifecycle.feed;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class FeedEventTest {

  private static FeedEvent event() {
    return new FeedEvent(EventId.parse("1-0"), "agent.failed", "a", "t", Map.of(), "{}");
  }

  @Test
  void eventIsEncodedOnceForAllFollowers() {
    FeedEvent event = event();
    AtomicInteger encodings = new AtomicInteger();
    Function<FeedEvent, byte[]> encoder =
        encoded -> {
          encodings.incrementAndGet();
          return encoded.json().getBytes(StandardCharsets.UTF_8);
        };

    byte[] first = event.encoded(encoder);

    assertThat(event.encoded(encoder)).isSameAs(first).asString().isEqualTo("{}");
    assertThat(encodings).hasValue(1);
  }

  @Test
  void encodingDoesNotChangeEquality() {
    FeedEvent encoded = event();
    encoded.encoded(any -> new byte[0]);

    assertThat(encoded).isEqualTo(event()).hasSameHashCodeAs(event());
  }
}
