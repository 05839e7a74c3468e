package org.agentlifecycle.rest.response;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.rest.request.Cursor;
import org.agentlifecycle.session.AgentSession;
import org.agentlifecycle.session.AgentSessionPage;

/**
 * A page of a listing.
 *
 * @param nextCursor position of the next page; null on the last page
 * @param unreadable ids of the agents whose records cannot be read
 */
public record Page<T>(
    List<T> items,
    String nextCursor,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> unreadable) {

  public static Page<Agent> of(AgentPage page) {
    return new Page<>(page.items(), cursor(page.next()), page.unreadable());
  }

  public static Page<AgentSession> of(AgentSessionPage page) {
    return new Page<>(page.items(), cursor(page.next()), page.unreadable());
  }

  /** Returns a list that has one page. */
  public static <T> Page<T> ofAll(List<T> items) {
    return new Page<>(items, null, List.of());
  }

  private static String cursor(Long sequence) {
    return sequence == null ? null : Cursor.of(sequence);
  }
}
