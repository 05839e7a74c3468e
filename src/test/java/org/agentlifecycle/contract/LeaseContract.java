package org.agentlifecycle.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.CommittedTransition;
import org.agentlifecycle.agent.Ending;
import org.agentlifecycle.agent.Family;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.Timeouts;
import org.agentlifecycle.session.Heartbeat;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Session;
import org.agentlifecycle.session.SweepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Contract of leases: only an agent whose lease has expired becomes failed. */
interface LeaseContract extends StoreContractSupport {
  Duration LONG = Duration.ofHours(1);
  Duration LONGER = Duration.ofHours(2);
  Duration SHORT = Duration.ofMillis(1);

  private CommittedTransition leased(String agentId, Duration lease) {
    return register(new Registration(agentId, "task-1", Map.of(), null, null, lease));
  }

  private Heartbeat heartbeat(String agentId, Duration lease) {
    return ((HeartbeatResult.Renewed) store().sessions().heartbeat(agentId, lease)).heartbeat();
  }

  /** Expires leases with a long threshold, so that no sweep detects an outage. */
  private SweepResult<CommittedTransition> expire(int limit) {
    return store().sessions().expireLeases(limit, LONGER);
  }

  /** Runs a sweep, so that later leases are not renewed because of an outage. */
  private void noOutage() {
    assertThat(expire(1).scanned()).isZero();
  }

  /** Registers an agent and waits until its lease has expired. */
  private CommittedTransition silent(String agentId) {
    CommittedTransition change = leased(agentId, SHORT);
    awaitAfter(session(agentId).leaseExpiresAt());
    return change;
  }

  // Renewing --------------------------------------------------------------------------------------

  @Test
  default void leaseStartsAtTheRegistration() {
    Agent agent = leased("a-1", LONG).agent();
    assertThat(session("a-1").leaseExpiresAt()).isEqualTo(agent.spawnedAt().plus(LONG));
    assertThat(session("a-1").lastHeartbeatAt()).isNull();
  }

  @Test
  default void registrationWithoutLeaseGetsTheDefaultLease() {
    use(StoreSettings.QUIET.leasing(LONGER));
    Instant spawned = register("a-1").agent().spawnedAt();
    assertThat(session("a-1").leaseExpiresAt()).isEqualTo(spawned.plus(LONGER));
    spawned = leased("a-2", LONG).agent().spawnedAt();
    assertThat(session("a-2").leaseExpiresAt()).isEqualTo(spawned.plus(LONG));
  }

  @Test
  default void heartbeatRenewsTheLease() {
    leased("a-1", LONG);
    moved("a-1", AgentStatus.RUNNING);
    int events = store().events().size();
    Agent agent = found("a-1");
    Heartbeat beat = heartbeat("a-1", null);
    Session session = session("a-1");
    assertThat(session.lastHeartbeatAt()).isNotNull();
    assertThat(session.leaseExpiresAt()).isEqualTo(session.lastHeartbeatAt().plus(LONG));
    assertThat(beat)
        .isEqualTo(new Heartbeat("a-1", AgentStatus.RUNNING, session.leaseExpiresAt(), null));
    assertThat(store().events()).as("a heartbeat has no event").hasSize(events);
    assertThat(found("a-1")).isEqualTo(agent);
  }

  @Test
  default void leaseLengthOfAHeartbeatAppliesToLaterRenewals() {
    leased("a-1", LONG);
    heartbeat("a-1", LONGER);
    assertThat(session("a-1").leaseExpiresAt())
        .isEqualTo(session("a-1").lastHeartbeatAt().plus(LONGER));
    heartbeat("a-1", null);
    assertThat(session("a-1").leaseExpiresAt())
        .isEqualTo(session("a-1").lastHeartbeatAt().plus(LONGER));
    CommittedTransition running = moved("a-1", AgentStatus.RUNNING);
    assertThat(session("a-1").leaseExpiresAt()).isEqualTo(running.event().timestamp().plus(LONGER));
  }

  @Test
  default void transitionRenewsTheLeaseWithoutAHeartbeat() {
    leased("a-1", LONG);
    awaitAfter(found("a-1").spawnedAt());
    CommittedTransition running = moved("a-1", AgentStatus.RUNNING);
    assertThat(session("a-1").leaseExpiresAt()).isEqualTo(running.event().timestamp().plus(LONG));
    assertThat(session("a-1").lastHeartbeatAt()).isNull();
  }

  @Test
  default void heartbeatOfAgentWithoutLeaseAddsNoLease() {
    register("a-1");
    assertThat(heartbeat("a-1", null))
        .isEqualTo(new Heartbeat("a-1", AgentStatus.SPAWNING, null, null));
    assertThat(session("a-1").lastHeartbeatAt()).isNotNull();
    assertThat(session("a-1").leaseExpiresAt()).isNull();
    moved("a-1", AgentStatus.RUNNING);
    assertThat(session("a-1").leaseExpiresAt()).isNull();
  }

