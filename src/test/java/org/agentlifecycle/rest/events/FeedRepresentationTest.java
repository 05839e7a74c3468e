package org.agentlifecycle.rest.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.agentlifecycle.rest.http.AcceptHeader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FeedRepresentationTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | PAGE",
        "*/* | PAGE",
        "* | PAGE",
        "application/json | PAGE",
        "application/* | PAGE",
        "application/problem+json | PAGE",
        "text/event-stream | STREAM",
        "text/* | STREAM",
        "TEXT/Event-Stream;charset=utf-8 | STREAM",
        "application/json, text/event-stream | PAGE",
        "text/event-stream, application/json | PAGE",
        "text/event-stream, */* | PAGE",
        "text/event-stream, */*;q=0.1 | STREAM",
        "text/event-stream;q=0.5, application/json;q=0.6 | PAGE",
        "text/event-stream;q=0.6, application/json;q=0.5 | STREAM",
        "application/json;q=0, */* | STREAM",
        "application/json;q=0 | NONE",
        "text/event-stream;q=0 | NONE",
        "text/html | NONE"
      })
  void representationFollowsTheWeightsAndPrefersAPage(String accept, FeedRepresentation expected) {
    assertThat(FeedRepresentation.negotiate(AcceptHeader.of(List.of(accept)))).isEqualTo(expected);
  }
}
