package org.agentlifecycle.rest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as bytes: where a request ends, its host, upgrade offers, and slow senders. */
class FramingIT extends ApiTestBase {
  private static final String BODY = "{\"taskId\":\"t\"}";
  private static final String CHUNKS = "e\r\n" + BODY + "\r\n0\r\n\r\n";
  private static final String SECOND = "GET /api/v1/second HTTP/1.1\r\nHost: a\r\n\r\n";

  /** More than both servers have threads, or body readers that may block. */
  private static final int SLOW_SENDERS = 300;

  static Stream<Arguments> ambiguous() {
    return Stream.of(
        Arguments.of("Content-Length: 18446744073709551630\r\n", BODY),
        Arguments.of("Content-Length: 18446744073709551616\r\n", ""),
        Arguments.of("Content-Length: 2147483648\r\n", BODY),
        Arguments.of("Content-Length: +14\r\n", BODY),
        Arguments.of("Content-Length: -1\r\n", BODY),
        Arguments.of("Content-Length: 14, 14\r\n", BODY),
        Arguments.of("Transfer-Encoding: gzip, chunked\r\n", CHUNKS),
        Arguments.of("Transfer-Encoding: identity\r\n", BODY),
        Arguments.of("Transfer-Encoding: xchunked\r\n", CHUNKS),
        Arguments.of("Content-Length: 14\r\nHost: b\r\n", BODY));
  }

  @ParameterizedTest
  @MethodSource("ambiguous")
  void ambiguousRequestIsRejectedAndItsConnectionClosed(String headers, String body) {
    String before = agents();

    String responses = exchange(head("POST", AGENTS, headers), body + SECOND);

    assertThat(responses).startsWith("HTTP/1.1 400 ").doesNotContain("/api/v1/second");
    assertThat(responses.split("HTTP/1\\.1 ", -1)).as(responses).hasSize(2);
    assertThat(agents()).isEqualTo(before);
  }

  /** Returns the numbers of agents. Sessions may end at any time. */
  private String agents() {
    return get("/api/v1/stats").body().replaceAll(",\"openSessions.*", "");
  }

  @Test
  void conflictingLengthsAreRejectedOnPayara() {
    assumeTrue(
        "payara".equals(System.getProperty("lifecycle.server")),
        "Open Liberty hides the second header from applications: docs/operations.md");
    String headers = "Content-Length: 14\r\nContent-Length: 5\r\n";

    assertThat(answered(head("POST", AGENTS, headers), BODY + SECOND)).startsWith("HTTP/1.1 400 ");
  }

