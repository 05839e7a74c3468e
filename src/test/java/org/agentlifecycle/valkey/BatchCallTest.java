package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several calls in one write: they survive a missing library, and keep their order. */
class BatchCallTest {
  private EmbeddedStore valkey;
  private ValkeyUnderTest store;

  @BeforeEach
  void start() {
    valkey = EmbeddedStore.start();
    store = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO);
  }

  @AfterEach
  void stop() {
    store.close();
    valkey.close();
  }

  /** Returns the first column of each reply, or the reason of the failure. */
  private List<String> register(List<String> ids) {
    return store.functions().writeAll(ids.stream().map(RegisterCalls::of).toList()).stream()
        .map(BatchCallTest::text)
        .toList();
  }

  private static String text(CallResult result) {
    try {
      return ReplyReader.text(((List<?>) result.get()).get(0));
    } catch (LifecycleException failure) {
      return failure.reason().name();
    }
  }

  @Test
  void missingLibraryIsLoadedAndEachCallIsAppliedOnce() {
    List<String> ids = IntStream.range(0, 1_000).mapToObj(i -> "a-" + i).toList();
    assertThat(register(ids)).hasSize(1_000).containsOnly("ok");
    assertThat(store.events()).hasSize(1_000);
    store.client().functionFlush();
    assertThat(register(List.of("a-0", "b-0", "a-1"))).containsExactly("exists", "ok", "exists");
  }

  /**
   * The library can appear between two calls of a write. The calls before are not repeated, because
   * they would take effect after later calls on the same agent.
   */
  @Test
  void callBeforeAnExecutedCallIsNotRepeated() {
    register(List.of("a-1"));
    List<FunctionCall<String>> calls =
        List.of(
            new FunctionCall<>("missing", List.of("x"), reply -> ""),
            RegisterCalls.of("a-2"),
            new FunctionCall<>("missing", List.of("x"), reply -> ""));
    assertThat(store.functions().writeAll(calls).stream().map(BatchCallTest::text))
        .containsExactly(Reason.STORE_UNAVAILABLE.name(), "ok", Reason.STORE_UNAVAILABLE.name());
  }
}
