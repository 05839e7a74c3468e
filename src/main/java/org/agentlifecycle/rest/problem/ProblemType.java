package org.agentlifecycle.rest.problem;

import java.util.Locale;

/** Problem types with their status and title. */
public enum ProblemType {
  INVALID_REQUEST(400, "Invalid request"),
  NOT_FOUND(404, "Not found"),
  AGENT_NOT_FOUND(404, "Agent not found"),
  SESSION_NOT_FOUND(404, "Session not found"),
  KILL_NOT_FOUND(404, "Kill not found"),
  METHOD_NOT_ALLOWED(405, "Method not allowed"),
  NOT_ACCEPTABLE(406, "Not acceptable"),
  REQUEST_TIMEOUT(408, "Request timeout"),
  AGENT_EXISTS(409, "Duplicate agent id"),
  ILLEGAL_TRANSITION(409, "Illegal transition"),
  AGENT_FINISHED(409, "Agent finished"),
  AGENT_NOT_FINISHED(409, "Agent not finished"),
  AGENT_NOT_RUNNING(409, "Agent not running"),
  STOP_REQUESTED(409, "Stop requested"),
  PARENT_NOT_ACTIVE(409, "Parent not active"),
  TREE_TOO_DEEP(409, "Tree too deep"),
  ADMISSION_CLOSED(409, "Admission closed"),
  AGENT_NOT_DAMAGED(409, "Agent not damaged"),
  PRECONDITION_FAILED(412, "Precondition failed"),
  CONTENT_TOO_LARGE(413, "Content too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type"),
  IDEMPOTENCY_KEY_REUSED(422, "Idempotency key reused"),
  ADMISSION_LIMIT(429, "Admission limit reached"),
  INTERNAL_ERROR(500, "Internal error"),
  NOT_IMPLEMENTED(501, "Not implemented"),
  BUSY(503, "Agent busy"),
  TOO_MANY_BATCHES(503, "Too many batches"),
  TOO_MANY_KILLS(503, "Too many kills"),
  TOO_MANY_FOLLOWERS(503, "Too many followers"),
  STORE_UNAVAILABLE(503, "Store unavailable"),
  OUTCOME_UNKNOWN(504, "Outcome unknown"),
  /** A 4xx that the server chose and that has no other type. */
  REQUEST_REFUSED(400, "Request rejected");

  private final String uri =
      "urn:problem-type:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final int status;
  private final String title;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
  }

  public String uri() {
    return uri;
  }

  public int status() {
    return status;
  }

  String title() {
    return title;
  }
}
