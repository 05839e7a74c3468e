/**
 * Supervision of agents: deadlines, waiting for somebody, families, and the desired state. The
 * records that agents and sessions show are in the packages {@code agent} and {@code session}.
 */
package org.agentlifecycle.supervision;
