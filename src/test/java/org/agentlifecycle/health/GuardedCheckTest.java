package org.agentlifecycle.health;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.enterprise.event.Startup;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponse.Status;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.spi.HealthCheckResponseProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GuardedCheckTest {

  @BeforeAll
  static void provideResponses() {
    HealthCheckResponse.setResponseProvider(new Responses());
  }

  @AfterAll
  static void provideNoResponses() {
    HealthCheckResponse.setResponseProvider(null);
  }

  private static HealthCheckResponse call(ApplicationState state, Supplier<HealthReport> check) {
    GuardedCheck guarded =
        new GuardedCheck("store", state) {
          @Override
          protected HealthReport check() {
            return check.get();
          }
        };
    return guarded.call();
  }

  private static HealthCheckResponse call(Supplier<HealthReport> check) {
    return call(StartedApplication.state(), check);
  }

  @Test
  void reportBecomesTheResponse() {
    HealthCheckResponse response = call(() -> HealthReport.up(Map.of("library", "3")));
    assertThat(response.getName()).isEqualTo("store");
    assertThat(response.getStatus()).isEqualTo(Status.UP);
    assertThat(response.getData()).contains(Map.of("library", "3"));
    assertThat(call(() -> HealthReport.down("STORE_FULL")).getData())
        .contains(Map.of("reason", "STORE_FULL"));
  }

  @Test
  void checkThatThrowsIsDownWithAReason() {
    HealthCheckResponse response =
        call(
            () -> {
              throw new IllegalStateException("a fault");
            });
    assertThat(response.getStatus()).isEqualTo(Status.DOWN);
    assertThat(response.getData()).contains(Map.of("reason", "IllegalStateException"));
  }

  @Test
  void errorIsDown() {
    HealthCheckResponse response =
        call(
            () -> {
              throw new OutOfMemoryError("a test");
            });
    assertThat(response.getStatus()).isEqualTo(Status.DOWN);
    assertThat(response.getData()).contains(Map.of("reason", "OutOfMemoryError"));
  }

  @Test
  void checkIsDownBeforeTheApplicationServes() {
    Supplier<HealthReport> tooEarly =
        () -> {
          throw new AssertionError("checked too early");
        };
    ApplicationState initialized = new ApplicationState();
    initialized.onStartup(new Startup());
    ApplicationState serving = new ApplicationState();
    serving.markServing();
    for (ApplicationState state : new ApplicationState[] {initialized, serving}) {
      HealthCheckResponse response = call(state, tooEarly);
      assertThat(response.getStatus()).isEqualTo(Status.DOWN);
      assertThat(response.getData()).contains(Map.of("reason", "STARTING"));
    }
  }

  /** Test implementation, because the API jar contains none. */
  private static final class Responses implements HealthCheckResponseProvider {
    @Override
    public HealthCheckResponseBuilder createResponseBuilder() {
      return new Builder();
    }
  }

  private static final class Builder extends HealthCheckResponseBuilder {
    private final Map<String, Object> data = new HashMap<>();
    private String name;
    private boolean up;

    @Override
    public HealthCheckResponseBuilder name(String text) {
      name = text;
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, String value) {
      data.put(key, value);
      return this;
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, long value) {
      throw new AssertionError("the type differs between the servers:  " + key);
    }

    @Override
    public HealthCheckResponseBuilder withData(String key, boolean value) {
      throw new AssertionError("the type differs between the servers:  " + key);
    }

    @Override
    public HealthCheckResponseBuilder up() {
      return status(true);
    }

    @Override
    public HealthCheckResponseBuilder down() {
      return status(false);
    }

    @Override
    public HealthCheckResponseBuilder status(boolean isUp) {
      up = isUp;
      return this;
    }

    @Override
    public HealthCheckResponse build() {
      return new HealthCheckResponse(name, up ? Status.UP : Status.DOWN, Optional.of(data));
    }
  }
}
