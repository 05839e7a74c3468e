/** What a client sends: bodies as records, query parameters, headers and cursors. */
package org.agentlifecycle.rest.request;
