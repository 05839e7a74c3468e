package org.agentlifecycle.rest;

import jakarta.ws.rs.core.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.agentlifecycle.agent.IdempotencyKey;

/** Reads the idempotency key of a call. */
final class IdempotencyKeyHeader {
  private static final String HEADER = "Idempotency-Key";
  private static final Pattern KEY = Pattern.compile("[!-~]{1,128}");

  private IdempotencyKeyHeader() {}

  /**
   * Returns the key of the call with the fingerprints of the request; null if there is no key.
   *
   * @param call the method and path, as far as they distinguish two calls
   * @param body the body, which was found valid
   */
  static IdempotencyKey of(HttpHeaders headers, String call, RequestBody body) {
    List<String> keys = headers.getRequestHeader(HEADER);
    if (keys == null || keys.isEmpty()) {
      return null;
    }
    if (keys.size() > 1 || !KEY.matcher(keys.get(0)).matches()) {
      throw Refusals.of(HEADER, "must be one key of 1 to 128 visible ASCII characters");
    }
    return new IdempotencyKey(
        keys.get(0),
        fingerprint(call + "\n" + CanonicalJson.of(body.text())),
        fingerprint(call + "\n" + body.text()));
  }

  private static String fingerprint(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every Java has SHA-256", impossible);
    }
  }
}
