package dev.cartera.client;

import com.google.protobuf.Timestamp;
import dev.cartera.routing.v1.Bookmark;
import dev.cartera.routing.v1.Change;
import dev.cartera.routing.v1.ConfigurationServiceGrpc.ConfigurationServiceImplBase;
import dev.cartera.routing.v1.EventServiceGrpc.EventServiceImplBase;
import dev.cartera.routing.v1.GetTenantRequest;
import dev.cartera.routing.v1.GetTenantResponse;
import dev.cartera.routing.v1.WatchEventsRequest;
import dev.cartera.routing.v1.WatchEventsResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/** Plays one script a stream, the last one over and over, and keeps what it was asked. */
final class ScriptedFeed extends EventServiceImplBase {
  final BlockingQueue<WatchEventsRequest> asked = new LinkedBlockingQueue<>();
  private final Queue<Script> scripts;

  ScriptedFeed(Script... scripts) {
    this.scripts = new ArrayDeque<>(List.of(scripts));
  }

  @Override
  public void watchEvents(WatchEventsRequest request, StreamObserver<WatchEventsResponse> stream) {
    asked.add(request);
    Script script = scripts.size() > 1 ? scripts.remove() : scripts.element();
    script.steps.forEach(stream::onNext);
    script.end.accept(stream);
  }

  /** What one stream sends, and how it ends. */
  record Script(List<WatchEventsResponse> steps, Consumer<StreamObserver<?>> end) {
    /** A stream that the service ends without an error. */
    static Script completed(WatchEventsResponse... steps) {
      return new Script(List.of(steps), StreamObserver::onCompleted);
    }

    /** A stream that lasts as long as its connection. */
    static Script held(WatchEventsResponse... steps) {
      return new Script(List.of(steps), stream -> {});
    }

    /** A stream that breaks. */
    static Script failed(Throwable failure, WatchEventsResponse... steps) {
      return new Script(List.of(steps), stream -> stream.onError(failure));
    }
  }

  static WatchEventsResponse change(long revision, long second) {
    var change = Change.newBuilder().setRevision(revision).setOccurredAt(at(second));
    return WatchEventsResponse.newBuilder().setChange(change).build();
  }

  static WatchEventsResponse bookmark(long revision) {
    var bookmark = Bookmark.newBuilder().setRevision(revision);
    return WatchEventsResponse.newBuilder().setBookmark(bookmark).build();
  }

  static Timestamp at(long second) {
    return Timestamp.newBuilder().setSeconds(second).build();
  }

  /** A tenant that is at a revision. */
  static final class Tenant extends ConfigurationServiceImplBase {
    static final long REVISION = 41;

    @Override
    public void getTenant(GetTenantRequest request, StreamObserver<GetTenantResponse> answer) {
      answer.onNext(GetTenantResponse.newBuilder().setRevision(REVISION).build());
      answer.onCompleted();
    }
  }
}
