package org.agentlifecycle.contract;

import java.time.Instant;
import java.util.List;
import org.agentlifecycle.admission.AdmissionStore;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.batch.BatchStore;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.kill.KillStore;
import org.agentlifecycle.session.SessionStore;
import org.agentlifecycle.supervision.SupervisionStore;

/** Store under test with access to its events and its size. */
public interface StoreUnderTest extends AutoCloseable {

  AgentStore agents();

  SessionStore sessions();

  SupervisionStore supervision();

  FeedStore feed();

  KillStore kills();

  BatchStore batches();

  AdmissionStore admission();

  /** Returns the same store as another server uses it: through separate objects. */
  StoreUnderTest anotherServer();

  /** Returns all events of the feed, oldest first. */
  List<AgentEvent> events();

  /** Returns all published events in the order of publication. */
  List<AgentEvent> published();

  /** Returns the time of the store. */
  Instant now();

  /** Trims the feed to its newest events. */
  void trimFeed(int newest);

  /** Returns the number of records of all kinds, without events. */
  long size();

  @Override
  void close();
}
