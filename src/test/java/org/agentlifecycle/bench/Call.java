package org.agentlifecycle.bench;

import io.hyperfoil.http.api.HttpMethod;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A kind of call. The load generator asks for path, body and end on one thread, in this order.
 *
 * @param path returns the path of the next request
 * @param body returns the body of the same request, or null if it has none
 * @param last returns whether no further request can be made
 * @param size number of calls in a request; more than 1 for a batch
 */
record Call(
    HttpMethod method,
    Supplier<String> path,
    Supplier<String> body,
    BooleanSupplier last,
    int size) {

  static Call get(Supplier<String> path) {
    return new Call(HttpMethod.GET, path, () -> null, () -> false, 1);
  }

  static Call post(Supplier<String> path, Supplier<String> body) {
    return new Call(HttpMethod.POST, path, body, () -> false, 1);
  }

  static Call put(Supplier<String> path) {
    return new Call(HttpMethod.PUT, path, () -> null, () -> false, 1);
  }

  /** Ends the phase early, as soon as the condition is true. */
  Call until(BooleanSupplier condition) {
    return new Call(method, path, body, condition, size);
  }

  /** Counts each request as so many calls. */
  Call ofSize(int calls) {
    return new Call(method, path, body, last, calls);
  }
}
