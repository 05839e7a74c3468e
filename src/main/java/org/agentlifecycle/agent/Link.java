package org.agentlifecycle.agent;

/**
 * A link to something that an agent has produced (RFC 8288).
 *
 * @param href an absolute URL
 * @param rel the relation, with the syntax of the key of a label
 * @param title text for people; null: none
 */
public record Link(String href, String rel, String title) {}
