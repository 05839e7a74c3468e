package org.agentlifecycle.config;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.interceptor.Interceptor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks the configuration at the start, before anything uses it. If a value is invalid, it ends
 * the process: a server without its application would report "live" for ever.
 */
@ApplicationScoped
public class ConfigurationCheck {
  private static final Logger LOG = System.getLogger(ConfigurationCheck.class.getName());

  private final Iterable<Settings> settings;

  /** For the client proxy. */
  protected ConfigurationCheck() {
    this(null);
  }

  @Inject
  public ConfigurationCheck(@Any Instance<Settings> settings) {
    this.settings = settings;
  }

  void onStartup(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) Startup startup) {
    List<String> problems = problems();
    if (!problems.isEmpty()) {
      problems.forEach(
          problem ->
              LOG.log(
                  Level.ERROR, "invalid configuration, the server ends with code 1: {0}", problem));
      // Not exit: its hooks wait for the deployment, which waits for this method.
      Runtime.getRuntime().halt(1);
    }
  }

  /** Creates all settings; returns one message for each that is invalid. */
  List<String> problems() {
    Set<String> problems = new LinkedHashSet<>(); // settings that use others fail as those do
    var iterator = settings.iterator();
    while (iterator.hasNext()) {
      try {
        iterator.next();
      } catch (RuntimeException failure) {
        problems.add(message(failure));
      }
    }
    return List.copyOf(problems);
  }

  private static String message(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ConfigurationException invalid) {
        return invalid.getMessage();
      }
    }
    throw failure;
  }
}
