package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValkeySettingsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://localhost",
        "redis://localhost:6379",
        "rediss://user:secret@valkey.example:6380/3",
        "redis://[::1]:6379"
      })
  void anAddressOfAStoreIsTaken(String uri) {
    assertThatCode(() -> new ValkeySettings(URI.create(uri), "agents")).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://localhost:6379", "localhost:6379", "redis:///", "//user:secret@host", "x"})
  void anotherAddressStopsTheStartAndNamesItsKeyButNotThePassword(String uri) {
    assertThatThrownBy(() -> new ValkeySettings(URI.create(uri), "agents"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("valkey.uri ")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:b", "{a}", "a*", "ä", "a\n"})
  void aNamespaceThatCannotBeStopsTheStartAndNamesItsKey(String namespace) {
    assertThatThrownBy(() -> new ValkeySettings(URI.create("redis://localhost"), namespace))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("lifecycle.namespace ");
  }

  @Test
  void aNamespaceIsTheHashTagOfItsKeysAndTheNameOfItsChannel() {
    assertThat(Keys.of("my.agents-2"))
        .isEqualTo(new Keys("{my.agents-2}", "{my.agents-2}:feed", "my.agents-2:events"));
  }
}
