/** The home page and the API documents. */
package org.agentlifecycle.rest.document;
