package dev.cartera.client;

import com.google.protobuf.Timestamp;
import dev.cartera.routing.v1.ConfigurationServiceGrpc;
import dev.cartera.routing.v1.EventServiceGrpc.EventServiceBlockingStub;
import dev.cartera.routing.v1.GetTenantRequest;
import dev.cartera.routing.v1.WatchEventsRequest;
import dev.cartera.routing.v1.WatchEventsResponse;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Follows the feed of a tenant's changes: each change once and in order, whatever connections do.
 * It is for one thread; {@link #close} may be called from any, and ends it.
 */
public final class EventWatch implements Iterator<WatchEventsResponse>, AutoCloseable {
  private final EventServiceBlockingStub events;
  private final Context.CancellableContext context = Context.current().withCancellation();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile WatchEventsRequest position;
  private Iterator<WatchEventsResponse> stream;
  private WatchEventsResponse next;
  private int failures;

  private EventWatch(EventServiceBlockingStub events, WatchEventsRequest position) {
    this.events = events;
    this.position = position;
  }

  /**
   * Opens a watch of what the request asks for. It begins after the request's start_after_revision,
   * and where that is unset, now.
   */
  public static EventWatch open(EventServiceBlockingStub events, WatchEventsRequest request) {
    return new EventWatch(events, begun(events, request));
  }

  /**
   * Names the revision that is now, so that a connection lost before the first step loses nothing
   * either.
   */
  private static WatchEventsRequest begun(
      EventServiceBlockingStub events, WatchEventsRequest request) {
    if (request.hasStartAfterRevision()) {
      return request;
    }
    var tenant =
        ClientCalls.blockingUnaryCall(
            events.getChannel(),
            ConfigurationServiceGrpc.getGetTenantMethod(),
            events.getCallOptions(),
            GetTenantRequest.newBuilder().setTenantId(request.getTenantId()).build());
    return request.toBuilder().setStartAfterRevision(tenant.getRevision()).build();
  }

  /**
   * The request that goes on where this watch is: behind the last step that it has delivered. Keep
   * it (or its start_after_revision and start_after_occurred_at) once you have acted on a step, and
   * give it to another watch after a restart.
   */
  public WatchEventsRequest position() {
    return position;
  }

  /**
   * Waits for the next change or bookmark. False once the watch is closed.
   *
   * @throws StatusRuntimeException where resuming is of no use
   */
  @Override
  public boolean hasNext() {
    while (next == null && !context.isCancelled()) {
      next = receive();
    }
    return next != null;
  }

  @Override
  public WatchEventsResponse next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the watch is closed");
    }
    WatchEventsResponse step = next;
    next = null;
    move(step);
    return step;
  }

  @Override
  public void close() {
    context.cancel(null);
    closed.countDown();
  }

  /**
   * The next step that is new; null where another look is due, at a new stream if this one broke.
   */
  private WatchEventsResponse receive() {
    try {
      if (stream == null) {
        context.run(() -> stream = events.watchEvents(position));
      }
      if (!stream.hasNext()) {
        stream = null;
        pause(Resumption.FIRST_DELAY);
        return null;
      }
      failures = 0;
      WatchEventsResponse step = stream.next();
      return isNew(step) ? step : null;
    } catch (StatusRuntimeException broken) {
      stream = null;
      failures++;
      pause(delayAfter(broken));
      return null;
    }
  }

  /** After a resumption a service may show a change again. */
  private boolean isNew(WatchEventsResponse step) {
    return step.hasBookmark() || step.getChange().getRevision() > position.getStartAfterRevision();
  }

  private Duration delayAfter(StatusRuntimeException broken) {
    ErrorDetails failure = ErrorDetails.of(broken);
    if (!context.isCancelled() && !Resumption.isOfUse(failure, failures)) {
      throw broken;
    }
    return Resumption.delayAfter(failure, failures);
  }

  private void pause(Duration delay) {
    try {
      closed.await(delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED
          .withDescription("interrupted")
          .withCause(interruption)
          .asRuntimeException();
    }
  }

  private void move(WatchEventsResponse step) {
    if (step.hasBookmark()) {
      var bookmark = step.getBookmark();
      move(bookmark.getRevision(), bookmark.hasOccurredAt() ? bookmark.getOccurredAt() : null);
    } else {
      var change = step.getChange();
      move(change.getRevision(), change.hasOccurredAt() ? change.getOccurredAt() : null);
    }
  }

  /**
   * When the change happened goes with its revision, since after a restore another one may have the
   * number.
   */
  private void move(long revision, Timestamp occurredAt) {
    WatchEventsRequest.Builder moved = position.toBuilder();
    if (revision > moved.getStartAfterRevision()) {
      moved.setStartAfterRevision(revision).clearStartAfterOccurredAt();
    }
    if (revision == moved.getStartAfterRevision() && occurredAt != null) {
      moved.setStartAfterOccurredAt(occurredAt);
    }
    position = moved.build();
  }
}
