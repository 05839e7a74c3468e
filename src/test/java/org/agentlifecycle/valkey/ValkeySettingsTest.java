package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValkeySettingsTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:b", "{a}", "a*", "ä", "a\n"})
  void invalidNamespaceIsRejectedWithItsKey(String namespace) {
    assertThatThrownBy(() -> new ValkeySettings("redis://localhost", namespace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("lifecycle.namespace ");
  }

  @Test
  void namespaceIsHashTagAndPrefixOfTheChannel() {
    assertThat(Keys.of("my.agents-2"))
        .isEqualTo(new Keys("{my.agents-2}", "{my.agents-2}:feed", "my.agents-2:events"));
  }
}
