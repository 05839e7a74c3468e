package org.agentlifecycle.rest.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Instant;
import java.util.Map;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.Family;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.rest.problem.ProblemAssertions;
import org.agentlifecycle.rest.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In the headers of the tests, {@code V3} is a placeholder for the tag of version 3. */
class EntityTagsTest {
  private static final Instant SPAWNED = Instant.ofEpochMilli(1763823600123L);

  private static Agent agent(long sequence, Instant spawnedAt, long version, Boolean confirmed) {
    return new Agent(
        "a-1",
        "t",
        Family.ofRoot("a-1"),
        AgentStatus.RUNNING,
        version,
        spawnedAt,
        null,
        null,
        null,
        Timeouts.NONE,
        Map.of(),
        null,
        Output.NONE,
        confirmed,
        sequence);
  }

  private static Agent version(long version) {
    return agent(17, SPAWNED, version, null);
  }

  @Test
  void tagIdentifiesVersionAndLife() {
    assertThat(EntityTags.of(version(3))).isEqualTo("\"17.1763823600123-3\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"V3\"",
        "\"V1\", \"V3\"",
        "\"V1\",\"V3\"",
        ", \"V3\" ,,",
        "\"x\" , \"V3\"",
        "W/\"V9\",\"V3\"",
        "\"\",\"V3\""
      })
  void strongTagMatchesItsVersion(String header) {
    EntityTags tags = parse(header);
    assertThat(tags.matchesStrongly(version(3))).isTrue();
    assertThat(tags.matchesWeakly(version(3))).isTrue();
    assertThat(tags.matchesStrongly(version(2))).isFalse();
    assertThat(tags.versions()).contains(AgentVersion.of(version(3)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"W/\"V3\"", "\"V1\", W/\"V3\""})
  void weakTagNeverMatchesStrongly(String header) {
    EntityTags tags = parse(header);
    assertThat(tags.matchesStrongly(version(3))).isFalse();
    assertThat(tags.matchesWeakly(version(3))).isTrue();
    assertThat(tags.versions()).doesNotContain(AgentVersion.of(version(3)));
  }

  @Test
  void tagOfAnotherLifeMatchesNothing() {
    EntityTags tags = parse("\"V3\"");
    for (Agent other :
        new Agent[] {
          agent(18, SPAWNED, 3, null), // registered again after a purge
          agent(17, SPAWNED.plusMillis(1), 3, null), // the store assigned the sequence again
        }) {
      assertThat(tags.matchesStrongly(other)).isFalse();
      assertThat(tags.matchesWeakly(other)).isFalse();
      assertThat(tags.versions()).doesNotContain(AgentVersion.of(other));
    }
  }

  @Test
  void endOfTheSessionChangesTheRepresentationButNotTheVersion() {
    Agent open = version(3);
    Agent ended = agent(17, SPAWNED, 3, false);
    assertThat(EntityTags.of(ended)).isNotEqualTo(EntityTags.of(open));
    for (EntityTags tags :
        new EntityTags[] {parse(EntityTags.of(open)), parse(EntityTags.of(ended))}) {
      assertThat(tags.matchesStrongly(open)).isTrue();
      assertThat(tags.matchesStrongly(ended)).isTrue();
    }
    assertThat(parse(EntityTags.of(open)).matchesWeakly(ended)).isFalse();
    assertThat(parse(EntityTags.of(ended)).matchesWeakly(ended)).isTrue();
  }

  /** A response that an earlier release stored is returned unchanged. */
  @Test
  void agentOfUnknownSequenceKeepsTheTagOfItsStoredResponse() {
    assertThat(EntityTags.of(agent(Agent.UNKNOWN_SEQUENCE, SPAWNED, 1, null))).isEqualTo("\"1\"");
  }

  @Test
  void starMatchesEveryVersion() {
    EntityTags tags = parse("*");
    assertThat(tags.matchesStrongly(version(3))).isTrue();
    assertThat(tags.matchesWeakly(version(3))).isTrue();
    assertThat(tags.versions()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "\"3\"",
        "\"17-3\"",
        "\"017.1763823600123-3\"",
        "\"17.1763823600123-03\"",
        "\"17.1763823600123--3\"",
        "\"17.1763823600123-0\"",
        "\"17.1763823600123-3-\"",
        "\"17.1763823600123-three\"",
        "\"99999999999999999999.1763823600123-3\"",
        "\"é\""
      })
  void tagThatIsNoVersionMatchesNothing(String header) {
    EntityTags tags = parse(header);
    assertThat(tags.versions()).isEmpty();
    assertThat(tags.matchesWeakly(version(3))).isFalse();
    assertThat(tags.isEmpty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "3",
        "\"3",
        "3\"",
        "W/3",
        "w/\"3\"",
        "W/ \"3\"",
        "\"1\" \"3\"",
        "\"1\", 3",
        "*, \"3\"",
        "\"3\", *",
        "**",
        "\"a b\"",
        "\"\u0001\""
      })
  void malformedHeaderIsRejected(String header) {
    ProblemException rejection = catchThrowableOfType(ProblemException.class, () -> parse(header));
    assertThat(ProblemAssertions.fields(rejection)).containsExactly("If-Match");
  }

  private static EntityTags parse(String header) {
    return EntityTags.parse("If-Match", header.replaceAll("V(\\d)", "17.1763823600123-$1"));
  }
}
