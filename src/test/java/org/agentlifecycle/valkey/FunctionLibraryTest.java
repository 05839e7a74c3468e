package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.agentlifecycle.agent.RegisterResult;
import org.agentlifecycle.agent.Registration;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/** Loading of the function library, and two releases of the service on one store. */
class FunctionLibraryTest {
  private static final LibrarySource OURS = LibrarySource.load();

  private static EmbeddedStore valkey;

  private RedisClient client;
  private ValkeyUnderTest store;

  @BeforeAll
  static void start() {
    valkey = EmbeddedStore.start();
  }

  @AfterAll
  static void stop() {
    valkey.close();
  }

  @BeforeEach
  void openOnAStoreWithoutFunctions() {
    store = ValkeyUnderTest.on(valkey.uri(), Duration.ZERO);
    client = store.client();
    client.functionFlush();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private boolean register(String id) {
    return store.agents().register(new Registration(id, "task-1", Map.of(), null, null, null), null)
        instanceof RegisterResult.Registered;
  }

  private String there() {
    return client.functionListWithCode(OURS.name()).get(0).getLibraryCode();
  }

  private long loads() {
    Matcher loads =
        Pattern.compile("cmdstat_function\\|load:calls=(\\d+)")
            .matcher(client.info("commandstats"));
    return loads.find() ? Long.parseLong(loads.group(1)) : 0;
  }

  @Test
  void firstCallLoadsTheLibrary() {
    assertThat(register("a-1")).isTrue();
    assertThat(there()).isEqualTo(OURS.code());
  }

  @Test
  void firstReadLoadsTheLibrary() {
    assertThat(store.agents().find("a-0")).isEmpty();
    assertThat(there()).isEqualTo(OURS.code());
  }

  @Test
  void loadedLibraryIsNotReloaded() {
    client.functionLoad(OURS.code());
    ValkeyCommands.resetCounters(client);
    for (int i = 0; i < 20; i++) {
      register("a-" + i);
    }
    assertThat(loads()).isZero();
  }

  @Test
  void flushedLibraryIsReloadedByTheNextCall() {
    assertThat(register("a-1")).isTrue();
    client.functionFlush();
    assertThat(register("a-2")).isTrue();
    client.functionFlush();
    assertThat(store.agents().find("a-2")).isPresent();
    assertThat(store.events()).hasSize(2);
  }

  @Test
  void concurrentCallsOfAFlushedLibrarySucceed() throws Exception {
    register("a-0");
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try {
      for (int round = 0; round < 10; round++) {
        client.functionFlush();
        int first = round * 8 + 1;
        List<Callable<Boolean>> calls =
            IntStream.range(first, first + 8)
                .<Callable<Boolean>>mapToObj(i -> () -> register("a-" + i))
                .toList();
        for (Future<Boolean> registered : callers.invokeAll(calls)) {
          assertThat(registered.get()).isTrue();
        }
      }
    } finally {
      callers.shutdown();
    }
    assertThat(store.events()).hasSize(81);
  }

  /** Each release has its own library; the order in which servers start does not matter. */
  @Test
  void releasesKeepTheirOwnLibraries() {
    LibrarySource other = LibrarySource.of(LibrarySource.text() + "\n-- another release\n");
    client.functionLoad(other.code());
    register("a-1");
    assertThat(client.functionList()).extracting("libraryName").contains(OURS.name(), other.name());
    assertThat(client.functionListWithCode(other.name()).get(0).getLibraryCode())
        .isEqualTo(other.code());
  }

  @Test
  void libraryOfEarlierReleaseWithoutHashStays() {
    client.functionLoad(LibrarySource.text());
    register("a-1");
    assertThat(client.functionListWithCode("agents_v1").get(0).getLibraryCode())
        .isEqualTo(LibrarySource.text());
    assertThat(there()).isEqualTo(OURS.code());
  }

  @Test
  void textWithHashDiffersOnlyInItsNames() {
    assertThat(OURS.name()).matches("agents_v1_[0-9a-f]{12}");
    assertThat(OURS.code().replace(OURS.name(), "agents_v1")).isEqualTo(LibrarySource.text());
    assertThat(OURS.code()).doesNotContain("'agents_v1_'");
    assertThat(LibrarySource.of(LibrarySource.text() + " ").name()).isNotEqualTo(OURS.name());
  }

  @Test
  void manuallyChangedLibraryIsReplacedByFirstCall() {
    client.functionLoad(OURS.code() + "\n-- by hand\n");
    assertThat(register("a-1")).isTrue();
    assertThat(there()).isEqualTo(OURS.code());
  }

  @Test
  void readinessCheckReplacesManuallyChangedLibrary() {
    register("a-1");
    client.functionLoadReplace(OURS.code() + "\n-- by hand\n");
    assertThat(store.functions().checkReady("")).isEqualTo(OURS.name());
    assertThat(there()).isEqualTo(OURS.code());
  }

  @Test
  void readinessCheckLoadsFlushedLibrary() {
    register("a-1");
    client.functionFlush();
    assertThat(store.functions().checkReady("")).isEqualTo(OURS.name());
    assertThat(there()).isEqualTo(OURS.code());
  }

  @Test
  void anotherLibraryIsNotTouched() {
    client.functionLoad(
        "#!lua name=others\nredis.register_function('others_f', function() return 1 end)");
    register("a-1");
    assertThat(client.functionList("others")).hasSize(1);
  }
}
