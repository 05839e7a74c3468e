package org.agentlifecycle.rest.request;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.rest.binding.JsonBody;
import org.agentlifecycle.rest.binding.JsonRequest;
import org.agentlifecycle.rest.json.CanonicalJson;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.problem.ValidationErrors;

/** The header {@value #NAME}. */
public final class IdempotencyKeyHeader {
  public static final String NAME = "Idempotency-Key";

  private static final Pattern KEY = Pattern.compile("[!-~]{1,128}");

  private IdempotencyKeyHeader() {}

  /**
   * Returns the key of a call with the fingerprints of the request; null if there is no key.
   *
   * @param values values of the header
   * @param call method and path, as far as they distinguish two calls
   */
  public static IdempotencyKey of(List<String> values, String call, JsonBody<?> body) {
    String key = parse(values);
    if (key == null) {
      return null;
    }
    return new IdempotencyKey(
        key,
        fingerprint(call + "\n" + canonical(body.content())),
        fingerprint(call + "\n" + body.text()));
  }

  /**
   * Returns the keys of the calls of a batch by their positions. A key of a client has no space, so
   * that a key of a batch is never that of a single call.
   *
   * @param values values of the header; without one, all keys are null
   */
  public static IntFunction<IdempotencyKey> ofBatch(
      List<String> values, List<? extends JsonRequest> calls) {
    String key = parse(values);
    if (key == null) {
      return position -> null;
    }
    return position -> {
      String content = fingerprint("POST batches\n" + canonical(calls.get(position)));
      return new IdempotencyKey(key + " " + position, content, content);
    };
  }

  private static String parse(List<String> values) {
    if (values == null || values.isEmpty()) {
      return null;
    }
    if (values.size() > 1 || !KEY.matcher(values.get(0)).matches()) {
      throw ValidationErrors.problem(NAME, "must be one key of 1 to 128 visible ASCII characters");
    }
    return values.get(0);
  }

  private static String canonical(JsonRequest content) {
    return CanonicalJson.of(new String(Json.write(content), StandardCharsets.UTF_8));
  }

  private static String fingerprint(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java platform provides SHA-256", impossible);
    }
  }
}
