/** Base of the health checks. Every other package may use it; it uses no other package. */
package org.agentlifecycle.health;
