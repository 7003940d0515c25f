package dev.cartera.client;

import static dev.cartera.client.ScriptedFeed.Script.completed;
import static dev.cartera.client.ScriptedFeed.Script.failed;
import static dev.cartera.client.ScriptedFeed.Script.held;
import static dev.cartera.client.ScriptedFeed.at;
import static dev.cartera.client.ScriptedFeed.bookmark;
import static dev.cartera.client.ScriptedFeed.change;
import static dev.cartera.client.ScriptedRouting.failure;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.util.Durations;
import com.google.rpc.RetryInfo;
import dev.cartera.routing.v1.EventServiceGrpc;
import dev.cartera.routing.v1.WatchEventsRequest;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EventWatchTest extends ServedTest {
  private static final StatusRuntimeException LOST = Status.UNAVAILABLE.asRuntimeException();

  @Test
  void itResumesBehindWhatItHasDelivered() throws InterruptedException {
    var feed =
        new ScriptedFeed(
            failed(LOST, change(4, 100), bookmark(5)), held(change(5, 200), change(6, 300)));
    try (EventWatch watch = watch(serve(0, feed), after(3))) {
      assertEquals(change(4, 100), watch.next());
      assertEquals(bookmark(5), watch.next());
      assertEquals(change(6, 300), watch.next());
      assertEquals(after(3), feed.asked.take());
      assertEquals(after(5), feed.asked.take());
      assertEquals(after(6).toBuilder().setStartAfterOccurredAt(at(300)).build(), watch.position());
    }
  }

  @Test
  void itSaysWhenTheLastChangeHappened() throws InterruptedException {
    var feed = new ScriptedFeed(completed(change(4, 100), bookmark(4)), held(bookmark(5)));
    try (EventWatch watch = watch(serve(0, feed), after(3))) {
      watch.next();
      watch.next();
      watch.next();
      assertEquals(after(3), feed.asked.take());
      assertEquals(
          after(4).toBuilder().setStartAfterOccurredAt(at(100)).build(), feed.asked.take());
    }
  }

  @Test
  void itStandsBehindWhatWasTakenFromItAndNotBehindWhatWaits() {
    try (EventWatch watch = watch(serve(0, new ScriptedFeed(held(change(4, 100)))), after(3))) {
      watch.hasNext();
      assertEquals(after(3), watch.position());
    }
  }

  @Test
  void fromNowOnItNamesTheRevisionThatIsNow() throws InterruptedException {
    var feed = new ScriptedFeed(held(change(42, 100)));
    var server = serve(0, feed, new ScriptedFeed.Tenant());
    try (EventWatch watch = watch(server, WatchEventsRequest.getDefaultInstance())) {
      watch.next();
      assertEquals(ScriptedFeed.Tenant.REVISION, feed.asked.take().getStartAfterRevision());
    }
  }

  static Stream<Throwable> passingFailures() {
    var soon = RetryInfo.newBuilder().setRetryDelay(Durations.fromMillis(1)).build();
    return Stream.of(
        LOST,
        Status.INTERNAL.withDescription("RST_STREAM").asRuntimeException(),
        failure(Code.RESOURCE_EXHAUSTED, "WATCHER_TOO_SLOW", soon),
        failure(Code.RESOURCE_EXHAUSTED, "TOO_MANY_STREAMS", soon),
        failure(Code.UNAVAILABLE, "SERVICE_DRAINING"),
        failure(Code.UNAUTHENTICATED, "TOKEN_EXPIRED"));
  }

  @ParameterizedTest
  @MethodSource("passingFailures")
  void itOutlivesWhatPasses(Throwable failure) {
    var feed = new ScriptedFeed(failed(failure, change(1, 100)), held(change(2, 200)));
    try (EventWatch watch = watch(serve(0, feed), after(0))) {
      assertEquals(change(1, 100), watch.next());
      assertEquals(change(2, 200), watch.next());
    }
  }

  @Test
  void itOutlivesARestartOfTheService() throws InterruptedException {
    Server before = serve(0, new ScriptedFeed(held(change(1, 100))));
    int port = before.getPort();
    var afterwards = new ScriptedFeed(held(change(2, 200)));
    try (EventWatch watch = watch(before, after(0))) {
      assertEquals(change(1, 100), watch.next());
      before.shutdownNow().awaitTermination();
      serve(port, afterwards);
      assertEquals(change(2, 200), watch.next());
      assertEquals(1, afterwards.asked.take().getStartAfterRevision());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "OUT_OF_RANGE, REVISION_PRUNED",
    "OUT_OF_RANGE, REVISION_REPLACED",
    "PERMISSION_DENIED, PERMISSION_DENIED",
    "UNAUTHENTICATED, TOKEN_EXPIRED" // the second in a row: there is no better one
  })
  void itEndsWithWhatStays(Code code, String reason) {
    var server = serve(0, new ScriptedFeed(failed(failure(code, reason))));
    try (EventWatch watch = watch(server, after(0))) {
      var end = assertThrows(StatusRuntimeException.class, watch::hasNext);
      assertEquals(reason, ErrorDetails.of(end).reason());
    }
  }

  @Test
  void itEndsWhereItIsClosedByAnotherThread() throws InterruptedException {
    var feed = new ScriptedFeed(held());
    EventWatch watch = watch(serve(0, feed), after(0));
    Thread closing = new Thread(() -> closeOnceOpened(watch, feed));
    closing.start();
    assertFalse(watch.hasNext());
    closing.join();
  }

  private static void closeOnceOpened(EventWatch watch, ScriptedFeed feed) {
    try {
      feed.asked.take();
    } catch (InterruptedException endOfTest) {
      Thread.currentThread().interrupt();
    }
    watch.close();
  }

  private EventWatch watch(Server server, WatchEventsRequest request) {
    return EventWatch.open(EventServiceGrpc.newBlockingStub(connectTo(server)), request);
  }

  private static WatchEventsRequest after(long revision) {
    return WatchEventsRequest.newBuilder().setStartAfterRevision(revision).build();
  }
}