  @Test
  default void heartbeatMayAddALease() {
    noOutage();
    register("a-1");
    Heartbeat beat = heartbeat("a-1", SHORT);
    assertThat(beat.leaseExpiresAt()).isEqualTo(session("a-1").lastHeartbeatAt().plus(SHORT));
    awaitAfter(beat.leaseExpiresAt());
    assertThat(expire(10).results()).hasSize(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void heartbeatOfAFinalAgentIsRejectedWithItsStatus(AgentStatus last) {
    leased("a-1", LONG);
    moveTo("a-1", last);
    Session session = session("a-1");
    int events = store().events().size();
    assertThat(session.leaseExpiresAt()).as("a final agent has no lease").isNull();
    assertThat(store().sessions().heartbeat("a-1", LONG))
        .isEqualTo(
            new HeartbeatResult.Finished(new Ending(last, null, found("a-1").error(), null)));
    assertThat(session("a-1")).isEqualTo(session);
    assertThat(store().events()).hasSize(events);
  }

  @Test
  default void heartbeatOfAnUnknownAgentReturnsAgentNotFound() {
    assertThat(store().sessions().heartbeat("a-0", LONG))
        .isEqualTo(new HeartbeatResult.AgentNotFound());
    assertThat(store().sessions().findSession("a-0").session()).isEmpty();
  }

  // Expiry ----------------------------------------------------------------------------------------

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"SPAWNING", "RUNNING"})
  default void expiredLeaseFailsItsAgent(AgentStatus from) {
    noOutage();
    leased("a-1", from == AgentStatus.SPAWNING ? SHORT : Duration.ofMillis(20));
    moveTo("a-1", from);
    awaitAfter(session("a-1").leaseExpiresAt());
    Agent before = found("a-1");
    SweepResult<CommittedTransition> batch = expire(10);
    assertThat(batch.scanned()).isEqualTo(1);
    CommittedTransition change = batch.results().get(0);
    assertThat(change.agent()).isEqualTo(found("a-1"));
    assertThat(change.agent())
        .isEqualTo(
            new Agent(
                "a-1",
                "task-1",
                Family.ofRoot("a-1"),
                AgentStatus.FAILED,
                before.version() + 1,
                before.spawnedAt(),
                before.startedAt(),
                change.event().timestamp(),
                "lease expired, no heartbeat",
                Timeouts.NONE,
                Map.of(),
                null,
                Output.NONE,
                null,
                before.sequence()));
    assertThat(store().events())
        .last()
        .isEqualTo(change.event())
        .extracting("from")
        .isEqualTo(from);
    assertThat(store().agents().history("a-1").orElseThrow())
        .last()
        .satisfies(step -> assertThat(step.eventId()).isEqualTo(change.event().id()));
    assertThat(session("a-1").cleanupAt())
        .isEqualTo(change.event().timestamp().plus(StoreSettings.NEVER));
  }

