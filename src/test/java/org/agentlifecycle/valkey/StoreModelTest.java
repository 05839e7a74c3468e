package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.JsonText;
import org.agentlifecycle.agent.Move;
import org.agentlifecycle.agent.MoveResult;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.contract.StoreSettings;
import org.agentlifecycle.harness.TestStore;
import org.agentlifecycle.memory.MemoryStore;
import org.agentlifecycle.session.CloseResult;

/**
 * After any sequence of calls Valkey has given the answers that the store in memory gives, and its
 * keys obey the {@link StoreLaws}.
 */
class StoreModelTest {
  private static final int AGENTS = 6;

  /** One call, and what it leaves to compare. */
  private interface Step {
    void take(Both both);
  }

  /** Valkey first; the model is told the time and the ids that Valkey gave. */
  private static final class Both {
    private final ValkeyUnderTest valkey;
    private final MemoryStore model;
    private final Deque<String> eventIds = new ArrayDeque<>();
    private Instant now = Instant.EPOCH;

    Both(ValkeyUnderTest valkey, Duration cleanupDelay) {
      this.valkey = valkey;
      this.model =
          new MemoryStore(
              StoreSettings.QUIET.cleanupAfter(cleanupDelay), () -> now, eventIds::remove);
    }

    void happened(AgentEvent event) {
      now = event.timestamp();
      eventIds.add(event.id());
    }

    void agree(String agentId) {
      assertThat(valkey.agents().find(agentId)).isEqualTo(model.find(agentId));
      assertThat(valkey.agents().history(agentId)).isEqualTo(model.history(agentId));
      assertThat(valkey.sessions().findSession(agentId)).isEqualTo(model.findSession(agentId));
      assertThat(valkey.agents().stats()).isEqualTo(model.stats());
      assertThat(eventIds).as("events that the model does not know of").isEmpty();
    }
  }

  private record Register(Registration asked) implements Step {
    @Override
    public void take(Both both) {
      RegisterResult result = both.valkey.agents().register(asked, null);
      if (result instanceof RegisterResult.Registered registered) {
        both.happened(registered.change().event());
      }
      assertThat(result).isEqualTo(both.model.register(asked, null));
      both.agree(asked.agentId());
    }
  }

  private record MoveAgent(String agentId, Move move) implements Step {
    @Override
    public void take(Both both) {
      MoveResult result = both.valkey.agents().move(agentId, move, move.to().sources(), null);
      if (result instanceof MoveResult.Moved moved) {
        both.happened(moved.change().event());
      }
      assertThat(result).isEqualTo(both.model.move(agentId, move, move.to().sources(), null));
      both.agree(agentId);
    }
  }

  private record Close(String agentId) implements Step {
    @Override
    public void take(Both both) {
      CloseResult result = both.valkey.sessions().closeSession(agentId);
      if (result instanceof CloseResult.Closed closed) {
        both.happened(closed.event());
      }
      assertThat(result).isEqualTo(both.model.closeSession(agentId));
      both.agree(agentId);
    }
  }

  private record CleanUp(int limit) implements Step {
    @Override
    public void take(Both both) {
      List<AgentEvent> ended = both.valkey.sessions().cleanUpDue(limit);
      ended.forEach(both::happened);
      assertThat(ended).isEqualTo(both.model.cleanUpDue(limit));
      ended.forEach(event -> both.agree(event.agentId()));
    }
  }

  private record Forward(int limit) implements Step {
    @Override
    public void take(Both both) {
      assertThat(both.valkey.feed().forward(limit)).isEqualTo(both.model.feed().forward(limit));
    }
  }

  private record Listing(AgentQuery query) implements Step {
    @Override
    public void take(Both both) {
      assertThat(both.valkey.agents().list(query)).isEqualTo(both.model.list(query));
    }
  }

  @Property(tries = 60)
  void valkeyDoesWhatTheModelDoesAndItsKeysObeyTheLaws(
      @ForAll boolean dueAtOnce, @ForAll("calls") List<Step> calls) {
    Duration cleanupDelay = dueAtOnce ? Duration.ZERO : Duration.ofDays(1);
    try (ValkeyUnderTest valkey = ValkeyUnderTest.on(TestStore.uri(), cleanupDelay)) {
      Both both = new Both(valkey, cleanupDelay);
      calls.forEach(call -> call.take(both));
      assertThat(valkey.events()).isEqualTo(both.model.feed().events());
      assertThat(valkey.published()).isEqualTo(both.model.feed().channel());
      StoreLaws.hold(valkey);
    }
  }

  @Provide
  Arbitrary<List<Step>> calls() {
    return Arbitraries.<Step>frequencyOf(
            Tuple.of(4, registering()),
            Tuple.of(8, moving()),
            Tuple.of(2, agentIds().map(Close::new)),
            Tuple.of(1, Arbitraries.integers().between(1, 3).map(CleanUp::new)),
            Tuple.of(1, Arbitraries.integers().between(1, 5).map(Forward::new)),
            Tuple.of(2, listing()))
        .list()
        .ofMinSize(1)
        .ofMaxSize(50);
  }

  private static Arbitrary<String> agentIds() {
    return Arbitraries.of(IntStream.range(0, AGENTS).mapToObj(i -> "a-" + i).toList());
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.strings()
        .withCharRange(' ', '~')
        .withChars('"', '\\', '/', '\n', '\u0000', '\u2028', 'ü', '語')
        .ofMinLength(1)
        .ofMaxLength(12);
  }

  private static Arbitrary<Map<String, String>> labels() {
    return Arbitraries.maps(Arbitraries.of("team", "env"), Arbitraries.of("x", "y", "", "x:y"))
        .ofMaxSize(2);
  }

  private static Arbitrary<Step> registering() {
    Arbitrary<JsonText> objects =
        Arbitraries.of("{}", "{\"n\":1e400}", "{ \"a\" : [1, 2] }").map(JsonText::new);
    return Combinators.combine(
            agentIds(),
            Arbitraries.of("t-1", "t-2"),
            labels(),
            objects.injectNull(0.5),
            objects.injectNull(0.5),
            Arbitraries.<Duration>just(null))
        .as(Registration::new)
        .map(Register::new);
  }

  private static Arbitrary<Step> moving() {
    Arbitrary<Set<Long>> versions =
        Arbitraries.longs().between(1, 4).set().ofMaxSize(2).injectNull(0.6);
    return Combinators.combine(
            agentIds(),
            Arbitraries.of(AgentStatus.class),
            texts(),
            texts().injectNull(0.5),
            versions)
        .as(
            (id, to, error, reason, expected) ->
                new MoveAgent(
                    id, new Move(to, to == AgentStatus.FAILED ? error : null, reason, expected)));
  }

  private static Arbitrary<Step> listing() {
    return Combinators.combine(
            Arbitraries.of(AgentStatus.class).set().ofMaxSize(3),
            Arbitraries.of("t-1", "t-2").injectNull(0.5),
            labels(),
            Arbitraries.of(true, false).injectNull(0.5),
            Arbitraries.integers().between(1, 4),
            Arbitraries.longs().between(1, AGENTS).injectNull(0.5))
        .as(
            (statuses, task, labels, open, limit, before) ->
                new Listing(
                    new AgentQuery(
                        statuses,
                        task,
                        labels.entrySet().stream()
                            .collect(
                                Collectors.toMap(
                                    Map.Entry::getKey, label -> Set.of(label.getValue()))),
                        open,
                        limit,
                        before == null ? AgentQuery.NEWEST : before)));
  }
}
