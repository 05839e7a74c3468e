package org.agentlifecycle.rest.request;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.agentlifecycle.rest.binding.Constraints;

/** The text must be a valid id. Null is valid. */
@Constraint(validatedBy = Id.Validator.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Id {
  String message() default Constraints.ID;

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Validator of the constraint. */
  class Validator implements ConstraintValidator<Id, String> {
    @Override
    public boolean isValid(String id, ConstraintValidatorContext context) {
      return id == null || Constraints.isId(id);
    }
  }
}
