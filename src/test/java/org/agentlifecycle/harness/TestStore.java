package org.agentlifecycle.harness;

import java.net.URI;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * Store of all tests of a run: the store of {@code VALKEY_URI}, or an {@link EmbeddedStore}.
 *
 * <p>The provided store may contain other data. Every namespace of a run therefore begins with the
 * random name of the run, and its keys are deleted at the end.
 */
public final class TestStore implements LauncherSessionListener {

  private static final String RUN =
      "test-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);

  private static EmbeddedStore store;

  /** Returns the URI of the store; it is also the system property {@code valkey.uri}. */
  public static URI uri() {
    if (store == null) {
      throw new IllegalStateException(
          "no test session is open:  " + TestStore.class + " was not called");
    }
    return store.uri();
  }

  /**
   * Returns the namespace of the run; it is also the system property {@code lifecycle.namespace}.
   */
  public static String namespace() {
    return RUN;
  }

  /** Returns a separate namespace of this run, for tests that need an empty one. */
  public static String namespace(String part) {
    return RUN + "-" + part;
  }

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    OperatingSystem.requireSupported();
    store = EmbeddedStore.forTests();
    System.setProperty("valkey.uri", store.uri().toString());
    System.setProperty("lifecycle.namespace", RUN);
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    if (store.isExternal()) {
      deleteKeys();
    }
    store.close();
  }

  private static void deleteKeys() {
    try (RedisClient client = RedisClient.create(store.uri())) {
      ScanParams ours = new ScanParams().match("{" + RUN + "*").count(1000);
      String cursor = ScanParams.SCAN_POINTER_START;
      do {
        ScanResult<String> page = client.scan(cursor, ours);
        page.getResult().forEach(client::unlink);
        cursor = page.getCursor();
      } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    }
  }
}
