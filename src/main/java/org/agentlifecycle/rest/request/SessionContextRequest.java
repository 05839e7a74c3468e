package org.agentlifecycle.rest.request;

import jakarta.validation.constraints.NotNull;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.binding.JsonRequest;

/** Body of {@code PUT /agents/{id}/session}. */
public record SessionContextRequest(@NotNull(message = Constraints.REQUIRED) RawJson context)
    implements JsonRequest {}
