package org.agentlifecycle.rest.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.agentlifecycle.rest.problem.ValidationErrors;

/**
 * The rules for headers that say where a request ends and for which host it is. The servers accept
 * values that other software on the way may read differently.
 */
final class RequestFraming {
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._~:\\[\\]-]+");

  /** Digits alone, and few enough for a long. */
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private RequestFraming() {}

  /** Throws the problem of the first rule that the request violates. */
  static void check(HttpServletRequest request) {
    checkLength(headers(request, "Content-Length"), headers(request, "Transfer-Encoding"));
    checkHost(headers(request, "Host"), request.getServerName(), request.getProtocol());
  }

  /**
   * Checks the length of the body.
   *
   * @param lengths the values of {@code Content-Length}
   * @param encodings the values of {@code Transfer-Encoding}
   */
  static void checkLength(List<String> lengths, List<String> encodings) {
    if (lengths.size() > 1 || lengths.stream().anyMatch(length -> !isLength(length))) {
      throw ValidationErrors.problem("Content-Length", "must be one number below 2147483648");
    }
    if (!encodings.isEmpty() && !lengths.isEmpty()) {
      throw ValidationErrors.problem(
          "Content-Length", "must not be sent together with Transfer-Encoding");
    }
    if (encodings.size() > 1
        || encodings.stream().anyMatch(encoding -> !encoding.strip().equalsIgnoreCase("chunked"))) {
      throw ValidationErrors.problem("Transfer-Encoding", "must be chunked and nothing else");
    }
  }

  /**
   * Checks the host.
   *
   * @param hosts the values of {@code Host}
   * @param name the host that the server derived, which an absolute request target replaces
   * @param protocol {@code HTTP/1.0} needs no {@code Host}
   */
  static void checkHost(List<String> hosts, String name, String protocol) {
    boolean optional = protocol.equals("HTTP/1.0");
    boolean valid =
        hosts.isEmpty() ? optional : hosts.size() == 1 && HOST.matcher(hosts.get(0)).matches();
    if (!valid || !HOST.matcher(name).matches()) {
      throw ValidationErrors.problem("Host", "must be one host, with or without a port");
    }
  }

  private static boolean isLength(String length) {
    return LENGTH.matcher(length).matches() && Long.parseLong(length) <= Integer.MAX_VALUE;
  }

  private static List<String> headers(HttpServletRequest request, String name) {
    return Collections.list(request.getHeaders(name));
  }
}
