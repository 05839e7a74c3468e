package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.batch.BatchService;
import org.agentlifecycle.rest.http.BodyBuffer;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.problem.ProblemType;
import org.junit.jupiter.api.Test;

/** The tables of {@code docs/runners.md} agree with the code. */
class RunnersPageTest {
  private static final Pattern PROBLEM_ROW =
      Pattern.compile("(?m)^\\| (\\d{3}) \\| `([a-z-]+)` \\| (.+) \\|$");

  private static String page() throws IOException {
    return Files.readString(Path.of("docs/runners.md"));
  }

  @Test
  void tableHasEveryProblemTypeOnceWithItsStatus() throws IOException {
    Map<String, Integer> documented = new TreeMap<>();
    Matcher row = PROBLEM_ROW.matcher(page());
    while (row.find()) {
      String uri = "urn:problem-type:" + row.group(2);
      assertThat(documented.put(uri, Integer.valueOf(row.group(1)))).as(uri).isNull();
    }
    Map<String, Integer> types = new TreeMap<>();
    Arrays.stream(ProblemType.values()).forEach(type -> types.put(type.uri(), type.status()));
    assertThat(documented).isEqualTo(types);
  }

  @Test
  void temporaryProblemsAndNoOthersAreRetried() throws IOException {
    Matcher row = PROBLEM_ROW.matcher(page());
    while (row.find()) {
      int status = Integer.parseInt(row.group(1));
      assertThat(row.group(3).startsWith("yes"))
          .as(row.group())
          .isEqualTo(status == 429 || status == 503 || status == 504);
    }
  }

  @Test
  void tableHasTheLimitsOfTheCode() throws IOException {
    assertThat(page())
        .contains("| body of a request | " + BodyBuffer.MAX_LENGTH / 1024 + " KiB |")
        .contains("| body of a batch | " + BodyBuffer.MAX_BATCH_LENGTH / 1024 / 1024 + " MiB |")
        .contains("| calls of a batch | 1 to %,d |".formatted(BatchService.MAX_CALLS))
        .contains(
            "| "
                + Json.MAX_OBJECT_LENGTH / 1024
                + " KiB each as sent, "
                + Json.MAX_DEPTH
                + " levels")
        .contains("numbers of at most %,d characters".formatted(Json.MAX_NUMBER_LENGTH))
        .contains("| `error`, `reason` | %,d characters |".formatted(Agent.MAX_TEXT_LENGTH))
        .contains("| labels | " + Agent.MAX_LABELS + "; key 63 characters, value ")
        .contains("value " + Agent.MAX_LABEL_VALUE_LENGTH + " characters |")
        .contains(
            "| `limit` of a page | %,d; default %d |"
                .formatted(AgentQuery.MAX_LIMIT, AgentQuery.DEFAULT_LIMIT));
  }
}
