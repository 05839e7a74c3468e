package org.agentlifecycle.agent;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Rejection or failure of a call. The message is for the caller and contains no internals; the
 * cause is for the log.
 */
public class LifecycleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Reason of the rejection. Only the {@code rest} package maps a reason to an HTTP status. */
  public enum Reason {
    AGENT_NOT_FOUND,
    AGENT_EXISTS,
    /** The parent of a new agent does not exist, is final, or was requested to stop. */
    PARENT_NOT_ACTIVE,
    /** A new agent would be deeper in its tree than allowed. */
    TREE_TOO_DEEP,
    /** The limit of active agents is reached. */
    ADMISSION_LIMIT,
    /** An operator has closed registration. */
    ADMISSION_CLOSED,
    /** The agent is final, and its runner should stop. */
    AGENT_FINISHED,
    /** Only a running agent can wait for somebody. */
    AGENT_NOT_RUNNING,
    /** A stop of the agent was requested and cannot be withdrawn. */
    STOP_REQUESTED,
    KILL_NOT_FOUND,
    /** The maximum number of bulk kills is running. */
    TOO_MANY_KILLS,
    /** The idempotency key belongs to another call. */
    IDEMPOTENCY_KEY_REUSED,
    ILLEGAL_TRANSITION,
    /** The caller expected another version. */
    VERSION_MISMATCH,
    SESSION_NOT_FOUND,
    /** The session of an active agent cannot be ended. */
    AGENT_NOT_FINISHED,
    /** Only an agent whose record cannot be read can be removed. */
    AGENT_NOT_DAMAGED,
    /** The lock timeout of the agent has passed. Nothing was changed. */
    BUSY,
    /** This server is processing the maximum number of batches. Nothing was changed. */
    TOO_MANY_BATCHES,
    /** This server has the maximum number of followers. */
    TOO_MANY_FOLLOWERS,
    /** The store did not receive or did not accept the call. Nothing was changed. */
    STORE_UNAVAILABLE,
    /** The store may or may not have applied the call. */
    OUTCOME_UNKNOWN,
    /** The store contains invalid data, or its reply is invalid. */
    STORE_FAULT,
    /** The record of this agent cannot be read. Nothing was changed. */
    RECORD_DAMAGED
  }

  private final Reason reason;
  private final transient Map<String, Object> details;
  private final Duration retryAfter;

  private LifecycleException(
      Reason reason,
      String message,
      Map<String, Object> details,
      Duration retryAfter,
      Throwable cause) {
    super(message, cause);
    this.reason = reason;
    this.details = details;
    this.retryAfter = retryAfter;
  }

  private static LifecycleException of(Reason reason, String message, Map<String, Object> details) {
    return new LifecycleException(reason, message, details, null, null);
  }

  /** Returns a rejection after which a retry makes sense in a second. */
  private static LifecycleException retryable(Reason reason, String message) {
    return new LifecycleException(reason, message, Map.of(), Duration.ofSeconds(1), null);
  }

  public static LifecycleException agentNotFound(String agentId) {
    return of(Reason.AGENT_NOT_FOUND, "there is no agent " + agentId, Map.of());
  }

  public static LifecycleException agentExists(String agentId) {
    return of(Reason.AGENT_EXISTS, "agent " + agentId + " already exists", Map.of());
  }

  /** Names both statuses of the rejected transition, and the allowed statuses. */
  public static LifecycleException illegalTransition(
      String agentId, AgentStatus from, AgentStatus to) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("from", from.wireName());
    details.put("to", to.wireName());
    details.put("allowed", from.next().stream().map(AgentStatus::wireName).toList());
    return of(
        Reason.ILLEGAL_TRANSITION,
        "invalid transition of agent "
            + agentId
            + " from "
            + from.wireName()
            + " to "
            + to.wireName(),
        details);
  }

  public static LifecycleException versionMismatch(String agentId, long version) {
    return of(
        Reason.VERSION_MISMATCH,
        "agent "
            + agentId
            + " is at version "
            + version
            + ", which is not the expected version of this agent",
        Map.of("version", version));
  }

  public static LifecycleException sessionNotFound(String agentId) {
    return of(Reason.SESSION_NOT_FOUND, "agent " + agentId + " has no open session", Map.of());
  }

  public static LifecycleException agentNotFinished(String agentId, AgentStatus status) {
    return of(
        Reason.AGENT_NOT_FINISHED,
        "agent " + agentId + " is still " + status.wireName(),
        Map.of("agentStatus", status.wireName()));
  }

  /** Rejects a call for an active agent, because the agent is final. */
  public static LifecycleException agentFinished(String agentId, Ending ending) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("agentStatus", ending.status().wireName());
    details.put("reason", ending.reason());
    details.put("error", ending.error());
    details.put("killId", ending.killId());
    details.values().removeIf(Objects::isNull);
    return of(
        Reason.AGENT_FINISHED,
        "agent " + agentId + " is " + ending.status().wireName() + "; stop its process",
        details);
  }

  public static LifecycleException agentNotRunning(String agentId, AgentStatus status) {
    return of(
        Reason.AGENT_NOT_RUNNING,
        "agent " + agentId + " is " + status.wireName() + "; only a running agent can wait",
        Map.of("agentStatus", status.wireName()));
  }

  public static LifecycleException stopRequested(String agentId) {
    return of(
        Reason.STOP_REQUESTED,
        "a stop of agent " + agentId + " was requested and cannot be withdrawn",
        Map.of());
  }

  public static LifecycleException parentNotActive(String parentId) {
    return of(
        Reason.PARENT_NOT_ACTIVE,
        "the parent "
            + parentId
            + " does not exist, is final or was requested to stop; nothing was changed",
        Map.of("parentId", parentId));
  }

  public static LifecycleException treeTooDeep() {
    return of(
        Reason.TREE_TOO_DEEP,
        "an agent must not have more than " + Agent.MAX_DEPTH + " ancestors; nothing was changed",
        Map.of("maxDepth", Agent.MAX_DEPTH));
  }

  public static LifecycleException admissionLimit(long limit) {
    return new LifecycleException(
        Reason.ADMISSION_LIMIT,
        "the limit of " + limit + " active agents is reached",
        Map.of("maxActive", limit),
        Duration.ofSeconds(1),
        null);
  }

  public static LifecycleException admissionClosed() {
    return of(
        Reason.ADMISSION_CLOSED,
        "registration is closed until an operator opens it; nothing was changed",
        Map.of());
  }

  public static LifecycleException killNotFound(String killId) {
    return of(Reason.KILL_NOT_FOUND, "there is no kill " + killId, Map.of());
  }

  public static LifecycleException tooManyKills() {
    return retryable(
        Reason.TOO_MANY_KILLS, "the maximum number of kills is running; nothing was changed");
  }

  public static LifecycleException keyReused() {
    return of(
        Reason.IDEMPOTENCY_KEY_REUSED,
        "the Idempotency-Key was used for another call; nothing was changed",
        Map.of());
  }

  public static LifecycleException agentNotDamaged(String agentId) {
    return of(
        Reason.AGENT_NOT_DAMAGED,
        "the record of agent " + agentId + " can be read; only a damaged record can be removed",
        Map.of());
  }

  public static LifecycleException busy(String agentId) {
    return retryable(
        Reason.BUSY, "agent " + agentId + " is busy with other calls; nothing was changed");
  }

  public static LifecycleException tooManyBatches() {
    return retryable(
        Reason.TOO_MANY_BATCHES,
        "this server is processing the maximum number of batches; nothing was changed");
  }

  public static LifecycleException tooManyFollowers(int limit) {
    return new LifecycleException(
        Reason.TOO_MANY_FOLLOWERS,
        "the limit of " + limit + " followers of this server is reached",
        Map.of("limit", limit),
        Duration.ofSeconds(2),
        null);
  }

  public static LifecycleException storeUnavailable(Duration retryAfter, Throwable cause) {
    return new LifecycleException(
        Reason.STORE_UNAVAILABLE,
        "the store is not available; nothing was changed",
        Map.of(),
        retryAfter,
        cause);
  }

  public static LifecycleException outcomeUnknown(Throwable cause) {
    return new LifecycleException(
        Reason.OUTCOME_UNKNOWN,
        "the store did not reply in time and may or may not have applied the call",
        Map.of(),
        Duration.ofSeconds(1),
        cause);
  }

  /**
   * Reports invalid data of the store. The caller gets no details.
   *
   * @param detail a sentence for the log
   */
  public static LifecycleException storeFault(String detail, Throwable cause) {
    return new LifecycleException(
        Reason.STORE_FAULT,
        "the service has an internal error",
        Map.of(),
        null,
        new IllegalStateException(detail, cause));
  }

  /** Reports a record that cannot be read. Other agents are not affected. */
  public static LifecycleException recordDamaged(String agentId, Throwable cause) {
    return new LifecycleException(
        Reason.RECORD_DAMAGED,
        "the record of agent " + agentId + " is damaged; an operator can repair or remove it",
        Map.of(),
        null,
        cause);
  }

  /**
   * Returns the same rejection with one more clause in its message.
   *
   * @param hint clause for the caller, without punctuation at its end
   */
  public LifecycleException withHint(String hint) {
    return new LifecycleException(
        reason, getMessage() + "; " + hint, details, retryAfter, getCause());
  }

  public Reason reason() {
    return reason;
  }

  /** Returns whether the store was not available or did not reply, so that a retry may succeed. */
  public boolean isStoreOutage() {
    return reason == Reason.STORE_UNAVAILABLE || reason == Reason.OUTCOME_UNKNOWN;
  }

  /** Returns details for the caller by name: texts, numbers or lists of texts. */
  public Map<String, Object> details() {
    return details;
  }

  /** Returns the time after which a retry makes sense; null: no retry makes sense. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
