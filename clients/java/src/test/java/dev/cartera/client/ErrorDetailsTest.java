package dev.cartera.client;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.util.Durations;
import com.google.rpc.BadRequest;
import com.google.rpc.LocalizedMessage;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.RequestInfo;
import com.google.rpc.ResourceInfo;
import com.google.rpc.RetryInfo;
import dev.cartera.routing.v1.RouteInteractionRequest;
import dev.cartera.routing.v1.RoutingServiceGrpc;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ErrorDetailsTest extends ServedTest {
  @Test
  void anErrorHasItsDetails() {
    var violation = BadRequest.FieldViolation.newBuilder().setField("campaign_id").build();
    var condition = PreconditionFailure.Violation.newBuilder().setSubject("ana").build();
    var resource = ResourceInfo.newBuilder().setResourceName("ventas").build();
    var text = "No existe la campaña ventas.";
    ErrorDetails found =
        refusal(
            ScriptedRouting.failure(
                Code.INVALID_ARGUMENT,
                "UNKNOWN_REFERENCE",
                BadRequest.newBuilder().addFieldViolations(violation).build(),
                PreconditionFailure.newBuilder().addViolations(condition).build(),
                resource,
                RetryInfo.newBuilder().setRetryDelay(Durations.fromMillis(1500)).build(),
                RequestInfo.newBuilder().setRequestId("4bf92f35").build(),
                LocalizedMessage.newBuilder().setLocale("es").setMessage(text).build()));
    assertAll(
        () -> assertEquals(Code.INVALID_ARGUMENT, found.code()),
        () -> assertEquals("UNKNOWN_REFERENCE", found.reason()),
        () -> assertEquals(List.of(violation), found.fieldViolations()),
        () -> assertEquals(List.of(condition), found.preconditions()),
        () -> assertEquals(Optional.of(resource), found.resource()),
        () -> assertEquals(Optional.of(Duration.ofMillis(1500)), found.retryDelay()),
        () -> assertEquals("4bf92f35", found.correlationId()),
        () -> assertEquals("es", found.locale()),
        () -> assertEquals(text, found.message()));
  }

  @Test
  void aProxysErrorHasNoReason() {
    ErrorDetails found =
        refusal(Status.PERMISSION_DENIED.withDescription("no route").asRuntimeException());
    assertEquals("", found.reason());
    assertEquals("no route", found.message());
    assertEquals(Optional.empty(), found.retryDelay());
  }

  private ErrorDetails refusal(StatusRuntimeException refused) {
    var stub =
        RoutingServiceGrpc.newBlockingStub(connectTo(serve(0, new ScriptedRouting(refused))));
    var request = RouteInteractionRequest.getDefaultInstance();
    return ErrorDetails.of(
        assertThrows(StatusRuntimeException.class, () -> stub.routeInteraction(request)));
  }
}
