/** Sweeps: periodic work on every server, its schedule, and the health checks of the schedule. */
package org.agentlifecycle.sweep;
