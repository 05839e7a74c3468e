package org.agentlifecycle.agent;

import java.util.Objects;

/**
 * A JSON object of the client's own, kept as the text it came as. The domain never looks into it,
 * so large numbers, key order and spelling survive.
 *
 * @param text well-formed JSON, an object
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
