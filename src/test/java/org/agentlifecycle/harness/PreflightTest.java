package org.agentlifecycle.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreflightTest {

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "*"})
  void portInUseIsRejected(String host) throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      assertThatThrownBy(() -> Preflight.requireFreePort(host, socket.getLocalPort()))
          .hasMessageContaining("Port " + socket.getLocalPort() + " is in use")
          .hasMessageContaining("-Dhttp.port");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "localhost", "*"})
  void freePortIsAccepted(String host) {
    assertThatCode(() -> Preflight.requireFreePort(host, Workspace.freePort()))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "65536", "-1", "x", "", "99999999999"})
  void invalidPortIsRejectedWithItsKey(String port) {
    assertThatThrownBy(() -> Preflight.parsePort(port)).hasMessageContaining("http.port");
  }

  @Test
  void validPortIsAccepted() {
    assertThat(Preflight.parsePort(" 65535 ")).isEqualTo(65535);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Windows 11", "Windows Server 2022", "AIX", "FreeBSD"})
  void otherOperatingSystemIsRejected(String name) {
    assertThatThrownBy(() -> OperatingSystem.requireSupported(name))
        .hasMessageContaining("Linux or macOS")
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Linux", "Mac OS X", "macOS"})
  void linuxAndMacAreAccepted(String name) {
    assertThatCode(() -> OperatingSystem.requireSupported(name)).doesNotThrowAnyException();
  }
}
