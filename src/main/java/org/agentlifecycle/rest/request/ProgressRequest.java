package org.agentlifecycle.rest.request;

import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.problem.ValidationErrors;
import org.agentlifecycle.session.Progress;

/** How far an agent is. */
public record ProgressRequest(Double current, Double total, String message) implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    boolean isCurrentValid = checkRange("current", current, errors);
    boolean isTotalValid = checkRange("total", total, errors);
    if (isCurrentValid && isTotalValid && current != null && total != null && total < current) {
      errors.add("total", "must not be less than current");
    }
    Constraints.checkLength("message", message, Progress.MAX_MESSAGE_LENGTH, errors);
    boolean isEmpty = current == null && message == null;
    if (isEmpty && !errors.contains("current") && !errors.contains("message")) {
      errors.add("", "must have current or message");
    }
  }

  private static boolean checkRange(String name, Double number, ValidationErrors errors) {
    boolean inRange = number == null || (number >= 0 && number <= Progress.MAX);
    if (!inRange) {
      errors.add(name, "must be a number from 0 to " + (long) Progress.MAX);
    }
    return inRange;
  }

  Progress progress() {
    return new Progress(current, total, message);
  }
}
