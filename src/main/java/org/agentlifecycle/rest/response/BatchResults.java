package org.agentlifecycle.rest.response;

import java.util.List;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.batch.BatchCall;
import org.agentlifecycle.batch.BatchResult;
import org.agentlifecycle.rest.RestApplication;
import org.agentlifecycle.rest.problem.ProblemDetail;
import org.agentlifecycle.rest.problem.Problems;
import org.agentlifecycle.session.Heartbeat;

/** Response to a batch, with the results in the order of the calls. */
public record BatchResults(List<Result> results) {

  /**
   * Result of one call, as the single call would return it. Absent members are null.
   *
   * @param status the HTTP status
   * @param retryAfter the {@code Retry-After} of the single call, in seconds
   */
  public record Result(
      int status,
      Agent agent,
      Heartbeat heartbeat,
      Long retryAfter,
      ProblemDetail.Document problem) {

    private static Result of(int status, Agent agent, Heartbeat heartbeat) {
      return new Result(status, agent, heartbeat, null, null);
    }

    private static Result of(BatchCall call, BatchResult result) {
      if (result instanceof BatchResult.Registered registered) {
        return of(201, registered.agent(), null);
      }
      if (result instanceof BatchResult.Moved moved) {
        return of(200, moved.agent(), null);
      }
      if (result instanceof BatchResult.Renewed renewed) {
        return of(200, null, renewed.heartbeat());
      }
      if (result instanceof BatchResult.Failed failed) {
        return of(call, failed.reason());
      }
      return of(204, null, null);
    }

    private static Result of(BatchCall call, RuntimeException reason) {
      String path = RestApplication.PATH + "/" + path(call);
      ProblemDetail problem = Problems.of(reason, "POST batches, " + path);
      return new Result(
          problem.status(), null, null, problem.retryAfterSeconds(), problem.document(path));
    }

    /** Returns the path of the single call. */
    private static String path(BatchCall call) {
      if (call instanceof BatchCall.Move move) {
        return "agents/" + move.agentId() + "/transitions";
      }
      if (call instanceof BatchCall.SendHeartbeat heartbeat) {
        return "agents/" + heartbeat.agentId() + "/heartbeat";
      }
      if (call instanceof BatchCall.EndSession end) {
        return "agents/" + end.agentId() + "/session";
      }
      return "agents";
    }
  }

  public static BatchResults of(List<BatchCall> calls, List<BatchResult> results) {
    return new BatchResults(
        IntStream.range(0, calls.size())
            .mapToObj(i -> Result.of(calls.get(i), results.get(i)))
            .toList());
  }
}
