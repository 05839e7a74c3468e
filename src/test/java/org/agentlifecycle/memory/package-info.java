/**
 * What tests keep in memory in place of the real thing: a store, which is also the model of the
 * real one, what CDI would hand to observers, and what is logged.
 */
package org.agentlifecycle.memory;
