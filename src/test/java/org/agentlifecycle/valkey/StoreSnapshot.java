package org.agentlifecycle.valkey;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import redis.clients.jedis.RedisClient;

/** Snapshot of all keys of a private store and its number of writes. */
final class StoreSnapshot {
  private static final Pattern WRITES = Pattern.compile("rdb_changes_since_last_save:(\\d+)");

  private StoreSnapshot() {}

  static Map<String, String> of(RedisClient store) {
    Map<String, String> all = new TreeMap<>();
    for (String key : store.keys("*")) {
      all.put(key, store.type(key) + " " + Arrays.hashCode(store.dump(key)));
    }
    Matcher writes = WRITES.matcher(store.info("persistence"));
    if (writes.find()) {
      all.put("writes", writes.group(1));
    }
    return all;
  }
}
