package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.FunctionArguments.optional;
import static org.agentlifecycle.valkey.ReplyReader.list;
import static org.agentlifecycle.valkey.ReplyReader.number;
import static org.agentlifecycle.valkey.ReplyReader.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentQuery;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.SupervisionFilter;
import org.agentlifecycle.agent.Waiting;

/**
 * One page of a listing.
 *
 * @param items newest first
 * @param next position of the next page; null on the last page
 * @param unreadable ids of the agents whose records cannot be read
 */
record AgentPageReply<T>(List<T> items, Long next, List<String> unreadable) {

  /**
   * Reads a page with one call.
   *
   * @param include {@code session}, {@code session.context} or nothing
   * @param reader reads an item: the id of an agent, its text and, if included and open, its
   *     session
   */
  static <T> AgentPageReply<T> read(
      FunctionLibrary functions,
      AgentQuery query,
      String include,
      Function<List<Object>, T> reader) {
    List<Object> reply = functions.readListing("list", arguments(query, include));
    List<T> items = new ArrayList<>(reply.size());
    List<String> unreadable = new ArrayList<>();
    list(reply.get(1)).forEach(id -> unreadable.add(text(id)));
    for (Object found : reply.subList(2, reply.size())) {
      try {
        items.add(reader.apply(list(found)));
      } catch (LifecycleException damaged) {
        unreadable.add(text(list(found), 0));
      }
    }
    return new AgentPageReply<>(
        items, reply.get(0) == null ? null : number(reply.get(0)), unreadable);
  }

  private static Object[] arguments(AgentQuery query, String include) {
    boolean isFirst = query.before() == AgentQuery.NEWEST;
    List<Object> arguments =
        new ArrayList<>(
            List.of(
                query.limit(),
                isFirst ? "+inf" : Long.toString(query.before()),
                FunctionArguments.statuses(query.statuses()),
                optional(query.taskId()),
                optional(query.sessionOpen()),
                include));
    SupervisionFilter supervision = query.supervision();
    arguments.add(waitingFor(supervision.waitingFor()));
    arguments.add(supervision.stalledFor() == null ? "" : supervision.stalledFor().toMillis());
    arguments.add(optional(supervision.parentId()));
    arguments.add(optional(supervision.rootId()));
    query.labels().forEach((key, values) -> values.forEach(v -> arguments.add(key + ":" + v)));
    return arguments.toArray();
  }

  /** All kinds are not listed by name, so that those of a later release are selected too. */
  private static String waitingFor(Set<Waiting.Kind> kinds) {
    return kinds.size() == Waiting.Kind.values().length
        ? "any"
        : kinds.stream().map(Waiting.Kind::wireName).collect(Collectors.joining(","));
  }

  static Agent agent(List<Object> item) {
    return ReplyReader.agent(text(item, 0), item.get(1));
  }

  /** Returns the session of an item; null if it has none. */
  static List<Object> session(List<Object> item) {
    return item.size() > 2 ? ReplyReader.list(item.get(2)) : null;
  }
}
