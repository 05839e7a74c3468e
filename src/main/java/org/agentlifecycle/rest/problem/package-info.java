/**
 * Error responses of RFC 9457: their types, the mapping of exceptions, and the errors of invalid
 * requests.
 */
package org.agentlifecycle.rest.problem;