  /** RFC 9112 lets a server process such a request by its Transfer-Encoding alone. */
  @Test
  void transferEncodingOverridesContentLength() {
    String headers = "Content-Length: 14\r\nTransfer-Encoding: chunked\r\n";

    assertThat(answered(head("POST", AGENTS, headers), CHUNKS)).matches("HTTP/1\\.1 (201|400) .*");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /api/v1/stats HTTP/1.1\r\n\r\n",
        "GET /api/v1/stats HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        "GET /api/v1/stats HTTP/1.1\r\nHost: {x}|y\r\n\r\n",
        "GET http://%zz/api/v1/stats HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /asyncapi HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
      })
  void requestWithoutOneValidHostIsRejected(String request) {
    assertThat(exchange(request, "")).startsWith("HTTP/1.1 400 ").doesNotContain("Exception");
  }

  @ParameterizedTest
  @CsvSource({"DELETE,''", "DELETE,{}", "GET,{}"})
  void bodyOfMethodWithoutEntityIsIgnored(String method, String body) {
    String path = AGENTS + "/" + registered() + (method.equals("GET") ? "" : "/session");
    String length = "Content-Length: " + body.length() + "\r\nConnection: close\r\n";

    String response = exchange(head(method, path, length), body);

    assertThat(response).startsWith("HTTP/1.1 " + (method.equals("GET") ? "200 " : "409 "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2c", "websocket", "TLS/1.0", "foo"})
  void bodyWithUpgradeHeaderIsAccepted(String protocol) {
    String upgrade =
        "Upgrade: "
            + protocol
            + "\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n";

    assertThat(answered(head("POST", AGENTS, upgrade + "Content-Length: 14\r\n"), BODY))
        .startsWith("HTTP/1.1 201 ");
    assertThat(answered(head("POST", AGENTS, upgrade + "Transfer-Encoding: chunked\r\n"), CHUNKS))
        .startsWith("HTTP/1.1 201 ");
  }

  /** The JDK's client offers an upgrade to HTTP/2 by default. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void jdkClientWithDefaultsRegistersAgents(boolean chunked)
      throws IOException, InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    for (int call = 0; call < 3; call++) {
      BodyPublisher body =
          chunked
              ? BodyPublishers.ofInputStream(
                  () -> new ByteArrayInputStream(BODY.getBytes(ISO_8859_1)))
              : BodyPublishers.ofString(BODY);
      HttpResponse<String> response =
          client.send(
              HttpRequest.newBuilder(uri(AGENTS)).header("Content-Type", JSON).POST(body).build(),
              BodyHandlers.ofString());
      assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
    }
  }

  @Test
  void slowSendersLeaveThreadsToOthersAndGet408() throws IOException, InterruptedException {
    List<Socket> senders = new ArrayList<>();
    try {
      for (int sender = 0; sender < SLOW_SENDERS; sender++) {
        senders.add(connect());
        write(senders.get(sender), head("POST", AGENTS, "Content-Length: 5000\r\n") + "{");
      }
      Socket last = senders.get(SLOW_SENDERS - 1);
      last.setSoTimeout(1000);
      StringBuilder response = new StringBuilder();
      for (int second = 0; second < 60 && response.isEmpty(); second++) {
        assertThat(registered()).isNotNull(); // has its own limit of 10 s
        assertRejected(post(AGENTS, "{}"), "taskId");
        assertRejected(post(AGENTS + "?x=1", BODY), "x");
        readAvailable(last, response);
        for (Socket sender : senders) {
          trickle(sender);
        }
      }
      assertThat(response).startsWith("HTTP/1.1 408 ");
    } finally {
      for (Socket sender : senders) {
        sender.close();
      }
    }
  }

  /** No proxy and no client may choose the scheme of the service's own links. */
  @Test
  void forwardedHeadersAreIgnored() {
    HttpResponse<String> response =
        post(
            AGENTS,
            BODY,
            "X-Forwarded-Proto",
            "javascript",
            "$WSSC",
            "javascript",
            "$WSSN",
            "evil");
    assertThat(header(response, "Location")).doesNotContain("javascript", "evil");
  }

  @Test
  void metricsCreateNoSessionAndPermitNoOrigin() {
    HttpResponse<String> response = call("GET", "/metrics", null, "Origin", "http://evil.example");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().map().keySet())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"))
        .doesNotContain("set-cookie", "content-language");
  }

  private static String head(String method, String path, String headers) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + headers
        + "\r\n";
  }

  private Socket connect() throws IOException {
    URI server = uri("/");
    return new Socket(server.getHost(), server.getPort());
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  /** Sends one more byte, unless the server has closed the connection. */
  private static void trickle(Socket socket) {
    try {
      write(socket, " ");
    } catch (IOException e) {
      assertThat(e).hasMessageMatching("(?i).*(broken pipe|reset|aborted|closed).*");
    }
  }

  private static void readAvailable(Socket socket, StringBuilder response) throws IOException {
    try {
      byte[] octets = new byte[4096];
      int count = socket.getInputStream().read(octets);
      response.append(new String(octets, 0, Math.max(0, count), ISO_8859_1));
    } catch (SocketTimeoutException e) {
      assertThat(response).isEmpty(); // no response yet
    }
  }

  /** Sends the bytes and returns everything that comes until the server closes the connection. */
  private String exchange(String head, String body) {
    try (Socket socket = connect()) {
      socket.setSoTimeout(20_000);
      write(socket, head + body);
      return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends the bytes and returns the first part of the response. */
  private String answered(String head, String body) {
    try (Socket socket = connect()) {
      socket.setSoTimeout(20_000);
      write(socket, head + body);
      return new String(socket.getInputStream().readNBytes(13), ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
