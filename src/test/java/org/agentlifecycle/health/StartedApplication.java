package org.agentlifecycle.health;

import jakarta.enterprise.event.Startup;

/** State of an application that is started. */
public final class StartedApplication {

  private StartedApplication() {}

  public static ApplicationState state() {
    ApplicationState state = new ApplicationState();
    state.onStartup(new Startup());
    state.markServing();
    return state;
  }
}
