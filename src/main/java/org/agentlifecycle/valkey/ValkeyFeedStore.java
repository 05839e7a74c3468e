package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.ReplyReader.text;

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
import org.agentlifecycle.feed.ForwardResult;

/** The event feed in Valkey. */
@ApplicationScoped
public class ValkeyFeedStore implements FeedStore {

  /** A slice ends with the entry that exceeds this number of bytes. */
  private static final int SLICE_BYTES = 256 << 10;

  private final FunctionLibrary functions;
  private final BlockingFeedReader blockingReader;
  private final FeedSettings settings;
  private final FeedEventParser parser = new FeedEventParser();

  /** For the client proxy. */
  protected ValkeyFeedStore() {
    this(null, null, null);
  }

  @Inject
  public ValkeyFeedStore(
      FunctionLibrary functions, BlockingFeedReader blockingReader, FeedSettings settings) {
    this.functions = functions;
    this.blockingReader = blockingReader;
    this.settings = settings;
  }

  @Override
  public ForwardResult forward(int limit) {
    List<Object> reply =
        functions.writeInBackground("forward", functions.channel(), limit, settings.maxEvents());
    return new ForwardResult(
        Math.toIntExact(ReplyReader.number(reply.get(0))), ReplyReader.number(reply.get(1)) == 1);
  }

  @Override
  public FeedSlice read(EventId after, int limit) {
    List<Object> reply = functions.read("read_feed", after.toString(), limit, SLICE_BYTES);
    List<FeedEvent> events = new ArrayList<>(reply.size() / 3);
    EventId end = after;
    for (int column = 3; column < reply.size(); column += 3) {
      String id = text(reply, column);
      FeedEvent event = parser.parse(id, text(reply, column + 1), text(reply, column + 2));
      if (event != null) {
        events.add(event);
      }
      end = EventId.parse(id);
    }
    boolean found = ReplyReader.number(reply.get(2)) == 1;
    return new FeedSlice(after, found, events, end, id(reply, 0), id(reply, 1));
  }

  private static EventId id(List<Object> reply, int column) {
    String id = text(reply, column);
    return id == null ? null : EventId.parse(id);
  }

  @Override
  public EventId lastEventId() {
    List<Object> reply = functions.read("newest");
    return reply.isEmpty() ? EventId.BEGINNING : EventId.parse(text(reply, 0));
  }

  @Override
  public boolean awaitEvent(EventId after, Duration timeout) {
    return blockingReader.awaitEvent(after.toString(), timeout);
  }
}
