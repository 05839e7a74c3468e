/**
 * Real stores and real servers for the tests and {@code mvn -Prun}. They are child processes that
 * can be killed, paused and restarted, and that end with this JVM.
 */
package org.agentlifecycle.harness;
