/**
 * Filters for everything that all calls have in common: framing, paths, media types, bodies and
 * unknown parameters.
 */
package org.agentlifecycle.rest.http;
