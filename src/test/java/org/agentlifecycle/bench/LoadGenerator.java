package org.agentlifecycle.bench;

import io.hyperfoil.api.config.BenchmarkBuilder;
import io.hyperfoil.api.config.PhaseBuilder;
import io.hyperfoil.api.config.SessionLimitPolicy;
import io.hyperfoil.core.impl.LocalSimulationRunner;
import io.hyperfoil.http.api.HttpMethod;
import io.hyperfoil.http.config.HttpBuilder;
import io.hyperfoil.http.config.HttpPluginBuilder;
import io.hyperfoil.http.steps.HttpRequestStepBuilder;
import io.hyperfoil.http.steps.HttpStepCatalog;
import io.netty.buffer.ByteBufUtil;
import java.net.URI;
import java.time.Duration;

/** Sends calls to a server with Hyperfoil: one thread, HTTP/1.1, kept connections. */
final class LoadGenerator {

  private static final String PHASE = "load";
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int OPEN_CONNECTIONS = 256;

  private final URI server;
  private final long servicePid;
  private final long storePid;

  LoadGenerator(URI server, long servicePid, long storePid) {
    this.server = server;
    this.servicePid = servicePid;
    this.storePid = storePid;
  }

  /** Lets so many callers each send the next request after the response to the last one. */
  Sample closedLoop(Call call, int callers, Duration duration) {
    Meter meter = new Meter(callers, request -> -1, servicePid, storePid);
    BenchmarkBuilder benchmark = benchmark(callers);
    run(benchmark, benchmark.addPhase(PHASE).always(callers), call, duration, meter);
    return meter.sample(call.size(), callers);
  }

  /** Sends requests at a constant rate, whether or not earlier ones have a response. */
  Sample constantRate(Call call, int requestsPerSecond, Duration duration) {
    long tick = 1_000_000;
    Meter meter =
        new Meter(
            OPEN_CONNECTIONS,
            request -> (request * 1000L / requestsPerSecond + 1) * tick,
            servicePid,
            storePid);
    BenchmarkBuilder benchmark = benchmark(OPEN_CONNECTIONS);
    PhaseBuilder<?> phase =
        benchmark
            .addPhase(PHASE)
            .constantRate(requestsPerSecond)
            .variance(false)
            .maxSessions(OPEN_CONNECTIONS)
            .sessionLimitPolicy(SessionLimitPolicy.CONTINUE); // late requests count as late
    run(benchmark, phase, call, duration, meter);
    return meter.sample(call.size(), 0);
  }

  private BenchmarkBuilder benchmark(int connections) {
    BenchmarkBuilder benchmark = BenchmarkBuilder.builder().name(PHASE).threads(1);
    HttpPluginBuilder plugin = benchmark.addPlugin(HttpPluginBuilder::new);
    plugin.ergonomics().autoRangeCheck(false).stopOnInvalid(false).repeatCookies(false);
    plugin.ergonomics().userAgentFromSession(false);
    HttpBuilder http = plugin.http();
    http.host(server.getHost()).port(server.getPort()).allowHttp2(false);
    http.sharedConnections(connections).requestTimeout(LIMIT.toMillis());
    return benchmark;
  }

  private static void run(
      BenchmarkBuilder benchmark,
      PhaseBuilder<?> phase,
      Call call,
      Duration duration,
      Meter meter) {
    phase.duration(duration.toMillis()).maxDuration(duration.plus(LIMIT).toMillis());
    LocalSimulationRunner[] runner = new LocalSimulationRunner[1];
    request(phase, call)
        .path(
            session -> {
              meter.started(session);
              String path = call.path().get();
              if (call.last().getAsBoolean()) {
                runner[0].finishPhase(PHASE);
              }
              return path;
            })
        .handler()
        .status((request, status) -> meter.responding(request.session, status))
        .onCompletion(meter::responded);
    runner[0] =
        new LocalSimulationRunner(
            benchmark.build(), (p, step, metric, snapshot, count) -> meter.ended(), null, null);
    runner[0].run();
  }

  private static HttpRequestStepBuilder request(PhaseBuilder<?> phase, Call call) {
    HttpRequestStepBuilder request =
        phase
            .scenario()
            .initialSequence("call")
            .step(HttpStepCatalog.SC)
            .httpRequest(call.method())
            .body(
                (session, connection) -> {
                  String body = call.body().get();
                  return body == null
                      ? null
                      : ByteBufUtil.writeUtf8(connection.context().alloc(), body);
                });
    if (call.method() == HttpMethod.POST) {
      request.headers().header("Content-Type", "application/json");
    }
    return request;
  }
}
