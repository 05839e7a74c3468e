package org.agentlifecycle.rest.request;

import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.problem.ValidationErrors;
import org.agentlifecycle.session.Progress;

/** How far an agent is. */
public record ProgressRequest(Double current, Double total, String message) implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    checkRange("current", current, errors);
    checkRange("total", total, errors);
    if (total != null && total < (current == null ? 0 : current)) {
      errors.add("total", "must not be less than current");
    }
    if (message != null && !Constraints.isAtMost(Progress.MAX_MESSAGE_LENGTH, message)) {
      errors.add("message", "must have at most " + Progress.MAX_MESSAGE_LENGTH + " characters");
    }
    boolean isEmpty = current == null && message == null;
    if (isEmpty && !errors.contains("current") && !errors.contains("message")) {
      errors.add("", "must have current or message");
    }
  }

  private static void checkRange(String name, Double number, ValidationErrors errors) {
    if (number != null && !(number >= 0 && number <= Progress.MAX)) {
      errors.add(name, "must be a number from 0 to 9007199254740991");
    }
  }

  Progress progress() {
    return new Progress(current, total, message);
  }
}
