/**
 * Bulk kills: each kills every active agent that a selector matches, in steps that any server runs.
 */
package org.agentlifecycle.kill;
