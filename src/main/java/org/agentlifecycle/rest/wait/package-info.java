/** Requests that wait for a change of an agent ({@code Prefer: wait}, RFC 7240). */
package org.agentlifecycle.rest.wait;
