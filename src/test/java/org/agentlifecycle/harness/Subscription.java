package org.agentlifecycle.harness;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.util.JedisURIHelper;

/** Subscription to a channel of the store; records the messages from its creation on. */
public final class Subscription implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final List<String> messages = new CopyOnWriteArrayList<>();
  private final List<String> markers = new CopyOnWriteArrayList<>();
  private final CountDownLatch subscribed = new CountDownLatch(2);
  private final String markerChannel = "marker-" + UUID.randomUUID();
  private final Jedis jedis;
  private final JedisPubSub listener;

  /**
   * Subscribes to the channel and returns when the subscription is active. * @param uri URI of the
   * store, with user and password if the store requires them
   *
   * @param channel name of the channel
   */
  public Subscription(URI uri, String channel) {
    jedis =
        new Jedis(
            JedisURIHelper.getHostAndPort(uri),
            DefaultJedisClientConfig.builder()
                .user(JedisURIHelper.getUser(uri))
                .password(JedisURIHelper.getPassword(uri))
                .autoNegotiateProtocol(false)
                .build());
    listener =
        new JedisPubSub() {
          @Override
          public void onSubscribe(String name, int count) {
            subscribed.countDown();
          }

          @Override
          public void onMessage(String name, String message) {
            (name.equals(channel) ? messages : markers).add(message);
          }
        };
    Thread thread =
        new Thread(
            () -> {
              try {
                jedis.subscribe(listener, channel, markerChannel);
              } catch (RuntimeException lost) {
                // the connection ended: the store stopped, or the test closed the subscription
              }
            },
            "subscription");
    thread.setDaemon(true);
    thread.start();
    try {
      if (!subscribed.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("not subscribed to " + channel);
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns the messages received so far. */
  public List<String> messages() {
    return List.copyOf(messages);
  }

  /**
   * Returns all messages that were published before this call. The marker is received after them,
   * because it uses the same connection.
   */
  public List<String> messagesSoFar(RedisClient client) {
    String marker = UUID.randomUUID().toString();
    client.publish(markerChannel, marker);
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> markers.contains(marker));
    return messages();
  }

  @Override
  public void close() {
    jedis.close();
  }
}
