package org.agentlifecycle.rest.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.Desired;
import org.agentlifecycle.agent.Family;
import org.agentlifecycle.agent.Link;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.rest.request.Cursor;
import org.agentlifecycle.rest.response.Page;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  private static final Instant SPAWNED = Instant.parse("2026-11-22T15:00:00.120Z");
  private static final Agent PLAIN =
      new Agent(
          "a-1",
          "t",
          Family.ofRoot("a-1"),
          AgentStatus.SPAWNING,
          1,
          SPAWNED,
          null,
          null,
          null,
          Timeouts.NONE,
          Map.of(),
          null,
          Output.NONE,
          null,
          7);

  @Test
  void agentHasItsMembersInTheOrderOfTheContract() {
    Agent agent =
        new Agent(
            "a-1",
            "t",
            Family.ofRoot("a-1"),
            AgentStatus.FAILED,
            3,
            SPAWNED,
            Instant.parse("2026-11-22T15:00:01Z"),
            Instant.parse("2026-11-22T15:00:02.003Z"),
            "exit \"1\"\n\u0000é😀",
            Timeouts.NONE,
            Map.of("team", "search", "a", "b"),
            new RawJson("{ \"n\": 1.00 }"),
            new Output(new RawJson("[1.50]"), List.of(new Link("https://a/b", "log", null))),
            false,
            7);

    assertThat(text(Json.write(agent)))
        .isEqualTo(
            "{\"agentId\":\"a-1\",\"taskId\":\"t\",\"rootId\":\"a-1\",\"depth\":0,\"status\":\"failed\",\"version\":3,"
                + "\"spawnedAt\":\"2026-11-22T15:00:00.120Z\","
                + "\"startedAt\":\"2026-11-22T15:00:01.000Z\","
                + "\"completedAt\":\"2026-11-22T15:00:02.003Z\","
                + "\"error\":\"exit \\\"1\\\"\\n\\u0000é😀\",\"sessionConfirmed\":false,"
                + "\"labels\":{\"a\":\"b\",\"team\":\"search\"},\"metadata\":{ \"n\": 1.00 },"
                + "\"result\":[1.50],\"links\":[{\"href\":\"https://a/b\",\"rel\":\"log\"}]}");
  }

  @Test
  void nullAndEmptyMembersAreOmitted() {
    assertThat(text(Json.write(PLAIN)))
        .isEqualTo(
            "{\"agentId\":\"a-1\",\"taskId\":\"t\",\"rootId\":\"a-1\",\"depth\":0,\"status\":\"spawning\",\"version\":1,"
                + "\"spawnedAt\":\"2026-11-22T15:00:00.120Z\"}");
  }

  @Test
  void lastPageHasNoCursor() {
    assertThat(text(Json.write(Page.of(new AgentPage(List.of(), null)))))
        .isEqualTo("{\"items\":[]}");
    assertThat(text(Json.write(Page.of(new AgentPage(List.of(PLAIN), 5L)))))
        .startsWith("{\"items\":[{\"agentId\":\"a-1\",")
        .endsWith("}],\"nextCursor\":\"" + Cursor.of(5) + "\"}");
  }

  @Test
  void registrationHasNoFrom() {
    Transition first =
        new Transition(1, null, AgentStatus.SPAWNING, SPAWNED, null, null, null, "1-0");
    Transition second =
        new Transition(
            2, AgentStatus.SPAWNING, AgentStatus.FAILED, SPAWNED, "me", "slow", "exit 1", "1-1");

    assertThat(text(Json.write(Page.ofAll(List.of(first, second)))))
        .isEqualTo(
            "{\"items\":[{\"version\":1,\"to\":\"spawning\",\"at\":\"2026-11-22T15:00:00.120Z\","
                + "\"eventId\":\"1-0\"},{\"version\":2,\"from\":\"spawning\",\"to\":\"failed\","
                + "\"at\":\"2026-11-22T15:00:00.120Z\",\"actor\":\"me\",\"reason\":\"slow\","
                + "\"error\":\"exit 1\",\"eventId\":\"1-1\"}]}");
  }

  @Test
  void contextOfSessionIsWrittenAsSent() {
    Session session =
        new Session(
            "a-1",
            SPAWNED,
            null,
            null,
            SPAWNED,
            null,
            null,
            null,
            null,
            new RawJson("{\"pid\":1e2}"));

    assertThat(text(Json.write(session)))
        .isEqualTo(
            "{\"agentId\":\"a-1\",\"openedAt\":\"2026-11-22T15:00:00.120Z\","
                + "\"cleanupAt\":\"2026-11-22T15:00:00.120Z\",\"context\":{\"pid\":1e2}}");
  }

  @Test
  void agentShowsItsFamilyAndTheDeadlineOfItsStatus() {
    Timeouts timeouts = new Timeouts(Duration.ofMinutes(2), Duration.ofHours(1));
    Family family = Family.below(List.of("root", "parent"));
    String head =
        "{\"agentId\":\"a-1\",\"taskId\":\"t\",\"parentId\":\"parent\",\"rootId\":\"root\",\"depth\":2,";
    assertThat(text(Json.write(agent(AgentStatus.SPAWNING, null, family, timeouts))))
        .isEqualTo(
            head
                + "\"status\":\"spawning\",\"version\":1,"
                + "\"spawnedAt\":\"2026-11-22T15:00:00.120Z\","
                + "\"startDeadline\":\"2026-11-22T15:02:00.120Z\"}");
    Instant started = Instant.parse("2026-11-22T15:00:01Z");
    assertThat(text(Json.write(agent(AgentStatus.RUNNING, started, family, timeouts))))
        .isEqualTo(
            head
                + "\"status\":\"running\",\"version\":1,"
                + "\"spawnedAt\":\"2026-11-22T15:00:00.120Z\","
                + "\"startedAt\":\"2026-11-22T15:00:01.000Z\","
                + "\"runDeadline\":\"2026-11-22T16:00:01.000Z\"}");
    assertThat(text(Json.write(agent(AgentStatus.COMPLETED, started, family, timeouts))))
        .doesNotContain("Deadline");
  }

  private static Agent agent(
      AgentStatus status, Instant started, Family family, Timeouts timeouts) {
    return new Agent(
        "a-1",
        "t",
        family,
        status,
        1,
        SPAWNED,
        started,
        null,
        null,
        timeouts,
        Map.of(),
        null,
        Output.NONE,
        null,
        7);
  }

  @Test
  void sessionShowsProgressWaitingAndDesiredState() {
    Session session =
        new Session(
            "a-1",
            SPAWNED,
            SPAWNED,
            null,
            null,
            new Progress(0.5, 3.0, "m"),
            SPAWNED,
            new Waiting(Waiting.Kind.APPROVAL, "n", "https://host/a", SPAWNED),
            new Desired(Desired.Mode.STOPPED, SPAWNED, SPAWNED.plusSeconds(60), "r"),
            null);
    String time = "\"2026-11-22T15:00:00.120Z\"";
    assertThat(text(Json.write(session)))
        .isEqualTo(
            "{\"agentId\":\"a-1\",\"openedAt\":T,\"lastHeartbeatAt\":T,".replace("T", time)
                + "\"progress\":{\"current\":0.5,\"total\":3,\"message\":\"m\"},"
                + "\"progressAt\":"
                + time
                + ",\"waiting\":{\"for\":\"approval\",\"note\":\"n\",\"url\":\"https://host/a\",\"since\":"
                + time
                + "},\"desired\":{\"mode\":\"stopped\",\"since\":"
                + time
                + ",\"deadline\":\"2026-11-22T15:01:00.120Z\",\"reason\":\"r\"}}");
  }

  @ParameterizedTest
  @CsvSource({
    "3,3",
    "0,0",
    "0.5,0.5",
    "1e3,1000",
    "9007199254740991,9007199254740991",
    "1e-7,0.0000001"
  })
  void numberHasNoExponent(double number, String json) {
    assertThat(text(Json.write(new Progress(number, null, null))))
        .isEqualTo("{\"current\":" + json + "}");
  }

  @Test
  void statsAreNumbers() {
    assertThat(text(Json.write(new Stats(1, 2, 3, 4, 5, 6, 7, 8))))
        .isEqualTo(
            "{\"spawning\":1,\"running\":2,\"completed\":3,\"failed\":4,\"killed\":5,"
                + "\"openSessions\":6,\"pendingCleanups\":7,\"waiting\":8}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999Z",
        "2024-02-29T23:59:59.001Z",
        "2026-11-22T15:00:00.123456789Z",
        "0001-01-01T00:00:00.010Z",
        "9999-12-31T23:59:59.999Z"
      })
  void timestampEqualsThatOfDateTimeFormatter(String instant) {
    DateTimeFormatter library =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    assertThat(Timestamps.format(Instant.parse(instant)))
        .isEqualTo(library.format(Instant.parse(instant)));
  }

  private static String text(byte[] json) {
    String text = new String(json, StandardCharsets.UTF_8);
    assertThat(text).endsWith("}\n"); // the prompt of a terminal starts on its own line
    return text.substring(0, text.length() - 1);
  }
}
