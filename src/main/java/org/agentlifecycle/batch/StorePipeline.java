package org.agentlifecycle.batch;

import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.WaitingResult;

/**
 * Calls that the store receives in one write and executes in their order, each as one atomic step.
 *
 * <p>The methods have the rules of {@code AgentStore}, {@code SessionStore} and {@code
 * SupervisionStore}. They only add a call and return its future result, which exists after {@link
 * #execute}. The result may be a {@link org.agentlifecycle.agent.LifecycleException} that {@code
 * get} throws.
 */
public interface StorePipeline {

  Supplier<RegisterResult> register(Registration registration, IdempotencyKey key);

  Supplier<TransitionResult> move(
      String agentId, TransitionRequest request, List<AgentStatus> legalFrom, IdempotencyKey key);

  Supplier<HeartbeatResult> heartbeat(String agentId, Duration lease, Progress progress);

  Supplier<WaitingResult> startWaiting(String agentId, Waiting waiting, IdempotencyKey key);

  Supplier<WaitingResult> endWaiting(String agentId, IdempotencyKey key);

  Supplier<DesiredResult> setDesired(String agentId, DesiredRequest request, IdempotencyKey key);

  Supplier<EndSessionResult> endSession(String agentId, IdempotencyKey key);

  /**
   * Executes the calls, once.
   *
   * @throws org.agentlifecycle.agent.LifecycleException {@code STORE_UNAVAILABLE} if no call was
   *     sent
   */
  void execute();
}
