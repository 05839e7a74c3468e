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
import org.agentlifecycle.session.SessionSettings;

/** The duration must be a valid length of a lease. Null is valid. */
@Constraint(validatedBy = LeaseLength.Validator.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface LeaseLength {
  String message() default "";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Validator of the constraint. Its message is that of the configuration key. */
  class Validator implements ConstraintValidator<LeaseLength, Duration> {
    @Override
    public boolean isValid(Duration lease, ConstraintValidatorContext context) {
      if (lease == null || SessionSettings.LEASE.allows(lease)) {
        return true;
      }
      context.disableDefaultConstraintViolation();
      context
          .buildConstraintViolationWithTemplate(SessionSettings.LEASE.rule())
          .addConstraintViolation();
      return false;
    }
  }
}
