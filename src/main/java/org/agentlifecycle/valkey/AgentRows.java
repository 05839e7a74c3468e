package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.Rows.number;
import static org.agentlifecycle.valkey.Rows.orEmpty;
import static org.agentlifecycle.valkey.Rows.row;
import static org.agentlifecycle.valkey.Rows.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.LifecycleException;

/**
 * One page of a listing.
 *
 * @param items newest first
 * @param next the position of the next page; null on the last page
 * @param unreadable the ids of the agents whose records cannot be read
 */
record AgentRows<T>(List<T> items, Long next, List<String> unreadable) {

  /**
   * Reads a page with one call.
   *
   * @param include {@code session}, {@code session.context} or nothing
   * @param reading reads a row: the id of an agent, its fields and, if included and open, its
   *     session
   */
  static <T> AgentRows<T> read(
      FunctionLibrary functions,
      AgentQuery query,
      String include,
      Function<List<Object>, T> reading) {
    List<Object> reply = functions.readListing("list", arguments(query, include));
    List<T> items = new ArrayList<>(reply.size());
    List<String> unreadable = new ArrayList<>();
    row(reply.get(1)).forEach(id -> unreadable.add(text(id)));
    for (Object found : reply.subList(2, reply.size())) {
      try {
        items.add(reading.apply(row(found)));
      } catch (LifecycleException damaged) {
        unreadable.add(text(row(found), 0));
      }
    }
    return new AgentRows<>(items, reply.get(0) == null ? null : number(reply.get(0)), unreadable);
  }

  private static Object[] arguments(AgentQuery query, String include) {
    boolean isFirst = query.before() == AgentQuery.NEWEST;
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                query.limit(),
                isFirst ? "+inf" : Long.toString(query.before()),
                Rows.wireNames(query.statuses()),
                orEmpty(query.taskId()),
                orEmpty(query.sessionOpen()),
                include));
    query.labels().forEach((key, values) -> values.forEach(v -> arguments.add(key + ":" + v)));
    return arguments.toArray();
  }

  static Agent agent(List<Object> row) {
    return Rows.agent(text(row, 0), row.subList(1, row.size()));
  }

  /** The session of a row; null if the row has none. */
  static List<Object> session(List<Object> row) {
    Object last = row.get(row.size() - 1);
    return last instanceof List<?> ? Rows.row(last) : null;
  }
}
