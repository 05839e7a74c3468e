package org.agentlifecycle.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.harness.EmbeddedStore;
import org.agentlifecycle.harness.ServerProcess;
import org.jboss.shrinkwrap.api.ShrinkWrap;
import org.jboss.shrinkwrap.api.exporter.ZipExporter;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import redis.clients.jedis.RedisClient;

/** A private store and one server, on which the reference resource runs beside the service. */
final class BenchServer implements AutoCloseable {

  private static final String REFERENCE = "bench-reference";
  private static final Path TARGET =
      Paths.get(System.getProperty("basedir", ""), "target").toAbsolutePath();

  private final HttpClient http = HttpClient.newHttpClient();
  private final EmbeddedStore store = EmbeddedStore.start();
  private final ServerProcess server;

  BenchServer(String... jvmOptions) {
    server =
        ServerProcess.launch(
            List.of(referenceWar()),
            store.uri(),
            Map.of("lifecycle.namespace", "bench"),
            jvmOptions);
    server.awaitStarted();
    if (status("GET", REFERENCE + "/agents/a", null) != 200) {
      throw new IllegalStateException("the reference resource did not start:\n" + server.log());
    }
  }

  private static Path referenceWar() {
    Path war = TARGET.resolve(REFERENCE + ".war");
    ShrinkWrap.create(WebArchive.class, REFERENCE + ".war")
        .addClasses(ReferenceApplication.class, ReferenceResource.class)
        .as(ZipExporter.class)
        .exportTo(war.toFile(), true);
    return war;
  }

  /** Returns a load generator for this server. */
  LoadGenerator load() {
    return new LoadGenerator(server.baseUri(), server.pid(), store.pid());
  }

  long pid() {
    return server.pid();
  }

  /** Deletes all agents. The functions stay loaded. */
  void flush() {
    try (RedisClient client = RedisClient.create(store.uri())) {
      client.flushAll();
    }
  }

  /** Returns whether the service has the call for batches. */
  boolean hasBatches() {
    return status("POST", "api/v1/batches", "{\"calls\":[]}") != 404;
  }

  /** Returns the number of agents in a status. */
  int agents(String status) {
    Matcher matcher =
        Pattern.compile("\"" + status + "\":(\\d+)")
            .matcher(send("GET", "api/v1/stats", null).body());
    if (!matcher.find()) {
      throw new IllegalStateException("no number of agents in status " + status);
    }
    return Integer.parseInt(matcher.group(1));
  }

  private int status(String method, String path, String body) {
    return send(method, path, body).statusCode();
  }

  private HttpResponse<String> send(String method, String path, String body) {
    URI uri = server.baseUri().resolve(path);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .header("Content-Type", "application/json")
            .build();
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IllegalStateException("no response to " + method + " " + uri, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    server.close();
    store.close();
  }

  @Override
  public String toString() {
    return "Server: " + server + "\nStore: " + store.uri() + " (pid " + store.pid() + ")";
  }
}
