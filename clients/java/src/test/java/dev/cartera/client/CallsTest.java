package dev.cartera.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cartera.routing.v1.RouteInteractionRequest;
import dev.cartera.routing.v1.RoutingServiceGrpc;
import dev.cartera.routing.v1.RoutingServiceGrpc.RoutingServiceBlockingStub;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class CallsTest extends ServedTest {
  private static final RouteInteractionRequest UNNAMED =
      RouteInteractionRequest.newBuilder().setTenantId("demo").build();

  @Test
  void allAttemptsOfACallSendOneRequestId() {
    var unavailable = Status.UNAVAILABLE.asRuntimeException();
    var service = new ScriptedRouting(unavailable, unavailable);
    assertEquals(7, stubOf(service).routeInteraction(UNNAMED).getRevision());
    assertEquals(3, service.asked.size());
    Set<String> ids =
        service.asked.stream()
            .map(RouteInteractionRequest::getRequestId)
            .collect(Collectors.toSet());
    assertEquals(1, ids.size());
    assertFalse(ids.contains(""));
  }

  @Test
  void theCallersRequestIdIsKept() {
    var service = new ScriptedRouting();
    stubOf(service).routeInteraction(UNNAMED.toBuilder().setRequestId("sip-dialogue-4711").build());
    assertEquals("sip-dialogue-4711", service.asked.get(0).getRequestId());
  }

  @Test
  void aFailedCallIsRepeatedUnderTheIdInItsDetails() {
    var service = new ScriptedRouting(ScriptedRouting.failure(Code.INTERNAL, "INTERNAL"));
    var failure =
        assertThrows(StatusRuntimeException.class, () -> stubOf(service).routeInteraction(UNNAMED));
    var id = ErrorDetails.of(failure).requestId();
    assertFalse(id.isEmpty());
    assertEquals(service.asked.get(0).getRequestId(), id);
  }

  @Test
  void aCallHasThePublishedDeadline() {
    var service = new ScriptedRouting();
    stubOf(service).routeInteraction(UNNAMED);
    long remaining = service.deadlines.get(0).timeRemaining(TimeUnit.MILLISECONDS);
    assertTrue(remaining > 5_000 && remaining <= 10_000, remaining + " ms");
  }

  private RoutingServiceBlockingStub stubOf(ScriptedRouting service) {
    return RoutingServiceGrpc.newBlockingStub(connectTo(serve(0, service)));
  }
}
