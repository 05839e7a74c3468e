package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.Rows.text;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.agentlifecycle.feed.EventId;
import org.agentlifecycle.feed.FeedEvent;
import org.agentlifecycle.feed.FeedSettings;
import org.agentlifecycle.feed.FeedSlice;
import org.agentlifecycle.feed.FeedStore;

/** The event feed in Valkey. */
@ApplicationScoped
public class ValkeyFeedStore implements FeedStore {
  private final FunctionLibrary functions;
  private final FeedTail tail;
  private final FeedSettings settings;

  /** For the client proxy. */
  protected ValkeyFeedStore() {
    this(null, null, null);
  }

  @Inject
  public ValkeyFeedStore(FunctionLibrary functions, FeedTail tail, FeedSettings settings) {
    this.functions = functions;
    this.tail = tail;
    this.settings = settings;
  }

  @Override
  public int forward(int limit) {
    Object published =
        functions
            .writeInBackground("forward", functions.channel(), limit, settings.maxEvents())
            .get(0);
    return Math.toIntExact(Rows.number(published));
  }

  @Override
  public FeedSlice read(EventId after, int limit) {
    List<Object> answer = functions.read("read_feed", after.toString(), limit);
    List<FeedEvent> events = new ArrayList<>(answer.size() / 2);
    for (int column = 1; column < answer.size(); column += 2) {
      events.add(FeedEvents.read(text(answer, column), text(answer, column + 1)));
    }
    String oldest = text(answer, 0);
    return new FeedSlice(after, events, oldest == null ? null : EventId.parse(oldest));
  }

  @Override
  public EventId newest() {
    List<Object> answer = functions.read("newest");
    return answer.isEmpty() ? EventId.BEGINNING : EventId.parse(text(answer, 0));
  }

  @Override
  public boolean await(EventId after, Duration patience) {
    return tail.await(after.toString(), patience);
  }
}
