package org.agentlifecycle.valkey;

import java.util.Map;
import java.util.stream.Collectors;

/**
 * Facts about the store, from its INFO.
 *
 * @param server product and version
 * @param evictionPolicy the maxmemory-policy
 * @param runId changes with each start of the store
 */
record StoreInfo(String server, String evictionPolicy, String runId) {
  private static final String UNKNOWN = "unknown";

  /** Managed stores and strict ACLs forbid INFO. */
  static final StoreInfo NONE = new StoreInfo(UNKNOWN, UNKNOWN, UNKNOWN);

  /** Reads the sections server and memory. */
  static StoreInfo parse(String info) {
    Map<String, String> facts =
        info.lines()
            .map(line -> line.split(":", 2))
            .filter(fact -> fact.length == 2)
            .collect(Collectors.toMap(fact -> fact[0], fact -> fact[1], (first, second) -> first));
    String version = facts.getOrDefault("valkey_version", facts.get("redis_version"));
    return new StoreInfo(
        version == null ? UNKNOWN : facts.getOrDefault("server_name", "redis") + " " + version,
        facts.getOrDefault("maxmemory_policy", UNKNOWN),
        facts.getOrDefault("run_id", UNKNOWN));
  }

  /** Whether the store deletes keys when its memory is full, and agents with them. */
  boolean evicts() {
    return !evictionPolicy.equals("noeviction") && !evictionPolicy.equals(UNKNOWN);
  }
}
