package org.agentlifecycle.harness;

import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.stream.Stream;

/** Text that {@code mvn -Prun} prints when the service is ready. */
final class Welcome {

  private Welcome() {}

  /**
   * @param namespace the namespace of the service, which is part of the channel's name
   */
  static String text(URI baseUri, EmbeddedStore store, String namespace) {
    String base = baseUri.toString().replaceAll("/$", "");
    String session = String.join("\n", FirstSession.commands());
    return """

        The agent lifecycle service is up: %s

        Enter these commands in another terminal. README.md explains them in "A first session":
        %s%s
        API document: %s/openapi   Health: %s/health

        Press Ctrl-C to stop the service%s.
        """
        .formatted(
            base,
            session.replace(FirstSession.ADDRESS, base).indent(2),
            channel(store, namespace),
            base,
            base,
            store.isExternal() ? "" : " and its store. The data of the store is then deleted");
  }

  /**
   * Returns the command that subscribes to the channel; it needs a program that is not installed on
   * every machine.
   */
  private static String channel(EmbeddedStore store, String namespace) {
    return store.isExternal() || !hasProgram("valkey-cli")
        ? ""
        : "  valkey-cli -p %d subscribe %s:events\n".formatted(store.port(), namespace);
  }

  private static boolean hasProgram(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Paths.get(folder, name)));
  }
}
