package org.agentlifecycle.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agentlifecycle.harness.ServerProcess;
import org.agentlifecycle.harness.TestStore;
import org.junit.jupiter.api.Test;

/** The service does not depend on the default locale of the JVM. */
class LocaleIT {
  private static final Map<String, String> CONFIG =
      Map.of("lifecycle.namespace", TestStore.namespace("locale"));

  @Test
  void configurationAndTextsAreTheSameInEveryLocale() {
    List<ServerProcess> servers =
        Stream.of(
                new String[] {"-Duser.language=tr", "-Duser.country=TR"},
                new String[] {
                  "-Duser.language=ar", "-Duser.country=EG", "-Duser.extensions=u-nu-arab"
                })
            .map(locale -> ServerProcess.launch(TestStore.uri(), CONFIG, locale))
            .toList();
    try {
      servers.forEach(ServerProcess::awaitStarted);
      AgentClient turkish = new AgentClient(servers.get(0));
      AgentClient arabic = new AgentClient(servers.get(1));
      // If the environment were ignored, the default store would be used, which contains neither
      // agent.
      assertThat(turkish.register("a-1", "task-1").status()).isEqualTo(201);
      assertThat(arabic.move("a-1", "running", "test").status()).isEqualTo(200);
      assertThat(turkish.agent("a-1").text("status")).isEqualTo("running");
      servers.forEach(LocaleIT::assertTexts);
    } finally {
      servers.forEach(ServerProcess::close);
    }
  }

  private static void assertTexts(ServerProcess server) {
    AgentClient client = new AgentClient(server);
    assertThat(client.health("ready").body()).contains("noeviction");
    ApiResponse mismatch =
        new ApiClient(server)
            .send(
                "POST",
                "api/v1/agents/a-1/transitions",
                "{\"to\":\"completed\"}",
                "If-Match",
                "\"99\"");
    // In the Turkish locale, the header name has another lower case form.
    assertThat(mismatch.status()).isEqualTo(412);
    assertThat(mismatch.text("detail")).contains("is at version 2");
    assertThat(client.agent("a-1").body()).matches("\\p{ASCII}*");
    assertThat(server.log().lines().filter(line -> line.contains("namespace")))
        .anyMatch(line -> line.contains("namespace " + TestStore.namespace("locale") + ","));
  }
}
