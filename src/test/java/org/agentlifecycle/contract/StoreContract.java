package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.CleanupEvent;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.Session;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Contract of all stores, which the real stores and the in-memory store fulfil. */
public abstract class StoreContract
    implements SessionContract,
        LeaseContract,
        IdempotencyContract,
        AdmissionContract,
        KillContract,
        RetentionContract,
        FeedContract {

  private static final StoreSettings DUE_IMMEDIATELY =
      StoreSettings.QUIET.cleanupAfter(Duration.ZERO);

  private static final List<AgentStatus> STATUSES = List.of(AgentStatus.values());

  private static final List<AgentStatus> FINAL =
      STATUSES.stream().filter(AgentStatus::isFinal).toList();

  private final List<StoreUnderTest> opened = new ArrayList<>();
  private StoreUnderTest store;

  /** Opens an empty store. */
  protected abstract StoreUnderTest open(StoreSettings settings);

  @Override
  public StoreUnderTest store() {
    return store;
  }

  @Override
  public void use(StoreSettings settings) {
    store = open(settings);
    opened.add(store);
  }

  @BeforeEach
  void openOne() {
    use(StoreSettings.QUIET);
  }

  @AfterEach
  void closeAll() {
    opened.forEach(StoreUnderTest::close);
  }

  // Helpers ---------------------------------------------------------------------------------------

  private static AgentQuery query(int limit) {
    return new AgentQuery(Set.of(), null, Map.of(), null, limit, AgentQuery.NEWEST);
  }

  private static AgentQuery from(AgentQuery query, long before) {
    return new AgentQuery(
        query.statuses(),
        query.taskId(),
        query.labels(),
        query.sessionOpen(),
        query.limit(),
        before);
  }

  private List<String> ids(AgentQuery query) {
    return store.agents().list(query).items().stream().map(Agent::agentId).toList();
  }

  /** Reads all pages and returns their agents. */
  private List<Agent> allPages(AgentQuery query, Runnable between) {
    List<Agent> all = new ArrayList<>();
    AgentPage page = store.agents().list(query);
    all.addAll(page.items());
    while (page.next() != null) {
      assertThat(page.items())
          .as("number of agents on a page that is not the last")
          .hasSize(query.limit());
      between.run();
      page = store.agents().list(from(query, page.next()));
      assertThat(page.items()).as("page after a cursor").isNotEmpty();
      all.addAll(page.items());
      assertThat(all).as("agents on all pages").hasSizeLessThan(1_000);
    }
    return all;
  }

  // Registration ----------------------------------------------------------------------------------

  @Test
  void registeredAgentIsSpawningWithVersionOne() {
    Agent agent = register("a-1").agent();
    assertThat(agent.status()).isEqualTo(AgentStatus.SPAWNING);
    assertThat(agent.version()).isEqualTo(1);
    assertThat(agent.startedAt()).isNull();
    assertThat(agent.completedAt()).isNull();
    assertThat(agent.error()).isNull();
    assertThat(found("a-1")).isEqualTo(agent);
  }

  @Test
  void registrationHasAnEventWithoutFrom() {
    CommittedTransition change = register("a-1");
    TransitionEvent event = change.event();
    assertThat(event)
        .isEqualTo(
            new TransitionEvent(
                event.id(),
                "a-1",
                "task-1",
                change.agent().spawnedAt(),
                1,
                null,
                AgentStatus.SPAWNING,
                null,
                null,
                null,
                null));
    assertThat(event.type()).isEqualTo(AgentEvent.Type.SPAWNED);
    assertThat(store.events()).containsExactly(event);
  }

  @Test
  void storedValuesAreReturnedUnchanged() {
    Map<String, String> labels = new HashMap<>();
    labels.put("nasty", NASTY);
    labels.put("empty", "");
    labels.put("a.b/c_d-e", "1:2:3");
    RawJson metadata =
        new RawJson(
            "{ \"big\" : 123456789012345678901234567890.10, \"b\":1e400,\"\\u0061\":[ ],\n"
                + "  \"dup\": \"\\ud83d\\ude80 🚀\", \"z\": 1.0 }");
    RawJson context = new RawJson("{\"pid\":18446744073709551616 }");
    Agent agent =
        register(new Registration("a-1", "t:1._-", labels, metadata, context, null)).agent();
    assertThat(agent.labels()).isEqualTo(labels);
    assertThat(agent.metadata()).isEqualTo(metadata);
    assertThat(found("a-1")).isEqualTo(agent);
    assertThat(store.sessions().findSession("a-1").session().orElseThrow().context())
        .isEqualTo(context);
    labels.forEach(
        (key, value) ->
            assertThat(
                    ids(
                        new AgentQuery(
                            Set.of(),
                            null,
                            Map.of(key, Set.of(value)),
                            null,
                            1,
                            AgentQuery.NEWEST)))
                .containsExactly("a-1"));
    assertThat(moved("a-1", AgentStatus.RUNNING).agent().metadata()).isEqualTo(metadata);
  }

  @Test
  void registrationOfAnExistingIdChangesNothing() {
    Agent first = register(registration("a-1", "task-1", "team", "search")).agent();
    assertThat(
            tryRegister(
                new Registration(
                    "a-1", "task-2", Map.of("x", "y"), new RawJson("{}"), new RawJson("{}"), null)))
        .isEqualTo(new RegisterResult.AlreadyExists());
    assertThat(found("a-1")).isEqualTo(first);
    assertThat(store.events()).hasSize(1);
    assertThat(store.agents().stats()).isEqualTo(new Stats(1, 0, 0, 0, 0, 1, 0));
    assertThat(ids(new AgentQuery(Set.of(), "task-2", Map.of(), null, 10, AgentQuery.NEWEST)))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void idOfAnAgentInAnyStatusIsRejected(AgentStatus status) {
    register("a-1");
    moveTo("a-1", status);
    assertThat(tryRegister(registration("a-1", "task-1")))
        .isEqualTo(new RegisterResult.AlreadyExists());
  }

  @Test
  void unknownAgentReturnsNotFound() {
    assertThat(store.agents().find("a-0")).isEmpty();
    assertThat(store.agents().history("a-0")).isEmpty();
    assertThat(tryMove("a-0", TransitionRequest.to(AgentStatus.RUNNING)))
        .isEqualTo(new TransitionResult.NotFound());
    assertThat(store.sessions().findSession("a-0").session()).isEmpty();
    assertThat(store.sessions().endSession("a-0")).isEqualTo(new EndSessionResult.AgentNotFound());
    assertThat(store.events()).isEmpty();
  }

  // Transitions -----------------------------------------------------------------------------------

  static Stream<Arguments> everyPair() {
    return Arrays.stream(AgentStatus.values())
        .flatMap(from -> Arrays.stream(AgentStatus.values()).map(to -> arguments(from, to)));
  }

  @ParameterizedTest(name = "{0} -> {1}")
  @MethodSource("everyPair")
  void onlyLegalTransitionsAreApplied(AgentStatus from, AgentStatus to) {
    register("a-1");
    moveTo("a-1", from);
    Agent before = found("a-1");
    int events = store.events().size();
    TransitionResult result = tryMove("a-1", move(to));
    if (from.next().contains(to)) {
      CommittedTransition change = ((TransitionResult.Applied) result).transition();
      assertThat(change.agent().status()).isEqualTo(to);
      assertThat(change.agent().version()).isEqualTo(before.version() + 1);
      assertThat(found("a-1")).isEqualTo(change.agent());
      assertThat(store.events()).hasSize(events + 1).last().isEqualTo(change.event());
    } else {
      assertThat(result).isEqualTo(new TransitionResult.Illegal(from));
      assertThat(found("a-1")).isEqualTo(before);
      assertThat(store.events()).hasSize(events);
    }
  }

  @Test
  void eventOfATransitionHasAllItsFields() {
    register("a-1");
    CommittedTransition change =
        moved("a-1", new TransitionRequest(AgentStatus.FAILED, NASTY, NASTY + "!", null));
    TransitionEvent event = change.event();
    assertThat(event)
        .isEqualTo(
            new TransitionEvent(
                event.id(),
                "a-1",
                "task-1",
                change.agent().completedAt(),
                2,
                AgentStatus.SPAWNING,
                AgentStatus.FAILED,
                NASTY,
                NASTY + "!",
                null,
                null));
    assertThat(event.type()).isEqualTo(AgentEvent.Type.FAILED);
    assertThat(store.events()).last().isEqualTo(event);
    assertThat(found("a-1").error()).isEqualTo(NASTY);
  }

  @Test
  void longestErrorAndReasonAreStoredCompletely() {
    String text = "語".repeat(Agent.MAX_TEXT_LENGTH);
    register("a-1");
    moved("a-1", new TransitionRequest(AgentStatus.FAILED, text, text, null));
    assertThat(found("a-1").error()).isEqualTo(text);
    assertThat(transitionEvents()).last().extracting(TransitionEvent::reason).isEqualTo(text);
  }

  @Test
  void startAndEndOfAnAgentAreRecordedOnce() {
    Agent spawned = register("a-1").agent();
    CommittedTransition running = moved("a-1", AgentStatus.RUNNING);
    assertThat(running.agent().startedAt()).isEqualTo(running.event().timestamp());
    assertThat(running.agent().completedAt()).isNull();
    CommittedTransition completed = moved("a-1", AgentStatus.COMPLETED);
    assertThat(completed.agent().spawnedAt()).isEqualTo(spawned.spawnedAt());
    assertThat(completed.agent().startedAt()).isEqualTo(running.agent().startedAt());
    assertThat(completed.agent().completedAt()).isEqualTo(completed.event().timestamp());
    assertThat(completed.agent().error()).isNull();
  }

  @Test
  void repeatedStartKeepsTheFirstStartTime() {
    register("a-1");
    Instant started = moved("a-1", AgentStatus.RUNNING).agent().startedAt();
    TransitionRequest again = TransitionRequest.to(AgentStatus.RUNNING);
    for (int version = 3; version < 20; version++) {
      TransitionResult result =
          store.agents().move("a-1", again, List.of(AgentStatus.RUNNING), null);
      assertThat(((TransitionResult.Applied) result).transition().agent())
          .satisfies(agent -> assertThat(agent.startedAt()).isEqualTo(started))
          .extracting(Agent::version)
          .isEqualTo((long) version);
    }
  }

  @Test
  void agentThatDidNotRunHasNoStartTime() {
    register("a-1");
    Agent killed = moved("a-1", AgentStatus.KILLED).agent();
    assertThat(killed.startedAt()).isNull();
    assertThat(killed.completedAt()).isNotNull();
    assertThat(found("a-1")).isEqualTo(killed);
  }

  @Test
  void onlyAFailedAgentHasAnError() {
    for (AgentStatus last : FINAL) {
      String id = "a-" + last;
      register(id);
      moveTo(id, last);
      assertThat(found(id).error()).isEqualTo(last == AgentStatus.FAILED ? "exit code 1" : null);
    }
  }

  @Test
  void callerDefinesTheLegalSourceStatuses() {
    register("a-1");
    assertThat(
            store.agents().move("a-1", TransitionRequest.to(AgentStatus.RUNNING), List.of(), null))
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.SPAWNING));
    assertThat(
            store
                .agents()
                .move(
                    "a-1",
                    TransitionRequest.to(AgentStatus.COMPLETED),
                    List.of(AgentStatus.RUNNING, AgentStatus.SPAWNING),
                    null))
        .isInstanceOf(TransitionResult.Applied.class);
  }

  @Test
  void transitionRequiresOneMatchingVersion() {
    register("a-1");
    moved("a-1", AgentStatus.RUNNING);
    for (Set<AgentVersion> wrong :
        List.of(versions("a-1", 1), versions("a-1", 3, 12, 22, 0), Set.<AgentVersion>of())) {
      assertThat(tryMove("a-1", new TransitionRequest(AgentStatus.COMPLETED, null, null, wrong)))
          .isEqualTo(new TransitionResult.VersionMismatch(2));
    }
    assertThat(store.events()).hasSize(2);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.RUNNING);
    assertThat(
            tryMove(
                "a-1",
                new TransitionRequest(AgentStatus.COMPLETED, null, null, versions("a-1", 1, 2, 3))))
        .isInstanceOf(TransitionResult.Applied.class);
  }

  @Test
  void versionMismatchIsReportedBeforeIllegalTransition() {
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    assertThat(
            tryMove(
                "a-1", new TransitionRequest(AgentStatus.RUNNING, null, null, versions("a-1", 1))))
        .isEqualTo(new TransitionResult.VersionMismatch(2));
    assertThat(
            tryMove(
                "a-1", new TransitionRequest(AgentStatus.RUNNING, null, null, versions("a-1", 2))))
        .isEqualTo(new TransitionResult.Illegal(AgentStatus.KILLED));
    assertThat(
            tryMove(
                "a-0", new TransitionRequest(AgentStatus.RUNNING, null, null, versions("a-1", 1))))
        .isEqualTo(new TransitionResult.NotFound());
  }

  @Test
  void timestampsAreMillisecondsInIncreasingOrder() {
    for (int i = 0; i < 50; i++) {
      register("a-" + i);
      moveTo("a-" + i, FINAL.get(i % FINAL.size()));
    }
    List<Instant> times = store.events().stream().map(AgentEvent::timestamp).toList();
    assertThat(times).isSorted().allMatch(at -> at.equals(at.truncatedTo(ChronoUnit.MILLIS)));
  }

  // History ---------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource
  void historyEqualsTheEvents(AgentStatus status) {
    register("a-1");
    register("a-2");
    moved("a-2", AgentStatus.RUNNING);
    if (status == AgentStatus.RUNNING) {
      moved("a-1", new TransitionRequest(AgentStatus.RUNNING, null, NASTY, null));
    } else {
      moveTo("a-1", status);
    }
    assertThat(store.agents().history("a-1").orElseThrow())
        .isEqualTo(
            transitionEvents().stream()
                .filter(event -> event.agentId().equals("a-1"))
                .map(
                    event ->
                        new Transition(
                            event.version(),
                            event.from(),
                            event.to(),
                            event.timestamp(),
                            event.actor(),
                            event.reason(),
                            event.error(),
                            event.id()))
                .toList());
  }

  @Test
  void endOfTheSessionIsNotPartOfTheHistory() {
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    List<Transition> before = store.agents().history("a-1").orElseThrow();
    store.sessions().endSession("a-1");
    assertThat(store.agents().history("a-1")).contains(before);
  }

  // Listing ---------------------------------------------------------------------------------------

  /**
   * Registers agents of all kinds, so that each combination of filters matches some agents only.
   */
  private List<Agent> population(int size) {
    Random random = new Random(7);
    for (int i = 0; i < size; i++) {
      String id = "a-" + i;
      String[] labels =
          switch (random.nextInt(4)) {
            case 0 -> new String[] {};
            case 1 -> new String[] {"team", "search"};
            case 2 -> new String[] {"team", "ads", "env", "prod"};
            default -> new String[] {"team", "search", "env", "prod"};
          };
      register(registration(id, "task-" + random.nextInt(3), labels));
      AgentStatus status = STATUSES.get(random.nextInt(STATUSES.size()));
      moveTo(id, status);
      if (status.isFinal() && random.nextBoolean()) {
        store.sessions().endSession(id);
      }
    }
    List<Agent> newestFirst =
        new ArrayList<>(IntStream.range(0, size).mapToObj(i -> found("a-" + i)).toList());
    Collections.reverse(newestFirst);
    return newestFirst;
  }

  private List<Agent> matching(AgentQuery query, List<Agent> population) {
    Predicate<Agent> selected =
        agent ->
            (query.statuses().isEmpty() || query.statuses().contains(agent.status()))
                && (query.taskId() == null || query.taskId().equals(agent.taskId()))
                && (query.sessionOpen() == null
                    || query.sessionOpen()
                        == store.sessions().findSession(agent.agentId()).session().isPresent())
                && query.labels().entrySet().stream()
                    .allMatch(
                        label ->
                            label.getValue().stream()
                                .allMatch(
                                    value -> value.equals(agent.labels().get(label.getKey()))));
    return population.stream().filter(selected).toList();
  }

  private static Stream<AgentQuery> everyCombination(int limit) {
    List<Set<AgentStatus>> statuses =
        List.of(
            Set.of(),
            Set.of(AgentStatus.RUNNING),
            Set.of(AgentStatus.SPAWNING, AgentStatus.KILLED),
            Set.copyOf(Arrays.asList(AgentStatus.values())));
    List<Optional<String>> tasks =
        List.of(Optional.empty(), Optional.of("task-1"), Optional.of("task-none"));
    List<Map<String, Set<String>>> labels =
        List.of(
            Map.of(),
            Map.of("team", Set.of("search")),
            Map.of("team", Set.of("search"), "env", Set.of("prod")),
            Map.of("team", Set.of("search", "ads")));
    List<Optional<Boolean>> open = List.of(Optional.empty(), Optional.of(true), Optional.of(false));
    return statuses.stream()
        .flatMap(
            status ->
                tasks.stream()
                    .flatMap(
                        task ->
                            labels.stream()
                                .flatMap(
                                    label ->
                                        open.stream()
                                            .map(
                                                session ->
                                                    new AgentQuery(
                                                        status,
                                                        task.orElse(null),
                                                        label,
                                                        session.orElse(null),
                                                        limit,
                                                        AgentQuery.NEWEST)))));
  }

  @ParameterizedTest(name = "pages of {0}")
  @ValueSource(ints = {1, 3, 7, 1000})
  void filteredPagesHaveEachMatchOnceNewestFirst(int limit) {
    List<Agent> population = population(40);
    assertThat(everyCombination(limit))
        .hasSize(4 * 3 * 4 * 3)
        .allSatisfy(
            query -> assertThat(allPages(query, () -> {})).isEqualTo(matching(query, population)));
  }

  @Test
  void pageWithTheLastAgentHasNoNextPage() {
    for (int i = 0; i < 6; i++) {
      register("a-" + i);
    }
    assertThat(store.agents().list(query(6)).next()).isNull();
    assertThat(store.agents().list(query(7)).next()).isNull();
    AgentPage five = store.agents().list(query(5));
    assertThat(five.next()).isNotNull();
    AgentPage last = store.agents().list(from(query(1), five.next()));
    assertThat(last.items()).extracting(Agent::agentId).containsExactly("a-0");
    assertThat(last.next()).isNull();
  }

  @Test
  void emptyStoreReturnsOneEmptyPage() {
    assertThat(everyCombination(10))
        .allSatisfy(
            query ->
                assertThat(store.agents().list(query)).isEqualTo(new AgentPage(List.of(), null)));
  }

  @Test
  void pagesAreCompleteWhileAgentsChange() {
    List<String> there = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      register(registration("old-" + i, "task-1", "team", "search"));
      there.add(0, "old-" + i);
    }
    int[] added = {0};
    Runnable change =
        () -> {
          String id = "new-" + added[0]++;
          register(registration(id, "task-1", "team", "search"));
          moved("old-" + (29 - added[0]), AgentStatus.RUNNING);
          moveTo(id, AgentStatus.KILLED);
        };
    for (AgentQuery query :
        List.of(
            query(4),
            new AgentQuery(Set.of(), "task-1", Map.of(), null, 4, AgentQuery.NEWEST),
            new AgentQuery(
                Set.of(AgentStatus.SPAWNING, AgentStatus.RUNNING),
                null,
                Map.of("team", Set.of("search")),
                true,
                4,
                AgentQuery.NEWEST))) {
      assertThat(allPages(query, change))
          .extracting(Agent::agentId)
          .filteredOn(id -> id.startsWith("old-"))
          .isEqualTo(there);
    }
    assertThat(added[0]).isGreaterThan(15);
  }

  @Test
  void pageHasTheCurrentStateOfItsAgents() {
    register(registration("a-1", "task-1", "team", "search"));
    moved("a-1", AgentStatus.RUNNING);
    moved("a-1", AgentStatus.FAILED);
    assertThat(store.agents().list(query(1)).items()).containsExactly(found("a-1"));
  }

  // Stats -----------------------------------------------------------------------------------------

  @Test
  void statsCountAgentsAndSessions() {
    assertThat(store.agents().stats()).isEqualTo(new Stats(0, 0, 0, 0, 0, 0, 0));
    Map<AgentStatus, Integer> many =
        Map.of(
            AgentStatus.SPAWNING,
            3,
            AgentStatus.RUNNING,
            2,
            AgentStatus.COMPLETED,
            1,
            AgentStatus.FAILED,
            4,
            AgentStatus.KILLED,
            2);
    many.forEach(
        (status, count) -> {
          for (int i = 0; i < count; i++) {
            register("a-" + status + i);
            moveTo("a-" + status + i, status);
          }
        });
    assertThat(store.agents().stats()).isEqualTo(new Stats(3, 2, 1, 4, 2, 12, 7));
    store.sessions().endSession("a-" + AgentStatus.KILLED + 0);
    assertThat(store.agents().stats()).isEqualTo(new Stats(3, 2, 1, 4, 2, 11, 6));
  }

  // Sessions --------------------------------------------------------------------------------------

  @Test
  void sessionIsOpenAfterTheRegistration() {
    Agent agent = register("a-1").agent();
    Session open = new Session("a-1", agent.spawnedAt(), null, null, null, null);
    assertThat(store.sessions().findSession("a-1").session()).contains(open);
    moved("a-1", AgentStatus.RUNNING);
    assertThat(store.sessions().findSession("a-1").session()).contains(open);
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  void sessionOfAFinalAgentIsDueAfterTheDelay(AgentStatus last) {
    register(new Registration("a-1", "task-1", Map.of(), null, new RawJson("{\"pid\":1}"), null));
    moveTo("a-1", last);
    assertThat(store.sessions().findSession("a-1").session().orElseThrow())
        .satisfies(
            session -> {
              assertThat(session.cleanupAt())
                  .isEqualTo(found("a-1").completedAt().plus(StoreSettings.NEVER));
              assertThat(session.context()).isEqualTo(new RawJson("{\"pid\":1}"));
            });
    assertThat(store.sessions().cleanUpDueSessions(10).results()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void runnerEndsTheSessionOfAFinalAgentOnly(AgentStatus status) {
    register("a-1");
    moveTo("a-1", status);
    Agent agent = found("a-1");
    int events = store.events().size();
    EndSessionResult result = store.sessions().endSession("a-1");
    if (status.isFinal()) {
      AgentEvent event = ((EndSessionResult.Ended) result).event();
      assertThat(event).isEqualTo(cleanup(event, agent, true));
      assertThat(store.events()).hasSize(events + 1).last().isEqualTo(event);
      assertThat(store.sessions().findSession("a-1").session()).isEmpty();
      assertThat(store.sessions().endSession("a-1"))
          .isEqualTo(new EndSessionResult.SessionNotFound());
      assertThat(store.events()).hasSize(events + 1);
      assertThat(found("a-1")).isEqualTo(SessionContract.ended(agent, true));
    } else {
      assertThat(result).isEqualTo(new EndSessionResult.NotFinished(status));
      assertThat(store.events()).hasSize(events);
      assertThat(store.sessions().findSession("a-1").session()).isPresent();
      assertThat(found("a-1")).isEqualTo(agent);
    }
  }

  private static AgentEvent cleanup(AgentEvent event, Agent agent, boolean confirmed) {
    return new CleanupEvent(
        event.id(), agent.agentId(), agent.taskId(), event.timestamp(), agent.version(), confirmed);
  }

  @Test
  void dueSessionIsCleanedUpOnce() {
    use(DUE_IMMEDIATELY);
    register("living");
    register("a-1");
    moved("a-1", AgentStatus.FAILED);
    Agent agent = found("a-1");
    List<AgentEvent> ended = store.sessions().cleanUpDueSessions(10).results();
    assertThat(ended)
        .singleElement()
        .satisfies(event -> assertThat(event).isEqualTo(cleanup(event, agent, false)));
    assertThat(store.events()).hasSize(4).last().isEqualTo(ended.get(0));
    assertThat(store.sessions().findSession("a-1").session()).isEmpty();
    assertThat(found("a-1")).isEqualTo(SessionContract.ended(agent, false));
    assertThat(store.sessions().cleanUpDueSessions(10).results()).isEmpty();
    assertThat(store.sessions().endSession("a-1"))
        .isEqualTo(new EndSessionResult.SessionNotFound());
    assertThat(store.agents().stats()).isEqualTo(new Stats(1, 0, 0, 1, 0, 1, 0));
    assertThat(store.events()).hasSize(4);
  }

  @Test
  void sessionThatTheRunnerEndedIsNotCleanedUp() {
    use(DUE_IMMEDIATELY);
    register("a-1");
    moved("a-1", AgentStatus.KILLED);
    store.sessions().endSession("a-1");
    assertThat(store.sessions().cleanUpDueSessions(10).results()).isEmpty();
  }

  @Test
  void cleanupsRunOldestDueFirstUpToTheLimit() {
    use(DUE_IMMEDIATELY);
    for (int i = 0; i < 25; i++) {
      register("a-" + i);
    }
    Map<String, Instant> due = new HashMap<>();
    for (int i = 24; i >= 0; i--) {
      due.put("a-" + i, moved("a-" + i, AgentStatus.KILLED).agent().completedAt());
    }
    List<AgentEvent> ended = new ArrayList<>();
    for (int expected : new int[] {10, 10, 5, 0}) {
      List<AgentEvent> batch = store.sessions().cleanUpDueSessions(10).results();
      assertThat(batch).hasSize(expected);
      ended.addAll(batch);
    }
    assertThat(ended)
        .extracting(AgentEvent::agentId)
        .doesNotHaveDuplicates()
        .isSortedAccordingTo(Comparator.comparing(due::get));
  }

  // Forwarding ------------------------------------------------------------------------------------

  @Test
  void eventsArePublishedOnceInTheOrderOfTheFeed() {
    use(DUE_IMMEDIATELY);
    for (int i = 0; i < 8; i++) {
      register("a-" + i);
    }
    for (int i = 7; i >= 0; i--) {
      moveTo("a-" + i, FINAL.get(i % FINAL.size()));
    }
    store.sessions().endSession("a-0");
    store.sessions().cleanUpDueSessions(100).results();
    List<AgentEvent> events = store.events();
    assertThat(store.published()).isEmpty();
    for (int left = events.size(); left > 0; left -= 10) {
      assertThat(store.feed().forward(10).published()).isEqualTo(Math.min(left, 10));
    }
    assertThat(store.feed().forward(10).published()).isZero();
    assertThat(store.published()).isEqualTo(events);
  }

  @Test
  void laterEventsArePublishedByTheNextForward() {
    register("a-1");
    assertThat(store.feed().forward(10).published()).isEqualTo(1);
    assertThat(store.feed().forward(10).published()).isZero();
    moved("a-1", AgentStatus.RUNNING);
    register("a-2");
    assertThat(store.feed().forward(10).published()).isEqualTo(2);
    assertThat(store.published()).isEqualTo(store.events());
  }

  @Test
  void eventIdsAreUnique() {
    for (int i = 0; i < 20; i++) {
      register("a-" + i);
    }
    assertThat(store.events().stream().map(AgentEvent::id).collect(Collectors.toSet())).hasSize(20);
  }
}
