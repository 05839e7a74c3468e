package org.agentlifecycle.harness;

import java.io.File;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Server type: installs a server in a folder and returns the command that starts it with the WAR.
 */
enum ServerType {

  /**
   * Starts Java directly, because the script of Liberty would run as a process between this JVM and
   * the server.
   */
  LIBERTY(9080) {
    @Override
    List<String> command(Path folder, Path war, String host, int port) {
      Path wlp = Workspace.TARGET.resolve("liberty/wlp");
      Path server = folder.resolve("usr/servers/defaultServer");
      Workspace.copy(
          Workspace.PROJECT.resolve("server-config/liberty/server.xml"),
          server.resolve("server.xml"));
      Workspace.copy(war, server.resolve("apps/agent-lifecycle.war"));
      List<String> command = java("liberty");
      String exports = Runtime.version().feature() < 24 ? "java9.options" : "java24.options";
      command.add("@" + wlp.resolve("lib/platform/java").resolve(exports));
      if (Runtime.version().feature() >= 24) {
        command.add("--enable-native-access=ALL-UNNAMED");
      }
      command.add("-Djava.awt.headless=true");
      command.add("-Djdk.attach.allowAttachSelf=true");
      command.add("-javaagent:" + wlp.resolve("bin/tools/ws-javaagent.jar"));
      command.addAll(
          List.of("-jar", wlp.resolve("bin/tools/ws-server.jar").toString(), "defaultServer"));
      return command;
    }

    @Override
    void deploy(Path war, Path folder, List<String> command) {
      Path server = folder.resolve("usr/servers/defaultServer");
      Workspace.copy(war, server.resolve("apps").resolve(war.getFileName()));
      Workspace.write(
          server.resolve("configDropins/overrides/second.xml"),
          "<server><webApplication location=\""
              + war.getFileName()
              + "\" contextRoot=\""
              + contextRoot(war)
              + "\"/></server>");
    }

    @Override
    Map<String, String> environment(Path folder, String host, int port) {
      return Map.of(
          "WLP_USER_DIR", folder.resolve("usr").toString(),
          "WLP_OUTPUT_DIR", folder.resolve("output").toString(),
          "LOG_DIR", folder.resolve("output/logs").toString(),
          "HTTP_HOST", host,
          "HTTP_PORT", Integer.toString(port));
    }
  },

  /** Configures the server on the command line; the runtime is unpacked into the folder. */
  PAYARA(8080) {
    @Override
    List<String> command(Path folder, Path war, String host, int port) {
      List<String> command = java("payara");
      command.add("-Djava.awt.headless=true");
      command.addAll(
          List.of("-jar", Workspace.TARGET.resolve("payara/payara-micro.jar").toString()));
      command.addAll(List.of("--nocluster", "--nohazelcast", "--disablephonehome"));
      command.addAll(List.of("--rootdir", folder.resolve("payara").toString()));
      command.addAll(
          List.of(
              "--logproperties",
              Workspace.PROJECT.resolve("server-config/payara/logging.properties").toString()));
      command.addAll(List.of("--port", Integer.toString(port)));
      command.addAll(List.of("--prebootcommandfile", preBoot(folder, host).toString()));
      command.addAll(List.of("--deploy", war.toString()));
      return command;
    }

    @Override
    void deploy(Path war, Path folder, List<String> command) {
      command.addAll(List.of("--deploy", war.toString()));
    }

    @Override
    Map<String, String> environment(Path folder, String host, int port) {
      return Map.of();
    }
  };

  private static final String LISTENER_ADDRESS =
      "\nset configs.config.server-config.network-config.network-listeners"
          + ".network-listener.http-listener.address=";

  private final int defaultPort;

  ServerType(int defaultPort) {
    this.defaultPort = defaultPort;
  }

  /** Returns the default port of the server. */
  int defaultPort() {
    return defaultPort;
  }

  /** Installs the server in the folder and returns the command that starts it. */
  abstract List<String> command(Path folder, Path war, String host, int port);

  /**
   * Deploys a second application beside the service.
   *
   * @param war WAR of the application; the file name without {@code .war} is the context root
   * @param folder the folder of the server, after {@link #command}
   * @param command the command line of the server, which this method may extend
   */
  abstract void deploy(Path war, Path folder, List<String> command);

  /** Returns the environment variables that the server itself reads. */
  abstract Map<String, String> environment(Path folder, String host, int port);

  /** Returns the server of this build; the profile sets the property {@code lifecycle.server}. */
  static ServerType ofThisBuild() {
    return of(System.getProperty("lifecycle.server", "liberty"));
  }

  static ServerType of(String name) {
    return switch (name) {
      case "liberty" -> LIBERTY;
      case "payara" -> PAYARA;
      default -> throw new IllegalArgumentException("unknown server: " + name);
    };
  }

  private static String contextRoot(Path war) {
    return "/" + war.getFileName().toString().replace(".war", "");
  }

  /** Sets the listen address; Payara Micro has no other option for it. */
  private static Path preBoot(Path folder, String host) {
    String address = host.equals("*") ? "0.0.0.0" : host;
    return Workspace.write(
        folder.resolve("pre-boot.txt"),
        ProcessLog.read(Workspace.PROJECT.resolve("server-config/payara/pre-boot.txt"))
            + LISTENER_ADDRESS
            + address
            + "\n");
  }

  /**
   * Returns the command of the current JVM with the options of the server; the container image uses
   * the same options.
   */
  private static List<String> java(String server) {
    List<String> command = new ArrayList<>();
    command.add(Paths.get(System.getProperty("java.home"), "bin", "java").toString());
    File options = Workspace.PROJECT.resolve("server-config/" + server + "/jvm.options").toFile();
    if (options.exists()) {
      command.add("@" + options);
    }
    return command;
  }
}
