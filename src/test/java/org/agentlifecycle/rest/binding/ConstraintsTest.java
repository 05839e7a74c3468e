package org.agentlifecycle.rest.binding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.agentlifecycle.agent.Agent;

/** The loops of {@link Constraints} accept exactly the texts that match the domain's patterns. */
class ConstraintsTest {

  /** Mostly characters that both patterns allow; half of the lengths are at a limit. */
  @Provide
  Arbitrary<String> names() {
    Arbitrary<Character> characters =
        Arbitraries.frequencyOf(
            Tuple.of(500, Arbitraries.chars().alpha().numeric().with('.', '_', '-')),
            Tuple.of(1, Arbitraries.of(':', '/')),
            Tuple.of(1, Arbitraries.chars().all()));
    return Arbitraries.oneOf(
            Arbitraries.integers().between(0, 130), Arbitraries.of(0, 1, 62, 63, 64, 127, 128, 129))
        .flatMap(length -> characters.list().ofSize(length))
        .map(list -> list.stream().map(String::valueOf).collect(Collectors.joining()));
  }

  @Property
  void idIsValidIfItMatchesItsPattern(@ForAll("names") String text) {
    assertThat(Constraints.isId(text)).isEqualTo(text.matches(Agent.ID_PATTERN));
  }

  @Property
  void labelKeyIsValidIfItMatchesItsPattern(@ForAll("names") String text) {
    assertThat(Constraints.isLabelKey(text)).isEqualTo(text.matches(Agent.LABEL_KEY_PATTERN));
  }
}
