package org.agentlifecycle.contract;

import java.util.List;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.session.SessionStore;

/** An empty store, and a look at what came of the calls to it. */
public interface StoreUnderTest extends AutoCloseable {

  AgentStore agents();

  SessionStore sessions();

  FeedStore feed();

  /** Every event in the feed, oldest first. */
  List<AgentEvent> events();

  /** Every event that was published so far, in the order in which it was. */
  List<AgentEvent> published();

  @Override
  void close();
}
