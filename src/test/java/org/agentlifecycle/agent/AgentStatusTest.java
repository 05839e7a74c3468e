package org.agentlifecycle.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The transition table equals the state diagram of the README. */
class AgentStatusTest {
  private static final Pattern DIAGRAM = Pattern.compile("(?s)stateDiagram-v2\\s(.*?)```");
  private static final Pattern ARROW = Pattern.compile("(?m)^\\s*(\\S+) --> ([^\\s:]+)");
  private static final String BOUND = "[*]";

  private record Arrow(String from, String to) {}

  private static final Set<Arrow> ARROWS = arrows();

  private static Set<Arrow> arrows() {
    try {
      Matcher diagram = DIAGRAM.matcher(Files.readString(Path.of("README.md")));
      assertThat(diagram.find()).as("the README has a state diagram").isTrue();
      return ARROW
          .matcher(diagram.group(1))
          .results()
          .map(arrow -> new Arrow(arrow.group(1), arrow.group(2)))
          .collect(Collectors.toUnmodifiableSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean drawn(String from, String to) {
    return ARROWS.contains(new Arrow(from, to));
  }

  static Stream<Arguments> everyPair() {
    return Arrays.stream(AgentStatus.values())
        .flatMap(from -> Arrays.stream(AgentStatus.values()).map(to -> arguments(from, to)));
  }

  static Stream<Arguments> everyIllegalPair() {
    return everyPair()
        .filter(pair -> !((AgentStatus) pair.get()[0]).next().contains(pair.get()[1]));
  }

  @Test
  void diagramContainsExactlyTheStatuses() {
    assertThat(ARROWS.stream().flatMap(arrow -> Stream.of(arrow.from, arrow.to)))
        .filteredOn(name -> !BOUND.equals(name))
        .containsOnly(
            Arrays.stream(AgentStatus.values()).map(AgentStatus::wireName).toArray(String[]::new));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("everyPair")
  void legalTransitionsEqualTheDiagram(AgentStatus from, AgentStatus to) {
    assertThat(from.next().contains(to)).isEqualTo(drawn(from.wireName(), to.wireName()));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("everyPair")
  void sourcesAreTheInverseOfTheTable(AgentStatus from, AgentStatus to) {
    assertThat(to.sources().contains(from)).isEqualTo(from.next().contains(to));
  }

  @ParameterizedTest
  @EnumSource
  void finalStatusesEqualTheDiagram(AgentStatus status) {
    assertThat(status.isFinal()).isEqualTo(drawn(status.wireName(), BOUND));
  }

  @ParameterizedTest
  @EnumSource
  void initialStatusEqualsTheDiagram(AgentStatus status) {
    assertThat(status.sources().isEmpty()).isEqualTo(drawn(BOUND, status.wireName()));
  }

  @ParameterizedTest
  @EnumSource(names = {"COMPLETED", "FAILED", "KILLED"})
  void finalStatusHasNoTransitions(AgentStatus last) {
    assertThat(last.next()).isEmpty();
    assertThat(last.isFinal()).isTrue();
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("everyIllegalPair")
  void rejectionContainsTheAllowedStatuses(AgentStatus from, AgentStatus to) {
    LifecycleException rejection = LifecycleException.illegalTransition("a-1", from, to);
    assertThat(rejection)
        .hasMessage(
            "invalid transition of agent a-1 from %s to %s", from.wireName(), to.wireName());
    assertThat(rejection.reason()).isEqualTo(LifecycleException.Reason.ILLEGAL_TRANSITION);
    assertThat(rejection.details())
        .containsOnlyKeys("from", "to", "allowed")
        .containsEntry("from", from.wireName())
        .containsEntry("to", to.wireName())
        .containsEntry("allowed", from.next().stream().map(AgentStatus::wireName).toList());
  }

  @ParameterizedTest
  @EnumSource
  void wireNameIsLowerCaseAndUnique(AgentStatus status) {
    assertThat(status.wireName()).isLowerCase().isEqualToIgnoringCase(status.name());
    assertThat(AgentStatus.ofWireName(status.wireName())).contains(status);
  }

  @Test
  void unknownWireNameIsRejected() {
    assertThat(Stream.of("", "RUNNING", "Running", " running", "paused"))
        .allSatisfy(name -> assertThat(AgentStatus.ofWireName(name)).isEmpty());
  }

  @ParameterizedTest
  @EnumSource
  void eachStatusHasItsEventType(AgentStatus status) {
    String past = status == AgentStatus.SPAWNING ? "spawned" : status.wireName();
    assertThat(AgentEvent.Type.of(status).wireName()).isEqualTo("agent." + past);
  }

  @ParameterizedTest
  @EnumSource
  void wireNameOfEventTypeIsUnique(AgentEvent.Type type) {
    assertThat(AgentEvent.Type.ofWireName(type.wireName())).contains(type);
    assertThat(AgentEvent.Type.ofWireName(type.name())).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void errorIsRequiredForFailedOnly(AgentStatus to) {
    String wrong = to == AgentStatus.FAILED ? null : "exit code 1";
    assertThatThrownBy(() -> new TransitionRequest(to, wrong, null, null))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
