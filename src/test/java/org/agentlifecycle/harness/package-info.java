/**
 * What the tests and {@code mvn -Prun} stand on: real stores and real servers as child processes
 * that can be killed, frozen and started again, and that end with whoever started them.
 */
package org.agentlifecycle.harness;
