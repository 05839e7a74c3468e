package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;

class QueuedCallTest {
  private static final JedisConnectionException LOST = new JedisConnectionException("lost");

  private final QueuedCall call =
      new QueuedCall(Collections.nCopies(4, new CommandArguments(Command.PING)), 0);

  @Test
  void onlyWrittenCommandsHaveUnknownOutcome() {
    call.onWritten();
    call.onWritten();
    call.onWritten();
    call.complete("reply");
    call.fail(LOST);
    List<Object> results = call.results();
    assertThat(results.subList(0, 3)).containsExactly("reply", LOST, LOST);
    assertThat(results.get(3)).isInstanceOf(CallNotSentException.class);
    assertThat(((CallNotSentException) results.get(3)).reason()).isSameAs(LOST);
  }

  @Test
  void failureDoesNotReplaceReplies() {
    for (int i = 0; i < 4; i++) {
      call.onWritten();
      call.complete(i);
    }
    call.fail(LOST);
    assertThat(call.results()).containsExactly(0, 1, 2, 3);
  }

  @Test
  void commandsWithoutReplyAreTimeouts() {
    call.complete("reply");
    List<Object> results = call.results();
    assertThat(results.get(0)).isEqualTo("reply");
    assertThat(results.subList(1, 4))
        .allMatch(late -> FaultHandler.isTimeout((RuntimeException) late));
  }
}
