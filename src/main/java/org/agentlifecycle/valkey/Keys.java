package org.agentlifecycle.valkey;

/**
 * The names that Java hands to Valkey. Every other key is named by the function library, which
 * alone touches it.
 *
 * @param root the hash tag that all keys of the namespace begin with, and the one key a function
 *     gets
 * @param feed the stream of events, which one waits on directly: a function cannot wait
 * @param channel the pub/sub channel of the events
 */
record Keys(String root, String feed, String channel) {
  static Keys of(String namespace) {
    String root = "{" + namespace + "}";
    return new Keys(root, root + ":feed", namespace + ":events");
  }
}
