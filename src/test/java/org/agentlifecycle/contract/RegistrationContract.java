package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentEvent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.TransitionEvent;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.session.EndSessionResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of the registration of agents. */
interface RegistrationContract extends StoreContractSupport {

  @Test
  default void registeredAgentIsSpawningWithVersionOne() {
    Agent agent = register("a-1").agent();
    assertThat(agent.status()).isEqualTo(AgentStatus.SPAWNING);
    assertThat(agent.version()).isEqualTo(1);
    assertThat(agent.startedAt()).isNull();
    assertThat(agent.completedAt()).isNull();
    assertThat(agent.error()).isNull();
    assertThat(found("a-1")).isEqualTo(agent);
  }

  @Test
  default void registrationHasAnEventWithoutFrom() {
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
    assertThat(store().events()).containsExactly(event);
  }

  @Test
  default void storedValuesAreReturnedUnchanged() {
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
    assertThat(store().sessions().findSession("a-1").session().orElseThrow().context())
        .isEqualTo(context);
    labels.forEach(
        (key, value) ->
            assertThat(
                    listedIds(
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
  default void registrationOfAnExistingIdChangesNothing() {
    Agent first = register(registration("a-1", "task-1", "team", "search")).agent();
    assertThat(
            tryRegister(
                new Registration(
                    "a-1", "task-2", Map.of("x", "y"), new RawJson("{}"), new RawJson("{}"), null)))
        .isEqualTo(new RegisterResult.AlreadyExists());
    assertThat(found("a-1")).isEqualTo(first);
    assertThat(store().events()).hasSize(1);
    assertThat(store().agents().stats()).isEqualTo(new Stats(1, 0, 0, 0, 0, 1, 0, 0));
    assertThat(listedIds(new AgentQuery(Set.of(), "task-2", Map.of(), null, 10, AgentQuery.NEWEST)))
        .isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  default void idOfAnAgentInAnyStatusIsRejected(AgentStatus status) {
    register("a-1");
    moveTo("a-1", status);
    assertThat(tryRegister(registration("a-1", "task-1")))
        .isEqualTo(new RegisterResult.AlreadyExists());
  }

  @Test
  default void unknownAgentReturnsNotFound() {
    assertThat(store().agents().find("a-0")).isEmpty();
    assertThat(store().agents().history("a-0")).isEmpty();
    assertThat(tryMove("a-0", TransitionRequest.to(AgentStatus.RUNNING)))
        .isEqualTo(new TransitionResult.NotFound());
    assertThat(store().sessions().findSession("a-0").session()).isEmpty();
    assertThat(store().sessions().endSession("a-0"))
        .isEqualTo(new EndSessionResult.AgentNotFound());
    assertThat(store().events()).isEmpty();
  }
}
