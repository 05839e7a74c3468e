package org.agentlifecycle.bench;

import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The agents of one cycle and the calls for them. */
final class Agents {

  private static final String API = "/api/v1/agents";

  /** A constant rate may start so many requests after the last one that it should start. */
  private static final int SPARE = 512;

  private static final int BATCH = 100;
  private static final int BATCH_SPARE = 16;

  private static final long FIRST = 1_000_000_000_000L;

  private final String prefix;
  private final Random random = new Random(1);
  private int registered;
  private int running;

  Agents(int cycle) {
    prefix = String.format("%08x-0000-4000-8000-", cycle);
  }

  private String id(int number) {
    return prefix + Long.toString(FIRST + number).substring(1); // much faster than a format
  }

  /** Registers agents one after the other. */
  Call register() {
    return Call.post(() -> API, () -> registration(registered++));
  }

  /** Registers so many agents. */
  Call register(int count) {
    int end = registered + count;
    return register().until(() -> registered == end - 1);
  }

  private String registration(int number) {
    return "{\"agentId\":\"" + id(number) + "\",\"taskId\":\"task-" + number % 1000 + "\"}";
  }

  /** Moves the registered agents to running, each once. */
  Call start() {
    int end = Math.max(1, registered - SPARE);
    running = 0;
    return Call.post(() -> transitions(running++), () -> "{\"to\":\"running\"}")
        .until(() -> running >= end);
  }

  /** Moves the running agents to completed, each once. */
  Call complete() {
    int end = Math.max(1, running - SPARE);
    int[] next = {0};
    return Call.post(() -> transitions(next[0]++), () -> "{\"to\":\"completed\"}")
        .until(() -> next[0] >= end);
  }

  private String transitions(int number) {
    return API + "/" + id(number) + "/transitions";
  }

  /** Reads random agents. */
  Call read() {
    return Call.get(() -> API + "/" + anyId());
  }

  /** Sends heartbeats of random agents. */
  Call heartbeat() {
    return Call.put(() -> API + "/" + anyId() + "/heartbeat");
  }

  private String anyId() {
    return id(random.nextInt(Math.max(1, registered - SPARE)));
  }

  /** Reads the first page of 100 agents. */
  static Call list() {
    return Call.get(() -> API + "?limit=100");
  }

  /** Registers 100 agents with each request. */
  Call registerBatches() {
    return batches(
        () -> {
          int first = registered;
          registered += BATCH;
          return first;
        },
        number -> "{\"register\":" + registration(number) + "}");
  }

  /** Registers so many agents with batches. */
  Call registerBatches(int count) {
    int end = registered + count;
    return registerBatches().until(() -> registered == end - BATCH);
  }

  /** Moves the registered agents to running, each once, 100 with each request. */
  Call startBatches() {
    int[] next = {0};
    int end = Math.max(BATCH, registered - BATCH * BATCH_SPARE);
    return batches(
            () -> {
              int first = next[0];
              next[0] += BATCH;
              return first;
            },
            number -> "{\"move\":{\"agentId\":\"" + id(number) + "\",\"to\":\"running\"}}")
        .until(() -> next[0] >= end);
  }

  private static Call batches(IntSupplier first, IntFunction<String> call) {
    return Call.post(
            () -> "/api/v1/batches",
            () -> {
              int number = first.getAsInt();
              return IntStream.range(number, number + BATCH)
                  .mapToObj(call)
                  .collect(Collectors.joining(",", "{\"calls\":[", "]}"));
            })
        .ofSize(BATCH);
  }
}
