package org.agentlifecycle.rest.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.agentlifecycle.rest.problem.ProblemDetail;
import org.agentlifecycle.rest.problem.ProblemException;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * The media ranges of an {@code Accept} header (RFC 9110, 12.5.1).
 *
 * <p>The service evaluates the header itself, because the servers differ: one rejects an invalid
 * header with a stack trace in its log, and both ignore that a weight of 0 excludes a media type.
 */
public final class AcceptHeader {
  public static final String NAME = "Accept";

  private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]++";

  /** The weight of RFC 9110, and {@code .2}, which HttpURLConnection of the JDK sends. */
  private static final String WEIGHT = "[qQ]=(0?\\.[0-9]++|0\\.?|1(?:\\.0*+)?)(?=\\s*+(?:[;,]|$))";

  /** A range, or {@code *}, which HttpURLConnection sends too. */
  private static final Pattern RANGE = Pattern.compile("\\s*+(" + TOKEN + "/" + TOKEN + "|\\*)?");

  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\s*+;\\s*+(?:" + WEIGHT + "|(?![qQ]=)" + TOKEN + "=(?:" + TOKEN + "|\"[^\"]*+\"))");

  private static final Pattern END = Pattern.compile("\\s*+(?:,|$)");

  private record MediaRange(String name, double weight) {}

  private final List<MediaRange> ranges = new ArrayList<>(2);

  private AcceptHeader() {}

  /**
   * Parses the header.
   *
   * @param lines the values of all header lines; null or without a range: every type is acceptable
   * @throws ProblemException if the syntax is invalid
   */
  public static AcceptHeader of(List<String> lines) {
    AcceptHeader header = new AcceptHeader();
    if (lines != null && !header.parse(String.join(",", lines))) {
      throw ValidationErrors.problem(
          NAME, "must be a list of media ranges such as application/json");
    }
    return header;
  }

  private boolean parse(String text) {
    Matcher matcher = RANGE.matcher(text);
    while (matcher.regionStart() < text.length()) {
      String name = next(matcher, RANGE).group(1);
      double weight = 1;
      MatchResult parameter;
      while ((parameter = next(matcher, PARAMETER)) != null) {
        weight = parameter.group(1) == null ? weight : Double.parseDouble(parameter.group(1));
      }
      if (name != null) {
        ranges.add(new MediaRange(name.toLowerCase(Locale.ROOT), weight));
      }
      if (next(matcher, END) == null) {
        return false;
      }
    }
    return true;
  }

  /** Matches the pattern at the start of the region and moves the region behind the match. */
  private static MatchResult next(Matcher matcher, Pattern pattern) {
    if (!matcher.usePattern(pattern).lookingAt()) {
      return null;
    }
    MatchResult found = matcher.toMatchResult();
    matcher.region(matcher.end(), matcher.regionEnd());
    return found;
  }

  /**
   * Returns whether a call may send a body: the client accepts the media type of the resource, or
   * it names the media type of problems. Clients that are generated for a call without a body name
   * only the latter.
   *
   * @param mediaType media type of the resource
   */
  public boolean permits(String mediaType) {
    return weight(mediaType) > 0 || named(ProblemDetail.MEDIA_TYPE).orElse(0) > 0;
  }

  /** Returns whether the client names the media type, and does not exclude it. */
  public boolean names(String mediaType) {
    return named(mediaType).orElse(0) > 0;
  }

  /** Returns the weight of the media type: that of its most specific range; 0 without a range. */
  public double weight(String mediaType) {
    if (ranges.isEmpty()) {
      return 1;
    }
    String group = mediaType.substring(0, mediaType.indexOf('/')) + "/*";
    OptionalDouble any = named("*/*");
    return named(mediaType)
        .orElse(named(group).orElse(any.isPresent() ? any.getAsDouble() : named("*").orElse(0)));
  }

  private OptionalDouble named(String range) {
    return ranges.stream()
        .filter(candidate -> candidate.name().equals(range))
        .mapToDouble(MediaRange::weight)
        .max();
  }
}
