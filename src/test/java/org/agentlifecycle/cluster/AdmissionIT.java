package org.agentlifecycle.cluster;

import static org.agentlifecycle.cluster.ResourceClient.retryWhileUnavailable;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Admission on two servers. */
class AdmissionIT extends TwoServersBase {
  @Test
  void parallelRegistrationsRespectTheLimit() {
    useEmptyStore();
    admit(0, "{\"open\":true,\"maxActive\":50}");
    try (ConcurrentCallers callers = new ConcurrentCallers(200)) {
      List<ApiResponse> replies =
          callers.concurrently(
              caller ->
                  retryWhileUnavailable(
                      () -> client(caller).post("agents", agent("a-" + caller, "t", ""))));
      assertThat(replies).filteredOn(response -> response.status() == 201).hasSize(50);
      assertThat(replies)
          .filteredOn(response -> response.status() != 201)
          .hasSize(150)
          .allMatch(response -> response.status() == 429)
          .allMatch(response -> response.retryAfter().matches("[1-9][0-9]*"))
          .extracting(ApiResponse::problem)
          .containsOnly("admission-limit");
    }
    List<String> active = ids("agents?status=spawning&limit=1000");
    assertThat(active).hasSize(50);
    client(0).move(active.get(0), "killed");
    client(1).move(active.get(1), "running"); // still active
    assertThat(client(1).post("agents", agent("b-1", "t", "")).status()).isEqualTo(201);
    assertThat(client(0).post("agents", agent("b-2", "t", "")).status()).isEqualTo(429);
    client(1).move(active.get(1), "completed");
    assertThat(client(0).post("agents", agent("b-3", "t", "")).status()).isEqualTo(201);
    assertThat(client(1).post("agents", agent("b-4", "t", "")).status()).isEqualTo(429);
  }

  @Test
  void admissionAppliesToBothServersAtOnce() {
    useEmptyStore();
    assertThat(client(1).get("admission").body()).isEqualTo("{\"open\":true,\"maxActive\":0}\n");
    for (int i = 0; i < 20; i++) {
      String id = "a-" + i;
      admit(i, "{\"open\":false,\"maxActive\":7}");
      assertThat(client(i + 1).get("admission").body())
          .isEqualTo("{\"open\":false,\"maxActive\":7}\n");
      ApiResponse closed = client(i + 1).post("agents", agent(id, "t", ""));
      assertThat(closed.status()).isEqualTo(409);
      assertThat(closed.problem()).isEqualTo("admission-closed");
      assertThat(closed.retryAfter()).isEmpty();
      admit(i, "{\"open\":true,\"maxActive\":0}");
      assertThat(client(i + 1).post("agents", agent(id, "t", "")).status()).isEqualTo(201);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"open\":true}",
        "{\"maxActive\":5}",
        "{\"open\":null,\"maxActive\":5}",
        "{\"open\":true,\"maxActive\":-1}",
        "{\"open\":true,\"maxActive\":1.5}",
        "{\"open\":\"true\",\"maxActive\":5}",
        "{\"open\":true,\"maxActive\":5,\"max\":5}"
      })
  void invalidAdmissionIsRejected(String body) {
    useEmptyStore();
    ApiResponse rejected = client(0).put("admission", body);
    assertThat(rejected.status()).as(rejected.body()).isEqualTo(400);
    assertThat(client(1).get("admission").body()).isEqualTo("{\"open\":true,\"maxActive\":0}\n");
  }
}
