/**
 * JAX-RS resources: one class for each path. A resource parses, calls the domain and returns the
 * response.
 */
package org.agentlifecycle.rest.resource;
