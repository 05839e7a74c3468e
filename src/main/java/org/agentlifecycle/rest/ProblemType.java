package org.agentlifecycle.rest;

import java.util.Locale;

/** Every type of problem that this service answers with, with its status and its title. */
enum ProblemType {
  INVALID_REQUEST(400, "The request is not valid"),
  NOT_FOUND(404, "There is nothing here"),
  AGENT_NOT_FOUND(404, "There is no such agent"),
  SESSION_NOT_FOUND(404, "There is no open session"),
  KILL_NOT_FOUND(404, "There is no such kill"),
  METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
  NOT_ACCEPTABLE(406, "Nothing that the client accepts can be served"),
  REQUEST_TIMEOUT(408, "The body did not arrive in time"),
  AGENT_EXISTS(409, "The agent exists already"),
  ILLEGAL_TRANSITION(409, "The agent cannot make this move"),
  AGENT_FINISHED(409, "The agent is finished"),
  AGENT_NOT_FINISHED(409, "The agent is not finished"),
  ADMISSION_CLOSED(409, "Registration is closed"),
  AGENT_NOT_DAMAGED(409, "The agent's record can be read"),
  PRECONDITION_FAILED(412, "The agent has another version"),
  CONTENT_TOO_LARGE(413, "The body is too large"),
  UNSUPPORTED_MEDIA_TYPE(415, "The body's media type is not supported"),
  IDEMPOTENCY_KEY_REUSED(422, "The key was used for another call"),
  ADMISSION_LIMIT(429, "As many agents are active as may be"),
  INTERNAL_ERROR(500, "The service met a fault of its own"),
  NOT_IMPLEMENTED(501, "The method is not known"),
  BUSY(503, "The agent is busy"),
  TOO_MANY_KILLS(503, "As many kills are at work as may be"),
  TOO_MANY_FOLLOWERS(503, "The server has as many followers as it may"),
  STORE_UNAVAILABLE(503, "The store is not available"),
  OUTCOME_UNKNOWN(504, "Nobody knows whether the call took effect"),
  /** Of a 4xx that a server made and for which nothing better is known. */
  REQUEST_REFUSED(400, "The request was refused");

  private final String uri =
      "urn:problem-type:" + name().toLowerCase(Locale.ROOT).replace('_', '-');
  private final int status;
  private final String title;

  ProblemType(int status, String title) {
    this.status = status;
    this.title = title;
  }

  String uri() {
    return uri;
  }

  int status() {
    return status;
  }

  String title() {
    return title;
  }
}
