package org.agentlifecycle.valkey;

import java.util.List;
import java.util.function.Function;

/**
 * A call of a function that may change something, with the parser of its reply.
 *
 * @param function name of the function without prefix and hash
 * @param arguments texts and numbers
 * @param parser throws a {@code LifecycleException} for a reply that is not documented
 */
record FunctionCall<T>(String function, List<Object> arguments, Function<List<Object>, T> parser) {}