  @Test
  default void errorOfAnExpiredLeaseHasTheLastHeartbeat() {
    noOutage();
    leased("a-1", LONG);
    heartbeat("a-1", SHORT);
    Instant beat = session("a-1").lastHeartbeatAt();
    awaitAfter(session("a-1").leaseExpiresAt());
    expire(10);
    assertThat(found("a-1").error())
        .isEqualTo(
            "lease expired, last heartbeat "
                + DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC)
                    .format(beat));
  }

  @Test
  default void heartbeatAfterLeaseExpiryIsRejected() {
    noOutage();
    silent("a-1");
    assertThat(expire(10).results()).hasSize(1);
    assertThat(expire(10)).isEqualTo(new SweepResult<>(0, List.of()));
    try (StoreUnderTest other = store().anotherServer()) {
      assertThat(other.sessions().expireLeases(10, LONGER).scanned()).isZero();
    }
    assertThat(store().sessions().heartbeat("a-1", LONG))
        .isEqualTo(
            new HeartbeatResult.Finished(
                new Ending(AgentStatus.FAILED, null, "lease expired, no heartbeat", null)));
    assertThat(store().events()).hasSize(2);
  }

  @Test
  default void renewedLeaseDoesNotExpire() {
    noOutage();
    leased("beats", Duration.ofMillis(30));
    heartbeat("beats", LONG);
    Instant runsOut = store().now().plusMillis(30);
    register("none");
    leased("long", LONG);
    awaitAfter(runsOut);
    silent("silent");
    assertThat(expire(10).results())
        .extracting(change -> change.agent().agentId())
        .containsExactly("silent");
  }

  @ParameterizedTest
  @EnumSource(
      value = AgentStatus.class,
      names = {"COMPLETED", "FAILED", "KILLED"})
  default void leaseOfAFinalAgentDoesNotExpire(AgentStatus last) {
    noOutage();
    leased("a-1", Duration.ofMillis(5));
    moveTo("a-1", last);
    Agent done = found("a-1");
    awaitAfter(done.completedAt().plusMillis(6));
    assertThat(expire(10)).isEqualTo(new SweepResult<>(0, List.of()));
    assertThat(found("a-1")).isEqualTo(done);
  }

  @Test
  default void leasesExpireOldestDueFirstUpToTheLimit() {
    noOutage();
    Map<String, Instant> due = new HashMap<>();
    for (int i = 0; i < 25; i++) {
      leased("a-" + i, Duration.ofMillis(i % 2 == 0 ? 10 : 1));
      due.put("a-" + i, session("a-" + i).leaseExpiresAt());
    }
    due.values().forEach(this::awaitAfter);
    List<String> failed = new ArrayList<>();
    for (int expected : new int[] {10, 10, 5, 0}) {
      SweepResult<CommittedTransition> batch = expire(10);
      assertThat(batch.scanned()).isEqualTo(expected);
      assertThat(batch.results()).hasSize(expected);
      batch.results().forEach(change -> failed.add(change.agent().agentId()));
    }
    assertThat(failed).doesNotHaveDuplicates().isSortedAccordingTo(Comparator.comparing(due::get));
  }

  @Test
  default void concurrentSweepsExpireEachLeaseOnce() throws Exception {
    noOutage();
    for (int i = 0; i < 60; i++) {
      silent("a-" + i);
    }
    List<CommittedTransition> failed = new ArrayList<>();
    concurrently(4, (server, caller) -> server.sessions().expireLeases(20, LONGER))
        .forEach(batch -> failed.addAll(batch.results()));
    assertThat(failed)
        .hasSize(60)
        .extracting(change -> change.agent().agentId())
        .doesNotHaveDuplicates();
    assertThat(store().events()).hasSize(120);
  }

  // Outages ---------------------------------------------------------------------------------------

  /** Runners could not send heartbeats during the outage. */
  @Test
  default void outageRenewsEveryLeaseOnce() {
    noOutage();
    Duration lease = Duration.ofMillis(20);
    leased("a-1", lease);
    leased("long", LONG);
    Instant first = session("a-1").leaseExpiresAt();
    Instant ofLong = session("long").leaseExpiresAt();
    awaitAfter(first);
    Instant before = store().now();
    SweepResult<CommittedTransition> batch = store().sessions().expireLeases(10, Duration.ZERO);
    assertThat(batch).isEqualTo(new SweepResult<>(1, List.of()));
    Instant renewed = session("a-1").leaseExpiresAt();
    assertThat(renewed).isBetween(before.minusMillis(1).plus(lease), store().now().plus(lease));
    assertThat(session("long").leaseExpiresAt()).isEqualTo(ofLong);
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.SPAWNING);
    awaitAfter(renewed);
    assertThat(expire(10).results()).as("expired after the renewal").hasSize(1);
    assertThat(found("a-1").error()).isEqualTo("lease expired, no heartbeat");
  }

  /** Each call exceeds its threshold, so that the whole time counts as an outage. */
  @Test
  default void repeatedOutagesExtendALeaseByAtMostItsLength() {
    noOutage();
    Duration lease = Duration.ofMillis(30);
    Instant deadline = leased("a-1", lease).agent().spawnedAt().plus(lease);
    Duration longest = lease; // the machine may pause, which counts as one long outage
    Instant previous = store().now();
    Instant before = previous;
    while (store().sessions().expireLeases(10, Duration.ofMillis(-1)).results().isEmpty()) {
      Duration outage = Duration.between(previous, store().now());
      longest = longest.compareTo(outage) < 0 ? outage : longest;
      assertThat(before).isBefore(deadline.plus(longest).plusMillis(2));
      previous = before;
      before = store().now();
    }
    assertThat(found("a-1").status()).isEqualTo(AgentStatus.FAILED);
  }

  @Test
  default void outageExtendsALeaseByTheTimeWithoutHeartbeats() {
    noOutage();
    Duration lease = Duration.ofMillis(50);
    leased("a-1", lease);
    awaitAfter(session("a-1").leaseExpiresAt().minusMillis(40));
    Instant start = store().now();
    expire(10); // heartbeats were possible until here
    awaitAfter(session("a-1").leaseExpiresAt());
    assertThat(store().sessions().expireLeases(10, Duration.ZERO).results()).isEmpty();
    Instant deadline = session("a-1").leaseExpiresAt();
    assertThat(deadline).isAfter(store().now().minus(lease));
    assertThat(deadline)
        .as("the time before the outage counts")
        .isBefore(
            store()
                .now()
                .plus(lease)
                .minus(Duration.between(found("a-1").spawnedAt(), start))
                .plusMillis(1));
  }

  @Test
  default void firstSweepIsTreatedAsTheEndOfAnOutage() {
    silent("a-1");
    assertThat(expire(10)).isEqualTo(new SweepResult<>(1, List.of()));
    awaitAfter(session("a-1").leaseExpiresAt());
    assertThat(expire(10).results()).hasSize(1);
  }

  @Test
  default void heartbeatAfterAnOutageRenewsTheLease() {
    silent("a-1");
    heartbeat("a-1", LONG);
    assertThat(expire(10)).isEqualTo(new SweepResult<>(0, List.of()));
    assertThat(session("a-1").leaseExpiresAt())
        .isEqualTo(session("a-1").lastHeartbeatAt().plus(LONG));
  }
}
