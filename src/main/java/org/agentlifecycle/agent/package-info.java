/**
 * The domain: agents, the transition table, and the service that registers and moves agents. It
 * uses neither HTTP nor Valkey.
 */
package org.agentlifecycle.agent;
