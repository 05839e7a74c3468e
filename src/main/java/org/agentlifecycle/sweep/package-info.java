/** What is done again and again, on every server: the schedule, and the sign that it still runs. */
package org.agentlifecycle.sweep;
