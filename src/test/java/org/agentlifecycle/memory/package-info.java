/**
 * In-memory test doubles: the store, which is also the model of the real store, the scheduler, CDI
 * events and log capture.
 */
package org.agentlifecycle.memory;
