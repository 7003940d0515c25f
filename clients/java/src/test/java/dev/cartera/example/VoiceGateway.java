package dev.cartera.example;

import dev.cartera.client.Caller;
import dev.cartera.client.CarteraChannel;
import dev.cartera.client.ErrorDetails;
import dev.cartera.client.EventWatch;
import dev.cartera.routing.v1.AgentServiceGrpc;
import dev.cartera.routing.v1.AgentStatus;
import dev.cartera.routing.v1.CancelInteractionRequest;
import dev.cartera.routing.v1.Channel;
import dev.cartera.routing.v1.Event;
import dev.cartera.routing.v1.EventServiceGrpc;
import dev.cartera.routing.v1.RouteInteractionRequest;
import dev.cartera.routing.v1.RoutingServiceGrpc;
import dev.cartera.routing.v1.SetAgentStatusRequest;
import dev.cartera.routing.v1.WatchEventsRequest;
import dev.cartera.routing.v1.WatchEventsResponse;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;

/**
 * Brings a call into the sample tenant, follows what becomes of it, and hangs up:
 *
 * <pre>
 * cartera serve
 * cartera apply -f examples/demo-tenant.yaml
 * clients/java/example 127.0.0.1:7733
 * </pre>
 *
 * <p>It may be started before the service: calls wait for it, and are tried again, as the published
 * service config says.
 */
public final class VoiceGateway {
  private static final String TENANT = "demo";
  private static final String CONTACT = "+34699000002";

  private final RoutingServiceGrpc.RoutingServiceBlockingStub routing;
  private final EventServiceGrpc.EventServiceBlockingStub events;

  private VoiceGateway(ManagedChannel channel) {
    Caller caller = Caller.named("gateway", "voice-1").reading("es");
    routing = RoutingServiceGrpc.newBlockingStub(channel).withCallCredentials(caller);
    events = EventServiceGrpc.newBlockingStub(channel).withCallCredentials(caller);
  }

  public static void main(String[] arguments) {
    if (arguments.length != 1) {
      System.err.println("usage: example ADDRESS");
      System.exit(2);
    }
    ManagedChannel channel =
        CarteraChannel.builder(arguments[0], InsecureChannelCredentials.create()).build();
    try {
      long revision = signIn(channel, "carlos");
      new VoiceGateway(channel).serve(revision);
    } finally {
      channel.shutdownNow();
    }
  }

  /** What an agent's desktop does. Returns the revision of the tenant then. */
  private static long signIn(ManagedChannel channel, String agent) {
    var request =
        SetAgentStatusRequest.newBuilder()
            .setTenantId(TENANT)
            .setAgentId(agent)
            .setStatus(AgentStatus.AGENT_STATUS_ONLINE)
            .build();
    return AgentServiceGrpc.newBlockingStub(channel)
        .withCallCredentials(Caller.named("agent", agent))
        .setAgentStatus(request)
        .getRevision();
  }

  private void serve(long revision) {
    String interaction = route();
    var fromThere =
        WatchEventsRequest.newBuilder()
            .setTenantId(TENANT)
            .setStartAfterRevision(revision)
            .addInteractionIds(interaction)
            .build();
    WatchEventsRequest position = follow(fromThere);
    hangUp(interaction);
    // A gateway that was restarted goes on from the position that it kept.
    follow(position);
    beRefused();
  }

  private String route() {
    var request =
        RouteInteractionRequest.newBuilder()
            .setTenantId(TENANT)
            .setCampaignId("ventas-voz")
            .setContactId(CONTACT)
            .setChannel(Channel.CHANNEL_VOICE)
            .setAddress("+34910000100")
            .build();
    var answer = routing.routeInteraction(request);
    System.out.println(
        "routed: " + answer.getOutcome() + " " + answer.getInteraction().getAgentId());
    return answer.getInteraction().getInteractionId();
  }

  /**
   * Shows the next change that the request asks for, and returns the request that goes on behind
   * it.
   */
  private WatchEventsRequest follow(WatchEventsRequest request) {
    try (EventWatch watch = EventWatch.open(events, request)) {
      WatchEventsResponse step = watch.next();
      while (!step.hasChange()) {
        step = watch.next();
      }
      step.getChange().getEventsList().forEach(VoiceGateway::show);
      return watch.position();
    }
  }

  private static void show(Event event) {
    switch (event.getKindCase()) {
      case INTERACTION_ASSIGNED ->
          System.out.println("connect with " + event.getInteractionAssigned().getAgentId());
      case INTERACTION_CANCELLED -> System.out.println("the contact has left");
      default -> {}
    }
  }

  private void hangUp(String interaction) {
    var request =
        CancelInteractionRequest.newBuilder()
            .setTenantId(TENANT)
            .setInteractionId(interaction)
            .build();
    routing.cancelInteraction(request);
  }

  /** Brings a call into a campaign that has no telephone. */
  private void beRefused() {
    var request =
        RouteInteractionRequest.newBuilder()
            .setTenantId(TENANT)
            .setCampaignId("ventas-whatsapp")
            .setContactId(CONTACT)
            .setChannel(Channel.CHANNEL_VOICE)
            .build();
    try {
      var answer = routing.routeInteraction(request);
      throw new IllegalStateException("it should have been refused: " + answer);
    } catch (StatusRuntimeException failure) {
      ErrorDetails refused = ErrorDetails.of(failure);
      System.out.println("refused: " + refused.reason() + " " + refused.message());
      refused
          .preconditions()
          .forEach(
              each -> System.out.println("  because: " + each.getType() + " " + each.getSubject()));
    }
  }
}
