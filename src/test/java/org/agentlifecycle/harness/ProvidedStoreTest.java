package org.agentlifecycle.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProvidedStoreTest {

  @Test
  void systemPropertyHasPrecedenceOverEnvironment() {
    assertThat(ProvidedStore.provided("redis://a", "redis://b")).hasToString("Optional[a:6379]");
    assertThat(ProvidedStore.provided(" ", "redis://b")).hasToString("Optional[b:6379]");
    assertThat(ProvidedStore.provided(null, null)).isEmpty();
    assertThat(ProvidedStore.provided("", "")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"store:6379", "store", "http://store:6379", "redis:/x", "//x"})
  void missingSchemeIsRejectedWithItsKey(String value) {
    assertThatThrownBy(() -> new ProvidedStore(value).requireScheme())
        .hasMessageContaining("valkey.uri")
        .hasMessageContaining("redis://")
        .hasMessageNotContaining(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis://localhost", "rediss://u:p@h:1/2", "REDIS://localhost:6379"})
  void schemeIsAcceptedInAnyCase(String value) {
    assertThat(new ProvidedStore(value).uri()).hasToString(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"redis://u:sec^ret@h", "redis://u:sec ret@h", "redis://u:sec%zzret@h"})
  void invalidUriIsRejectedWithoutItsPassword(String value) {
    assertThatThrownBy(() -> new ProvidedStore(value).uri())
        .hasMessageContaining("valkey.uri")
        .hasMessageNotContaining("ret")
        .hasNoCause();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "redis://localhost            | localhost:6379",
        "redis://user:secret@h:1      | h:1",
        "redis://:se@cr/e:t@h:12/3?x=1| h:12",
        "redis://:secret@[::1]:7      | [::1]:7",
        "rediss://secret@h            | h:6379",
        "u:secret@h:1                 | h:1",
      })
  void textIsHostAndPortOnly(String value, String text) {
    assertThat(new ProvidedStore(value)).hasToString(text);
  }

  @Test
  void faultNamesTheReason() throws IOException {
    int closed = Workspace.freePort();
    assertThat(new ProvidedStore("redis://127.0.0.1:" + closed).fault())
        .contains("does not accept connections");
    assertThat(new ProvidedStore("redis://host.invalid").fault()).contains("unknown host");
    try (ServerSocket open = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(new ProvidedStore("redis://127.0.0.1:" + open.getLocalPort()).fault())
          .contains("accepts connections");
    }
  }
}
