package org.agentlifecycle.agent;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** An enum whose constants have a name in JSON and in the store: lower case. */
public interface WireName {

  /** Returns the name of the constant. */
  String name();

  /** Returns the name in JSON and in the store. */
  default String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the constant with this {@link #wireName()}; empty if there is none. */
  static <T extends WireName> Optional<T> find(T[] constants, String wireName) {
    return Arrays.stream(constants)
        .filter(constant -> constant.wireName().equals(wireName))
        .findFirst();
  }
}
