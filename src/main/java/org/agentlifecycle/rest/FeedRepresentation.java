package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Representation of the feed that a client accepts (RFC 9110, 12.5.1). */
enum FeedRepresentation {
  STREAM,
  PAGE,
  NONE;

  /** A media range of an {@code Accept} header. */
  private record Range(String type, double quality) {}

  /** Prefers a page if both are accepted with equal weight, because a page ends. */
  static FeedRepresentation negotiate(HttpServletRequest request) {
    return negotiate(String.join(",", Collections.list(request.getHeaders("Accept"))));
  }

  static FeedRepresentation negotiate(String accept) {
    if (accept.isBlank()) {
      return PAGE;
    }
    List<Range> ranges =
        List.of(accept.toLowerCase(Locale.ROOT).split(",")).stream()
            .map(FeedRepresentation::range)
            .toList();
    double stream = quality(ranges, SseStream.MEDIA_TYPE, "text/*");
    double page = quality(ranges, "application/json", "application/*");
    if (page > 0 || stream > 0) {
      return stream > page ? STREAM : PAGE;
    }
    // A client that accepts problems accepts this resource too.
    return quality(ranges, "application/problem+json", "application/*") > 0 ? PAGE : NONE;
  }

  /** The weight of the most specific range that matches. */
  private static double quality(List<Range> ranges, String type, String family) {
    for (String wanted : List.of(type, family, "*/*")) {
      double quality = -1;
      for (Range range : ranges) {
        if (range.type().equals(wanted)) {
          quality = Math.max(quality, range.quality());
        }
      }
      if (quality >= 0) {
        return quality;
      }
    }
    return 0;
  }

  private static Range range(String text) {
    String[] parts = text.split(";");
    String type = parts[0].strip().equals("*") ? "*/*" : parts[0].strip();
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("q=")) {
        return new Range(type, weight(parameter.substring(2)));
      }
    }
    return new Range(type, 1);
  }

  private static double weight(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException malformed) {
      return 0;
    }
  }
}
