package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.agentlifecycle.config.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StoreAddressTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "redis://localhost, false, localhost, 6379, -, -, 0",
        "REDIS://localhost:6380/, false, localhost, 6380, -, -, 0",
        "rediss://valkey.example:1/15, true, valkey.example, 1, -, -, 15",
        "RedisS://[::1]:65535, true, ::1, 65535, -, -, 0",
        "redis://:pw@10.0.0.1, false, 10.0.0.1, 6379, -, pw, 0",
        "redis://us%3Aer:pw@h, false, h, 6379, us:er, pw, 0",
        "redis://user:p%25w%2B+%40%2F:x@h/3, false, h, 6379, user, p%w++@/:x, 3",
        "redis://u:%252F@h, false, h, 6379, u, %2F, 0",
        "redis://u:p%C3%A4ss@store_1, false, store_1, 6379, u, päss, 0"
      })
  void validAddressIsParsed(
      String uri, boolean tls, String host, int port, String user, String password, int database) {
    assertThat(StoreAddress.parse(uri))
        .isEqualTo(new StoreAddress(tls, host, port, user, password, database));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "localhost:6379",
        "//user:secret@host",
        "http://user:secret@host",
        "unix:///secret",
        "redis:secret@host",
        " redis://secret",
        "redis://",
        "redis:///3",
        "redis://secret@host:6379",
        "redis://secret:@host",
        "redis://:@host",
        "redis://@host",
        "redis://us:er:se^cret@host",
        "redis://user:se cret@host",
        "redis://user:secret%zz@host",
        "redis://user:secret%@host",
        "redis://user:secret%FF@host",
        "redis://user:s/ecret@host",
        "redis://user:secret@at@host",
        "redis://user:sécret@host",
        "redis://host:0",
        "redis://host:",
        "redis://host:99999",
        "redis://host:65536",
        "redis://host:-1",
        "redis://host:+1",
        "redis://host:\u0661",
        "redis://ho st",
        "redis://::1",
        "redis://[]",
        "redis://[host]",
        "redis://host/-1",
        "redis://host/16",
        "redis://host/99",
        "redis://host/abc",
        "redis://host/2/3",
        "redis://host/2/",
        "redis://host/2?db=2",
        "redis://host?db=2",
        "redis://host/#2",
        "redis://host\n"
      })
  void invalidAddressIsRejectedWithTheKeyAndWithoutTheValue(String uri) {
    assertThatThrownBy(() -> StoreAddress.parse(uri))
        .isInstanceOf(ConfigurationException.class)
        .hasNoCause()
        .hasMessageStartingWith("valkey.uri must ")
        .hasMessageNotContainingAny("cret", "host:", "2/3");
  }

  @Test
  void missingSchemeIsNamed() {
    assertThatThrownBy(() -> StoreAddress.parse("localhost:6379"))
        .hasMessage("valkey.uri must start with redis:// or rediss://");
  }

  @Test
  void textOfTheAddressHasNoCredentials() {
    assertThat(StoreAddress.parse("rediss://user:secret@[::1]:6380/3"))
        .hasToString("rediss://[::1]:6380/3");
    assertThat(StoreAddress.parse("redis://user:secret@valkey"))
        .hasToString("redis://valkey:6379/0");
  }
}
