package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Many calls of one caller: each has its own result, and all survive a missing library. */
class BatchCallTest {
  private static final int SIZE = 1_000;

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

  /** Returns the first column of each reply. */
  private List<String> register(List<String> ids) {
    FunctionLibrary functions = store.functions();
    return functions
        .writeAll(ids.stream().map(id -> RegisterCalls.of(functions, id)).toList())
        .stream()
        .map(result -> ReplyReader.text(((List<?>) result.get()).get(0)))
        .toList();
  }

  @Test
  void batchLoadsMissingLibraryAndAppliesEachCallOnce() {
    List<String> ids = IntStream.range(0, SIZE).mapToObj(i -> "a-" + i).toList();
    assertThat(register(ids)).hasSize(SIZE).containsOnly("ok");
    assertThat(store.events()).hasSize(SIZE);
    store.client().functionFlush();
    assertThat(register(List.of("a-0", "b-0", "a-1"))).containsExactly("exists", "ok", "exists");
  }
}
