package org.agentlifecycle.harness;

import java.util.HashMap;
import java.util.Map;

/**
 * {@code mvn -Prun}: the service in the foreground, with a store of its own unless {@code
 * VALKEY_URI} names one, until Ctrl-C or SIGTERM.
 *
 * <p>{@code -Dhttp.port} and {@code -Dhttp.host} say where it listens; {@code -Dlifecycle.…} and
 * the environment configure it.
 */
public final class Run {

  private Run() {}

  public static void main(String[] arguments) throws InterruptedException {
    ServerKind kind = ServerKind.of(arguments.length == 0 ? "liberty" : arguments[0]);
    String host = System.getProperty("http.host", "127.0.0.1");
    int port = Integer.getInteger("http.port", kind.defaultPort());
    if (!Workspace.isFree(host, port)) {
      fail("Port " + port + " is taken: end what listens there, or say -Dhttp.port=<another>.");
    }
    EmbeddedStore store = EmbeddedStore.forTests();
    say("Store: " + store.uri() + ", " + store.describe());
    Map<String, String> environment = new HashMap<>();
    System.getProperties()
        .stringPropertyNames()
        .forEach(
            key -> {
              if (key.startsWith("lifecycle.")) {
                environment.put(ServerProcess.environmentName(key), System.getProperty(key));
              }
            });
    environment.put("VALKEY_URI", store.uri().toString());
    ServerProcess server = ServerProcess.foreground(kind, host, port, environment);
    try {
      server.awaitStarted();
      say(welcome(server, store));
      int code = server.await();
      fail("The server ended by itself, with code " + code + ".");
    } catch (IllegalStateException e) {
      fail("The server did not start; what it said stands above.");
    }
  }

  private static String welcome(ServerProcess server, EmbeddedStore store) {
    String base = server.baseUri().toString().replaceAll("/$", "");
    String api = base + "/api/v1";
    String json = "-H 'Content-Type: application/json' -d ";
    String channel =
        store.isExternal() ? "" : "  valkey-cli -p " + store.port() + " subscribe agents:events\n";
    return """

        The agent lifecycle service is up: %s

        Try, in another terminal:
          curl -i %s/agents %s'{"taskId": "task-42", "agentId": "a-1"}'
          curl -i %s/agents/a-1/transitions %s'{"to": "running"}'
          curl -i %s/agents/a-1/transitions %s'{"to": "failed", "error": "exit code 1"}'
          curl %s/agents/a-1
          curl '%s/agents?status=failed'
          curl %s/stats
        Follow the events, and the channel of the store:
          curl -N %s/events -H 'Accept: text/event-stream'
        %sSee %s/openapi and %s/health

        Ctrl-C ends it%s.
        """
        .formatted(
            base,
            api,
            json,
            api,
            json,
            api,
            json,
            api,
            api,
            api,
            api,
            channel,
            base,
            base,
            store.isExternal() ? "" : ", and its store with all that is in it");
  }

  private static void say(String text) {
    System.out.println(text);
  }

  private static void fail(String text) {
    if (ChildProcess.isEnding()) {
      return; // by Ctrl-C or SIGTERM, as asked
    }
    System.err.println("\n" + text);
    System.exit(1);
  }
}
