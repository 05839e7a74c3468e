package org.agentlifecycle.valkey;

/**
 * The fields of an agent in a reply. Their order is that of {@code agent_text} in {@code
 * agents.lua}. An absent field is empty.
 */
enum AgentField {
  STATUS,
  VERSION,
  TASK,
  SPAWNED,
  STARTED,
  COMPLETED,
  SEQ,
  LEASE,
  CONFIRMED,
  LABELS,
  METADATA,
  RESULT,
  LINKS,
  START_TIMEOUT,
  RUN_TIMEOUT,
  ANCESTORS,
  ERROR;

  private static final int COUNT = values().length;

  /**
   * Returns the fields of a text by their ordinals.
   *
   * @throws IllegalArgumentException if a field is missing
   */
  static String[] split(String text) {
    String[] fields = text.split("\0", COUNT);
    if (fields.length < COUNT) {
      throw new IllegalArgumentException("not the fields of an agent");
    }
    return fields;
  }

  /** Returns the value of this field; null if it is absent. */
  String in(String[] fields) {
    String value = fields[ordinal()];
    return value.isEmpty() ? null : value;
  }
}
