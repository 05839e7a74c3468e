package org.agentlifecycle.memory;

import java.time.Instant;
import java.util.List;
import org.agentlifecycle.admission.AdmissionStore;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.batch.BatchStore;
import org.agentlifecycle.contract.StoreContract;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.contract.StoreUnderTest;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.kill.KillStore;
import org.agentlifecycle.session.SessionStore;
import org.agentlifecycle.supervision.SupervisionStore;

class InMemoryStoreTest extends StoreContract {

  @Override
  protected StoreUnderTest open(StoreSettings settings) {
    return new InMemory(new InMemoryStore(settings));
  }

  private record InMemory(InMemoryStore store) implements StoreUnderTest {
    @Override
    public AgentStore agents() {
      return store;
    }

    @Override
    public SessionStore sessions() {
      return store;
    }

    @Override
    public SupervisionStore supervision() {
      return store;
    }

    @Override
    public FeedStore feed() {
      return store.feed();
    }

    @Override
    public KillStore kills() {
      return store;
    }

    @Override
    public BatchStore batches() {
      return store;
    }

    @Override
    public AdmissionStore admission() {
      return store;
    }

    @Override
    public StoreUnderTest anotherServer() {
      return this;
    }

    @Override
    public List<AgentEvent> events() {
      return store.feed().events();
    }

    @Override
    public List<AgentEvent> published() {
      return store.feed().channel();
    }

    @Override
    public Instant now() {
      return Instant.now();
    }

    @Override
    public void trimFeed(int newest) {
      store.feed().trim(newest);
    }

    @Override
    public long size() {
      return store.size();
    }

    @Override
    public void close() {}
  }
}
