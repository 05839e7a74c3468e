package org.agentlifecycle.rest.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agentlifecycle.rest.problem.ProblemException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyBufferTest {

  @Test
  void bodyOfKnownLengthIsCompleteWithItsLastByte() {
    BodyBuffer body = body(4, false);
    add(body, "{} ");
    assertThat(body.isComplete()).isFalse();
    assertThatThrownBy(body::check).isInstanceOf(ProblemException.class);

    add(body, " ");
    assertThat(body.isComplete()).isTrue();
    body.check();
    assertThat(text(body)).isEqualTo("{}  ");
  }

  @Test
  void bodyOfUnknownLengthIsCompleteOnlyWhenItIsTooLarge() {
    BodyBuffer body = body(-1, false);
    add(body, "0\r\n\r\n");
    assertThat(body.isComplete()).isFalse();
    body.check();

    add(body, " ".repeat(BodyBuffer.MAX_LENGTH));
    assertThat(body.isComplete()).isTrue();
    assertThatThrownBy(body::check).isInstanceOf(ProblemException.class);
  }

  @Test
  void largeBodiesShareMemoryUntilTheirResponses() {
    BodyMemory memory = new BodyMemory();
    List<BodyBuffer> bodies =
        IntStream.range(0, 8).mapToObj(i -> largeBody(memory)).collect(Collectors.toList());
    String large = " ".repeat(BodyBuffer.MAX_BATCH_LENGTH);
    bodies.forEach(body -> add(body, large));
    BodyBuffer small = largeBody(memory);
    add(small, " ".repeat(BodyBuffer.MAX_LENGTH));
    BodyBuffer rejected = largeBody(memory);
    assertThatThrownBy(() -> add(rejected, large)).isInstanceOf(ProblemException.class);

    rejected.release();
    bodies.get(0).release();
    bodies.get(0).release();
    BodyBuffer next = largeBody(memory);
    add(next, large);
    assertThatThrownBy(() -> add(largeBody(memory), large)).isInstanceOf(ProblemException.class);
    next.check();
  }

  /** The thread that receives a body may be late. */
  @Test
  void bytesAfterTheResponseReserveNoMemory() {
    BodyMemory memory = new BodyMemory();
    String large = " ".repeat(BodyBuffer.MAX_BATCH_LENGTH);
    for (int i = 0; i < 20; i++) {
      BodyBuffer body = largeBody(memory);
      add(body, large.substring(1));
      body.release();
      add(body, " ");
    }
    add(largeBody(memory), large);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "e\r\n{\"taskId\":\"t\"}\r\n0\r\n\r\n",
        "00000e\r\n{\"taskId\":\"t\"}\r\n0\r\n\r\n",
        "7\r\n{\"taskI\r\n7;a=b\r\nd\":\"t\"}\r\n0\r\n\r\n",
        "A\r\n{\"taskId\":\r\n4\r\n\"t\"}\r\n000\r\n\r\n"
      })
  void chunkFramingIsRemovedFromEachPart(String framed) {
    BodyBuffer body = body(-1, true);
    for (int at = 0; at < framed.length(); at++) {
      assertThat(body.isComplete()).isFalse();
      add(body, framed.substring(at, at + 1));
    }
    assertThat(body.isComplete()).isTrue();
    assertThat(text(body)).isEqualTo("{\"taskId\":\"t\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"taskId\":\"t\"}\r\n\r\n",
        "e\r\n{\"taskId\":\"t\"}\r\n\r\n",
        "e\r\n{\"taskId\":\"t\"}0\r\n\r\n",
        "ffffffff\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        ";\r\n{}\r\n0\r\n\r\n",
        "0\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "2;a=\r\n\r\n",
        "\r\n\r\n\r\n"
      })
  void bodyWithoutCompleteChunkFramingRemainsAsReceived(String received) {
    BodyBuffer body = body(-1, true);
    add(body, received);
    assertThat(body.isComplete()).isFalse();
    assertThat(text(body)).isEqualTo(received);
  }

  private static BodyBuffer body(long length, boolean mayBeFramed) {
    return new BodyBuffer(length, BodyBuffer.MAX_LENGTH, mayBeFramed, new BodyMemory());
  }

  private static BodyBuffer largeBody(BodyMemory memory) {
    return new BodyBuffer(-1, BodyBuffer.MAX_BATCH_LENGTH, false, memory);
  }

  private static void add(BodyBuffer body, String text) {
    byte[] octets = text.getBytes(UTF_8);
    body.add(octets, octets.length);
  }

  private static String text(BodyBuffer body) {
    return new String(body.octets(), UTF_8);
  }
}
