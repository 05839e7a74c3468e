package org.agentlifecycle.rest.request;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.problem.ValidationErrors;

/** The repeatable parameter {@code label=key:value} of listings and of the feed. */
final class LabelFilter {
  private LabelFilter() {}

  /** Returns the values by key. The key ends at the first colon. */
  static Map<String, Set<String>> of(QueryParameters parameters) {
    ValidationErrors errors = parameters.errors();
    Map<String, Set<String>> labels = new HashMap<>();
    for (String label : parameters.all("label")) {
      int colon = label.indexOf(':');
      String key = colon < 0 ? label : label.substring(0, colon);
      String value = label.substring(colon + 1);
      if (colon < 0) {
        errors.add("label", "must be key:value");
      } else if (!Constraints.isLabelKey(key)) {
        errors.add("label", Constraints.LABEL_KEY);
      } else if (!Constraints.isLabelValue(value)) {
        errors.add("label", Constraints.LABEL_VALUE);
      } else {
        labels.computeIfAbsent(key, any -> new HashSet<>()).add(value);
      }
    }
    if (labels.size() > Agent.MAX_LABELS) {
      errors.add("label", "must not name more than " + Agent.MAX_LABELS + " keys");
    }
    return labels;
  }
}
