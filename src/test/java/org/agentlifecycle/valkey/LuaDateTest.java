package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.agentlifecycle.harness.EmbeddedStore;
import org.junit.jupiter.api.Test;
import redis.clients.jedis.RedisClient;

/**
 * Compares the dates of the library with those of Java, because Lua in the store has no calendar.
 */
class LuaDateTest {
  private static final Pattern CALENDAR =
      Pattern.compile("(?ms)^local DAY_S = .*?(?=^-- Agents and events)");

  /** Returns the date functions of the library, with a registered function for the test. */
  private static String calendar() {
    Matcher section = CALENDAR.matcher(LibraryFiles.code());
    assertThat(section.find()).isTrue();
    return "#!lua name=calendar\n"
        + section.group()
        + """

        redis.register_function{function_name = 'iso', flags = {'no-writes'},
          callback = function(keys, args)
            local dates = {}
            for i, ms in ipairs(args) do dates[i] = iso(tonumber(ms)) end
            return dates
          end}
        """;
  }

  @Test
  void datesEqualThoseOfJava() {
    LocalDate first = LocalDate.EPOCH;
    assertEqualToJava(
        first
            .datesUntil(LocalDate.of(2410, 1, 1))
            .mapToLong(day -> day.atStartOfDay().toInstant(ZoneOffset.UTC).toEpochMilli())
            .flatMap(start -> LongStream.of(start, start + 86_399_999)));
  }

  @Test
  void formattedInstantsEqualThoseOfJava() {
    long seed = new Random().nextLong();
    long end = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli();
    try {
      assertEqualToJava(
          LongStream.concat(new Random(seed).longs(50_000, 0, end), LongStream.of(0, 1, end)));
    } catch (AssertionError different) {
      throw new AssertionError("seed " + seed, different);
    }
  }

  private static void assertEqualToJava(LongStream instants) {
    try (EmbeddedStore valkey = EmbeddedStore.start();
        RedisClient client = RedisClient.create(valkey.uri())) {
      client.functionLoad(calendar());
      long[] all = instants.toArray();
      for (int from = 0; from < all.length; from += 5_000) {
        long[] some = Arrays.copyOfRange(all, from, Math.min(from + 5_000, all.length));
        Object formatted =
            client.fcallReadonly(
                "iso", List.of(), LongStream.of(some).mapToObj(Long::toString).toList());
        assertThat(formatted)
            .isEqualTo(
                LongStream.of(some)
                    .mapToObj(ms -> EventJson.millis(Instant.ofEpochMilli(ms)))
                    .toList());
      }
    }
  }
}
