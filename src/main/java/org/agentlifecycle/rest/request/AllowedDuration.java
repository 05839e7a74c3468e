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
import org.agentlifecycle.config.DurationKey;
import org.agentlifecycle.session.SessionSettings;
import org.agentlifecycle.supervision.DesiredRequest;

/** The duration must be in the range of its kind. Null is valid. */
@Constraint(validatedBy = AllowedDuration.Validator.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface AllowedDuration {
  /** The kind, which defines the range. */
  Kind value();

  String message() default "";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Kinds of durations. */
  enum Kind {
    LEASE(SessionSettings.LEASE),
    TIMEOUT(AgentSettings.RUN_TIMEOUT),
    GRACE_PERIOD(new DurationKey("grace", Duration.ZERO, DesiredRequest.MAX_GRACE));

    private final DurationKey range;

    Kind(DurationKey range) {
      this.range = range;
    }
  }

  /** Validator of the constraint. Its message names the range. */
  class Validator implements ConstraintValidator<AllowedDuration, Duration> {
    private DurationKey range;

    @Override
    public void initialize(AllowedDuration constraint) {
      range = constraint.value().range;
    }

    @Override
    public boolean isValid(Duration duration, ConstraintValidatorContext context) {
      if (duration == null || range.allows(duration)) {
        return true;
      }
      context.disableDefaultConstraintViolation();
      context.buildConstraintViolationWithTemplate(range.rule()).addConstraintViolation();
      return false;
    }
  }
}
