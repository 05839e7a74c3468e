package org.agentlifecycle.contract;

import java.time.Instant;
import java.util.List;
import org.agentlifecycle.admission.AdmissionStore;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentStore;
import org.agentlifecycle.feed.FeedStore;
import org.agentlifecycle.kill.KillStore;
import org.agentlifecycle.session.SessionStore;

/** An empty store, and a look at what came of the calls to it. */
public interface StoreUnderTest extends AutoCloseable {

  AgentStore agents();

  SessionStore sessions();

  FeedStore feed();

  KillStore kills();

  AdmissionStore admission();

  /** What another server works with: the same store, through objects of its own. */
  StoreUnderTest anotherServer();

  /** Every event in the feed, oldest first. */
  List<AgentEvent> events();

  /** Every event that was published so far, in the order in which it was. */
  List<AgentEvent> published();

  /** What time it is there. */
  Instant now();

  /** Cuts the feed to its newest events. */
  void trimFeed(int newest);

  /** How many records of any kind the store holds, events aside. */
  long size();

  @Override
  void close();
}
