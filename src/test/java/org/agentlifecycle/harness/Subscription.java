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

/** Hears what is published on a channel from now on. */
public final class Subscription implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<String> marks = new CopyOnWriteArrayList<>();
  private final CountDownLatch subscribed = new CountDownLatch(2);
  private final String markChannel = "mark-" + UUID.randomUUID();
  private final Jedis jedis;
  private final JedisPubSub listener;

  /**
   * Returns when it hears.
   *
   * @param uri the store's, with user and password if it wants them
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
            (name.equals(channel) ? heard : marks).add(message);
          }
        };
    Thread thread =
        new Thread(
            () -> {
              try {
                jedis.subscribe(listener, channel, markChannel);
              } catch (RuntimeException lost) {
                // the store went away under it, or the test is over
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

  /** What it has heard by now. */
  public List<String> heard() {
    return List.copyOf(heard);
  }

  /** What was published before this call: a mark comes after it on the same connection. */
  public List<String> messagesSoFar(RedisClient client) {
    String mark = UUID.randomUUID().toString();
    client.publish(markChannel, mark);
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(1))
        .until(() -> marks.contains(mark));
    return heard();
  }

  @Override
  public void close() {
    jedis.close();
  }
}
