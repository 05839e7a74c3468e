package org.agentlifecycle.rest;

import jakarta.ws.rs.core.HttpHeaders;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.Agent;

/**
 * The entity tags of an {@code If-Match} or {@code If-None-Match} (RFC 9110, 8.8.3 and 13.1), of
 * which those that are versions matter. A tag that is no version of an agent matches none.
 */
final class EntityTags {
  private static final EntityTags ABSENT = new EntityTags(true);

  /** One element of the list, which may be empty, with what divides it from the next one. */
  private static final Pattern ELEMENT =
      Pattern.compile("[ \\t]*+(?:(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*+)\")?+[ \\t]*+(?:,|$)");

  private static final Pattern VERSION = Pattern.compile("[1-9][0-9]{0,17}");

  private final boolean any;
  private final Set<Long> strong = new HashSet<>();
  private final Set<Long> weak = new HashSet<>();

  private EntityTags(boolean any) {
    this.any = any;
  }

  /** The entity tag of the agent as it is. */
  static String of(Agent agent) {
    return "\"" + agent.version() + "\"";
  }

  /** The header's tags. A header that holds none, or something else, is refused. */
  static EntityTags of(HttpHeaders headers, String name) {
    List<String> lines = headers.getRequestHeader(name);
    if (lines == null || lines.isEmpty()) {
      return ABSENT;
    }
    String value = lines.size() == 1 ? lines.get(0) : String.join(",", lines);
    return parse(name, value.strip());
  }

  static EntityTags parse(String name, String value) {
    if (value.equals("*")) {
      return new EntityTags(true);
    }
    EntityTags tags = new EntityTags(false);
    Matcher element = ELEMENT.matcher(value);
    boolean found = false;
    while (element.regionStart() < value.length()) {
      if (!element.lookingAt()) {
        throw Refusals.of(name, "must be * or a list of entity tags such as \"3\"");
      }
      found |= tags.add(element.group(1) != null, element.group(2));
      element.region(element.end(), value.length());
    }
    if (!found) {
      throw Refusals.of(name, "must be * or a list of entity tags such as \"3\"");
    }
    return tags;
  }

  private boolean add(boolean isWeak, String tag) {
    if (tag != null && VERSION.matcher(tag).matches()) {
      (isWeak ? weak : strong).add(Long.valueOf(tag));
    }
    return tag != null;
  }

  /** Whether the client sent none at all. */
  boolean isEmpty() {
    return this == ABSENT;
  }

  /** By strong comparison, as If-Match wants it. */
  boolean includes(long version) {
    return any || strong.contains(version);
  }

  /** By weak comparison, as If-None-Match wants it. */
  boolean resembles(long version) {
    return !isEmpty() && (includes(version) || weak.contains(version));
  }

  /** The versions that strongly match; null where each of them does. */
  Set<Long> versions() {
    return any ? null : strong;
  }
}
