package org.agentlifecycle.rest.response;

/** Response to the start of a bulk kill. */
public record StartedKill(String killId) {}
