package org.agentlifecycle.rest.request;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.rest.binding.Constraints;

/**
 * The text must have at most {@link Agent#MAX_TEXT_LENGTH} characters. Null is valid. The
 * constraint {@code Size} counts a surrogate pair twice.
 */
@Constraint(validatedBy = ShortText.Validator.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface ShortText {
  String message() default Constraints.TEXT;

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Validator of the constraint. */
  class Validator implements ConstraintValidator<ShortText, String> {
    @Override
    public boolean isValid(String text, ConstraintValidatorContext context) {
      return text == null || Constraints.isAtMost(Agent.MAX_TEXT_LENGTH, text);
    }
  }
}
