package org.agentlifecycle.rest.request;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.IdempotencyKey;
import org.agentlifecycle.rest.binding.JsonBody;
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
    if (values == null || values.isEmpty()) {
      return null;
    }
    if (values.size() > 1 || !KEY.matcher(values.get(0)).matches()) {
      throw ValidationErrors.problem(NAME, "must be one key of 1 to 128 visible ASCII characters");
    }
    String content = new String(Json.write(body.content()), StandardCharsets.UTF_8);
    return new IdempotencyKey(
        values.get(0),
        fingerprint(call + "\n" + CanonicalJson.of(content)),
        fingerprint(call + "\n" + body.text()));
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
