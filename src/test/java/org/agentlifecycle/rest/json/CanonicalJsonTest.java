package org.agentlifecycle.rest.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {
  private static final String JSON =
      "{\"taskId\":\"t-1\",\"labels\":{\"a\":\"x/y\",\"b\":\"é\"},"
          + "\"metadata\":{\"n\":1e400,\"list\":[1,{\"p\":null,\"q\":true}]}}";

  @ParameterizedTest
  @ValueSource(
      strings = {
        " { \"taskId\" : \"t-1\",\r\n\t\"labels\":{\"a\":\"x/y\",\"b\":\"é\"},"
            + "\"metadata\":{\"n\":1e400,\"list\":[ 1 , {\"p\": null,\"q\":true} ]}}\n",
        "{\"metadata\":{\"list\":[1,{\"q\":true,\"p\":null}],\"n\":1e400},"
            + "\"labels\":{\"b\":\"é\",\"a\":\"x/y\"},\"taskId\":\"t-1\"}",
        "{\"task\\u0049d\":\"t\\u002d1\",\"labels\":{\"a\":\"x\\/y\",\"b\":\"\\u00e9\"},"
            + "\"metadata\":{\"n\":1e400,\"list\":[1,{\"p\":null,\"q\":true}]}}",
      })
  void spellingDoesNotChangeTheForm(String respelled) {
    assertThat(CanonicalJson.of(respelled)).isEqualTo(CanonicalJson.of(JSON));
  }

  @Test
  void differentContentHasAnotherForm() {
    List<String> different =
        List.of(
            "{\"a\":[1,2]}",
            "{\"a\":[2,1]}",
            "{\"a\":[12]}",
            "{\"a\":[[1],2]}",
            "{\"a\":[1,[2]]}",
            "{\"a\":[1,2],\"b\":null}",
            "{\"a\":[1.0,2]}",
            "{\"a\":[\"1\",2]}",
            "{\"a\":[\"1,2\"]}",
            "{\"a\":\"[1,2]\"}",
            "{\"A\":[1,2]}",
            "{\"a\":{}}",
            "{\"a\":[]}",
            "{\"a\":null}",
            "{\"a\":\"null\"}",
            "{\"a\":\"\\\"b\\\":\"}",
            "{\"a\":\"\\\\\"}",
            "{\"a\":true}",
            "{}");
    assertThat(different.stream().map(CanonicalJson::of)).doesNotHaveDuplicates();
  }

  @Test
  void deepestDocumentIsCanonicalized() {
    String deep = "{\"a\":".repeat(Json.MAX_DEPTH + 1) + "1" + "}".repeat(Json.MAX_DEPTH + 1);
    assertThat(CanonicalJson.of(deep)).isEqualTo(deep);
  }
}
