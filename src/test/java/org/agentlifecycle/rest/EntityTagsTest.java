package org.agentlifecycle.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"3\"",
        "\"1\", \"3\"",
        "\"1\",\"3\"",
        ", \"3\" ,,",
        "\"x\" , \"3\"",
        "W/\"9\",\"3\"",
        "\"\",\"3\""
      })
  void aStrongTagMatchesItsVersion(String header) {
    EntityTags tags = parse(header);
    assertThat(tags.includes(3)).isTrue();
    assertThat(tags.resembles(3)).isTrue();
    assertThat(tags.includes(2)).isFalse();
    assertThat(tags.versions()).contains(3L);
  }

  @ParameterizedTest
  @ValueSource(strings = {"W/\"3\"", "\"1\", W/\"3\""})
  void aWeakTagNeverMatchesStrongly(String header) {
    EntityTags tags = parse(header);
    assertThat(tags.includes(3)).isFalse();
    assertThat(tags.resembles(3)).isTrue();
    assertThat(tags.versions()).doesNotContain(3L);
  }

  @Test
  void aStarMatchesEveryVersion() {
    EntityTags tags = parse("*");
    assertThat(tags.includes(3)).isTrue();
    assertThat(tags.resembles(3)).isTrue();
    assertThat(tags.versions()).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\"",
        "\"03\"",
        "\"-3\"",
        "\"3.0\"",
        "\"0\"",
        "\"three\"",
        "\"99999999999999999999\"",
        "\"é\""
      })
  void aTagThatIsNoVersionMatchesNone(String header) {
    EntityTags tags = parse(header);
    assertThat(tags.versions()).isEmpty();
    assertThat(tags.resembles(3)).isFalse();
    assertThat(tags.isEmpty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",",
        "3",
        "\"3",
        "3\"",
        "W/3",
        "w/\"3\"",
        "W/ \"3\"",
        "\"1\" \"3\"",
        "\"1\", 3",
        "*, \"3\"",
        "\"3\", *",
        "**",
        "\"a b\"",
        "\"\u0001\""
      })
  void whatIsNoEntityTagIsRefused(String header) {
    ProblemException refusal = catchThrowableOfType(ProblemException.class, () -> parse(header));
    assertThat(Refused.fields(refusal)).containsExactly("If-Match");
  }

  private static EntityTags parse(String header) {
    return EntityTags.parse("If-Match", header);
  }
}
