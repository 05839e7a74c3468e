package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The parameters of a query, each to be taken once. Read from the query as it came, because servers
 * differ in what they make of a malformed one. Names, and values, are decoded as UTF-8, and {@code
 * +} is a space.
 */
final class QueryParameters {
  private static final Pattern LIMIT = Pattern.compile("[0-9]{1,9}");

  private final Map<String, List<String>> values = new LinkedHashMap<>();
  private final Refusals refusals = new Refusals();

  static QueryParameters of(HttpServletRequest request) {
    return new QueryParameters(request.getQueryString());
  }

  QueryParameters(String query) {
    if (query == null || query.isEmpty()) {
      return;
    }
    for (String pair : query.split("&")) {
      int equals = pair.indexOf('=');
      String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
      if (name == null || value == null) {
        refusals.add(name == null ? "query" : name, "must be percent-encoded UTF-8");
      } else if (!pair.isEmpty()) {
        values.computeIfAbsent(name, any -> new ArrayList<>(1)).add(value);
      }
    }
  }

  private static String decoded(String text) {
    return Percent.decode(text.replace('+', ' '));
  }

  Refusals refusals() {
    return refusals;
  }

  /** The value of a parameter that may come once; null where it does not, or is refused. */
  String one(String name) {
    List<String> found = all(name);
    if (found.size() > 1) {
      refusals.add(name, "must not be given more than once");
    }
    return found.size() == 1 ? found.get(0) : null;
  }

  /** The values of a parameter, none of them empty. */
  List<String> all(String name) {
    List<String> found = values.remove(name);
    if (found == null) {
      return List.of();
    }
    if (found.removeIf(String::isEmpty)) {
      refusals.add(name, "must not be empty");
    }
    return found;
  }

  /**
   * Returns the elements of a parameter that is a comma list or is repeated, or both. Generated
   * clients repeat it.
   */
  List<String> list(String name) {
    return all(name).stream().flatMap(value -> Stream.of(value.split(",", -1))).toList();
  }

  /** Refuses the request where a name or a value could not be decoded. */
  void refuseMalformed() {
    refusals.throwIfAny();
  }

  /** An id; null where there is none, or it cannot be one. */
  String id(String name) {
    String id = one(name);
    if (id != null && !Rules.isId(id)) {
      refusals.add(name, Rules.ID);
    }
    return id;
  }

  /** How many items a page holds at most: a number from 1 on. */
  int limit(int unlessTold, int max) {
    String text = one("limit");
    if (text == null) {
      return unlessTold;
    }
    int limit = LIMIT.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (limit < 1 || limit > max) {
      refusals.add("limit", "must be a whole number from 1 to " + max);
    }
    return limit;
  }

  /** Refuses what was not taken, and the request where anything was refused. */
  void refuseOthers() {
    values.keySet().forEach(name -> refusals.add(name, "is no parameter of this call"));
    refusals.throwIfAny();
  }
}
