package org.agentlifecycle.rest.request;

import jakarta.validation.Constraint;
import jakarta.validation.ConstraintValidator;
import jakarta.validation.ConstraintValidatorContext;
import jakarta.validation.Payload;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * The text must be an absolute URL with an authority, such as {@code https://host/path}. Null is
 * valid.
 */
@Constraint(validatedBy = AbsoluteUrl.Validator.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface AbsoluteUrl {
  /** Maximum length of a URL, in characters. */
  int MAX_LENGTH = 2048;

  String message() default
      "must be an absolute URL such as https://host/path, with at most 2048 characters";

  Class<?>[] groups() default {};

  Class<? extends Payload>[] payload() default {};

  /** Validator of the constraint. */
  class Validator implements ConstraintValidator<AbsoluteUrl, String> {
    @Override
    public boolean isValid(String text, ConstraintValidatorContext context) {
      return text == null || (text.length() <= MAX_LENGTH && isAbsolute(text));
    }

    /** Returns whether the text is an absolute URL of a web page. */
    static boolean isWebAddress(String text) {
      return text.length() <= MAX_LENGTH
          && isAbsolute(text)
          && text.toLowerCase(Locale.ROOT).matches("https?://.*");
    }

    private static boolean isAbsolute(String text) {
      try {
        URI uri = new URI(text);
        return uri.isAbsolute() && uri.getRawAuthority() != null;
      } catch (URISyntaxException e) {
        return false;
      }
    }
  }
}
