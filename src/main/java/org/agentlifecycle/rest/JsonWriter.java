package org.agentlifecycle.rest;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentPage;
import org.agentlifecycle.agent.AgentStatus;
import org.agentlifecycle.agent.RawJson;
import org.agentlifecycle.agent.Stats;
import org.agentlifecycle.agent.Transition;
import org.agentlifecycle.feed.FeedPage;
import org.agentlifecycle.feed.Gap;
import org.agentlifecycle.kill.Kill;
import org.agentlifecycle.session.AgentSession;
import org.agentlifecycle.session.AgentSessionPage;
import org.agentlifecycle.session.Heartbeat;
import org.agentlifecycle.session.Session;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;

/**
 * Writes the JSON of every response, in the order of the contract and without reflection. Members
 * that are null or empty are omitted; an object that a client sent is returned as it was sent. A
 * newline ends the document, so that the prompt of a terminal starts on its own line.
 */
final class JsonWriter {
  private final JsonGenerator json;

  private JsonWriter(JsonGenerator json) {
    this.json = json;
  }

  private static byte[] object(Consumer<JsonWriter> members) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream(512);
    try (JsonGenerator json = Json.FACTORY.createGenerator(ObjectWriteContext.empty(), octets)) {
      json.writeStartObject();
      members.accept(new JsonWriter(json));
      json.writeEndObject();
    }
    octets.write('\n');
    return octets.toByteArray();
  }

  static byte[] agent(Agent agent) {
    return object(to -> to.members(agent));
  }

  static byte[] page(AgentPage page) {
    return object(
        to -> {
          to.items(page.items(), to::members);
          to.text("nextCursor", page.before() == null ? null : Cursor.of(page.before()));
          to.texts("unreadable", page.unreadable());
        });
  }

  /** A page with the session of each agent whose session is open. */
  static byte[] page(AgentSessionPage page) {
    return object(
        to -> {
          to.items(page.items(), to::members);
          to.text("nextCursor", page.next() == null ? null : Cursor.of(page.next()));
          to.texts("unreadable", page.unreadable());
        });
  }

  static byte[] transitions(List<Transition> transitions) {
    return object(to -> to.items(transitions, to::members));
  }

  static byte[] session(Session session) {
    return object(to -> to.members(session));
  }

  static byte[] heartbeat(Heartbeat heartbeat) {
    return object(
        to -> {
          to.text("agentId", heartbeat.agentId());
          to.status("status", heartbeat.status());
          to.instant("leaseExpiresAt", heartbeat.leaseExpiresAt());
        });
  }

  static byte[] killId(String killId) {
    return object(to -> to.text("killId", killId));
  }

  static byte[] kill(Kill kill) {
    return object(
        to -> {
          to.text("killId", kill.killId());
          to.text("state", kill.running() ? "running" : "done");
          to.flag("dryRun", kill.dryRun());
          to.number("matched", kill.matched());
          to.number("killed", kill.killed());
          to.number("alreadyFinished", kill.alreadyFinished());
          to.instant("startedAt", kill.startedAt());
          to.instant("finishedAt", kill.finishedAt());
        });
  }

  static byte[] admission(Admission admission) {
    return object(
        to -> {
          to.flag("open", admission.open());
          to.number("maxActive", admission.maxActive());
        });
  }

  /** A page of the feed; the events are written as they are stored. */
  static byte[] feed(FeedPage page) {
    return object(
        to -> {
          if (page.gap() != null) {
            to.raw("gap", gap(page.gap()));
          }
          to.json.writeName("items");
          to.json.writeStartArray();
          page.items().forEach(event -> to.json.writeRawValue(event.json()));
          to.json.writeEndArray();
          to.text("nextCursor", page.more() ? page.head().toString() : null);
          to.text("head", page.head().toString());
        });
  }

  /** The data of a gap; ids of events need no escaping. */
  static RawJson gap(Gap gap) {
    return new RawJson("{\"asked\":\"%s\",\"oldest\":\"%s\"}".formatted(gap.asked(), gap.oldest()));
  }

  static byte[] stats(Stats stats) {
    return object(
        to -> {
          to.number("spawning", stats.spawning());
          to.number("running", stats.running());
          to.number("completed", stats.completed());
          to.number("failed", stats.failed());
          to.number("killed", stats.killed());
          to.number("openSessions", stats.openSessions());
          to.number("pendingCleanups", stats.pendingCleanups());
        });
  }

  static byte[] problem(Problem problem, String instance) {
    return object(
        to -> {
          to.text("type", problem.type().uri());
          to.text("title", problem.type().title());
          to.number("status", problem.status());
          to.text("detail", problem.detail());
          to.text("instance", instance);
          problem.members().forEach(to::any);
        });
  }

  private void members(Agent agent) {
    text("agentId", agent.agentId());
    text("taskId", agent.taskId());
    status("status", agent.status());
    number("version", agent.version());
    instant("spawnedAt", agent.spawnedAt());
    instant("startedAt", agent.startedAt());
    instant("completedAt", agent.completedAt());
    text("error", agent.error());
    if (agent.sessionConfirmed() != null) {
      flag("sessionConfirmed", agent.sessionConfirmed());
    }
    if (!agent.labels().isEmpty()) {
      any("labels", new TreeMap<>(agent.labels()));
    }
    raw("metadata", agent.metadata());
  }

  private void members(Session session) {
    text("agentId", session.agentId());
    instant("openedAt", session.openedAt());
    instant("lastHeartbeatAt", session.lastHeartbeatAt());
    instant("leaseExpiresAt", session.leaseExpiresAt());
    instant("cleanupAt", session.cleanupAt());
    raw("context", session.context());
  }

  private void members(AgentSession item) {
    members(item.agent());
    if (item.session() != null) {
      json.writeName("session");
      json.writeStartObject();
      members(item.session());
      json.writeEndObject();
    }
  }

  private void members(Transition step) {
    number("version", step.version());
    status("from", step.from());
    status("to", step.to());
    instant("at", step.at());
    text("actor", step.actor());
    text("reason", step.reason());
    text("error", step.error());
    text("eventId", step.eventId());
  }

  private <T> void items(List<T> items, Consumer<T> members) {
    json.writeName("items");
    json.writeStartArray();
    for (T item : items) {
      json.writeStartObject();
      members.accept(item);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** Writes an array of texts; nothing if it is empty. */
  private void texts(String name, List<String> values) {
    if (!values.isEmpty()) {
      json.writeArrayPropertyStart(name);
      values.forEach(json::writeString);
      json.writeEndArray();
    }
  }

  private void text(String name, String value) {
    if (value != null) {
      json.writeName(name);
      json.writeString(value);
    }
  }

  private void number(String name, long value) {
    json.writeName(name);
    json.writeNumber(value);
  }

  private void flag(String name, boolean value) {
    json.writeName(name);
    json.writeBoolean(value);
  }

  private void status(String name, AgentStatus status) {
    text(name, status == null ? null : status.wireName());
  }

  private void instant(String name, Instant instant) {
    text(name, instant == null ? null : Timestamps.text(instant));
  }

  private void raw(String name, RawJson value) {
    if (value != null) {
      json.writeName(name);
      json.writeRawValue(value.text());
    }
  }

  /** Text, a whole number, or a list or map of such. */
  private void any(String name, Object value) {
    json.writeName(name);
    any(value);
  }

  private void any(Object value) {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      map.forEach((name, member) -> any(name.toString(), member));
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      list.forEach(this::any);
      json.writeEndArray();
    } else if (value instanceof Number number) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(value.toString());
    }
  }
}
