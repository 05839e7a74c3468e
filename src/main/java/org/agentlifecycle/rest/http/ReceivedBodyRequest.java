package org.agentlifecycle.rest.http;

import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A request with a body that has been received, so that reading it never blocks. */
final class ReceivedBodyRequest extends HttpServletRequestWrapper {
  private final BodyBuffer body;

  /** Returns the request for its resource; a method without an entity needs no wrapper. */
  static HttpServletRequest of(HttpServletRequest request, BodyBuffer body) {
    String method = request.getMethod();
    return method.equals("POST") || method.equals("PUT")
        ? new ReceivedBodyRequest(request, body)
        : request;
  }

  /**
   * @param body is complete before the first read of this request
   */
  private ReceivedBodyRequest(HttpServletRequest request, BodyBuffer body) {
    super(request);
    this.body = body;
  }

  @Override
  public ServletInputStream getInputStream() {
    return new Received(new ByteArrayInputStream(body.octets()));
  }

  @Override
  public BufferedReader getReader() {
    return new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
  }

  private static final class Received extends ServletInputStream {
    private final ByteArrayInputStream octets;

    Received(ByteArrayInputStream octets) {
      this.octets = octets;
    }

    @Override
    public int read() {
      return octets.read();
    }

    @Override
    public int read(byte[] target, int offset, int count) {
      return octets.read(target, offset, count);
    }

    @Override
    public int available() {
      return octets.available();
    }

    @Override
    public boolean isFinished() {
      return octets.available() == 0;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setReadListener(ReadListener listener) {
      throw new IllegalStateException("the body has been read");
    }
  }
}
