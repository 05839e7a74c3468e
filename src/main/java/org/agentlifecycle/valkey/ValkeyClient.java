package org.agentlifecycle.valkey;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agentlifecycle.agent.LifecycleException;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.SslOptions;

/**
 * The connections to the store. Requests share {@link SharedConnections}. Listings, background work
 * and health checks each have a {@link CallPool}: many listings or a backlog of background work
 * delay no other request, and a server with many requests stays ready.
 */
@ApplicationScoped
public class ValkeyClient {

  /** Number of connections that all requests share. */
  static final int REQUEST_CONNECTIONS = 2;

  /** Maximum number of listings at the same time. */
  private static final int MAX_LISTINGS = 4;

  /** Maximum number of calls of sweeps, forwarding and bulk kills at the same time. */
  private static final int MAX_BACKGROUND = 2;

  /** Maximum number of health checks at the same time. */
  private static final int MAX_HEALTH = 2;

  /** How long a request waits for a connection before it is shed. */
  private static final Duration POOL_TIMEOUT = Duration.ofMillis(250);

  /** How long a listing waits: a page takes the store longer than other requests. */
  private static final Duration LISTING_POOL_TIMEOUT = Duration.ofMillis(400);

  /** How long background work waits. No client waits for it. */
  private static final Duration BACKGROUND_POOL_TIMEOUT = Duration.ofSeconds(2);

  /** How long a call waits for a reply of the store, or for a new connection. */
  static final Duration SOCKET_TIMEOUT = Duration.ofMillis(500);

  /** A read that failed later than this is not retried, so that its request ends in time. */
  private static final Duration MAX_RETRY_START = SOCKET_TIMEOUT.plusMillis(100);

  /** Longest pause after a call of background work. */
  private static final Duration MAX_PAUSE = Duration.ofMillis(20);

  private final StoreAddress address;

  /** Null: no replica must confirm a change. */
  private final ReplicaConfirmation confirmation;

  private final SharedConnections requests;
  private final CallPool listings;
  private final CallPool background;
  private final CallPool health;

  /** For the client proxy. */
  protected ValkeyClient() {
    address = null;
    confirmation = null;
    requests = null;
    listings = null;
    background = null;
    health = null;
  }

  @Inject
  public ValkeyClient(ValkeySettings settings) {
    address = settings.address();
    confirmation =
        settings.confirmReplicas() == 0
            ? null
            : new ReplicaConfirmation(settings.confirmReplicas(), settings.namespace());
    OutageLog outages = new OutageLog(address, settings.namespace());
    requests = new SharedConnections(this, outages, REQUEST_CONNECTIONS, POOL_TIMEOUT);
    listings = new CallPool(this, outages, MAX_LISTINGS, LISTING_POOL_TIMEOUT);
    background = new CallPool(this, outages, MAX_BACKGROUND, BACKGROUND_POOL_TIMEOUT);
    health = new CallPool(this, outages, MAX_HEALTH, POOL_TIMEOUT);
  }

  HostAndPort hostAndPort() {
    return new HostAndPort(address.host(), address.port());
  }

  /** Returns the confirmation of changes; null if no replica must confirm them. */
  ReplicaConfirmation confirmation() {
    return confirmation;
  }

  DefaultJedisClientConfig clientConfig() {
    int timeout = Math.toIntExact(SOCKET_TIMEOUT.toMillis());
    return DefaultJedisClientConfig.builder()
        .connectionTimeoutMillis(timeout)
        .socketTimeoutMillis(timeout)
        .user(address.user())
        .password(address.password())
        .database(address.database())
        .sslOptions(address.tls() ? SslOptions.defaults() : null)
        .protocol(RedisProtocol.RESP3)
        .clientName("agent-lifecycle")
        .build();
  }

  /**
   * Makes a call that may change something. It is sent once.
   *
   * @throws LifecycleException as {@code AgentStore} says
   */
  <T> T write(Function<CommandSender, T> call) {
    return requests.call(call);
  }

  /**
   * Makes several calls that may change something, in order and in one write. Each is sent once,
   * and each has its own result.
   *
   * @param onFunctionMissing loads the functions; a call of a missing function is repeated once
   * @throws LifecycleException {@code STORE_UNAVAILABLE} if no call was sent
   */
  List<CallResult> writeAll(
      List<CommandArguments> calls, Consumer<CommandSender> onFunctionMissing) {
    return requests.callAll(calls, onFunctionMissing);
  }

  /** Makes a call that changes nothing. A lost connection is retried once. */
  <T> T read(Function<CommandSender, T> call) {
    return retrying(() -> requests.call(call));
  }

  /** Makes a call that reads a page of a listing. A lost connection is retried once. */
  <T> T readListing(Function<CommandSender, T> call) {
    return retrying(() -> listings.call(call));
  }

  /**
   * Makes a call of background work, once. Afterwards it pauses as long as the call took, so that
   * requests have their turn between two steps.
   */
  <T> T callInBackground(Function<CommandSender, T> call) {
    return background.call(
        sender -> {
          long start = System.nanoTime();
          T reply = call.apply(sender);
          pause(System.nanoTime() - start);
          return reply;
        });
  }

  /**
   * Makes a call of a health check. It depends neither on the connections nor on the circuit
   * breaker of the requests. A lost connection is retried once.
   */
  <T> T checkHealth(Function<CommandSender, T> call) {
    return retrying(() -> health.call(call));
  }

  /**
   * Opens a connection that belongs to its caller.
   *
   * @throws redis.clients.jedis.exceptions.JedisException if the store cannot be reached
   */
  Connection openDedicatedConnection() {
    return new Connection(hostAndPort(), clientConfig());
  }

  private static <T> T retrying(Supplier<T> call) {
    long start = System.nanoTime();
    try {
      return call.get();
    } catch (LifecycleException failure) {
      if (!isUnknown(failure)) {
        throw failure;
      }
      if (System.nanoTime() - start > MAX_RETRY_START.toNanos()) {
        throw unavailable(failure);
      }
    }
    try {
      return call.get();
    } catch (LifecycleException failure) {
      throw isUnknown(failure) ? unavailable(failure) : failure;
    }
  }

  private static boolean isUnknown(LifecycleException failure) {
    return failure.reason() == LifecycleException.Reason.OUTCOME_UNKNOWN;
  }

  private static LifecycleException unavailable(LifecycleException cause) {
    return LifecycleException.storeUnavailable(Duration.ofSeconds(1), cause);
  }

  private static void pause(long nanos) {
    LockSupport.parkNanos(Math.min(nanos, MAX_PAUSE.toNanos()));
  }

  @PreDestroy
  public void close() {
    requests.close();
    Stream.of(listings, background, health).forEach(CallPool::close);
  }
}
