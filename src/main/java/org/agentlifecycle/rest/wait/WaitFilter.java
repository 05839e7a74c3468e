package org.agentlifecycle.rest.wait;

import jakarta.inject.Inject;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.agentlifecycle.agent.Agent;
import org.agentlifecycle.agent.AgentLifecycle;
import org.agentlifecycle.agent.LifecycleException;
import org.agentlifecycle.feed.ChangeWatch;
import org.agentlifecycle.feed.Waiter;
import org.agentlifecycle.rest.json.Json;
import org.agentlifecycle.rest.problem.Problems;
import org.agentlifecycle.rest.request.EntityTags;

/**
 * Delays a read of an agent with {@code Prefer: wait} until its entity tag is another one. The
 * request is then dispatched again. This filter sends the agent, because it has read it to compare
 * the tags; the resource sends all other responses. {@code web.xml} maps the filter after the
 * validation of the request.
 */
public class WaitFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** Attribute of a request: its {@link ConditionalRead}. */
  private static final String READ = "org.agentlifecycle.wait";

  @Inject private transient ChangeWatch watch;
  @Inject private transient AgentLifecycle lifecycle;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    ConditionalRead read =
        request.getAttribute(READ) instanceof ConditionalRead resumed
            ? resumed
            : ConditionalRead.of(request);
    if (read == null) {
      chain.doFilter(request, response);
      return;
    }
    Waiter ended = read.waiter();
    try {
      // an event may be older than the version that the client has
      boolean mayWait = ended == null || ended.end() == Waiter.End.CHANGED;
      if (!mayWait || !waitOrSend(read, request, response)) {
        chain.doFilter(request, response);
      }
    } catch (LifecycleException rejected) {
      Problems.of(rejected, request.getMethod() + " " + request.getRequestURI())
          .send(response, request.getRequestURI());
    } finally {
      if (ended != null) {
        ended.close();
      }
    }
  }

  /** Starts to wait or sends the agent; false if there are too many waiting requests. */
  private boolean waitOrSend(
      ConditionalRead read, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Optional<Waiter> registered = watch.register(read.agentId(), read.remaining());
    if (registered.isEmpty()) {
      return false;
    }
    Waiter waiter = registered.get();
    boolean started = false;
    try {
      Agent agent = lifecycle.find(read.agentId()); // after the registration
      response.setHeader(PreferHeader.APPLIED, read.applied());
      if (read.isCurrent(agent)) {
        read.waitWith(waiter);
        request.setAttribute(READ, read);
        AsyncContext context = request.startAsync();
        started = true;
        context.setTimeout(0);
        context.addListener(new WaiterCloser(waiter));
        String tag = EntityTags.of(agent);
        waiter.begin(end -> resume(end, context, response, tag));
      } else {
        send(agent, request, response);
      }
      return true;
    } finally {
      if (!started) {
        waiter.close();
      }
    }
  }

  private static void send(Agent agent, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] json = Json.write(agent);
    response.setContentType("application/json");
    response.setHeader("ETag", EntityTags.of(agent));
    response.setContentLength(json.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(json);
    }
  }

  /** A server that stops does not read the agent again, because its store may be closed. */
  private static void resume(
      Waiter.End end, AsyncContext context, HttpServletResponse response, String etag) {
    if (end == Waiter.End.STOPPING) {
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      response.setHeader("ETag", etag);
      context.complete();
    } else {
      context.dispatch();
    }
  }
}
