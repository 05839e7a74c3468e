package org.agentlifecycle.harness;

import java.net.URI;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * One store for all tests of a run, there before the first one starts: the one of {@code
 * VALKEY_URI}, or an {@link EmbeddedStore}.
 *
 * <p>It may be somebody's own Valkey, so everything a run writes is in namespaces that begin with
 * this run's random name, and is taken away at the end.
 */
public final class TestStore implements LauncherSessionListener {

  private static final String RUN =
      "test-" + Long.toString(ThreadLocalRandom.current().nextLong(1L << 40), 36);

  private static EmbeddedStore store;

  /** The store's URI; also the system property {@code valkey.uri}. */
  public static URI uri() {
    if (store == null) {
      throw new IllegalStateException("no test session: " + TestStore.class + " was not called");
    }
    return store.uri();
  }

  /** This run's own namespace; also the system property {@code lifecycle.namespace}. */
  public static String namespace() {
    return RUN;
  }

  /** A namespace of this run for tests that want theirs empty. */
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
      sweep();
    }
    store.close();
  }

  private static void sweep() {
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
