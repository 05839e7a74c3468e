package org.agentlifecycle.config;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.event.Startup;
import java.util.Locale;
import org.agentlifecycle.memory.LogCapture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NeutralLocaleTest {
  private final Locale before = Locale.getDefault();

  @AfterEach
  void resetLocale() {
    Locale.setDefault(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tr", "az", "lt", "ar-EG-u-nu-arab", "en-US-u-nu-arab", "de"})
  void otherLocaleBecomesEnglish(String locale) {
    Locale.setDefault(Locale.forLanguageTag(locale));
    try (LogCapture log = new LogCapture(NeutralLocale.class)) {
      new NeutralLocale().onStartup(new Startup());
      assertThat(log.lines()).singleElement().asString().contains("instead of " + locale + ",");
    }
    assertThat("IF-%d".formatted(1).toLowerCase(Locale.getDefault())).isEqualTo("if-1");
  }

  @Test
  void englishLocaleIsKept() {
    Locale.setDefault(Locale.UK);
    new NeutralLocale().onStartup(new Startup());
    assertThat(Locale.getDefault()).isEqualTo(Locale.UK);
  }
}
