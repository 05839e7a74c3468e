/**
 * The event feed, which is also the outbox: the store appends an event in the same step as the
 * change, and the forwarder publishes it from there.
 */
package org.agentlifecycle.feed;
