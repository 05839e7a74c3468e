package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Stats;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of the admission. */
interface AdmissionContract extends StoreContractSupport {

  private RegisterResult tryRegister(String agentId) {
    return tryRegister(registration(agentId, "task-1"));
  }

  private void admit(boolean open, long maxActive) {
    store().admission().set(new Admission(open, maxActive));
  }

  private void assertLimitReached(String agentId, long limit) {
    int events = store().events().size();
    assertThat(tryRegister(agentId)).isEqualTo(new RegisterResult.AdmissionLimitReached(limit));
    assertThat(store().agents().find(agentId)).isEmpty();
    assertThat(store().events()).hasSize(events);
  }

  @Test
  default void configuredAdmissionAppliesUntilItIsSet() {
    assertThat(store().admission().get()).isEqualTo(new Admission(true, 0));
    use(StoreSettings.QUIET.admitting(2));
    assertThat(store().admission().get()).isEqualTo(new Admission(true, 2));
    register("a-1");
    register("a-2");
    assertLimitReached("a-3", 2);
    admit(true, 3);
    assertThat(store().admission().get()).isEqualTo(new Admission(true, 3));
    register("a-3");
    assertLimitReached("a-4", 3);
    admit(true, 0);
    assertThat(store().admission().get()).isEqualTo(new Admission(true, 0));
    register("a-4");
  }

  @Test
  default void admissionAppliesToAllServersImmediately() {
    try (StoreUnderTest other = store().anotherServer()) {
      other.admission().set(new Admission(false, 7));
      assertThat(store().admission().get()).isEqualTo(new Admission(false, 7));
      assertThat(tryRegister("a-1")).isEqualTo(new RegisterResult.AdmissionClosed());
      admit(true, 7);
      assertThat(other.admission().get()).isEqualTo(new Admission(true, 7));
    }
  }

  @Test
  default void closedAdmissionRejectsOnlyRegistrations() {
    register("a-1");
    admit(false, 0);
    assertThat(tryRegister("a-2")).isEqualTo(new RegisterResult.AdmissionClosed());
    assertThat(store().agents().find("a-2")).isEmpty();
    assertThat(store().agents().stats()).isEqualTo(new Stats(1, 0, 0, 0, 0, 1, 0, 0));
    moveTo("a-1", AgentStatus.COMPLETED);
    assertThat(tryRegister("a-2")).isEqualTo(new RegisterResult.AdmissionClosed());
    admit(true, 0);
    register("a-2");
  }

  /** A retry must find its agent even if the admission was closed in the meantime. */
  @Test
  default void existingIdIsReportedBeforeClosedAdmission() {
    register("a-1");
    admit(false, 0);
    assertThat(tryRegister("a-1")).isEqualTo(new RegisterResult.AlreadyExists());
    admit(true, 1);
    assertThat(tryRegister("a-1")).isEqualTo(new RegisterResult.AlreadyExists());
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void finalAgentNoLongerCountsTowardsTheLimit(AgentStatus last) {
    admit(true, 2);
    register("a-1");
    register("a-2");
    assertLimitReached("a-3", 2);
    moved("a-1", AgentStatus.RUNNING);
    assertLimitReached("a-3", 2);
    moved("a-1", last);
    register("a-3");
    assertLimitReached("a-4", 2);
  }

  @Test
  default void limitBelowActiveAgentsChangesNoAgent() {
    for (int i = 0; i < 5; i++) {
      register("a-" + i);
    }
    admit(true, 3);
    assertLimitReached("a-5", 3);
    moved("a-0", AgentStatus.KILLED);
    moved("a-1", AgentStatus.KILLED);
    assertLimitReached("a-5", 3);
    moved("a-2", AgentStatus.KILLED);
    register("a-5");
    assertLimitReached("a-6", 3);
  }

  @Test
  default void limitIsExactForConcurrentRegistrations() throws Exception {
    int limit = 20;
    admit(true, limit);
    List<Integer> registered =
        concurrently(
            8,
            (server, caller) -> {
              int admitted = 0;
              for (int i = 0; i < 10; i++) {
                RegisterResult result =
                    server.agents().register(registration("a-" + caller + "-" + i, "task-1"), null);
                if (result instanceof RegisterResult.Registered) {
                  admitted++;
                } else {
                  assertThat(result).isEqualTo(new RegisterResult.AdmissionLimitReached(limit));
                }
              }
              return admitted;
            });
    assertThat(registered.stream().mapToInt(Integer::intValue).sum()).isEqualTo(limit);
    assertThat(store().agents().stats().spawning()).isEqualTo(limit);
  }

  @Test
  default void limitHoldsWhileAgentsStartAndEndConcurrently() throws Exception {
    int limit = 5;
    admit(true, limit);
    concurrently(
        6,
        (server, caller) -> {
          for (int i = 0; i < 20; i++) {
            String id = "a-" + caller + "-" + i;
            if (server.agents().register(registration(id, "task-1"), null)
                instanceof RegisterResult.Registered) {
              Stats stats = server.agents().stats();
              assertThat(stats.spawning() + stats.running()).isLessThanOrEqualTo(limit);
              server
                  .agents()
                  .move(id, move(AgentStatus.KILLED), List.of(AgentStatus.SPAWNING), null);
            }
          }
          return null;
        });
    for (int i = 0; i < limit; i++) {
      register("after-" + i);
    }
    assertLimitReached("one-more", limit);
  }
}
