package org.agentlifecycle.rest.binding;

import org.agentlifecycle.rest.problem.ValidationErrors;

/** Content of a request body, implemented by a record. */
public interface JsonRequest {

  /**
   * Checks the rules between fields.
   *
   * @param errors receives the violations; it contains the errors of single fields, whose
   *     components may be null
   */
  default void check(ValidationErrors errors) {}
}
