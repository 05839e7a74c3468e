/** Bulk kills: everything that a selector selects, by whichever server, with an account of each. */
package org.agentlifecycle.kill;
