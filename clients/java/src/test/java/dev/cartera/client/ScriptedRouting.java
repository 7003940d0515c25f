package dev.cartera.client;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import dev.cartera.routing.v1.RouteInteractionRequest;
import dev.cartera.routing.v1.RouteInteractionResponse;
import dev.cartera.routing.v1.RoutingServiceGrpc.RoutingServiceImplBase;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Fails as it was told to, one failure a call, and succeeds from then on. It keeps what it was
 * asked.
 */
final class ScriptedRouting extends RoutingServiceImplBase {
  final List<RouteInteractionRequest> asked = new CopyOnWriteArrayList<>();
  final List<Deadline> deadlines = new CopyOnWriteArrayList<>();
  private final Queue<StatusRuntimeException> failures;

  ScriptedRouting(StatusRuntimeException... failures) {
    this.failures = new ArrayDeque<>(List.of(failures));
  }

  @Override
  public void routeInteraction(
      RouteInteractionRequest request, StreamObserver<RouteInteractionResponse> answer) {
    asked.add(request);
    deadlines.add(Context.current().getDeadline());
    StatusRuntimeException failure = failures.poll();
    if (failure != null) {
      answer.onError(failure);
      return;
    }
    answer.onNext(RouteInteractionResponse.newBuilder().setRevision(7).build());
    answer.onCompleted();
  }

  /** A failure as the service sends it. */
  static StatusRuntimeException failure(Code code, String reason, Message... details) {
    var status =
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage("for developers")
            .addDetails(Any.pack(ErrorInfo.newBuilder().setReason(reason).build()));
    for (Message detail : details) {
      status.addDetails(Any.pack(detail));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }
}
