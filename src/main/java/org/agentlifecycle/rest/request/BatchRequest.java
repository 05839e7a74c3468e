package org.agentlifecycle.rest.request;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.batch.BatchCall;
import org.agentlifecycle.batch.BatchService;
import org.agentlifecycle.rest.binding.BoundedListDeserializer;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.binding.RawJsonDeserializer;
import org.agentlifecycle.rest.problem.ValidationErrors;
import tools.jackson.databind.annotation.JsonDeserialize;

/** Body of {@code POST /batches}. The members of a call are those of the single call. */
public record BatchRequest(
    @JsonDeserialize(using = Calls.class) @NotNull(message = Constraints.REQUIRED) List<Call> calls)
    implements JsonRequest {

  private static final List<String> KINDS =
      List.of("register", "move", "heartbeat", "waiting", "endWaiting", "desired", "endSession");

  /** A call. It has exactly one member. */
  public record Call(
      @Valid RegisterRequest register,
      @Valid Move move,
      @Valid Heartbeat heartbeat,
      @Valid StartWaiting waiting,
      @Valid EndWaiting endWaiting,
      @Valid SetDesired desired,
      @Valid EndSession endSession)
      implements JsonRequest {

    @Override
    public void check(ValidationErrors errors) {
      if (members(errors) != 1) {
        errors.add("", "must have exactly one of " + String.join(", ", KINDS));
      } else {
        checkMember("register", register, errors);
        checkMember("move", move, errors);
        checkMember("heartbeat", heartbeat, errors);
        checkMember("waiting", waiting, errors);
        checkMember("desired", desired, errors);
      }
    }

    private static void checkMember(String name, JsonRequest member, ValidationErrors errors) {
      if (member != null) {
        member.check(errors.in(name));
      }
    }

    private BatchCall batchCall(IdempotencyKey key) {
      if (register != null) {
        return new BatchCall.Register(register.registration(), key);
      }
      if (move != null) {
        return move.batchCall(key);
      }
      if (heartbeat != null) {
        return heartbeat.batchCall();
      }
      if (waiting != null) {
        return new BatchCall.StartWaiting(waiting.agentId(), waiting.single().waiting(), key);
      }
      if (endWaiting != null) {
        return new BatchCall.EndWaiting(endWaiting.agentId(), key);
      }
      if (desired != null) {
        return new BatchCall.SetDesired(desired.agentId(), desired.single().request(), key);
      }
      return new BatchCall.EndSession(endSession.agentId(), key);
    }

    /** A member that was rejected is present too. */
    private long members(ValidationErrors errors) {
      List<Object> values =
          Arrays.asList(register, move, heartbeat, waiting, endWaiting, desired, endSession);
      return IntStream.range(0, KINDS.size())
          .filter(i -> values.get(i) != null || errors.contains(KINDS.get(i)))
          .count();
    }
  }

  /**
   * A transition.
   *
   * @param ifVersion the version that must be current; null: any version
   */
  public record Move(
      @NotNull(message = Constraints.REQUIRED) @Id String agentId,
      @NotNull(message = Constraints.REQUIRED) AgentStatus to,
      @ShortText String error,
      @ShortText String reason,
      @JsonDeserialize(using = RawJsonDeserializer.Any.class) RawJson result,
      @JsonDeserialize(using = LinkRequest.Links.class) List<LinkRequest> links,
      @Min(value = 1, message = "must be at least 1") Long ifVersion)
      implements JsonRequest {

    @Override
    public void check(ValidationErrors errors) {
      single().check(errors);
    }

    private MoveRequest single() {
      return new MoveRequest(to, error, reason, result, links);
    }

    private BatchCall batchCall(IdempotencyKey key) {
      Set<AgentVersion> versions =
          ifVersion == null ? null : Set.of(AgentVersion.ofAnyLife(ifVersion));
      return new BatchCall.Move(agentId, single().transition(versions), key);
    }
  }

  /** A heartbeat. */
  public record Heartbeat(
      @NotNull(message = Constraints.REQUIRED) @Id String agentId,
      @AllowedDuration(AllowedDuration.Kind.LEASE) Duration lease,
      @Valid ProgressRequest progress)
      implements JsonRequest {

    @Override
    public void check(ValidationErrors errors) {
      single().check(errors);
    }

    private HeartbeatRequest single() {
      return new HeartbeatRequest(lease, progress);
    }

    private BatchCall batchCall() {
      return new BatchCall.SendHeartbeat(agentId, lease, single().newProgress());
    }
  }

  /** An agent waits for somebody. */
  public record StartWaiting(
      @NotNull(message = Constraints.REQUIRED) @Id String agentId,
      @JsonProperty("for") Waiting.Kind kind,
      String note,
      String url)
      implements JsonRequest {

    @Override
    public void check(ValidationErrors errors) {
      single().check(errors);
    }

    private WaitingRequest single() {
      return new WaitingRequest(kind, note, url);
    }
  }

  /** An agent waits for nobody. */
  public record EndWaiting(@NotNull(message = Constraints.REQUIRED) @Id String agentId)
      implements JsonRequest {}

  /** A desired state. */
  public record SetDesired(
      @NotNull(message = Constraints.REQUIRED) @Id String agentId,
      @NotNull(message = Constraints.REQUIRED) Desired.Mode mode,
      @AllowedDuration(AllowedDuration.Kind.GRACE_PERIOD) Duration grace,
      @ShortText String reason)
      implements JsonRequest {

    @Override
    public void check(ValidationErrors errors) {
      single().check(errors);
    }

    private DesiredStateRequest single() {
      return new DesiredStateRequest(mode, grace, reason);
    }
  }

  /** The end of a session. */
  public record EndSession(@NotNull(message = Constraints.REQUIRED) @Id String agentId)
      implements JsonRequest {}

  static final class Calls extends BoundedListDeserializer<Call> {
    Calls() {
      super(Call.class, 1, BatchService.MAX_CALLS);
    }
  }

  /**
   * Returns the calls.
   *
   * @param keys the idempotency key of each call by its position; null: none
   */
  public List<BatchCall> batchCalls(IntFunction<IdempotencyKey> keys) {
    return IntStream.range(0, calls.size())
        .mapToObj(position -> calls.get(position).batchCall(keys.apply(position)))
        .toList();
  }
}
