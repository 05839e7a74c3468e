package org.agentlifecycle.harness;

import java.util.HashMap;
import java.util.Map;
import org.jboss.arquillian.container.spi.client.container.ContainerConfiguration;
import org.jboss.arquillian.container.spi.client.container.DeployableContainer;
import org.jboss.arquillian.container.spi.client.container.DeploymentException;
import org.jboss.arquillian.container.spi.client.protocol.ProtocolDescription;
import org.jboss.arquillian.container.spi.client.protocol.metadata.HTTPContext;
import org.jboss.arquillian.container.spi.client.protocol.metadata.ProtocolMetaData;
import org.jboss.arquillian.container.spi.client.protocol.metadata.Servlet;
import org.jboss.shrinkwrap.api.Archive;

/**
 * Arquillian container for both servers: a {@link ServerProcess} with the built WAR.
 *
 * <p>The containers of the vendors are not used, because they change the tested configuration
 * (server.xml, context root, deployment at run time) and do not end the server if the build is
 * killed. The archive is always the built WAR, so the server starts once for all test classes.
 */
public final class ServerContainer implements DeployableContainer<ServerContainer.Settings> {

  /** Sets the configuration of the service from arquillian.xml, as lines of {@code key=value}. */
  public static final class Settings implements ContainerConfiguration {
    private String config = "";

    public void setConfig(String config) {
      this.config = config;
    }

    @Override
    public void validate() {
      config();
    }

    Map<String, String> config() {
      Map<String, String> values = new HashMap<>();
      config
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .forEach(
              line -> {
                int equals = line.indexOf('=');
                values.put(line.substring(0, equals), line.substring(equals + 1));
              });
      return values;
    }
  }

  private Settings settings;
  private ServerProcess server;

  @Override
  public Class<Settings> getConfigurationClass() {
    return Settings.class;
  }

  @Override
  public void setup(Settings configuration) {
    settings = configuration;
  }

  @Override
  public ProtocolDescription getDefaultProtocol() {
    return new ProtocolDescription("Local"); // tests run in this JVM and send HTTP requests
  }

  @Override
  public void start() {
    server = ServerProcess.start(TestStore.uri(), settings.config());
  }

  @Override
  public void stop() {
    server.close();
  }

  @Override
  public ProtocolMetaData deploy(Archive<?> archive) throws DeploymentException {
    if (!archive.getName().equals(BuiltWar.NAME)) {
      throw new DeploymentException(
          "only the built WAR can be deployed, not  " + archive.getName());
    }
    HTTPContext context = new HTTPContext(server.baseUri().getHost(), server.baseUri().getPort());
    context.add(new Servlet("service", "/"));
    return new ProtocolMetaData().addContext(context);
  }

  @Override
  public void undeploy(Archive<?> archive) {
    // the next test class deploys the same WAR
  }
}
