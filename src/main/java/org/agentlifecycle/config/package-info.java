/**
 * Configuration: reads every key as text, converts it within a range, and stops the start if a
 * value is invalid. Every other package may use it; it uses no other package.
 */
package org.agentlifecycle.config;
