package org.agentlifecycle.rest.events;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.core.MediaType;
import java.util.Collections;
import org.agentlifecycle.rest.http.AcceptHeader;

/** Representation of the feed that a client accepts (RFC 9110, 12.5.1). */
enum FeedRepresentation {
  STREAM,
  PAGE,
  NONE;

  /** Prefers a page if both are accepted with equal weight, because a page ends. */
  static FeedRepresentation negotiate(HttpServletRequest request) {
    return negotiate(AcceptHeader.of(Collections.list(request.getHeaders(AcceptHeader.NAME))));
  }

  static FeedRepresentation negotiate(AcceptHeader accept) {
    double stream = accept.weight(SseStream.MEDIA_TYPE);
    if (stream > accept.weight(MediaType.APPLICATION_JSON)) {
      return STREAM;
    }
    return accept.permits(MediaType.APPLICATION_JSON) ? PAGE : NONE;
  }
}
