package org.agentlifecycle.valkey;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import org.agentlifecycle.agent.LifecycleException;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready is who can take a change now: the store answers, its library is loaded, and it is neither a
 * replica nor full. It asks with a function that writes nothing but is refused where a change would
 * be.
 */
@Readiness
@ApplicationScoped
public class StoreReadiness implements HealthCheck {
  private final FunctionLibrary functions;

  /** For the client proxy. */
  protected StoreReadiness() {
    this(null);
  }

  @Inject
  public StoreReadiness(FunctionLibrary functions) {
    this.functions = functions;
  }

  @Override
  public HealthCheckResponse call() {
    try {
      String library = functions.checkReady();
      return HealthCheckResponse.named("store").up().withData("library", library).build();
    } catch (LifecycleException down) {
      return HealthCheckResponse.named("store")
          .down()
          .withData("reason", down.reason().name())
          .build();
    }
  }
}
