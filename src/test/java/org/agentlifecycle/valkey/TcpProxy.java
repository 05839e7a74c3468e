package org.agentlifecycle.valkey;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;

/**
 * One address that leads new connections to whichever store it is told, as a name does after a
 * failover; connections that are there stay where they are.
 */
final class TcpProxy implements AutoCloseable {
  private final ServerSocket door;
  private volatile int target;

  TcpProxy(int target) throws IOException {
    this.target = target;
    door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    inBackground(
        () -> {
          while (true) {
            Socket caller = door.accept();
            Socket called = new Socket(InetAddress.getLoopbackAddress(), this.target);
            inBackground(() -> carry(caller, called));
            inBackground(() -> carry(called, caller));
          }
        });
  }

  URI uri() {
    return URI.create("redis://127.0.0.1:" + door.getLocalPort());
  }

  /** Where connections lead that are made from now on. */
  void forwardTo(int port) {
    target = port;
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void inBackground(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException closed) {
                // either side hung up
              }
            },
            "switchboard");
    thread.setDaemon(true);
    thread.start();
  }

  private static void carry(Socket from, Socket to) throws IOException {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    }
  }

  @Override
  public void close() {
    try {
      door.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
