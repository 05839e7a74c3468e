/** Contract tests that all stores must pass: the real stores and the in-memory store. */
package org.agentlifecycle.contract;
