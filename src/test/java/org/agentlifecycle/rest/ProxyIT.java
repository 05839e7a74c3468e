package org.agentlifecycle.rest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import org.agentlifecycle.harness.ProxyProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The service behind nginx and HAProxy, where these programs are installed. */
@Timeout(60)
class ProxyIT extends ApiTestBase {
  private static final HttpClient CLIENT =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @ParameterizedTest
  @ValueSource(strings = {"", "gzip on; gzip_types *; gzip_proxied any;"})
  void eventArrivesThroughNginxAtOnce(String directives) throws IOException, InterruptedException {
    assumeTrue(ProxyProcess.isInstalled("nginx"), "nginx is not installed");
    try (ProxyProcess proxy = ProxyProcess.nginx(uri("/"), directives)) {
      assertStreamDelivers(proxy, Duration.ZERO);
    }
  }

  /** The keep-alive interval is shorter than the time that HAProxy waits for the server. */
  @Test
  void idleStreamSurvivesTheServerTimeoutOfHaproxy() throws IOException, InterruptedException {
    assumeTrue(ProxyProcess.isInstalled("haproxy"), "haproxy is not installed");
    try (ProxyProcess proxy = ProxyProcess.haproxy(uri("/"), "5s")) {
      assertStreamDelivers(proxy, Duration.ofSeconds(7));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host: a\r\nHost: b\r\n",
        "Host: a\r\nContent-Length: 14\r\nContent-Length: 5\r\n",
        "Host: a\r\nContent-Length: 18446744073709551630\r\n",
        "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n"
      })
  void proxiesRejectAmbiguousRequests(String headers) throws IOException {
    assumeTrue(ProxyProcess.isInstalled("haproxy"), "haproxy is not installed");
    assumeTrue(ProxyProcess.isInstalled("nginx"), "nginx is not installed");
    String request = "POST /api/v1/agents HTTP/1.1\r\nContent-Type: application/json\r\n" + headers;
    try (ProxyProcess haproxy = ProxyProcess.haproxy(uri("/"), "5s");
        ProxyProcess nginx = ProxyProcess.nginx(uri("/"), "")) {
      assertThat(status(haproxy, request)).isBetween(400, 501);
      assertThat(status(nginx, request)).isBetween(400, 501);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/agents/%zz", "/api/v1/agents/a%", "/%00", "/%2", "/%a%61"})
  void proxiesRejectMalformedEscapes(String path) throws IOException {
    assumeTrue(ProxyProcess.isInstalled("haproxy"), "haproxy is not installed");
    assumeTrue(ProxyProcess.isInstalled("nginx"), "nginx is not installed");
    String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\n";
    try (ProxyProcess haproxy = ProxyProcess.haproxy(uri("/"), "5s");
        ProxyProcess nginx = ProxyProcess.nginx(uri("/"), "")) {
      assertThat(status(haproxy, request)).isEqualTo(400);
      assertThat(status(nginx, request)).isEqualTo(400);
    }
  }

  private void assertStreamDelivers(ProxyProcess proxy, Duration idle)
      throws IOException, InterruptedException {
    String task = newId();
    HttpResponse<InputStream> response =
        CLIENT.send(
            HttpRequest.newBuilder(proxy.uri().resolve("/api/v1/events?taskId=" + task))
                .header("Accept", "text/event-stream")
                .header("Accept-Encoding", "gzip")
                .build(),
            BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    boolean gzip = response.headers().firstValue("Content-Encoding").orElse("").equals("gzip");
    Thread.sleep(idle.toMillis());
    assertThat(post(AGENTS, "{\"taskId\":\"" + task + "\"}").statusCode()).isEqualTo(201);
    // A Reader would wait for a full buffer, because GZIPInputStream always reports available
    // bytes.
    try (InputStream stream = gzip ? new GZIPInputStream(response.body()) : response.body()) {
      StringBuilder received = new StringBuilder();
      while (received.indexOf("event: agent.spawned\n") < 0) {
        int next = stream.read();
        assertThat(next).as("end of stream after: %s", received).isNotNegative();
        received.append((char) next);
      }
    }
  }

  private static int status(ProxyProcess proxy, String head) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write((head + "Connection: close\r\n\r\n{\"taskId\":\"t\"}").getBytes(UTF_8));
      String line = new String(socket.getInputStream().readNBytes(12), UTF_8);
      assertThat(line).startsWith("HTTP/1.");
      return Integer.parseInt(line.substring(9));
    }
  }
}
