/**
 * Sessions and leases: heartbeats, lease expiry, session cleanup, the purge of final agents, and
 * the check of their records.
 */
package org.agentlifecycle.session;
