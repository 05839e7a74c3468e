package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AgentFieldTest {

  @Test
  void fieldsMatchNamesAndOrderOfTheLibrary() {
    Matcher list =
        Pattern.compile("local AGENT_FIELDS = \\{(.*?)\\}", Pattern.DOTALL)
            .matcher(LibrarySource.load().code());
    assertThat(list.find()).isTrue();
    List<String> names =
        Pattern.compile("'(\\w+)'").matcher(list.group(1)).results().map(r -> r.group(1)).toList();

    assertThat(
            Arrays.stream(AgentField.values()).map(field -> field.name().toLowerCase(Locale.ROOT)))
        .containsExactlyElementsOf(names);
  }
}
