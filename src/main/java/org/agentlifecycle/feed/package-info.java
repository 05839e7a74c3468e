/**
 * The event feed, which is the outbox too: the store appends to it in the same step as the change,
 * and from there events are forwarded to the channel.
 */
package org.agentlifecycle.feed;
