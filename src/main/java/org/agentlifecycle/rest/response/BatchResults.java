package org.agentlifecycle.rest.response;

import java.util.List;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.Desired;
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
      Desired desired,
      Long retryAfter,
      ProblemDetail.Document problem) {

    private static Result of(int status, Agent agent, Heartbeat heartbeat, Desired desired) {
      return new Result(status, agent, heartbeat, desired, null, null);
    }

    private static Result of(BatchCall call, BatchResult result) {
      if (result instanceof BatchResult.Registered registered) {
        return of(201, registered.agent(), null, null);
      }
      if (result instanceof BatchResult.Moved moved) {
        return of(200, moved.agent(), null, null);
      }
      if (result instanceof BatchResult.Renewed renewed) {
        return of(200, null, renewed.heartbeat(), null);
      }
      if (result instanceof BatchResult.DesiredSet set) {
        return of(200, null, null, set.desired());
      }
      if (result instanceof BatchResult.Failed failed) {
        return of(call, failed.reason());
      }
      return of(204, null, null, null);
    }

    private static Result of(BatchCall call, RuntimeException reason) {
      String path = RestApplication.PATH + "/" + path(call);
      ProblemDetail problem = Problems.of(reason, "POST batches, " + path);
      return new Result(
          problem.status(), null, null, null, problem.retryAfterSeconds(), problem.document(path));
    }

    /** Returns the path of the single call. */
    private static String path(BatchCall call) {
      if (call instanceof BatchCall.Move move) {
        return "agents/" + move.agentId() + "/transitions";
      }
      if (call instanceof BatchCall.SendHeartbeat heartbeat) {
        return "agents/" + heartbeat.agentId() + "/heartbeat";
      }
      if (call instanceof BatchCall.StartWaiting start) {
        return "agents/" + start.agentId() + "/waiting";
      }
      if (call instanceof BatchCall.EndWaiting end) {
        return "agents/" + end.agentId() + "/waiting";
      }
      if (call instanceof BatchCall.SetDesired set) {
        return "agents/" + set.agentId() + "/desired";
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
