package org.agentlifecycle.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Parent;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.Session;

/** Agent of the in-memory store with its history, session, lease and supervision. */
final class InMemoryAgent {
  final long sequence;
  final List<Transition> history = new ArrayList<>();
  Agent agent;
  RawJson context;
  String killId;
  boolean open = true;
  Instant cleanupAt;
  Duration lease;
  Instant renewedAt;
  Instant expiresAt;
  Instant lastHeartbeatAt;
  Progress progress;
  Instant progressAt;
  Waiting waiting;
  Desired desired;
  final InMemoryAgent parent;
  final boolean endsWithParent;
  final List<String> stopKills = new ArrayList<>();

  InMemoryAgent(Agent agent, Registration registration, InMemoryAgent parent) {
    this.sequence = agent.sequence();
    this.agent = agent;
    this.context = registration.session();
    this.parent = parent;
    this.endsWithParent = parent != null && registration.parent().onEnd() == Parent.OnEnd.KILL;
  }

  /** Returns the ids of the root … the parent. */
  List<String> ancestors() {
    List<String> ids = new ArrayList<>();
    if (parent != null) {
      ids.addAll(parent.ancestors());
      ids.add(parent.id());
    }
    return ids;
  }

  boolean isStopRequested() {
    return desired != null && desired.deadline() != null;
  }

  /** Returns when the service ends the agent; null: never. */
  Instant deadline() {
    if (isFinal()) {
      return null;
    }
    Instant of = agent.startDeadline() == null ? agent.runDeadline() : agent.startDeadline();
    if (!isStopRequested()) {
      return of;
    }
    return of != null && of.isBefore(desired.deadline()) ? of : desired.deadline();
  }

  String id() {
    return agent.agentId();
  }

  Session session(boolean withContext) {
    RawJson shown = withContext ? context : null;
    return new Session(
        id(),
        agent.spawnedAt(),
        lastHeartbeatAt,
        expiresAt,
        cleanupAt,
        progress,
        progressAt,
        waiting,
        desired,
        shown);
  }

  boolean isFinal() {
    return agent.status().isFinal();
  }

  /** A final agent has no lease. */
  void renew(Instant now) {
    renewedAt = now;
    expiresAt = lease == null || isFinal() ? null : now.plus(lease);
  }
}
