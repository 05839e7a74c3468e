package org.agentlifecycle.rest;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * Stands before JAX-RS, because servers differ in what they make of a strange path, query or
 * header, and forget matrix parameters. What gets past it has a plain path, a well-formed query
 * and, if it has a body, one that says it is JSON.
 */
@WebFilter(urlPatterns = Api.PATH + "/*", asyncSupported = true)
public class RequestGate extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private static final Logger LOG = System.getLogger(RequestGate.class.getName());

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    response.setHeader("Cache-Control", "no-cache");
    try {
      RequestHead.check(request);
      chain.doFilter(request, response);
    } catch (ProblemException refused) {
      refused.problem().send(response, request.getRequestURI());
    } catch (IOException e) { // the client is gone: nobody is left to hear of it
      LOG.log(Level.DEBUG, "a client left before its answer", e);
    }
  }
}
