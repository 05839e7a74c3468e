package org.agentlifecycle.rest.binding;

import jakarta.validation.ConstraintViolation;
import jakarta.validation.MessageInterpolator;
import jakarta.validation.Path;
import jakarta.validation.TraversableResolver;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.lang.annotation.ElementType;
import java.util.Locale;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * Validates the constraints of requests with Jakarta Validation. It has a factory of its own,
 * because the servers' factories differ: that of Open Liberty asks Jakarta Persistence about each
 * field.
 */
final class RequestValidator {
  private static final Validator VALIDATOR =
      Validation.byDefaultProvider()
          .configure()
          .ignoreXmlConfiguration()
          .traversableResolver(new EveryField())
          .messageInterpolator(new Literal())
          .buildValidatorFactory()
          .getValidator();

  private RequestValidator() {}

  /** Adds an error for each violation. */
  static void validate(JsonRequest request, ValidationErrors errors) {
    for (ConstraintViolation<JsonRequest> violation : VALIDATOR.validate(request)) {
      errors.add(violation.getPropertyPath().toString(), violation.getMessage());
    }
  }

  private static final class EveryField implements TraversableResolver {
    @Override
    public boolean isReachable(
        Object bean, Path.Node property, Class<?> root, Path path, ElementType type) {
      return true;
    }

    @Override
    public boolean isCascadable(
        Object bean, Path.Node property, Class<?> root, Path path, ElementType type) {
      return true;
    }
  }

  /** The messages of this service have no parameters and one language. */
  private static final class Literal implements MessageInterpolator {
    @Override
    public String interpolate(String message, Context context) {
      return message;
    }

    @Override
    public String interpolate(String message, Context context, Locale locale) {
      return message;
    }
  }
}
