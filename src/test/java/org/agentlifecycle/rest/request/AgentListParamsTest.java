package org.agentlifecycle.rest.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentListParamsTest {
  private static final AgentQuery ALL =
      new AgentQuery(Set.of(), null, Map.of(), null, 100, AgentQuery.NEWEST);

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "&", "&&"})
  void missingQueryMatchesAllAgents(String query) {
    assertThat(query(query)).isEqualTo(ALL);
  }

  @Test
  void allParametersAreRead() {
    assertThat(
            query(
                "status=running,spawning&taskId=t%2D1&label=team:a:b&label=team:c&label=x%2Fy:%C3%A9+z"
                    + "&sessionOpen=false&limit=1000&cursor="
                    + Cursor.of(77)))
        .isEqualTo(
            new AgentQuery(
                Set.of(AgentStatus.RUNNING, AgentStatus.SPAWNING),
                "t-1",
                Map.of("team", Set.of("a:b", "c"), "x/y", Set.of("é z")),
                false,
                1000,
                77));
  }

  @Test
  void filtersOfTheSupervisionAreRead() {
    assertThat(query("parentId=p&rootId=r&waiting=input,other&waiting=input&stalledFor=PT0S"))
        .extracting(AgentQuery::supervision)
        .isEqualTo(
            new SupervisionFilter(
                "p", "r", Set.of(Waiting.Kind.INPUT, Waiting.Kind.OTHER), Duration.ZERO));
    for (String any : List.of("waiting=true", "waiting=true,input")) {
      assertThat(query(any).supervision().waitingFor())
          .containsExactlyInAnyOrder(Waiting.Kind.values());
    }
    assertThat(query("stalledFor=P365D").supervision().stalledFor())
        .isEqualTo(Duration.ofDays(365));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "limit=abc             | limit",
        "limit=0               | limit",
        "limit=-1              | limit",
        "limit=1001            | limit",
        "limit=2147483648      | limit",
        "limit=1.0             | limit",
        "limit=1e1             | limit",
        "limit=%2B1            | limit",
        "limit=%EF%BC%91       | limit",
        "limit=                | limit",
        "limit                 | limit",
        "limit=1&limit=1       | limit",
        "limit=%zz             | limit",
        "limit=%               | limit",
        "limit=%c0%af          | limit",
        "status=               | status",
        "status=nope           | status",
        "status=running,       | status",
        "status=running,nope   | status",
        "status=RUNNING        | status",
        "status=running&status= | status",
        "status=running&status=nope | status",
        "taskId=               | taskId",
        "taskId=a%00           | taskId",
        "taskId=a%2Fb          | taskId",
        "label=                | label",
        "label=team            | label",
        "label=:search         | label",
        "label=a%20b:c         | label",
        "sessionOpen=yes       | sessionOpen",
        "sessionOpen=TRUE      | sessionOpen",
        "parentId=             | parentId",
        "parentId=a%2Fb        | parentId",
        "rootId=-              | rootId",
        "rootId=a&rootId=b     | rootId",
        "waiting=              | waiting",
        "waiting=false         | waiting",
        "waiting=INPUT         | waiting",
        "waiting=input,        | waiting",
        "waiting=true&waiting=x | waiting",
        "stalledFor=           | stalledFor",
        "stalledFor=15         | stalledFor",
        "stalledFor=-PT1S      | stalledFor",
        "stalledFor=P366D      | stalledFor",
        "stalledFor=PT1S&stalledFor=PT1S | stalledFor",
        "cursor=               | cursor",
        "cursor=abc            | cursor",
        "cursor=AAAAAAAAAAAAAAAA | cursor",
        "cursor=AAAAAAAAAAA    | cursor",
        "cursor=%00            | cursor",
        "lable=team:search     | lable",
        "LIMIT=1               | LIMIT",
        "%ff=1                 | query",
      })
  void invalidParameterIsNamed(String query, String field) {
    assertThat(rejectedFields(query)).containsExactly(field);
  }

  @Test
  void allErrorsAreReportedTogether() {
    assertThat(rejectedFields("nope=1&limit=x&cursor=y&limits=5"))
        .containsExactly("cursor", "limit", "limits", "nope");
  }

  @Test
  void seventeenthLabelFilterIsRejected() {
    assertThat(query(labels(16)).labels()).hasSize(16);
    assertThat(rejectedFields(labels(17))).containsExactly("label");
    assertThat(query("label=a:" + "v".repeat(128)).labels()).hasSize(1);
    assertThat(rejectedFields("label=a:" + "v".repeat(129))).containsExactly("label");
  }

  private static String labels(int count) {
    return IntStream.range(0, count)
        .mapToObj("label=k%d:v"::formatted)
        .collect(Collectors.joining("&"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 77, 1L << 40, (1L << 53) - 1, Long.MAX_VALUE})
  void cursorKeepsItsSequenceNumber(long sequence) {
    assertThat(Cursor.of(sequence)).matches("[A-Za-z0-9_-]{16}");
    assertThat(Cursor.parse(Cursor.of(sequence))).hasValue(sequence);
  }

  @Test
  void changedCursorIsRejected() {
    String cursor = Cursor.of(4711);
    for (int at = 0; at < cursor.length(); at++) {
      char other = cursor.charAt(at) == 'A' ? 'B' : 'A';
      String changed = cursor.substring(0, at) + other + cursor.substring(at + 1);
      assertThat(Cursor.parse(changed)).as(changed).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status=running,spawning,failed",
        "status=running&status=spawning&status=failed",
        "status=running,spawning&status=failed&status=failed"
      })
  void commaListEqualsRepeatedParameter(String query) {
    assertThat(query(query).statuses())
        .containsExactlyInAnyOrder(AgentStatus.RUNNING, AgentStatus.SPAWNING, AgentStatus.FAILED);
  }

  private static AgentQuery query(String query) {
    return AgentListParams.of(new QueryParameters(query)).query();
  }

  private static List<String> rejectedFields(String query) {
    return ProblemAssertions.fields(
        catchThrowableOfType(ProblemException.class, () -> query(query)));
  }

  @Test
  void includeIsRead() {
    assertThat(AgentListParams.of(new QueryParameters("limit=5")).include())
        .isEqualTo(AgentListParams.Include.NOTHING);
    assertThat(AgentListParams.of(new QueryParameters("include=session")).include())
        .isEqualTo(AgentListParams.Include.SESSION);
    assertThat(AgentListParams.of(new QueryParameters("include=session.context")).include())
        .isEqualTo(AgentListParams.Include.SESSION_WITH_CONTEXT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"include=", "include=context", "include=session&include=session"})
  void invalidIncludeIsRejected(String query) {
    ProblemException rejected =
        catchThrowableOfType(
            ProblemException.class, () -> AgentListParams.of(new QueryParameters(query)));
    assertThat(ProblemAssertions.fields(rejected)).containsExactly("include");
  }
}
