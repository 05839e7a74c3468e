package org.agentlifecycle.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Locale;

/** In which of its two forms a client wants the feed (RFC 9110, 12.5.1). */
enum FeedRepresentation {
  STREAM,
  PAGE,
  NONE;

  /** A stream only where it is asked for by name: who takes anything gets an answer that ends. */
  static FeedRepresentation wanted(HttpServletRequest request) {
    String accept = String.join(",", Collections.list(request.getHeaders("Accept")));
    if (accept.isBlank()) {
      return PAGE;
    }
    double stream = 0;
    double page = -1;
    double any = 0;
    for (String range : accept.toLowerCase(Locale.ROOT).split(",")) {
      String[] parts = range.split(";");
      double quality = quality(parts);
      switch (parts[0].strip()) {
        case EventStream.MEDIA_TYPE -> stream = quality;
        case "application/json" -> page = quality;
        case "application/*", "*/*" -> any = Math.max(any, quality);
        default -> {}
      }
    }
    page = page < 0 ? any : page;
    if (stream > 0 && stream >= page) {
      return STREAM;
    }
    return page > 0 ? PAGE : NONE;
  }

  private static double quality(String[] parts) {
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip();
      if (parameter.startsWith("q=")) {
        try {
          return Double.parseDouble(parameter.substring(2));
        } catch (NumberFormatException malformed) {
          return 0;
        }
      }
    }
    return 1;
  }
}
