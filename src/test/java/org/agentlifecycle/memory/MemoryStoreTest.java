package org.agentlifecycle.memory;

import java.time.Duration;
import java.util.List;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.session.SessionStore;

class MemoryStoreTest extends StoreContract {

  @Override
  protected StoreUnderTest open(Duration cleanupDelay) {
    MemoryStore store = new MemoryStore(cleanupDelay);
    return new StoreUnderTest() {
      @Override
      public AgentStore agents() {
        return store;
      }

      @Override
      public SessionStore sessions() {
        return store;
      }

      @Override
      public FeedStore feed() {
        return store;
      }

      @Override
      public List<AgentEvent> events() {
        return store.feed();
      }

      @Override
      public List<AgentEvent> published() {
        return store.channel();
      }

      @Override
      public void close() {}
    };
  }
}
