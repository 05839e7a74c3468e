package org.agentlifecycle.rest.request;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.agentlifecycle.rest.binding.Constraints;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * The parameters of a query. Each parameter is read once; parameters that were not read are
 * unknown. The query is parsed here, because the servers treat a malformed one differently.
 */
public final class QueryParameters {
  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private final ValidationErrors errors = new ValidationErrors();

  public static QueryParameters of(HttpServletRequest request) {
    return new QueryParameters(request.getQueryString());
  }

  /**
   * @param query the query as sent; null: there is none
   */
  public QueryParameters(String query) {
    if (query == null || query.isEmpty()) {
      return;
    }
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      String name = UrlText.decode(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : UrlText.decode(pair.substring(equals + 1));
      if (name == null || value == null) {
        errors.add(name == null ? "query" : name, "must be percent-encoded UTF-8");
      } else if (!pair.isEmpty()) {
        values.computeIfAbsent(name, any -> new ArrayList<>(1)).add(value);
      }
    }
  }

  public ValidationErrors errors() {
    return errors;
  }

  /** Returns the value of a parameter that may occur once; null if it is absent or rejected. */
  public String single(String name) {
    List<String> found = all(name);
    if (found.size() > 1) {
      errors.add(name, "must not occur more than once");
    }
    return found.size() == 1 ? found.get(0) : null;
  }

  /** Returns the values of a parameter, without empty ones, which are rejected. */
  public List<String> all(String name) {
    List<String> found = values.remove(name);
    if (found == null) {
      return List.of();
    }
    if (found.removeIf(String::isEmpty)) {
      errors.add(name, "must not be empty");
    }
    return found;
  }

  /**
   * Returns the elements of a parameter that is a comma list or is repeated, or both. Generated
   * clients repeat it.
   */
  public List<String> list(String name) {
    return all(name).stream().flatMap(value -> Stream.of(value.split(",", -1))).toList();
  }

  /** Returns an id; null if it is absent. An invalid id is rejected. */
  String id(String name) {
    String id = single(name);
    if (id != null && !Constraints.isId(id)) {
      errors.add(name, Constraints.ID);
    }
    return id;
  }

  /**
   * Returns the parameter {@code limit}, the maximum number of items of a page; the default if it
   * is absent or rejected.
   */
  public int limit(int defaultLimit, int max) {
    String text = single("limit");
    if (text == null) {
      return defaultLimit;
    }
    int limit = wholeNumber(text);
    if (limit < 1 || limit > max) {
      errors.add("limit", "must be a whole number from 1 to " + max);
      return defaultLimit;
    }
    return limit;
  }

  /** Returns 0 for a text that is not a number of at most nine digits. */
  private static int wholeNumber(String text) {
    boolean isNumber = text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber ? Integer.parseInt(text) : 0;
  }

  /**
   * @throws org.agentlifecycle.rest.problem.ProblemException if a name or a value is malformed
   */
  public void rejectMalformed() {
    errors.throwIfAny();
  }

  /**
   * Rejects the parameters that were not read.
   *
   * @throws org.agentlifecycle.rest.problem.ProblemException if a parameter was rejected
   */
  public void rejectUnknown() {
    values.keySet().forEach(name -> errors.add(name, "is not a known parameter of this call"));
    errors.throwIfAny();
  }
}
