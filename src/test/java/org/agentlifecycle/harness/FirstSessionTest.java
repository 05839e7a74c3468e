package org.agentlifecycle.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.agentlifecycle.harness.FirstSession.Step;
import org.junit.jupiter.api.Test;

class FirstSessionTest {

  @Test
  void blocksAreCommandsWithTheirOutput() {
    String section =
        """
        Text:

        ```sh
        curl a \\
          -d b
        curl c
        ```
        ```
        d
        ```

        ```sh
        curl e
        ```
        """;

    assertThat(FirstSession.steps(section))
        .containsExactly(
            new Step(List.of("curl a \\\n  -d b", "curl c"), "d\n"),
            new Step(List.of("curl e"), null));
  }

  @Test
  void readmeCallsTheServiceAtOneAddress() {
    assertThat(FirstSession.commands())
        .hasSizeGreaterThan(5)
        .allSatisfy(
            command -> assertThat(command).startsWith("curl ").contains(FirstSession.ADDRESS));
  }

  @Test
  void welcomePrintsTheCommandsOfTheReadme() {
    EmbeddedStore store = EmbeddedStore.forTests();
    try (store) {
      String text = Welcome.text(URI.create("http://localhost:1234/"), store, "agents");

      assertThat(text).contains("is up: http://localhost:1234\n").doesNotContain("localhost:9080");
      for (String command : FirstSession.commands()) {
        String here = command.replace(FirstSession.ADDRESS, "http://localhost:1234");
        assertThat(text).contains(here.indent(2));
      }
    }
  }
}
