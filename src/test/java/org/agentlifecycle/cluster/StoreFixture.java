package org.agentlifecycle.cluster;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.agentlifecycle.valkey.FunctionNames;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.util.SafeEncoder;

/** Fills a store with agents by direct function calls, which is faster than HTTP requests. */
final class StoreFixture {
  private static final int PIPELINED = 500;

  private StoreFixture() {}

  static List<String> ids(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  /**
   * Registers agents.
   *
   * @param lease lease in milliseconds, or empty for no lease
   */
  static void register(RedisClient valkey, List<String> ids, String task, String lease) {
    call(
        valkey, FunctionNames.of("register"), ids, id -> List.of(id, task, "", "", "", lease, "0"));
  }

  static void start(RedisClient valkey, List<String> ids) {
    move(valkey, ids, "running", "", "spawning");
  }

  /** Completes agents; their sessions are due for cleanup at once. */
  static void complete(RedisClient valkey, List<String> ids) {
    move(valkey, ids, "completed", "0", "running");
  }

  private static void move(
      RedisClient valkey, List<String> ids, String to, String delay, String from) {
    call(valkey, FunctionNames.of("move"), ids, id -> List.of(id, to, delay, from, "*"));
  }

  private static void call(
      RedisClient valkey,
      String function,
      List<String> ids,
      Function<String, List<String>> arguments) {
    for (int from = 0; from < ids.size(); from += PIPELINED) {
      try (Pipeline pipeline = valkey.pipelined()) {
        List<Response<Object>> replies =
            ids.subList(from, Math.min(ids.size(), from + PIPELINED)).stream()
                .map(id -> pipeline.fcall(function, List.of(Cluster.ROOT), arguments.apply(id)))
                .toList();
        pipeline.sync();
        replies.forEach(reply -> requireOk((List<?>) reply.get()));
      }
    }
  }

  private static void requireOk(List<?> reply) {
    Object word = reply.get(0);
    String text = word instanceof byte[] bytes ? SafeEncoder.encode(bytes) : word.toString();
    if (!text.equals("ok")) {
      throw new IllegalStateException(text);
    }
  }
}
