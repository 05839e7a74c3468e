package org.agentlifecycle.rest.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.Map;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.kill.KillRequest;
import org.agentlifecycle.rest.binding.JsonBinder;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Validation of {@code POST /kills}: each error names its field once. */
class StartKillRequestTest {

  private static KillRequest kill(String body) {
    return JsonBinder.bind(StartKillRequest.class, body).content().request();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                  | selector",
        "{\"selector\":null}                                 | selector",
        "{\"selector\":[]}                                   | selector",
        "{\"selector\":{}}                                   | selector",
        "{\"selector\":{\"all\":false}}                      | selector",
        "{\"selector\":{\"labels\":{}}}                      | selector",
        "{\"selector\":{\"taskId\":null,\"status\":null}}    | selector",
        "{\"selector\":{\"all\":true,\"taskId\":\"t\"}}      | selector",
        "{\"selector\":{\"all\":true,\"tree\":\"a\"}}        | selector",
        "{\"selector\":{\"tree\":null}}                      | selector",
        "{\"selector\":{\"tree\":\"a/b\"}}                   | selector.tree",
        "{\"selector\":{\"tree\":[\"a\"]}}                   | selector.tree",
        "{\"selector\":{\"all\":true},\"grace\":\"PT2H\"}    | grace",
        "{\"selector\":{\"all\":true},\"grace\":\"-PT1S\"}   | grace",
        "{\"selector\":{\"all\":true},\"grace\":60}          | grace",
        "{\"selector\":{\"all\":true,\"grace\":\"PT1M\"}}    | selector.grace",
        "{\"selector\":{\"all\":true,\"labels\":{\"a\":\"b\"}}} | selector",
        "{\"selector\":{\"taskId\":\"a b\"}}                 | selector.taskId",
        "{\"selector\":{\"taskId\":1}}                       | selector.taskId",
        "{\"selector\":{\"status\":\"completed\"}}           | selector.status",
        "{\"selector\":{\"status\":[\"running\"]}}           | selector.status",
        "{\"selector\":{\"all\":true,\"task\":\"t\"}}        | selector.task",
        "{\"selector\":{\"all\":true},\"dryRun\":\"true\"}   | dryRun",
        "{\"selector\":{\"all\":true},\"reason\":1}          | reason",
        "{\"selector\":{\"all\":true},\"force\":true}        | force",
      })
  void invalidKillRequestIsRejectedByItsField(String body, String field) {
    ProblemException rejection = catchThrowableOfType(ProblemException.class, () -> kill(body));
    assertThat(ProblemAssertions.fields(rejection)).containsExactly(field);
  }

  @Test
  void validKillRequestIsBound() {
    assertThat(kill("{\"selector\":{\"all\":true}}"))
        .isEqualTo(new KillRequest(null, null, Map.of(), null, false));
    assertThat(
            kill(
                "{\"selector\":{\"taskId\":\"t\",\"status\":\"running\",\"labels\":{\"a\":\"b\"}},"
                    + "\"reason\":\"ran away\",\"dryRun\":true}"))
        .isEqualTo(new KillRequest("t", AgentStatus.RUNNING, Map.of("a", "b"), "ran away", true));
    assertThat(kill("{\"selector\":{\"tree\":\"a\"},\"grace\":\"PT1H\"}"))
        .isEqualTo(new KillRequest(null, null, Map.of(), "a", Duration.ofHours(1), null, false));
  }
}
