package org.agentlifecycle.config;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.inject.Instance;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.agent.AgentSettings;
import org.agentlifecycle.feed.FeedSettings;
import org.agentlifecycle.feed.WaitSettings;
import org.agentlifecycle.session.SessionSettings;
import org.agentlifecycle.sweep.SweepSettings;
import org.agentlifecycle.valkey.ValkeySettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationCheckTest {
  private static final String LONGEST = Duration.ofSeconds(Long.MAX_VALUE).toString();

  private final Map<String, String> values =
      new HashMap<>(
          Map.ofEntries(
              entry("valkey.uri", "redis://localhost:6379"),
              entry("valkey.confirm-replicas", "0"),
              entry("lifecycle.namespace", "agents"),
              entry("lifecycle.lock.patience", "PT1S"),
              entry("lifecycle.session.cleanup-delay", "PT30S"),
              entry("lifecycle.lease.sweep-every", "PT1S"),
              entry("lifecycle.retention", "P7D"),
              entry("lifecycle.idempotency.retention", "PT24H"),
              entry("lifecycle.admission.max-active", "0"),
              entry("lifecycle.feed.max-events", "1000000"),
              entry("lifecycle.feed.max-followers", "1000"),
              entry("lifecycle.wait.max-waiting", "10000")));

  private List<String> problems() {
    Configuration configuration = new Configuration(key -> Optional.ofNullable(values.get(key)));
    return new ConfigurationCheck(
            each(
                List.of(
                    () -> new ValkeySettings(configuration),
                    () -> new AgentSettings(configuration),
                    () -> new SessionSettings(configuration, new AgentSettings(configuration)),
                    () -> new SweepSettings(configuration),
                    () -> new AdmissionSettings(configuration),
                    () -> new FeedSettings(configuration),
                    () -> new WaitSettings(configuration))))
        .problems();
  }

  /** Instance as in CDI: the bean is created when the iterator reaches it. */
  @SuppressWarnings("unchecked") // only the iterator is used
  private static Instance<Settings> each(List<Supplier<Settings>> beans) {
    return (Instance<Settings>)
        Proxy.newProxyInstance(
            ConfigurationCheckTest.class.getClassLoader(),
            new Class<?>[] {Instance.class},
            (self, method, arguments) -> {
              Iterator<Supplier<Settings>> suppliers = beans.iterator();
              return new Iterator<Settings>() {
                @Override
                public boolean hasNext() {
                  return suppliers.hasNext();
                }

                @Override
                public Settings next() {
                  return suppliers.next().get();
                }
              };
            });
  }

  @Test
  void validConfigurationHasNoProblems() {
    assertThat(problems()).isEmpty();
    values.put("lifecycle.lease.default", "PT1M");
    assertThat(problems()).isEmpty();
    values.put("lifecycle.lease.default", "");
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lifecycle.lock.patience | PT0S | PT1M",
        "lifecycle.session.cleanup-delay | PT0S | P365D",
        "lifecycle.lease.default | PT0.1S | P365D",
        "lifecycle.lease.sweep-every | PT0.01S | PT1H",
        "lifecycle.retention | PT0.001S | P3650D",
        "lifecycle.idempotency.retention | PT0.001S | P365D"
      })
  void durationOutOfItsRangeIsReportedWithKeyAndRange(String key, String min, String max) {
    String expected = key + " must be an ISO-8601 duration from " + min + " to " + max;
    String tooLong = Duration.parse(max).plusMillis(1).toString();
    for (String value :
        List.of(LONGEST, tooLong, "-PT1S", "PT+30S", "pt30s", "PT1,5S", "one second", "P3651D")) {
      values.put(key, value);
      assertThat(problems()).as(value).contains(expected);
    }
    values.put("lifecycle.retention", "P365D");
    values.put(key, max);
    assertThat(problems()).isEmpty();
    values.put("lifecycle.session.cleanup-delay", "PT0S");
    values.put(key, min);
    assertThat(problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "lifecycle.admission.max-active, 0, 1000000000",
    "lifecycle.feed.max-events, 1, 1000000000",
    "lifecycle.feed.max-followers, 0, 100000",
    "lifecycle.wait.max-waiting, 0, 1000000"
  })
  void numberOutOfItsRangeIsReportedWithKeyAndRange(String key, long min, long max) {
    String expected = key + " must be a whole number from " + min + " to " + max;
    for (String value :
        List.of("", "-1", "+1", "1.0", "1e3", "0x10", "\u0661", " 1", "ten", "1" + max)) {
      values.put(key, value);
      assertThat(problems()).as(value).containsExactly(expected);
    }
    Stream.of(min, max)
        .forEach(
            value -> {
              values.put(key, Long.toString(value));
              assertThat(problems()).isEmpty();
            });
  }

  @Test
  void missingValueIsReported() {
    for (String key : List.copyOf(values.keySet())) {
      String value = values.remove(key);
      assertThat(problems()).as(key).singleElement().asString().startsWith(key + " must ");
      values.put(key, value);
    }
  }

  @Test
  void everyInvalidValueIsReportedOnceAndWithoutTheValue() {
    values.put("valkey.uri", "redis://user:se^cret@host");
    values.put("lifecycle.retention", "secret");
    values.put("lifecycle.feed.max-events", "secret");
    assertThat(problems()).hasSize(3).allSatisfy(line -> assertThat(line).doesNotContain("cret"));
  }

  @Test
  void retentionShorterThanTheCleanupDelayIsReported() {
    values.put("lifecycle.retention", "PT29S");
    assertThat(problems())
        .containsExactly(
            "lifecycle.retention must not be shorter than lifecycle.session.cleanup-delay");
    values.put("lifecycle.retention", "PT30S");
    assertThat(problems()).isEmpty();
  }

  @Test
  void messageOfTheServerIsNotPassedOn() {
    Configuration unreadable =
        new Configuration(
            key -> {
              throw new NoSuchElementException("could not expand secret");
            });
    ConfigurationCheck check =
        new ConfigurationCheck(each(List.of(() -> new ValkeySettings(unreadable))));
    assertThat(check.problems()).containsExactly("valkey.uri must be a redis:// URI");
  }
}
