package org.agentlifecycle.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentSourceTest {
  private final Locale before = Locale.getDefault();

  @AfterEach
  void resetLocale() {
    Locale.setDefault(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tr", "az", "lt", "ar-EG-u-nu-arab", "en"})
  void keyIsFoundUnderEveryLocale(String locale) {
    Locale.setDefault(Locale.forLanguageTag(locale));
    EnvironmentSource source =
        new EnvironmentSource(
            Map.of("VALKEY_URI", "redis://a", "LIFECYCLE_LEASE_SWEEP_EVERY", "PT1S"));
    assertThat(source.getValue("valkey.uri")).isEqualTo("redis://a");
    assertThat(source.getValue("lifecycle.lease.sweep-every")).isEqualTo("PT1S");
    assertThat(source.getValue("lifecycle.retention")).isNull();
  }

  @Test
  void exactNameHasPrecedenceOverMappedName() {
    EnvironmentSource source =
        new EnvironmentSource(Map.of("valkey.uri", "1", "valkey_uri", "2", "VALKEY_URI", "3"));
    assertThat(source.getValue("valkey.uri")).isEqualTo("1");
    assertThat(
            new EnvironmentSource(Map.of("valkey_uri", "2", "VALKEY_URI", "3"))
                .getValue("valkey.uri"))
        .isEqualTo("2");
  }

  @Test
  void sourceIsOrderedBeforeTheServerEnvironment() {
    assertThat(ServiceLoader.load(ConfigSource.class))
        .filteredOn(EnvironmentSource.class::isInstance)
        .singleElement()
        .satisfies(source -> assertThat(source.getOrdinal()).isBetween(301, 399));
  }
}
