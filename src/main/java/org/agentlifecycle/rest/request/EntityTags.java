package org.agentlifecycle.rest.request;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentVersion;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * The entity tags of an {@code If-Match} or {@code If-None-Match} (RFC 9110, 8.8.3 and 13.1).
 *
 * <p>The entity tag of an agent is its {@link AgentVersion}, so that a tag of a former life of the
 * id matches nothing. After the session has ended the tag has a suffix, because the representation
 * then has one member more. {@code If-Match} ignores the suffix: the version is the same.
 */
public final class EntityTags {
  private static final EntityTags ABSENT = new EntityTags(true);

  /** One element of the list, which may be empty, and the separator after it. */
  private static final Pattern ELEMENT =
      Pattern.compile("[ \\t]*+(?:(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*+)\")?+[ \\t]*+(?:,|$)");

  private static final String SESSION_ENDED = "-e";

  private static final Pattern VERSION =
      Pattern.compile("([1-9][0-9]{0,17})\\.([0-9]{1,18})-([1-9][0-9]{0,17})(?:-e)?");

  private final boolean any;
  private final Set<AgentVersion> versions = new HashSet<>();
  private final Set<String> tags = new HashSet<>();

  private boolean weak;

  private EntityTags(boolean any) {
    this.any = any;
  }

  /**
   * Returns the entity tag of an agent. A response that an earlier release stored keeps its tag.
   */
  public static String of(Agent agent) {
    return "\"" + tag(agent) + "\"";
  }

  private static String tag(Agent agent) {
    if (agent.sequence() == Agent.UNKNOWN_SEQUENCE) {
      return Long.toString(agent.version());
    }
    return AgentVersion.of(agent) + (agent.sessionConfirmed() == null ? "" : SESSION_ENDED);
  }

  /**
   * Parses a header.
   *
   * @param name the name of the header
   * @param lines the values of all header lines; null or empty: the header is absent
   * @throws org.agentlifecycle.rest.problem.ProblemException if the header has no entity tag
   */
  public static EntityTags of(String name, List<String> lines) {
    if (lines == null || lines.isEmpty()) {
      return ABSENT;
    }
    String value = lines.size() == 1 ? lines.get(0) : String.join(",", lines);
    return parse(name, value.strip());
  }

  public static EntityTags parse(String name, String value) {
    if (value.equals("*")) {
      return new EntityTags(true);
    }
    EntityTags tags = new EntityTags(false);
    Matcher element = ELEMENT.matcher(value);
    boolean found = false;
    while (element.regionStart() < value.length()) {
      if (!element.lookingAt()) {
        throw ValidationErrors.problem(name, "must be * or a list of entity tags such as \"3\"");
      }
      found |= tags.add(element.group(1) != null, element.group(2));
      element.region(element.end(), value.length());
    }
    if (!found) {
      throw ValidationErrors.problem(name, "must be * or a list of entity tags such as \"3\"");
    }
    return tags;
  }

  private boolean add(boolean isWeak, String tag) {
    if (tag == null) {
      return false;
    }
    tags.add(tag);
    weak |= isWeak;
    Matcher version = VERSION.matcher(tag);
    if (!isWeak && version.matches()) {
      versions.add(
          new AgentVersion(
              Long.parseLong(version.group(1)),
              Long.parseLong(version.group(2)),
              Long.parseLong(version.group(3))));
    }
    return true;
  }

  /** Returns whether the client sent no entity tag. */
  public boolean isEmpty() {
    return this == ABSENT;
  }

  /**
   * Returns the rejection of a version that does not match, with the reason if the reason may be a
   * weak entity tag. A proxy that compresses a response makes its tag weak.
   */
  public LifecycleException mismatch(LifecycleException mismatch) {
    return weak ? mismatch.withHint("a weak entity tag never matches an If-Match") : mismatch;
  }

  /** Returns whether the version of the agent matches by strong comparison, as for If-Match. */
  public boolean matchesStrongly(Agent agent) {
    return any || versions.contains(AgentVersion.of(agent));
  }

  /** Returns whether the agent matches by weak comparison, as for If-None-Match. */
  public boolean matchesWeakly(Agent agent) {
    return !isEmpty() && (any || tags.contains(tag(agent)));
  }

  /** Returns the versions that match strongly; null if every version matches. */
  public Set<AgentVersion> versions() {
    return any ? null : versions;
  }
}
