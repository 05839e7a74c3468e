package org.agentlifecycle.rest.problem;

import jakarta.ws.rs.WebApplicationException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;

/** Maps exceptions, and statuses that a server chose, to problems. */
public final class Problems {
  private static final Logger LOG = System.getLogger(Problems.class.getName());

  /** Maximum time from the head of a request to the end of its body. */
  public static final Duration BODY_TIMEOUT = Duration.ofSeconds(10);

  private Problems() {}

  /**
   * Returns the problem of an exception. A fault is logged with the {@code instance} of the
   * response, which has no other information about it.
   *
   * @param request method and path, for the log
   */
  public static ProblemDetail of(Throwable thrown, String request) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProblemException rejected) {
        return rejected.problem();
      }
      if (cause instanceof LifecycleException rejected && rejected.reason() != Reason.STORE_FAULT) {
        return of(rejected);
      }
      if (cause instanceof WebApplicationException chosen
          && chosen.getResponse().getStatus() < 500) {
        return ofStatus(chosen.getResponse().getStatus());
      }
    }
    return fault(thrown, request);
  }

  private static ProblemDetail of(LifecycleException rejected) {
    ProblemType type = type(rejected.reason());
    Map<String, Object> details = new LinkedHashMap<>(rejected.details());
    return new ProblemDetail(
        type, type.status(), rejected.getMessage(), details, rejected.retryAfter(), null);
  }

  private static ProblemType type(Reason reason) {
    return switch (reason) {
      case AGENT_NOT_FOUND -> ProblemType.AGENT_NOT_FOUND;
      case AGENT_EXISTS -> ProblemType.AGENT_EXISTS;
      case ADMISSION_LIMIT -> ProblemType.ADMISSION_LIMIT;
      case ADMISSION_CLOSED -> ProblemType.ADMISSION_CLOSED;
      case AGENT_FINISHED -> ProblemType.AGENT_FINISHED;
      case KILL_NOT_FOUND -> ProblemType.KILL_NOT_FOUND;
      case TOO_MANY_KILLS -> ProblemType.TOO_MANY_KILLS;
      case IDEMPOTENCY_KEY_REUSED -> ProblemType.IDEMPOTENCY_KEY_REUSED;
      case ILLEGAL_TRANSITION -> ProblemType.ILLEGAL_TRANSITION;
      case VERSION_MISMATCH -> ProblemType.PRECONDITION_FAILED;
      case SESSION_NOT_FOUND -> ProblemType.SESSION_NOT_FOUND;
      case AGENT_NOT_FINISHED -> ProblemType.AGENT_NOT_FINISHED;
      case AGENT_NOT_RUNNING -> ProblemType.AGENT_NOT_RUNNING;
      case STOP_REQUESTED -> ProblemType.STOP_REQUESTED;
      case PARENT_NOT_ACTIVE -> ProblemType.PARENT_NOT_ACTIVE;
      case TREE_TOO_DEEP -> ProblemType.TREE_TOO_DEEP;
      case AGENT_NOT_DAMAGED -> ProblemType.AGENT_NOT_DAMAGED;
      case BUSY -> ProblemType.BUSY;
      case TOO_MANY_BATCHES -> ProblemType.TOO_MANY_BATCHES;
      case TOO_MANY_FOLLOWERS -> ProblemType.TOO_MANY_FOLLOWERS;
      case STORE_UNAVAILABLE -> ProblemType.STORE_UNAVAILABLE;
      case OUTCOME_UNKNOWN -> ProblemType.OUTCOME_UNKNOWN;
      case STORE_FAULT, RECORD_DAMAGED -> ProblemType.INTERNAL_ERROR;
    };
  }

  /** Returns the problem of a status that JAX-RS or the servlet container chose. */
  public static ProblemDetail ofStatus(int status) {
    return switch (status) {
      case 400 -> ValidationErrors.problem("request", "is not well-formed HTTP").problem();
      case 404 -> ProblemDetail.of(ProblemType.NOT_FOUND, "nothing is at this path");
      case 405 ->
          ProblemDetail.of(ProblemType.METHOD_NOT_ALLOWED, "the method is not allowed here");
      case 406 ->
          ProblemDetail.of(
              ProblemType.NOT_ACCEPTABLE,
              "Accept permits neither application/json nor application/problem+json");
      case 408 -> requestTimeout();
      case 413 -> contentTooLarge("the request is too large");
      case 415 -> notJson();
      case 501 -> ProblemDetail.of(ProblemType.NOT_IMPLEMENTED, "the method is not known");
      default ->
          status >= 500
              ? ProblemDetail.of(ProblemType.INTERNAL_ERROR, "the service has an internal error")
              : ProblemDetail.of(ProblemType.REQUEST_REFUSED, "the server rejected the request")
                  .withStatus(status);
    };
  }

  private static ProblemDetail fault(Throwable thrown, String request) {
    String instance = "urn:uuid:" + UUID.randomUUID();
    LOG.log(Level.ERROR, "request failed: " + LogText.escape(request) + ", " + instance, thrown);
    return ofStatus(500).withInstance(instance);
  }

  /** Returns the problem of a request that does not end in time. */
  public static ProblemDetail requestTimeout() {
    return ProblemDetail.of(
        ProblemType.REQUEST_TIMEOUT,
        "the body must arrive within "
            + BODY_TIMEOUT.toSeconds()
            + " s and without a pause of 5 s");
  }

  public static ProblemDetail contentTooLarge(String detail) {
    return ProblemDetail.of(ProblemType.CONTENT_TOO_LARGE, detail);
  }

  public static ProblemDetail notJson() {
    return ProblemDetail.of(
        ProblemType.UNSUPPORTED_MEDIA_TYPE,
        "the body must be application/json in UTF-8, without a content encoding");
  }

  /**
   * Returns the rejection of a body whose read failed: a pause of the sender, or invalid chunks.
   */
  public static ProblemException bodyInterrupted(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException || cause instanceof TimeoutException) {
        return new ProblemException(requestTimeout());
      }
    }
    return ValidationErrors.problem("body", "must arrive in full");
  }
}
