package org.agentlifecycle.rest.request;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.time.Duration;
import org.agentlifecycle.agent.AgentSettings;

/** The duration must be a valid timeout of an agent. Null is valid. */
@Constraint(validatedBy = Timeout.Validator.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Timeout {
  String message() default "must be an ISO-8601 duration from PT1S to P365D";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Validator of the constraint. */
  class Validator implements ConstraintValidator<Timeout, Duration> {
    @Override
    public boolean isValid(Duration timeout, ConstraintValidatorContext context) {
      return timeout == null || AgentSettings.RUN_TIMEOUT.allows(timeout);
    }
  }
}
