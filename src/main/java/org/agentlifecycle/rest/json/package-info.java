/** The JSON mapper of all requests and responses, and the JSON forms of values. */
package org.agentlifecycle.rest.json;
