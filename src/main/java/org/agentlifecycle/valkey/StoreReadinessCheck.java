package org.agentlifecycle.valkey;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import java.util.Optional;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.health.GuardedCheck;
import org.agentlifecycle.health.HealthReport;
import org.eclipse.microprofile.health.Readiness;

/**
 * Reports UP if the store accepts writes: it replies, the function library is loaded, and it is
 * neither a replica nor out of memory. It calls a function that writes nothing but is rejected like
 * a registration.
 */
@Readiness
@ApplicationScoped
public class StoreReadinessCheck extends GuardedCheck {

  /**
   * As long as the largest request body: the memory of a call counts against maxmemory, so that a
   * nearly full store accepts a short call and rejects a registration.
   */
  private static final String PADDING = "x".repeat(64 * 1024);

  private final FunctionLibrary functions;
  private final StoreMonitor monitor;

  /** For the client proxy. */
  protected StoreReadinessCheck() {
    this(null, null, null);
  }

  @Inject
  public StoreReadinessCheck(
      ApplicationState application, FunctionLibrary functions, StoreMonitor monitor) {
    super("store", application);
    this.functions = functions;
    this.monitor = monitor;
  }

  @Override
  protected HealthReport check() {
    try {
      return report(HealthReport.up(Map.of("library", functions.checkReady(PADDING))));
    } catch (LifecycleException failure) {
      return report(failed(failure));
    }
  }

  private static HealthReport failed(LifecycleException failure) {
    Optional<StoreCondition> condition = StoreCondition.of(failure);
    // A busy server sheds calls, but a platform must not move its load to the others.
    return condition.equals(Optional.of(StoreCondition.CONNECTIONS_BUSY))
        ? HealthReport.up(Map.of("reason", StoreCondition.CONNECTIONS_BUSY.name()))
        : HealthReport.down(condition.map(Enum::name).orElse(failure.reason().name()));
  }

  private HealthReport report(HealthReport report) {
    StoreInfo info = monitor.info();
    return report.with("server", info.server()).with("evictionPolicy", info.evictionPolicy());
  }
}
