package org.agentlifecycle.valkey;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;

/** Calls that share connections: each caller has its own reply, failure and time. */
@Timeout(60)
class SharedConnectionsTest {

  /** A request ends within this time, see {@code faults.md}; the rest is for a busy machine. */
  private static final Duration MAX_TIME = Duration.ofMillis(2500);

  private final ExecutorService callers = Executors.newCachedThreadPool();
  private FakeStore store;
  private ValkeyClient client;

  @BeforeEach
  void open() throws IOException {
    store = new FakeStore();
    client = new ValkeyClient(new ValkeySettings(store.uri(), "agents"));
  }

  @AfterEach
  void close() {
    callers.shutdownNow();
    client.close();
    store.close();
  }

  private static CommandArguments echo(String text) {
    return new CommandArguments(Command.ECHO).add(text);
  }

  /** Returns the reply, or the reason of the failure. */
  private Object call(String text) {
    return result(() -> client.write(sender -> sender.send(echo(text))));
  }

  private Object read(String text) {
    return result(() -> client.read(sender -> sender.send(echo(text))));
  }

  private static Object result(Callable<Object> call) {
    long start = System.nanoTime();
    try {
      return text(call.call());
    } catch (LifecycleException failure) {
      return failure.reason();
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(MAX_TIME);
    }
  }

  private static Object text(Object reply) {
    return reply instanceof byte[] bytes ? new String(bytes, UTF_8) : reply;
  }

  private Future<Object> inBackground(String text) {
    return callers.submit(() -> call(text));
  }

  /** Makes all connections busy with calls that have no reply yet. */
  private List<Future<Object>> holdAll() {
    List<Future<Object>> held = new ArrayList<>();
    for (int i = 0; i < ValkeyClient.REQUEST_CONNECTIONS; i++) {
      String text = "hold-" + i;
      held.add(inBackground(text));
      await().pollInterval(Duration.ofMillis(1)).until(() -> store.received().contains(text));
    }
    return held;
  }

  /** Starts calls one after the other, so that they wait in this order. */
  private List<Future<Object>> queue(String... texts) throws InterruptedException {
    List<Future<Object>> queued = new ArrayList<>();
    for (String text : texts) {
      AtomicReference<Thread> caller = new AtomicReference<>();
      queued.add(
          callers.submit(
              () -> {
                caller.set(Thread.currentThread());
                return call(text);
              }));
      await().pollInterval(Duration.ofMillis(1)).until(() -> isWaiting(caller.get()));
    }
    return queued;
  }

  private static boolean isWaiting(Thread caller) {
    return caller != null && caller.getState() == Thread.State.TIMED_WAITING;
  }

  private static List<Object> all(List<Future<Object>> calls) throws Exception {
    List<Object> results = new ArrayList<>();
    for (Future<Object> call : calls) {
      results.add(call.get());
    }
    return results;
  }

  @Test
  void singleCallerUsesOneConnection() {
    for (int i = 0; i < 20; i++) {
      assertThat(call("text-" + i)).isEqualTo("text-" + i);
    }
    assertThat(store.connections()).isOne();
  }

  @Test
  void eachOfManyCallersReceivesItsOwnReply() throws Exception {
    List<Callable<Boolean>> work =
        IntStream.range(0, 64)
            .<Callable<Boolean>>mapToObj(
                caller ->
                    () ->
                        IntStream.range(0, 200)
                            .mapToObj(i -> "text-" + caller + "-" + i)
                            .allMatch(text -> text.equals(call(text))))
            .toList();
    for (Future<Boolean> own : callers.invokeAll(work)) {
      assertThat(own.get()).isTrue();
    }
    assertThat(store.received()).hasSize(64 * 200).doesNotHaveDuplicates();
    assertThat(store.connections()).isLessThanOrEqualTo(ValkeyClient.REQUEST_CONNECTIONS);
  }

  @Test
  void errorReplyAffectsOnlyItsCaller() throws Exception {
    holdAll();
    List<Future<Object>> queued = queue("a", "error", "number", "b");
    store.release("hold-0");
    assertThat(all(queued)).containsExactly("a", Reason.STORE_FAULT, 42L, "b");
    assertThat(store.connections()).isEqualTo(ValkeyClient.REQUEST_CONNECTIONS);
  }

