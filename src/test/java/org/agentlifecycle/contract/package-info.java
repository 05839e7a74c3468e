/**
 * What every store must do, told once as tests: the real ones and the one in memory pass the same.
 */
package org.agentlifecycle.contract;
