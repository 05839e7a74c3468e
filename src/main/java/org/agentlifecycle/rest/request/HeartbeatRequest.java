package org.agentlifecycle.rest.request;

import java.time.Duration;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.binding.OptionalBody;

/**
 * Body of {@code PUT /agents/{id}/heartbeat}.
 *
 * @param lease length of the lease from now on; null: unchanged
 */
@OptionalBody
public record HeartbeatRequest(@LeaseLength Duration lease) implements JsonRequest {}
