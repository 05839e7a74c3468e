/**
 * Binds the JSON body of a request to a record and validates it. Binding errors and violations of
 * constraints are reported in one response.
 *
 * <p>A request body is a record that implements {@link
 * org.agentlifecycle.rest.binding.JsonRequest}. Its components declare their constraints with
 * Jakarta Validation; rules between components are plain code in {@code check}. A resource receives
 * it as a parameter of type {@link org.agentlifecycle.rest.binding.JsonBody}.
 */
package org.agentlifecycle.rest.binding;
