package org.agentlifecycle.rest;

import jakarta.ws.rs.WebApplicationException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;

/** What becomes of everything that is thrown, and of every status that a server chose. */
final class Problems {
  private static final Logger LOG = System.getLogger(Problems.class.getName());

  private Problems() {}

  /**
   * The problem of a throwable. Faults of our own are logged with the instance that the client
   * hears of, and with nothing else of them does it hear.
   *
   * @param request for the log
   */
  static Problem of(Throwable thrown, String request) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ProblemException refused) {
        return refused.problem();
      }
      if (cause instanceof LifecycleException refused && refused.reason() != Reason.STORE_FAULT) {
        return of(refused);
      }
      if (cause instanceof WebApplicationException chosen
          && chosen.getResponse().getStatus() < 500) {
        return ofStatus(chosen.getResponse().getStatus());
      }
    }
    return fault(thrown, request);
  }

  private static Problem of(LifecycleException refused) {
    Problem problem = Problem.of(type(refused.reason()), refused.getMessage());
    Map<String, Object> details = new LinkedHashMap<>(refused.details());
    return new Problem(
        problem.type(), problem.status(), problem.detail(), details, refused.retryAfter(), null);
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
      case AGENT_NOT_DAMAGED -> ProblemType.AGENT_NOT_DAMAGED;
      case BUSY -> ProblemType.BUSY;
      case TOO_MANY_FOLLOWERS -> ProblemType.TOO_MANY_FOLLOWERS;
      case STORE_UNAVAILABLE -> ProblemType.STORE_UNAVAILABLE;
      case OUTCOME_UNKNOWN -> ProblemType.OUTCOME_UNKNOWN;
      case STORE_FAULT, RECORD_DAMAGED -> ProblemType.INTERNAL_ERROR;
    };
  }

  /** The problem of a status that JAX-RS or the servlet container chose by itself. */
  static Problem ofStatus(int status) {
    return switch (status) {
      case 400 -> Refusals.of("request", "is not well-formed HTTP").problem();
      case 404 -> Problem.of(ProblemType.NOT_FOUND, "nothing is at this path");
      case 405 -> Problem.of(ProblemType.METHOD_NOT_ALLOWED, "the method is not allowed here");
      case 406 ->
          Problem.of(
              ProblemType.NOT_ACCEPTABLE,
              "Accept permits neither application/json nor application/problem+json");
      case 408 -> RequestBody.tooSlow();
      case 413 -> RequestBody.tooLarge();
      case 415 -> RequestBody.notJson();
      case 501 -> Problem.of(ProblemType.NOT_IMPLEMENTED, "the method is not known");
      default ->
          status >= 500
              ? Problem.of(ProblemType.INTERNAL_ERROR, "the service has an internal error")
              : Problem.of(ProblemType.REQUEST_REFUSED, "the server rejected the request")
                  .withStatus(status);
    };
  }

  private static Problem fault(Throwable thrown, String request) {
    String instance = "urn:uuid:" + UUID.randomUUID();
    LOG.log(Level.ERROR, Texts.printable(request) + " failed, " + instance, thrown);
    return ofStatus(500).withInstance(instance);
  }
}
