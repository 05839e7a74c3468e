/** Response bodies that differ from a record of the domain. */
package org.agentlifecycle.rest.response;
