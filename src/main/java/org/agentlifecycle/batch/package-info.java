/** Batches: many calls in one request, which the store receives in few writes. */
package org.agentlifecycle.batch;
