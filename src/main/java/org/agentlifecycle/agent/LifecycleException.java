package org.agentlifecycle.agent;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Something that a caller asked for was not done. The message is a sentence for the caller and
 * holds nothing of the inside; what went wrong inside is the cause.
 */
public class LifecycleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why. The REST package turns each into a problem; nobody else gives it a number. */
  public enum Reason {
    AGENT_NOT_FOUND,
    AGENT_EXISTS,
    /** As many agents are active as may be. */
    ADMISSION_LIMIT,
    /** An operator has closed registration. */
    ADMISSION_CLOSED,
    /** The agent is final: its runner should stop. */
    AGENT_FINISHED,
    KILL_NOT_FOUND,
    /** As many bulk kills are at work as may be. */
    TOO_MANY_KILLS,
    /** The caller used an idempotency key for another call before. */
    IDEMPOTENCY_KEY_REUSED,
    ILLEGAL_TRANSITION,
    /** The caller expected another version. */
    VERSION_MISMATCH,
    SESSION_NOT_FOUND,
    /** The session of an agent that still lives cannot be ended. */
    AGENT_NOT_FINISHED,
    /** Only an agent whose record cannot be read can be removed. */
    AGENT_NOT_DAMAGED,
    /** Others held the agent's lock for as long as a caller waits. Nothing was changed. */
    BUSY,
    /** This server serves as many followers of the feed as it may. */
    TOO_MANY_FOLLOWERS,
    /** The store did not take the call. Nothing was changed. */
    STORE_UNAVAILABLE,
    /** The store may or may not have taken the call. */
    OUTCOME_UNKNOWN,
    /** The store holds or answers something that cannot be. */
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

  public static LifecycleException agentNotFound(String agentId) {
    return of(Reason.AGENT_NOT_FOUND, "there is no agent " + agentId, Map.of());
  }

  public static LifecycleException agentExists(String agentId) {
    return of(Reason.AGENT_EXISTS, "there is an agent " + agentId + " already", Map.of());
  }

  /** Names both ends of the refused move, and what would have been allowed. */
  public static LifecycleException illegalTransition(
      String agentId, AgentStatus from, AgentStatus to) {
    // In this order, as a reader wants it.
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
            + ", and no expected entity tag identifies it",
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

  /**
   * Rejects the heartbeat of a final agent.
   *
   * @param reason the reason of the last transition; null if there is none
   * @param error why the agent failed; null if it did not
   * @param killId the bulk kill that killed the agent; null if none did
   */
  public static LifecycleException agentFinished(
      String agentId, AgentStatus status, String reason, String error, String killId) {
    Map<String, Object> details = new LinkedHashMap<>();
    details.put("agentStatus", status.wireName());
    details.put("reason", reason);
    details.put("error", error);
    details.put("killId", killId);
    details.values().removeIf(Objects::isNull);
    return of(
        Reason.AGENT_FINISHED,
        "agent " + agentId + " is " + status.wireName() + "; stop its process",
        details);
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
    return new LifecycleException(
        Reason.TOO_MANY_KILLS,
        "the maximum number of kills is running; nothing was changed",
        Map.of(),
        Duration.ofSeconds(1),
        null);
  }

  public static LifecycleException keyReused() {
    return of(
        Reason.IDEMPOTENCY_KEY_REUSED,
        "the Idempotency-Key was used for another call before",
        Map.of());
  }

  public static LifecycleException agentNotDamaged(String agentId) {
    return of(
        Reason.AGENT_NOT_DAMAGED,
        "the record of agent " + agentId + " can be read; only a damaged record can be removed",
        Map.of());
  }

  public static LifecycleException busy(String agentId) {
    return new LifecycleException(
        Reason.BUSY,
        "agent " + agentId + " is busy with other calls; nothing was changed",
        Map.of(),
        Duration.ofSeconds(1),
        null);
  }

  public static LifecycleException tooManyFollowers(int limit) {
    return new LifecycleException(
        Reason.TOO_MANY_FOLLOWERS,
        "this server takes no more followers now",
        Map.of("limit", limit),
        Duration.ofSeconds(2),
        null);
  }

  public static LifecycleException storeUnavailable(Duration retryAfter, Throwable cause) {
    return new LifecycleException(
        Reason.STORE_UNAVAILABLE,
        "the store cannot take calls now; nothing was changed",
        Map.of(),
        retryAfter,
        cause);
  }

  public static LifecycleException outcomeUnknown(Throwable cause) {
    return new LifecycleException(
        Reason.OUTCOME_UNKNOWN,
        "the store did not answer in time and may or may not have taken the call",
        Map.of(),
        Duration.ofSeconds(1),
        cause);
  }

  /**
   * Something is wrong with what the store holds.
   *
   * @param what a sentence for the log; the caller only hears that there is a fault
   */
  public static LifecycleException storeFault(String what, Throwable cause) {
    return new LifecycleException(
        Reason.STORE_FAULT,
        "the service has an internal error",
        Map.of(),
        null,
        new IllegalStateException(what, cause));
  }

  /** The record of this agent cannot be read. Other agents are not affected. */
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

  /** Whether the store did not take the call or did not reply, so that a later call may succeed. */
  public boolean isStoreOutage() {
    return reason == Reason.STORE_UNAVAILABLE || reason == Reason.OUTCOME_UNKNOWN;
  }

  /** Facts for the caller by name: text, numbers or lists of text. */
  public Map<String, Object> details() {
    return details;
  }

  /** When a retry makes sense; null where it makes none. */
  public Duration retryAfter() {
    return retryAfter;
  }
}
