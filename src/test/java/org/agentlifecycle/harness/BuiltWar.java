package org.agentlifecycle.harness;

import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.spec.WebArchive;

/** The WAR of this build, for {@code @Deployment(testable = false)}. */
public final class BuiltWar {

  static final String NAME = "agent-lifecycle.war";

  private BuiltWar() {}

  public static WebArchive archive() {
    return ShrinkWrap.createFromZipFile(WebArchive.class, Workspace.WAR.toFile());
  }
}
