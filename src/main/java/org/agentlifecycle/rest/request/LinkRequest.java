package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.NotNull;
import org.agentlifecycle.agent.Link;
import org.agentlifecycle.agent.Output;
import org.agentlifecycle.rest.binding.BoundedListDeserializer;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.problem.ValidationErrors;

/** A link to something that an agent has produced. */
public record LinkRequest(
    @NotNull(message = Constraints.REQUIRED) @AbsoluteUrl String href,
    @NotNull(message = Constraints.REQUIRED) String rel,
    String title)
    implements JsonRequest {

  /** Maximum length of a title, in characters. */
  public static final int MAX_TITLE_LENGTH = 256;

  static final class Links extends BoundedListDeserializer<LinkRequest> {
    Links() {
      super(LinkRequest.class, 0, Output.MAX_LINKS);
    }
  }

  @Override
  public void check(ValidationErrors errors) {
    if (rel != null && !Constraints.isLabelKey(rel)) {
      errors.add("rel", Constraints.LINK_RELATION);
    }
    Constraints.checkLength("title", title, MAX_TITLE_LENGTH, errors);
  }

  Link link() {
    return new Link(href, rel, Constraints.blankToNull(title));
  }
}
