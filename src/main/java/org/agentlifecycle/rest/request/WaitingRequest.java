package org.agentlifecycle.rest.request;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.agentlifecycle.agent.Waiting;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * Body of {@code PUT /agents/{id}/waiting}.
 *
 * @param kind what the agent waits for: the member {@code for}
 * @param note a text for the person; null: none
 * @param url where the person can act; null: none
 */
public record WaitingRequest(@JsonProperty("for") Waiting.Kind kind, String note, String url)
    implements JsonRequest {

  @Override
  public void check(ValidationErrors errors) {
    if (kind == null && !errors.contains("for")) {
      errors.add("for", Constraints.REQUIRED);
    }
    Constraints.checkLength("note", note, Waiting.MAX_NOTE_LENGTH, errors);
    if (url != null && !AbsoluteUrl.Validator.isWebAddress(url)) {
      errors.add("url", "must be an absolute https or http URL with at most 2048 characters");
    }
  }

  /** Returns what the agent waits for, without the time. */
  public Waiting waiting() {
    return new Waiting(kind, Constraints.blankToNull(note), url, null);
  }
}
