package org.agentlifecycle.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.AgentEventPublisher;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.agent.TransitionRequest;
import org.agentlifecycle.agent.TransitionResult;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.memory.InMemoryStore;
import org.agentlifecycle.memory.RecordedEvents;
import org.agentlifecycle.session.EndSessionResult;
import org.agentlifecycle.session.HeartbeatResult;
import org.agentlifecycle.session.Progress;
import org.agentlifecycle.session.SessionService;
import org.agentlifecycle.supervision.DesiredRequest;
import org.agentlifecycle.supervision.DesiredResult;
import org.agentlifecycle.supervision.SupervisionService;
import org.agentlifecycle.supervision.WaitingResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchServiceTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final InMemoryStore store = new InMemoryStore(Duration.ofHours(1));
  private final RecordedEvents events = new RecordedEvents();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private AgentLifecycle lifecycle;

  /** Store whose pipelines run an action before they are executed. */
  private final class ObservedStore implements BatchStore {
    private final Runnable before;

    ObservedStore(Runnable before) {
      this.before = before;
    }

    @Override
    public StorePipeline pipeline() {
      StorePipeline pipeline = store.pipeline();
      return new StorePipeline() {
        @Override
        public Supplier<RegisterResult> register(Registration registration, IdempotencyKey key) {
          return pipeline.register(registration, key);
        }

        @Override
        public Supplier<TransitionResult> move(
            String agentId,
            TransitionRequest request,
            List<AgentStatus> legalFrom,
            IdempotencyKey key) {
          return request.reason() == null
              ? pipeline.move(agentId, request, legalFrom, key)
              : () -> {
                throw failure(Reason.valueOf(request.reason()));
              };
        }

        @Override
        public Supplier<HeartbeatResult> heartbeat(
            String agentId, Duration lease, Progress progress) {
          return pipeline.heartbeat(agentId, lease, progress);
        }

        @Override
        public Supplier<WaitingResult> startWaiting(
            String agentId, Waiting waiting, IdempotencyKey key) {
          return pipeline.startWaiting(agentId, waiting, key);
        }

        @Override
        public Supplier<WaitingResult> endWaiting(String agentId, IdempotencyKey key) {
          return pipeline.endWaiting(agentId, key);
        }

        @Override
        public Supplier<DesiredResult> setDesired(
            String agentId, DesiredRequest request, IdempotencyKey key) {
          return pipeline.setDesired(agentId, request, key);
        }

        @Override
        public Supplier<EndSessionResult> endSession(String agentId, IdempotencyKey key) {
          return pipeline.endSession(agentId, key);
        }

        @Override
        public void execute() {
          before.run();
          pipeline.execute();
        }
      };
    }
  }

  private static LifecycleException failure(Reason reason) {
    return reason == Reason.OUTCOME_UNKNOWN
        ? LifecycleException.outcomeUnknown(null)
        : LifecycleException.storeFault("invalid reply", null);
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private BatchService service(Duration lockTimeout, Runnable beforeExecution) {
    AgentSettings settings = new AgentSettings(lockTimeout, Duration.ofDays(7), Duration.ofDays(1));
    AgentEventPublisher publisher = new AgentEventPublisher(events);
    lifecycle = new AgentLifecycle(store, publisher, settings);
    return new BatchService(
        new ObservedStore(beforeExecution),
        lifecycle,
        new SessionService(store, publisher),
        new SupervisionService(store, publisher),
        settings);
  }

  private BatchService service() {
    return service(LONG, () -> {});
  }

  private static BatchCall register(String agentId) {
    return new BatchCall.Register(
        new Registration(agentId, "task-1", Map.of(), null, null, null), null);
  }

  private static BatchCall move(String agentId, AgentStatus to) {
    return new BatchCall.Move(agentId, TransitionRequest.to(to), null);
  }

  /** A transition whose reply is a failure. */
  private static BatchCall failing(Reason reason) {
    return new BatchCall.Move(
        "a-0", new TransitionRequest(AgentStatus.RUNNING, null, reason.name(), null), null);
  }

  private static List<BatchCall> registrations(int count) {
    return new ArrayList<>(IntStream.range(0, count).mapToObj(i -> register("a-" + i)).toList());
  }

  private static Reason reason(BatchResult result) {
    return result instanceof BatchResult.Failed failed
            && failed.reason() instanceof LifecycleException rejected
        ? rejected.reason()
        : null;
  }

  @Test
  void callsTakeEffectInTheirOrderAcrossSlices() {
    List<BatchCall> calls = registrations(Batch.MAX_SLICE - 1);
    calls.add(register("late"));
    calls.add(move("late", AgentStatus.RUNNING));
    calls.add(new BatchCall.SendHeartbeat("late", null, null));
    calls.add(new BatchCall.EndSession("late", null));
    calls.add(move("late", AgentStatus.COMPLETED));
    calls.add(new BatchCall.EndSession("late", null));
    calls.add(new BatchCall.SendHeartbeat("late", null, null));
    List<BatchResult> results = service().execute(calls);
    assertThat(results.subList(0, Batch.MAX_SLICE))
        .allMatch(BatchResult.Registered.class::isInstance);
    assertThat(results.subList(Batch.MAX_SLICE, results.size()))
        .extracting(result -> result.getClass().getSimpleName())
        .containsExactly("Moved", "Renewed", "Failed", "Moved", "Done", "Failed");
    assertThat(reason(results.get(results.size() - 1))).isEqualTo(Reason.AGENT_FINISHED);
    assertThat(events.fired()).isEqualTo(store.feed().events());
    assertThat(lifecycle.find("late").sessionConfirmed()).isTrue();
  }

  @Test
  void registrationWithoutIdGetsOne() {
    BatchResult result = service().execute(List.of(register(null))).get(0);
    assertThat(((BatchResult.Registered) result).agent().agentId()).hasSize(36);
  }

  @Test
  void repeatedKeyFiresNoSecondEvent() {
    IdempotencyKey key = new IdempotencyKey("key 0", "content", "content");
    BatchCall call =
        new BatchCall.Register(new Registration("a-1", "task-1", Map.of(), null, null, null), key);
    BatchService service = service();
    assertThat(service.execute(List.of(call))).isEqualTo(service.execute(List.of(call)));
    assertThat(events.fired()).hasSize(1);
  }

  @Test
  void faultOfOneCallDoesNotAffectTheOthers() {
    List<BatchCall> calls = registrations(2 * Batch.MAX_SLICE);
    calls.set(3, failing(Reason.STORE_FAULT));
    List<BatchResult> results = service().execute(calls);
    assertThat(reason(results.get(3))).isEqualTo(Reason.STORE_FAULT);
    assertThat(results).filteredOn(BatchResult.Registered.class::isInstance).hasSize(99);
  }

  @Test
  void noSliceIsSentAfterAReplyIsMissing() {
    List<BatchCall> calls = registrations(2 * Batch.MAX_SLICE);
    calls.set(3, failing(Reason.OUTCOME_UNKNOWN));
    List<BatchResult> results = service().execute(calls);
    assertThat(reason(results.get(3))).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(results.subList(Batch.MAX_SLICE, calls.size()))
        .extracting(BatchServiceTest::reason)
        .containsOnly(Reason.STORE_UNAVAILABLE);
    assertThat(store.feed().events()).hasSize(Batch.MAX_SLICE - 1);
  }

  @Test
  void noSliceIsSentAfterASliceWasNotSent() {
    AtomicInteger slices = new AtomicInteger();
    BatchService service =
        service(
            LONG,
            () -> {
              if (slices.incrementAndGet() == 2) {
                throw LifecycleException.storeUnavailable(Duration.ofSeconds(1), null);
              }
            });
    List<BatchResult> results = service.execute(registrations(4 * Batch.MAX_SLICE));
    assertThat(results).filteredOn(BatchResult.Registered.class::isInstance).hasSize(50);
    assertThat(results.subList(50, 200))
        .extracting(BatchServiceTest::reason)
        .containsOnly(Reason.STORE_UNAVAILABLE);
    assertThat(slices).hasValue(2);
  }

  @Test
  void slowStoreEndsTheBatchInTime() {
    BatchService service = service(LONG, () -> sleep(400));
    List<BatchResult> results = service.execute(registrations(20 * Batch.MAX_SLICE));
    assertThat(results).filteredOn(BatchResult.Registered.class::isInstance).hasSize(150);
    assertThat(results.subList(150, 1_000))
        .extracting(BatchServiceTest::reason)
        .containsOnly(Reason.STORE_UNAVAILABLE);
  }

  @Test
  void callsOfBusyAgentAreRejectedAndOthersAreExecuted() throws Exception {
    BatchService service = service(Duration.ofMillis(50), () -> {});
    service.execute(registrations(3));
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    events.observeBy(
        event -> {
          held.countDown();
          await(done);
        });
    Future<?> holder =
        threads.submit(
            () -> lifecycle.move("a-1", TransitionRequest.to(AgentStatus.RUNNING), null));
    await(held);
    events.observeBy(event -> {});
    List<BatchResult> results =
        service.execute(
            List.of(
                move("a-0", AgentStatus.RUNNING),
                move("a-1", AgentStatus.KILLED),
                new BatchCall.SendHeartbeat("a-1", null, null),
                move("a-2", AgentStatus.RUNNING)));
    done.countDown();
    holder.get();
    assertThat(results)
        .extracting(result -> result.getClass().getSimpleName())
        .containsExactly("Moved", "Failed", "Renewed", "Moved");
    assertThat(reason(results.get(1))).isEqualTo(Reason.BUSY);
    assertThat(lifecycle.find("a-1").status()).isEqualTo(AgentStatus.RUNNING);
  }

  /** Two batches that name the same agents in opposite orders must not wait for each other. */
  @Test
  void batchesWithTheSameAgentsDoNotBlockEachOther() throws Exception {
    BatchService service = service();
    int agents = Batch.MAX_SLICE;
    service.execute(registrations(agents));
    List<BatchCall> forward =
        IntStream.range(0, agents).mapToObj(i -> move("a-" + i, AgentStatus.KILLED)).toList();
    List<BatchCall> backward = new ArrayList<>(forward);
    Collections.reverse(backward);
    List<Callable<List<BatchResult>>> batches = new ArrayList<>();
    for (int i = 0; i < BatchService.MAX_RUNNING; i++) {
      List<BatchCall> calls = i % 2 == 0 ? forward : backward;
      batches.add(() -> service.execute(calls));
    }
    long start = System.nanoTime();
    List<BatchResult> all = new ArrayList<>();
    for (Future<List<BatchResult>> batch : threads.invokeAll(batches)) {
      all.addAll(batch.get());
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LONG);
    assertThat(all).filteredOn(BatchResult.Moved.class::isInstance).hasSize(agents);
    assertThat(all)
        .extracting(BatchServiceTest::reason)
        .containsOnly(null, Reason.ILLEGAL_TRANSITION);
  }

  @Test
  void moreBatchesThanTheLimitAreRejected() throws Exception {
    CountDownLatch started = new CountDownLatch(BatchService.MAX_RUNNING);
    CountDownLatch done = new CountDownLatch(1);
    BatchService service =
        service(
            LONG,
            () -> {
              started.countDown();
              await(done);
            });
    List<Future<List<BatchResult>>> running =
        IntStream.range(0, BatchService.MAX_RUNNING)
            .mapToObj(i -> threads.submit(() -> service.execute(List.of(register("r-" + i)))))
            .toList();
    await(started);
    LifecycleException rejected =
        catchThrowableOfType(
            LifecycleException.class, () -> service.execute(List.of(register("rejected"))));
    assertThat(rejected.reason()).isEqualTo(Reason.TOO_MANY_BATCHES);
    done.countDown();
    for (Future<List<BatchResult>> batch : running) {
      assertThat(batch.get()).hasOnlyElementsOfType(BatchResult.Registered.class);
    }
    assertThat(service.execute(List.of(register("later"))))
        .hasOnlyElementsOfType(BatchResult.Registered.class);
    assertThat(store.find("rejected")).isEmpty();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
