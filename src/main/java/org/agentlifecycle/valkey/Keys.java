package org.agentlifecycle.valkey;

/**
 * The names in Valkey that Java uses. Only the function library uses and names the other keys.
 *
 * @param hashTag prefix of all keys of the namespace, and the one key that a function receives
 * @param feed the stream of events; the service waits for it directly, because a function cannot
 *     wait
 * @param channel the pub/sub channel of the events
 */
record Keys(String hashTag, String feed, String channel) {
  static Keys of(String namespace) {
    String hashTag = "{" + namespace + "}";
    return new Keys(hashTag, hashTag + ":feed", namespace + ":events");
  }
}
