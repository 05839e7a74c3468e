package org.agentlifecycle.rest.binding;

/**
 * A valid request body.
 *
 * @param content the bound record
 * @param text the decoded body as sent
 */
public record JsonBody<T extends JsonRequest>(T content, String text) {}
