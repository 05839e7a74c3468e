package org.agentlifecycle.valkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class AgentFieldTest {

  @Test
  void fieldsMatchNamesAndOrderOfTheLibrary() {
    Matcher text =
        Pattern.compile("local function agent_text\\(agent\\)(.*?)\nend", Pattern.DOTALL)
            .matcher(LibrarySource.load().code());
    assertThat(text.find()).isTrue();
    List<String> names =
        Pattern.compile("agent\\[(\\w+)\\]")
            .matcher(text.group(1))
            .results()
            .map(r -> r.group(1))
            .filter(name -> !name.equals("SUPERVISED")) // decides whether the next fields are read
            .toList();

    assertThat(Arrays.stream(AgentField.values()).map(AgentField::name))
        .containsExactlyElementsOf(names);
  }
}
