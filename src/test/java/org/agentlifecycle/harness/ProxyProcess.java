package org.agentlifecycle.harness;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Reverse proxy of a running server, on a free port of the loopback address. */
public final class ProxyProcess implements AutoCloseable {
  private static final Duration STOP = Duration.ofSeconds(5);
  private static final int CONNECT_ATTEMPTS = 200;

  private final int port;
  private final Path folder;
  private final ChildProcess process;

  private ProxyProcess(int port, Path folder, ChildProcess process) {
    this.port = port;
    this.folder = folder;
    this.process = process;
  }

  /**
   * Returns whether the program is installed. Debian installs proxies in a directory that is not on
   * every PATH.
   */
  public static boolean isInstalled(String program) {
    return find(program).isPresent();
  }

  /**
   * Starts nginx with its defaults.
   *
   * @param directives additional directives of the server block
   */
  public static ProxyProcess nginx(URI server, String directives) {
    int port = Workspace.freePort();
    Path folder = Workspace.folder("proxies", "nginx");
    Path config =
        Workspace.write(
            folder.resolve("nginx.conf"),
            """
            daemon off;
            worker_processes 1;
            pid nginx.pid;
            error_log stderr;
            events {}
            http {
              access_log off;
              client_body_temp_path body;
              proxy_temp_path proxy;
              fastcgi_temp_path fastcgi;
              uwsgi_temp_path uwsgi;
              scgi_temp_path scgi;
              server {
                listen 127.0.0.1:%d;
                %s
                location / { proxy_pass http://%s; }
              }
            }
            """
                .formatted(port, directives, server.getAuthority()));
    return start("nginx", port, folder, Map.of(), "-p", folder.toString(), "-c", config.toString());
  }

  /**
   * Starts HAProxy with the configuration of {@code docker/}.
   *
   * @param serverTimeout value of {@code timeout server}, instead of the value in the configuration
   */
  public static ProxyProcess haproxy(URI server, String serverTimeout) {
    int port = Workspace.freePort();
    Path folder = Workspace.folder("proxies", "haproxy");
    Path config =
        Workspace.write(
            folder.resolve("haproxy.cfg"),
            ProcessLog.read(Workspace.PROJECT.resolve("docker/haproxy.cfg"))
                .replace("timeout server 30s", "timeout server " + serverTimeout));
    Map<String, String> variables =
        Map.of(
            "LISTEN", "127.0.0.1:" + port,
            "SERVER_1", server.getAuthority(),
            "SERVER_2", server.getAuthority());
    return start("haproxy", port, folder, variables, "-db", "-f", config.toString());
  }

  /** Returns the address for clients. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port + "/");
  }

  public int port() {
    return port;
  }

  @Override
  public void close() {
    process.stop();
    Workspace.delete(folder);
  }

  private static ProxyProcess start(
      String program, int port, Path folder, Map<String, String> variables, String... arguments) {
    List<String> command =
        Stream.concat(Stream.of(find(program).orElseThrow().toString()), Stream.of(arguments))
            .toList();
    Path log = folder.resolve("log.txt");
    ChildProcess process =
        ChildProcess.start(program + "-" + port, command, variables, folder, log, STOP);
    for (int attempt = 0; attempt < CONNECT_ATTEMPTS && process.isAlive(); attempt++) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return new ProxyProcess(port, folder, process);
      } catch (IOException e) {
        Sleep.of(Duration.ofMillis(50));
      }
    }
    process.kill();
    throw new IllegalStateException(program + " did not start:\n" + ProcessLog.tail(log));
  }

  private static Optional<Path> find(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + File.pathSeparator + "/usr/sbin";
    return Stream.of(path.split(File.pathSeparator))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
