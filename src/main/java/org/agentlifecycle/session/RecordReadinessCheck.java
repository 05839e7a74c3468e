package org.agentlifecycle.session;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Map;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.health.ApplicationState;
import org.agentlifecycle.health.GuardedCheck;
import org.agentlifecycle.health.HealthReport;
import org.eclipse.microprofile.health.Readiness;

/**
 * Names the agents whose record cannot be read. It is always UP: a damaged record affects its own
 * agent only, and the check of the store reports a store that does not reply.
 */
@Readiness
@ApplicationScoped
public class RecordReadinessCheck extends GuardedCheck {
  private static final int MAX_IDS = 10;

  private final SessionStore store;

  /** For the client proxy. */
  protected RecordReadinessCheck() {
    this(null, null);
  }

  @Inject
  public RecordReadinessCheck(ApplicationState application, SessionStore store) {
    super("records", application);
    this.store = store;
  }

  @Override
  protected HealthReport check() {
    try {
      DamagedRecords records = store.damagedRecords(MAX_IDS);
      HealthReport report = HealthReport.up(Map.of("damaged", Long.toString(records.count())));
      return records.count() == 0
          ? report
          : report.with("damagedAgents", String.join(",", records.agentIds()));
    } catch (LifecycleException storeFailure) {
      return HealthReport.up(Map.of("damaged", "unknown"));
    }
  }
}