  @Test
  void waitingCallsAreSentInOrderOfArrival() throws Exception {
    holdAll();
    List<Future<Object>> queued = queue("1", "2", "3", "4", "5", "6");
    store.release("hold-0");
    assertThat(all(queued)).containsExactly("1", "2", "3", "4", "5", "6");
    assertThat(store.received()).endsWith("1", "2", "3", "4", "5", "6");
  }

  @Test
  void lostConnectionFailsOnlyCallsWithoutReply() throws Exception {
    holdAll();
    List<Future<Object>> queued = queue("a", "b", "cut", "c", "d");
    store.release("hold-0");
    assertThat(all(queued))
        .containsExactly(
            "a", "b", Reason.OUTCOME_UNKNOWN, Reason.OUTCOME_UNKNOWN, Reason.OUTCOME_UNKNOWN);
    assertThat(call("e")).isEqualTo("e");
  }

  @Test
  void replyThatIsCutHasUnknownOutcome() throws Exception {
    holdAll();
    List<Future<Object>> queued = queue("a", "half", "b");
    store.release("hold-0");
    assertThat(all(queued)).containsExactly("a", Reason.OUTCOME_UNKNOWN, Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void unreadableReplyEndsItsConnection() throws Exception {
    holdAll();
    List<Future<Object>> queued = queue("a", "garbage", "b");
    store.release("hold-0");
    assertThat(all(queued)).containsExactly("a", Reason.OUTCOME_UNKNOWN, Reason.OUTCOME_UNKNOWN);
    assertThat(call("c")).isEqualTo("c");
  }

  @Test
  void frozenConnectionDelaysOnlyItsCalls() throws Exception {
    Future<Object> held = inBackground("hold");
    await().until(() -> store.received().contains("hold"));
    List<Callable<Boolean>> others =
        IntStream.range(0, 100)
            .<Callable<Boolean>>mapToObj(i -> () -> isFast("text-" + i))
            .toList();
    for (Future<Boolean> fast : callers.invokeAll(others)) {
      assertThat(fast.get()).isTrue();
    }
    assertThat(held.get()).isEqualTo(Reason.OUTCOME_UNKNOWN);
    assertThat(call("after")).isEqualTo("after");
  }

  private boolean isFast(String text) {
    long start = System.nanoTime();
    return text.equals(call(text))
        && System.nanoTime() - start < ValkeyClient.SOCKET_TIMEOUT.toNanos();
  }

  /**
   * The time of its caller is not bounded, because each byte restarts the timeout of the socket.
   */
  @Test
  void slowReplyDoesNotDelayOtherCallers() throws Exception {
    holdAll();
    AtomicReference<Thread> caller = new AtomicReference<>();
    Future<Object> slow =
        callers.submit(
            () -> {
              caller.set(Thread.currentThread());
              return client.write(sender -> sender.send(echo("slow")));
            });
    await().pollInterval(Duration.ofMillis(1)).until(() -> isWaiting(caller.get()));
    List<Future<Object>> behind = queue("a", "b");
    store.release("hold-0");
    assertThat(all(behind)).containsOnly(Reason.OUTCOME_UNKNOWN);
    assertThat(slow.isDone()).isFalse();
    store.cutAll();
  }

  @Test
  void callThatIsNotSentInTimeIsShed() throws Exception {
    List<Future<Object>> held = holdAll();
    assertThat(call("late")).isEqualTo(Reason.STORE_UNAVAILABLE);
    assertThat(all(held)).containsOnly(Reason.OUTCOME_UNKNOWN);
    store.release();
    assertThat(store.received()).doesNotContain("late");
  }

  @Test
  void interruptedCallerIsNotSentAndStaysInterrupted() throws Exception {
    holdAll();
    List<Future<Object>> before = queue("before");
    AtomicReference<Thread> caller = new AtomicReference<>();
    Future<Boolean> interrupted =
        callers.submit(
            () -> {
              caller.set(Thread.currentThread());
              Object result = call("interrupted");
              return result == Reason.STORE_UNAVAILABLE && Thread.currentThread().isInterrupted();
            });
    await().pollInterval(Duration.ofMillis(1)).until(() -> isWaiting(caller.get()));
    caller.get().interrupt();
    assertThat(interrupted.get()).isTrue();
    assertThat(before.get(0).isDone()).as("not ended by the pool timeout").isFalse();
    store.release();
    assertThat(all(before)).containsExactly("before");
    assertThat(store.received()).doesNotContain("interrupted");
  }

  @Test
  void interruptedLeaderCompletesTheCallsOfOthers() throws Exception {
    CountDownLatch ready = new CountDownLatch(1);
    AtomicReference<Thread> leader = new AtomicReference<>();
    Future<Object> held =
        callers.submit(
            () -> {
              leader.set(Thread.currentThread());
              ready.countDown();
              return call("hold");
            });
    ready.await();
    await().until(() -> store.received().contains("hold"));
    leader.get().interrupt();
    store.release();
    assertThat(held.get()).isEqualTo("hold");
    assertThat(call("next")).isEqualTo("next");
  }

  /** Idle connections lead to the same store, so that a second call must not fail on another. */
  @Test
  void readIsRepeatedOnceOnNewConnection() {
    holdAll();
    store.release();
    await().until(() -> "free".equals(call("free")));
    store.cutAll();
    assertThat(read("text")).isEqualTo("text");
  }

  @Test
  void connectionsToReplicaAreReplaced() throws Exception {
    List<Future<Object>> held = holdAll();
    store.release();
    all(held);
    assertThat(call("replica")).isEqualTo(Reason.STORE_UNAVAILABLE);
    int before = store.connections();
    assertThat(call("text")).isEqualTo("text");
    assertThat(store.connections()).isEqualTo(before + 1);
  }

  @Test
  void storeThatRefusesConnectionsFailsAllCallersSoon() throws Exception {
    store.close();
    List<Future<Object>> calls =
        IntStream.range(0, 64).mapToObj(i -> inBackground("text-" + i)).toList();
    assertThat(all(calls)).containsOnly(Reason.STORE_UNAVAILABLE);
  }

  @Test
  void callLargerThanOneWriteIsSent() {
    String large = "x".repeat(300_000);
    assertThat(call(large)).isEqualTo(large);
  }

  // Batches ---------------------------------------------------------------------------------------

  private List<Object> callAll(List<String> texts) {
    return client
        .writeAll(texts.stream().map(SharedConnectionsTest::echo).toList(), sender -> {})
        .stream()
        .map(result -> result(result::get))
        .toList();
  }

  private static List<String> texts(int count) {
    return new ArrayList<>(IntStream.range(0, count).mapToObj(i -> "text-" + i).toList());
  }

  @Test
  void batchHasResultOfEachCallInOrder() {
    List<String> texts = texts(400);
    texts.set(200, "error");
    List<Object> expected = new ArrayList<>(texts);
    expected.set(200, Reason.STORE_FAULT);
    assertThat(callAll(texts)).isEqualTo(expected);
    assertThat(store.received()).isEqualTo(texts);
  }

  @Test
  void callsOfBatchAfterLostConnectionHaveUnknownOutcome() {
    List<String> texts = texts(50);
    texts.set(10, "cut");
    List<Object> results = callAll(texts);
    assertThat(results.subList(0, 10)).isEqualTo(texts.subList(0, 10));
    assertThat(results.subList(10, 50)).containsOnly(Reason.OUTCOME_UNKNOWN);
  }

  @Test
  void batchThatWasNotSentIsRejectedAsWhole() {
    store.close();
    assertThat(result(() -> callAll(texts(3)))).isEqualTo(Reason.STORE_UNAVAILABLE);
  }

  @Test
  void batchRepeatsCallsOfMissingFunction() {
    List<String> texts = new ArrayList<>(List.of("a", "b", "error Function not found"));
    List<String> loads = new ArrayList<>();
    List<CallResult> results =
        client.writeAll(
            texts.stream().map(SharedConnectionsTest::echo).toList(), sender -> loads.add("load"));
    assertThat(loads).hasSize(1);
    assertThat(results).extracting(result -> text(result.reply())).containsExactly("a", "b", null);
    assertThat(store.received())
        .containsExactly("a", "b", "error Function not found", "error Function not found");
  }
}
