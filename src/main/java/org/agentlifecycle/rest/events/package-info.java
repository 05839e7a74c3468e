/** The event feed over HTTP: server-sent events and pages. */
package org.agentlifecycle.rest.events;
