/** Admission: whether registration is open, and the limit of active agents. */
package org.agentlifecycle.admission;
