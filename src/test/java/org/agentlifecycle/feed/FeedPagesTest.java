package org.agentlifecycle.feed;

import static org.agentlifecycle.feed.TestFeed.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeedPagesTest {
  private static final FeedFilter NONE = new FeedFilter("none", null, Set.of(), Map.of());

  private final TestFeed feed = new TestFeed();
  private final FeedPages pages = new FeedPages(feed);

  @Test
  void lastPageHasNoMoreAndItsHeadIsTheNewestEvent() {
    feed.add(1, 2, 3, 4);
    FeedPage first = pages.page(EventId.BEGINNING, FeedFilter.ALL, 2);
    assertThat(first.more()).isTrue();
    assertThat(first.head()).isEqualTo(id(2));
    FeedPage last = pages.page(first.head(), FeedFilter.ALL, 2);
    assertThat(last.more()).isFalse();
    assertThat(last.items()).extracting(FeedEvent::id).containsExactly(id(3), id(4));
    assertThat(last.head()).isEqualTo(id(4));
  }

  @Test
  void headMovesAlsoIfNoEventMatches() {
    feed.add(1, 2, 3);
    FeedPage page = pages.page(EventId.BEGINNING, NONE, 10);
    assertThat(page).isEqualTo(new FeedPage(page.items(), false, id(3), null));
    feed.trimTo(3);
    assertThat(pages.page(page.head(), NONE, 10).gap()).isNull();
  }

  @Test
  void scanOfOnePageIsBounded() {
    for (int ms = 1; ms <= 1000; ms++) {
      feed.add(ms);
    }
    FeedPage page = pages.page(EventId.BEGINNING, NONE, 10);
    assertThat(page.more()).isTrue();
    assertThat(page.head()).isEqualTo(id(16 * 7));
  }

  @Test
  void nowIsTheNewestEvent() {
    assertThat(pages.page(null, FeedFilter.ALL, 10).head()).isEqualTo(EventId.BEGINNING);
    feed.add(1, 2);
    FeedPage page = pages.page(null, FeedFilter.ALL, 10);
    assertThat(page.items()).isEmpty();
    assertThat(page.head()).isEqualTo(id(2));
    assertThat(page.more()).isFalse();
  }

  @Test
  void gapIsReturnedOnceAndPageStartsAtOldestEvent() {
    feed.add(10, 11, 12);
    feed.trimTo(11);
    for (long asked : new long[] {5, 99}) {
      FeedPage page = pages.page(id(asked), FeedFilter.ALL, 10);
      assertThat(page.gap()).isEqualTo(new Gap(id(asked), id(11)));
      assertThat(page.items()).extracting(FeedEvent::id).containsExactly(id(11), id(12));
      assertThat(pages.page(page.head(), FeedFilter.ALL, 10).gap()).isNull();
    }
    assertThat(pages.page(id(11).predecessor(), FeedFilter.ALL, 10).gap()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "-1", "1-", "1-9999999999999999999", "9999999999999999999", "1-2-3"})
  void invalidEventIdIsRejectedWithItsRule(String text) {
    assertThatThrownBy(() -> EventId.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be the id of an event, or 0 for the beginning");
  }
}
