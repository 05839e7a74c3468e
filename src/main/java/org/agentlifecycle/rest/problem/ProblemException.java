package org.agentlifecycle.rest.problem;

/** Ends a request with a problem. It has no stack trace, because clients cause it. */
public final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient ProblemDetail problem;

  public ProblemException(ProblemDetail problem) {
    super(problem.detail(), null, false, false);
    this.problem = problem;
  }

  public ProblemDetail problem() {
    return problem;
  }
}
