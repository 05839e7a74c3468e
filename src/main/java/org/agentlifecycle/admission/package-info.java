/** The switch that closes spawning, and the limit on active agents. */
package org.agentlifecycle.admission;
