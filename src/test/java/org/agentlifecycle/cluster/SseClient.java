package org.agentlifecycle.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.agentlifecycle.harness.ServerProcess;
import tools.jackson.databind.JsonNode;

/**
 * Client of the event stream of a server. It reads the socket directly, in its own thread, so that
 * a test can cut the connection at any byte, can stop reading, and can distinguish the orderly end
 * of a stream from a lost connection.
 */
final class SseClient implements AutoCloseable {
  /** Read timeout, longer than the keep-alive interval of the server. */
  private static final int PATIENCE_MS = 60_000;

  private static final String END_OF_HEAD = "\r\n\r\n";

  private final Socket socket = new Socket();
  private final List<Message> messages = new ArrayList<>();
  private final Map<String, String> headers = new LinkedHashMap<>();
  private final String statusLine;
  private final InputStream in;
  private Thread reader;
  private volatile String rejection = "";
  private volatile boolean endedInOrder;

  /** Text between two empty lines, by field name; the name of a comment is empty. */
  record Message(Map<String, String> fields) {
    String id() {
      return fields.get("id");
    }

    String event() {
      return fields.get("event");
    }

    String data() {
      return fields.get("data");
    }

    JsonNode json() {
      return ApiResponse.JSON.readTree(data());
    }

    static Message parse(String block) {
      Map<String, String> fields = new LinkedHashMap<>();
      for (String line : block.split("\n")) {
        int colon = line.indexOf(':');
        assertThat(colon).as("the colon of: " + line).isNotNegative();
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
      return new Message(fields);
    }
  }

  /**
   * Opens a stream and returns when the headers are received. * @param query query string without
   * the question mark
   *
   * @param headers complete header lines in addition to Accept
   */
  static SseClient open(ServerProcess server, String query, String... headers) {
    SseClient follower = new SseClient(server.baseUri(), query, 0, headers);
    follower.read();
    return follower;
  }

  /** Opens a stream and reads only the headers. */
  static SseClient openAndNeverRead(ServerProcess server, String query) {
    return new SseClient(server.baseUri(), query, 4096);
  }

  private SseClient(URI server, String query, int receiveBuffer, String... more) {
    try {
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()), PATIENCE_MS);
      socket.setSoTimeout(PATIENCE_MS);
      StringBuilder request = new StringBuilder("GET /api/v1/events");
      request.append(query.isEmpty() ? "" : "?" + query).append(" HTTP/1.1\r\n");
      request.append("Host: localhost\r\nAccept: text/event-stream\r\n");
      List.of(more).forEach(header -> request.append(header).append("\r\n"));
      socket.getOutputStream().write(request.append("\r\n").toString().getBytes(UTF_8));
      InputStream plain = socket.getInputStream();
      in = receiveBuffer > 0 ? plain : new BufferedInputStream(plain);
      String[] head = readTo(END_OF_HEAD).split("\r\n");
      statusLine = head[0];
      for (int i = 1; i < head.length; i++) {
        String[] header = head[i].split(":", 2);
        headers.put(header[0].toLowerCase(Locale.ROOT), header[1].strip());
      }
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(e);
    }
  }

  int status() {
    return Integer.parseInt(statusLine.split(" ")[1]);
  }

  String header(String name) {
    return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
  }

  /** Returns the part of the body received so far if the stream was rejected. */
  String rejection() {
    return rejection;
  }

  /** Returns all messages received so far. */
  List<Message> messages() {
    synchronized (messages) {
      return List.copyOf(messages);
    }
  }

  /** Returns the events received so far. */
  List<Message> events() {
    return messages().stream()
        .filter(message -> message.event() != null && message.id() != null)
        .toList();
  }

  /** Returns the last received id, with or without an event. */
  String lastEventId() {
    return messages().stream()
        .map(Message::id)
        .filter(Objects::nonNull)
        .reduce("", (before, id) -> id);
  }

  /** Returns the JSON of the events received so far. */
  List<String> data() {
    return events().stream().map(Message::data).toList();
  }

  List<String> comments() {
    return messages().stream()
        .filter(message -> message.fields().containsKey(""))
        .map(message -> message.fields().get(""))
        .toList();
  }

  boolean isOpen() {
    return reader.isAlive();
  }

  /** Returns whether the server ended the stream in an orderly way. */
  boolean endedInOrder() {
    return endedInOrder;
  }

  private void read() {
    reader = new Thread(this::readAll, "follower");
    reader.setDaemon(true);
    reader.start();
  }

  private void readAll() {
    try {
      if (status() == 200) {
        readStream();
      } else {
        rejection = new String(in.readNBytes(Integer.parseInt(header("content-length"))), UTF_8);
      }
    } catch (IOException cut) {
      // by the server, or by close()
    }
  }

  private void readStream() throws IOException {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    int last = 0;
    for (int size = chunk(); size > 0; size = chunk()) {
      for (byte next : in.readNBytes(size)) {
        if (next == '\n' && last == '\n') {
          Message message = Message.parse(block.toString(UTF_8));
          synchronized (messages) {
            messages.add(message);
          }
          block.reset();
          last = 0;
        } else {
          block.write(next);
          last = next;
        }
      }
      readTo("\r\n");
    }
    endedInOrder = block.size() == 0;
  }

  private int chunk() throws IOException {
    return Integer.parseInt(readTo("\r\n").split(";")[0].strip(), 16);
  }

  private String readTo(String end) throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < end.length() || text.lastIndexOf(end) != text.length() - end.length()) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("cut after: " + text);
      }
      text.append((char) next);
    }
    return text.substring(0, text.length() - end.length());
  }

  /** Cuts the connection; no further message is recorded. */
  @Override
  public void close() {
    try {
      socket.close();
      if (reader != null) {
        reader.join(PATIENCE_MS);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
