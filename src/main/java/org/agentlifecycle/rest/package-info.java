/**
 * The HTTP API. Only this package and the packages below it use HTTP.
 *
 * <p>The flow of a request:
 *
 * <ol>
 *   <li>{@code http} rejects invalid framing, paths, queries, media types and sizes in filters, and
 *       receives the body.
 *   <li>{@code resource} has one class for each path. JAX-RS calls its method with the parameters
 *       and the body.
 *   <li>{@code binding} binds the body to a record of {@code request} and validates it. {@code
 *       request} also parses query parameters and headers.
 *   <li>The resource calls the domain. {@code json} writes the result, which is a record of the
 *       domain or of {@code response}.
 *   <li>{@code problem} maps every exception to a problem of RFC 9457.
 * </ol>
 *
 * <p>{@code events} serves the event feed as a stream or as pages, {@code document} serves the API
 * documents and the home page, and {@code health} reports to the health checks that requests
 * arrive.
 *
 * <p>The packages depend on each other in this order: {@code json}, {@code problem}, {@code
 * binding}, {@code request}, {@code response} and {@code http}, then the others.
 */
package org.agentlifecycle.rest;
