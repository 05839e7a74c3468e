package org.agentlifecycle.rest.wait;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import org.agentlifecycle.feed.Waiter;

/** Closes the waiter of a request that ends for any other reason, for example a disconnect. */
record WaiterCloser(Waiter waiter) implements AsyncListener {
  @Override
  public void onComplete(AsyncEvent event) {
    waiter.close();
  }

  @Override
  public void onError(AsyncEvent event) {
    waiter.close();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    // a waiting request has no timeout of the server
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // the request waits again, with another waiter
  }
}
