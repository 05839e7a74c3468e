package org.agentlifecycle.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.agentlifecycle.harness.BuiltWar;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigBuilder;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.eclipse.microprofile.rest.client.RestClientBuilder;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.arquillian.test.api.ArquillianResource;
import org.jboss.shrinkwrap.api.Archive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Clients that openapi-generator generates from the OpenAPI document, unchanged: one for the HTTP
 * client of the JDK and one for MicroProfile Rest Client. The build generates and compiles them
 * before the integration tests.
 */
@ExtendWith(ArquillianExtension.class)
class GeneratedClientsIT {
  @ArquillianResource private URL base;

  private final String task = "clients-" + UUID.randomUUID();

  @Deployment(testable = false)
  static Archive<?> war() {
    return BuiltWar.archive();
  }

  @Test
  void jdkClientRunsALifecycle() throws org.agentlifecycle.clients.jdk.ApiException {
    var client =
        new org.agentlifecycle.clients.jdk.ApiClient()
            .setScheme(base.getProtocol())
            .setHost(base.getHost())
            .setPort(base.getPort());
    var agents = new org.agentlifecycle.clients.jdk.AgentsApi(client);
    var sessions = new org.agentlifecycle.clients.jdk.SessionsApi(client);
    var events = new org.agentlifecycle.clients.jdk.EventsApi(client);
    var control = new org.agentlifecycle.clients.jdk.ControlApi(client);
    var running = org.agentlifecycle.clients.jdk.model.AgentStatus.RUNNING;
    var spawning = org.agentlifecycle.clients.jdk.model.AgentStatus.SPAWNING;
    var registration =
        new org.agentlifecycle.clients.jdk.model.Registration()
            .taskId(task)
            .labels(Map.of("team", "search", "tier", "1"))
            .lease("PT1H");

    String first = agents.registerAgent(registration, UUID.randomUUID().toString()).getAgentId();
    String second = agents.registerAgent(registration, null).getAgentId();
    var move = new org.agentlifecycle.clients.jdk.model.TransitionRequest().to(running);
    assertThat(agents.moveAgent(first, move, null, null).getStatus()).isEqualTo(running);

    assertThat(
            agents
                .listAgents(
                    List.of(running, spawning),
                    task,
                    List.of("team:search", "tier:1"),
                    true,
                    null,
                    first,
                    null,
                    null,
                    null,
                    null,
                    null)
                .getItems())
        .extracting(org.agentlifecycle.clients.jdk.model.ListedAgent::getAgentId)
        .containsExactly(first);
    assertThat(sessions.heartbeat(first, null).getLeaseExpiresAt()).isNotNull();

    var kill =
        new org.agentlifecycle.clients.jdk.model.KillRequest()
            .selector(new org.agentlifecycle.clients.jdk.model.KillSelector().taskId(task));
    String killId = control.startKill(kill, null).getKillId();
    awaitTrue(
        () ->
            control.getKill(killId).getState()
                == org.agentlifecycle.clients.jdk.model.Kill.StateEnum.DONE);
    sessions.endSession(first);
    assertThat(
            catchThrowableOfType(
                    org.agentlifecycle.clients.jdk.ApiException.class,
                    () -> sessions.endSession(first))
                .getCode())
        .isEqualTo(404);

    var page = events.listEvents(null, null, null, task, null, null, 2);
    assertThat(page.getItems()).hasSize(2);
    var rest = events.listEvents(null, page.getNextCursor(), null, task, null, null, null);
    assertThat(rest.getItems()).hasSizeGreaterThanOrEqualTo(4);
  }

  @Test
  void microProfileClientRunsALifecycle() throws Exception {
    ConfigProviderResolver.setInstance(new NoConfig());
    var agents = microProfile(org.agentlifecycle.clients.microprofile.AgentsApi.class);
    var sessions = microProfile(org.agentlifecycle.clients.microprofile.SessionsApi.class);
    var events = microProfile(org.agentlifecycle.clients.microprofile.EventsApi.class);
    var control = microProfile(org.agentlifecycle.clients.microprofile.ControlApi.class);
    var running = org.agentlifecycle.clients.microprofile.model.AgentStatus.RUNNING;
    var spawning = org.agentlifecycle.clients.microprofile.model.AgentStatus.SPAWNING;
    var registration =
        new org.agentlifecycle.clients.microprofile.model.Registration()
            .taskId(task)
            .labels(Map.of("team", "search", "tier", "1"))
            .lease("PT1H");

    String first = agents.registerAgent(registration, UUID.randomUUID().toString()).getAgentId();
    String second = agents.registerAgent(registration, null).getAgentId();
    var move = new org.agentlifecycle.clients.microprofile.model.TransitionRequest().to(running);
    assertThat(agents.moveAgent(first, move, null, null).getStatus()).isEqualTo(running);

    assertThat(
            agents
                .listAgents(
                    List.of(running, spawning),
                    task,
                    List.of("team:search", "tier:1"),
                    true,
                    null,
                    first,
                    null,
                    null,
                    null,
                    null,
                    null)
                .getItems())
        .extracting(org.agentlifecycle.clients.microprofile.model.ListedAgent::getAgentId)
        .containsExactly(first);
    assertThat(sessions.heartbeat(first, null).getLeaseExpiresAt()).isNotNull();

    var kill =
        new org.agentlifecycle.clients.microprofile.model.KillRequest()
            .selector(
                new org.agentlifecycle.clients.microprofile.model.KillSelector().taskId(task));
    String killId = control.startKill(kill, null).getKillId();
    awaitTrue(
        () ->
            control.getKill(killId).getState()
                == org.agentlifecycle.clients.microprofile.model.Kill.StateEnum.DONE);
    sessions.endSession(first);
    assertThat(
            catchThrowableOfType(
                    org.agentlifecycle.clients.microprofile.ApiException.class,
                    () -> sessions.endSession(first))
                .getResponse()
                .getStatus())
        .isEqualTo(404);

    var page = events.listEvents(null, null, null, task, null, null, 2);
    assertThat(page.getItems()).hasSize(2);
    var rest = events.listEvents(null, page.getNextCursor(), null, task, null, null, null);
    assertThat(rest.getItems()).hasSizeGreaterThanOrEqualTo(4);
  }

  private <T> T microProfile(Class<T> api) throws URISyntaxException {
    URI server = new URI(base.getProtocol() + "://" + base.getAuthority());
    return RestClientBuilder.newBuilder().baseUri(server).build(api);
  }

  private static void awaitTrue(Callable<Boolean> condition) {
    await().atMost(Duration.ofSeconds(30)).until(condition);
  }

  /**
   * Configuration without values: the client requires a configuration, and every value has a
   * default.
   */
  private static final class NoConfig extends ConfigProviderResolver {
    private final Config config =
        (Config)
            Proxy.newProxyInstance(
                Config.class.getClassLoader(),
                new Class<?>[] {Config.class},
                (proxy, method, arguments) ->
                    method.getReturnType() == Optional.class ? Optional.empty() : null);

    @Override
    public Config getConfig() {
      return config;
    }

    @Override
    public Config getConfig(ClassLoader loader) {
      return config;
    }

    @Override
    public ConfigBuilder getBuilder() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void registerConfig(Config other, ClassLoader loader) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void releaseConfig(Config other) {
      throw new UnsupportedOperationException();
    }
  }
}
