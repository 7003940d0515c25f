package dev.cartera.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.cartera.routing.v1.RouteInteractionRequest;
import dev.cartera.routing.v1.RoutingServiceGrpc;
import io.grpc.BindableService;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallerTest extends ServedTest {
  private final BlockingQueue<Metadata> received = new LinkedBlockingQueue<>();

  @Test
  void theCallerStandsInTheMetadata() throws InterruptedException {
    callAs(Caller.named("gateway", "voice-1").reading("es"));
    Metadata said = received.take();
    assertEquals("gateway", said.get(text("cartera-role")));
    assertEquals("voice-1", said.get(text("cartera-subject")));
    assertEquals("es", said.get(text("accept-language")));
    assertFalse(said.containsKey(text("authorization")));
  }

  @Test
  void aSubjectThatIsNotAsciiIsSentAsBytes() throws InterruptedException {
    callAs(Caller.named("agent", "lucía"));
    var key = Metadata.Key.of("cartera-subject-bin", Metadata.BINARY_BYTE_MARSHALLER);
    assertArrayEquals("lucía".getBytes(StandardCharsets.UTF_8), received.take().get(key));
  }

  @Test
  void aTokenIsNotSentInPlainText() {
    var caller = Caller.withToken(() -> "secret");
    var failure = assertThrows(StatusRuntimeException.class, () -> callAs(caller));
    assertEquals(Status.Code.UNAUTHENTICATED, failure.getStatus().getCode());
    assertEquals(0, received.size());
  }

  @Test
  void aTokenIsAskedForWithEachAttempt(@TempDir Path directory) throws Exception {
    var certificate = TestCertificate.madeIn(directory);
    var service = listeningTo(new ScriptedRouting(Status.UNAVAILABLE.asRuntimeException()));
    var channel =
        connectTo(serve(0, certificate.ofServer(), service), certificate.ofTrustingClient());
    var tokens = new AtomicInteger();
    callAs(Caller.withToken(() -> "token-" + tokens.incrementAndGet()), channel);
    assertEquals("Bearer token-1", received.take().get(text("authorization")));
    assertEquals("Bearer token-2", received.take().get(text("authorization")));
  }

  private void callAs(Caller caller) {
    callAs(caller, connectTo(serve(0, listeningTo(new ScriptedRouting()))));
  }

  private static void callAs(Caller caller, Channel channel) {
    RoutingServiceGrpc.newBlockingStub(channel)
        .withCallCredentials(caller)
        .routeInteraction(RouteInteractionRequest.getDefaultInstance());
  }

  private BindableService listeningTo(BindableService service) {
    return () -> ServerInterceptors.intercept(service.bindService(), new Ear(received));
  }

  private static Metadata.Key<String> text(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Keeps the metadata of each call. */
  private record Ear(BlockingQueue<Metadata> received) implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      received.add(headers);
      return next.startCall(call, headers);
    }
  }
}
