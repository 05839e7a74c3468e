package org.agentlifecycle.config;

/**
 * Marker of the beans that hold converted keys. {@link ConfigurationCheck} creates each of them at
 * the start, so that an invalid value stops the start and not the first call.
 */
public interface Settings {}
