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

/** The library is there when it is called, and two versions of the service can share a store. */
class FunctionLibraryTest {
  private static final Pattern REVISION = Pattern.compile("(?m)^local REVISION = (\\d+)$");
  private static final String OURS = LibraryText.code();

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
    return client.functionListWithCode("agents_v1").get(0).getLibraryCode();
  }

  private long loads() {
    Matcher loads =
        Pattern.compile("cmdstat_function\\|load:calls=(\\d+)")
            .matcher(client.info("commandstats"));
    return loads.find() ? Long.parseLong(loads.group(1)) : 0;
  }

  private static String withRevision(int offset) {
    Matcher revision = REVISION.matcher(OURS);
    assertThat(revision.find()).isTrue();
    int ours = Integer.parseInt(revision.group(1));
    return revision.replaceFirst("local REVISION = " + (ours + offset));
  }

  @Test
  void theFirstCallLoadsIt() {
    assertThat(register("a-1")).isTrue();
    assertThat(there()).isEqualTo(OURS);
  }

  @Test
  void theFirstCallMayBeARead() {
    assertThat(store.agents().find("a-0")).isEmpty();
    assertThat(there()).isEqualTo(OURS);
  }

  @Test
  void whatIsThereAlreadyIsNotLoadedAgain() {
    client.functionLoad(OURS);
    Console.countAnew(client);
    for (int i = 0; i < 20; i++) {
      register("a-" + i);
    }
    assertThat(loads()).isZero();
  }

  @Test
  void aFlushedLibraryIsLoadedAgainByTheNextCallAndItsCallerNoticesNothing() {
    assertThat(register("a-1")).isTrue();
    client.functionFlush();
    assertThat(register("a-2")).isTrue();
    client.functionFlush();
    assertThat(store.agents().find("a-2")).isPresent();
    assertThat(store.events()).hasSize(2);
  }

  @Test
  void manyCallersOfAFlushedLibraryAllSucceed() throws Exception {
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

  @Test
  void aNewerRevisionIsLeftAlone() {
    String newer = withRevision(1);
    client.functionLoad(newer);
    assertThat(register("a-1")).isTrue();
    assertThat(there()).isEqualTo(newer);
  }

  @Test
  void anOlderRevisionIsReplaced() {
    client.functionLoad(withRevision(-1));
    assertThat(register("a-1")).isTrue();
    assertThat(there()).isEqualTo(OURS);
  }

  @Test
  void oneThatWasChangedByHandIsReplaced() {
    client.functionLoad(OURS + "\n-- by hand\n");
    assertThat(register("a-1")).isTrue();
    assertThat(there()).isEqualTo(OURS);
  }

  @Test
  void oneThatSaysNoRevisionIsReplaced() {
    client.functionLoad(
        "#!lua name=agents_v1\nredis.register_function('agents_v1_ready', function() return 0 end)");
    assertThat(register("a-1")).isTrue();
    assertThat(there()).isEqualTo(OURS);
  }

  /** The old server's and the new server's first calls meet: the new library stays. */
  @Test
  void anOldServerThatStartsBesideANewOneDoesNotPutItsLibraryBack() {
    register("a-1");
    client.functionLoadReplace(withRevision(1));
    try (ValkeyUnderTest restarted = store.anotherServer()) {
      assertThat(restarted.agents().find("a-1")).isPresent();
    }
    register("a-2");
    assertThat(there()).isEqualTo(withRevision(1));
  }

  @Test
  void anotherLibraryIsNotTouched() {
    client.functionLoad(
        "#!lua name=others\nredis.register_function('others_f', function() return 1 end)");
    register("a-1");
    assertThat(client.functionList("others")).hasSize(1);
  }

  @Test
  void readyAnswersTheRevision() {
    Matcher revision = REVISION.matcher(OURS);
    assertThat(revision.find()).isTrue();
    assertThat(store.functions().write("ready")).containsExactly(Long.parseLong(revision.group(1)));
  }
}
