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
import org.agentlifecycle.supervision.DesiredRequest;

/** The duration must be a valid grace period of a stop. Null is valid. */
@Constraint(validatedBy = GracePeriod.Validator.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface GracePeriod {
  String message() default "must be an ISO-8601 duration from PT0S to PT1H";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Validator of the constraint. */
  class Validator implements ConstraintValidator<GracePeriod, Duration> {
    @Override
    public boolean isValid(Duration grace, ConstraintValidatorContext context) {
      return grace == null
          || (!grace.isNegative() && grace.compareTo(DesiredRequest.MAX_GRACE) <= 0);
    }
  }
}
