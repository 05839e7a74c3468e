/** Reports to the health checks that the application receives requests. */
package org.agentlifecycle.rest.health;
