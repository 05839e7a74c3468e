/**
 * The only package that knows HTTP: resources, strict JSON in, JSON out, and the one place where a
 * rejection becomes a problem.
 *
 * <p>A request passes {@code RequestValidationFilter} (path, media type, size), then {@code
 * UnknownParametersFeature} and the resource, which reads the body with {@code Members} and the
 * query with {@code QueryParameters}, asks the domain, and writes the answer with {@code
 * JsonWriter}. Whatever is thrown on the way becomes a {@code ProblemDetail}.
 */
package org.agentlifecycle.rest;
