package org.agentlifecycle.valkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/**
 * TCP proxy with a changeable target, like a host name after a failover. Existing connections keep
 * their target.
 */
final class TcpProxy implements AutoCloseable {
  private final ServerSocket serverSocket;
  private volatile int target;

  TcpProxy(int target) throws IOException {
    this.target = target;
    serverSocket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    inBackground(
        () -> {
          while (true) {
            Socket caller = serverSocket.accept();
            Socket called = new Socket(InetAddress.getLoopbackAddress(), this.target);
            inBackground(() -> copy(caller, called));
            inBackground(() -> copy(called, caller));
          }
        });
  }

  URI uri() {
    return URI.create("redis://127.0.0.1:" + serverSocket.getLocalPort());
  }

  /** Sets the target of new connections. */
  void forwardTo(int port) {
    target = port;
  }

  private interface IoTask {
    void run() throws IOException;
  }

  private static void inBackground(IoTask task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException closed) {
                // one side closed the connection
              }
            },
            "tcp-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void copy(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    }
  }

  @Override
  public void close() {
    try {
      serverSocket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
