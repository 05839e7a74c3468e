package org.agentlifecycle.valkey;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A store on the loopback address whose faults a test controls. It replies to the commands of a
 * handshake, and to {@code ECHO <text>} by its text:
 *
 * <ul>
 *   <li>{@code error…}: an error reply with this text
 *   <li>{@code hold…}: no reply on this connection until {@link #release()}
 *   <li>{@code cut…}: closes the connection instead of a reply
 *   <li>{@code half…}: closes the connection in the middle of the reply
 *   <li>{@code garbage…}: a reply of an unknown type
 *   <li>{@code slow…}: an endless reply, a byte at a time
 *   <li>{@code number…}: an integer reply
 *   <li>otherwise the text
 * </ul>
 */
final class FakeStore implements AutoCloseable {
  private final ServerSocket server;
  private final Thread acceptor;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final Queue<String> received = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final Map<String, CountDownLatch> held = new ConcurrentHashMap<>();
  private volatile boolean released;

  FakeStore() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    acceptor = inBackground(this::accept);
  }

  String uri() {
    return "redis://127.0.0.1:" + server.getLocalPort();
  }

  /** Returns the texts of all calls, in order of arrival. */
  List<String> received() {
    return List.copyOf(received);
  }

  /** Returns the number of connections that were accepted. */
  int connections() {
    return connections.get();
  }

  /** Ends the wait of all connections on hold, now and later. */
  void release() {
    released = true;
    held.keySet().forEach(this::release);
  }

  /** Ends the wait of the connection that received this text. */
  void release(String text) {
    held.computeIfAbsent(text, key -> new CountDownLatch(1)).countDown();
  }

  /** Closes all connections. */
  void cutAll() {
    for (Socket socket = sockets.poll(); socket != null; socket = sockets.poll()) {
      close(socket);
    }
  }

  private void accept() throws IOException {
    while (true) {
      Socket socket = server.accept();
      connections.incrementAndGet();
      sockets.add(socket);
      inBackground(() -> serve(socket));
    }
  }

  private void serve(Socket socket) throws IOException {
    try (socket) {
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      OutputStream out = socket.getOutputStream();
      boolean open = true;
      while (open) {
        List<String> command = command(in);
        open = reply(command, out);
      }
    }
  }

  private static List<String> command(DataInputStream in) throws IOException {
    int size = number(in);
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      byte[] argument = new byte[number(in)];
      in.readFully(argument);
      in.skipBytes(2);
      arguments.add(new String(argument, UTF_8));
    }
    return arguments;
  }

  /** Reads a line such as {@code *3} or {@code $5}. */
  private static int number(DataInputStream in) throws IOException {
    in.readByte();
    int number = 0;
    for (int next = in.readByte(); next != '\r'; next = in.readByte()) {
      number = 10 * number + next - '0';
    }
    in.readByte();
    return number;
  }

  private boolean reply(List<String> command, OutputStream out) throws IOException {
    if (command.get(0).equals("ECHO")) {
      received.add(command.get(1));
      return echo(command.get(1), out);
    }
    send(out, handshake(command));
    return true;
  }

  private static String handshake(List<String> command) {
    return switch (command.get(0)) {
      case "HELLO" -> "%1\r\n$5\r\nproto\r\n:3\r\n";
      case "PING" -> "+PONG\r\n";
      default -> "+OK\r\n";
    };
  }

  private boolean echo(String text, OutputStream out) throws IOException {
    String bulk = "$" + text.length() + "\r\n" + text + "\r\n";
    if (text.startsWith("hold")) {
      await(text);
    }
    if (text.startsWith("slow")) {
      trickle(out);
    } else if (text.startsWith("half")) {
      send(out, bulk.substring(0, bulk.length() / 2));
    } else if (text.startsWith("error")) {
      send(out, "-ERR " + text + "\r\n");
    } else if (text.startsWith("replica")) {
      send(out, "-READONLY " + text + "\r\n");
    } else if (text.startsWith("garbage")) {
      send(out, "?" + text + "\r\n");
    } else if (text.startsWith("number")) {
      send(out, ":42\r\n");
    } else if (!text.startsWith("cut")) {
      send(out, bulk);
    }
    return !text.startsWith("half") && !text.startsWith("cut");
  }

  private static void trickle(OutputStream out) throws IOException {
    send(out, "$1000\r\n");
    for (int i = 0; i < 1_000; i++) {
      LockSupport.parkNanos(100_000_000);
      send(out, "x");
    }
  }

  private static void send(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(UTF_8));
    out.flush();
  }

  private void await(String text) {
    CountDownLatch latch = held.computeIfAbsent(text, key -> new CountDownLatch(1));
    try {
      if (!released) {
        latch.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static Thread inBackground(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // the connection or the store was closed
              }
            },
            "fake-store");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The socket accepts a connection until the thread that waits for one has ended. */
  @Override
  public void close() {
    release();
    try {
      server.close();
      acceptor.join();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    cutAll();
  }
}
