package org.agentlifecycle.config;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.interceptor.Interceptor;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Locale;

/**
 * Sets the default locale of the JVM to English before the application receives requests. The
 * servers compare header names with the default locale: under Turkish, Payara does not find {@code
 * If-Match} and {@code Idempotency-Key}, so that conditions and idempotency keys are ignored.
 */
@ApplicationScoped
public class NeutralLocale {
  private static final Logger LOG = System.getLogger(NeutralLocale.class.getName());

  void onStartup(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE - 100) Startup startup) {
    Locale before = Locale.getDefault();
    if (!before.getLanguage().equals("en") || before.hasExtensions()) {
      Locale.setDefault(Locale.US);
      LOG.log(
          Level.INFO,
          "default locale of the JVM set to en-US instead of {0}, because the servers compare"
              + " header names with it",
          before.toLanguageTag());
    }
  }
}
