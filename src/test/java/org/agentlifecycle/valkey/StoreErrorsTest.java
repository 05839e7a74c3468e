package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.agent.LifecycleException.Reason;
import org.agentlifecycle.memory.LogCapture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import redis.clients.jedis.exceptions.JedisDataException;

/** The translation of each error reply of the store. */
class StoreErrorsTest {
  private final StoreErrors errors =
      new StoreErrors(new OutageLog(StoreAddress.parse("redis://:secret@localhost"), "agents"));

  private LifecycleException translated(String message) {
    return errors.translate(new JedisDataException(message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "READONLY You can't write against a read only replica. | 1",
        "READONLY Can not run script with write flag on readonly replica. | 1",
        "BUSY Valkey is busy running a script. You can only call FUNCTION KILL. | 1",
        "LOADING Valkey is loading the dataset in memory | 2",
        "LOADING Redis is loading the dataset in memory | 2",
        "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'. | 2",
        "NOREPLICAS Not enough good replicas to write. | 5",
        "CLUSTERDOWN The cluster is down | 5",
        "ERR max number of clients reached | 5",
        "OOM command not allowed when used memory > 'maxmemory'. | 30",
        "MISCONF Valkey is configured to save RDB snapshots, but it's currently unable | 30",
        "MISCONF Errors writing to the AOF file: No space left on device | 30",
        "NOAUTH Authentication required. | 30",
        "NOAUTH HELLO must be called with the client already authenticated | 30",
        "WRONGPASS invalid username-password pair or user is disabled. | 30",
        "NOPERM User app has no permissions to run the 'fcall' command | 30"
      })
  void rejectionBeforeTheFirstWriteIsUnavailable(String message, long seconds) {
    LifecycleException unavailable = translated(message);
    assertThat(unavailable.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    assertThat(unavailable.retryAfter()).isEqualTo(Duration.ofSeconds(seconds));
    assertThat(unavailable).hasMessage("the store is not available; nothing was changed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "WRONGTYPE Operation against a key holding the wrong kind of value"
            + " script: agents_v1_move, on @user_function:188.",
        "ERR user_function:12: attempt to index a nil value script: agents_v1_move, on @user_f:1.",
        "OOM command not allowed script: agents_v1_move, on @user_function:188.",
        "ERR ACL failure in script: User app has no permissions script: agents_v1_move, on @f:1.",
        "WRONGTYPE Operation against a key holding the wrong kind of value",
        "ERR unknown command 'FCALL', with args beginning with:",
        "NOSUCHCODE of some day"
      })
  void otherErrorIsAFaultWithoutInternals(String message) {
    LifecycleException fault = translated(message);
    assertThat(fault.reason()).isEqualTo(Reason.STORE_FAULT);
    assertThat(fault.retryAfter()).isNull();
    assertThat(fault).hasMessage("the service has an internal error");
    assertThat(fault).hasRootCauseMessage(message);
  }

  @Test
  void eachConditionIsLoggedOnceWithItsNextStepAndWithoutATrace() {
    try (LogCapture log = new LogCapture(OutageLog.class)) {
      for (int i = 0; i < 100; i++) {
        translated("OOM command not allowed when used memory > 'maxmemory'.");
        translated("READONLY You can't write against a read only replica.");
      }
      assertThat(log.records()).hasSize(2).allMatch(line -> line.getThrown() == null);
      assertThat(log.records())
          .extracting(LogRecord::getLevel)
          .containsExactly(Level.SEVERE, Level.WARNING);
      assertThat(log.lines())
          .containsExactly(
              "store unavailable, STORE_FULL: redis://localhost:6379/0, OOM command not allowed"
                  + " when used memory > 'maxmemory'.; raise maxmemory of the store, or shorten"
                  + " lifecycle.retention",
              "store unavailable, STORE_READ_ONLY: redis://localhost:6379/0, READONLY You can't"
                  + " write against a read only replica.; valkey.uri must name the primary");
    }
  }

  @Test
  void replicaAndMissingFunctionAreRecognized() {
    assertThat(StoreErrors.isReplica(new JedisDataException("READONLY You can't write"))).isTrue();
    assertThat(StoreErrors.isReplica(new JedisDataException("ERR not READONLY"))).isFalse();
    assertThat(StoreErrors.isFunctionMissing(new JedisDataException("ERR Function not found")))
        .isTrue();
    assertThat(StoreErrors.isFunctionMissing(new JedisDataException("ERR syntax error"))).isFalse();
  }
}
