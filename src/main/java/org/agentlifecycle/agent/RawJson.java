package org.agentlifecycle.agent;

import java.util.Objects;

/**
 * A JSON value of a client that the service only stores. It is kept as text, so that numbers, the
 * order of keys and spelling do not change.
 *
 * @param text well-formed JSON
 */
public record RawJson(String text) {
  public RawJson {
    Objects.requireNonNull(text);
  }

  @Override
  public String toString() {
    return text;
  }
}
