// Command gateway brings a call into the sample tenant, follows what becomes of it, and hangs up:
//
//	cartera serve
//	cartera apply -f examples/demo-tenant.yaml
//	clients/go/example 127.0.0.1:7733
//
// It may be started before the service: calls wait for it, and are tried again, as the published service config says.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/cartera-dev/cartera/clients/go/cartera"
	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
)

const (
	tenant  = "demo"
	contact = "+34699000001"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: example ADDRESS")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, address string) error {
	revision, err := signIn(ctx, address, "carlos")
	if err != nil {
		return err
	}
	connection, err := dial(address, cartera.Caller{Role: "gateway", Subject: "voice-1", Language: "es"})
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	gateway := gateway{connection, routingv1.NewRoutingServiceClient(connection)}
	return gateway.serve(ctx, revision)
}

func dial(address string, caller cartera.Caller) (*grpc.ClientConn, error) {
	return cartera.Dial(
		address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithPerRPCCredentials(caller),
	)
}

// signIn is what an agent's desktop does. It returns the revision of the tenant then.
func signIn(ctx context.Context, address, agent string) (int64, error) {
	desktop, err := dial(address, cartera.Caller{Role: "agent", Subject: agent})
	if err != nil {
		return 0, err
	}
	defer func() { _ = desktop.Close() }()
	answer, err := routingv1.NewAgentServiceClient(desktop).SetAgentStatus(ctx, &routingv1.SetAgentStatusRequest{
		TenantId: tenant,
		AgentId:  agent,
		Status:   routingv1.AgentStatus_AGENT_STATUS_ONLINE,
	})
	return answer.GetRevision(), err
}

type gateway struct {
	connection *grpc.ClientConn
	routing    routingv1.RoutingServiceClient
}

func (g gateway) serve(ctx context.Context, revision int64) error {
	interaction, err := g.route(ctx)
	if err != nil {
		return err
	}
	position, err := g.follow(ctx, &routingv1.WatchEventsRequest{
		TenantId:           tenant,
		StartAfterRevision: &revision,
		InteractionIds:     []string{interaction},
	})
	if err != nil {
		return err
	}
	if err := g.hangUp(ctx, interaction); err != nil {
		return err
	}
	// A gateway that was restarted goes on from the position that it kept.
	if _, err := g.follow(ctx, position); err != nil {
		return err
	}
	return g.beRefused(ctx)
}

func (g gateway) route(ctx context.Context) (string, error) {
	answer, err := g.routing.RouteInteraction(ctx, &routingv1.RouteInteractionRequest{
		TenantId:   tenant,
		CampaignId: "ventas-voz",
		ContactId:  contact,
		Channel:    routingv1.Channel_CHANNEL_VOICE,
		Address:    "+34910000100",
	})
	if err != nil {
		return "", err
	}
	fmt.Println("routed:", answer.GetOutcome(), answer.GetInteraction().GetAgentId())
	return answer.GetInteraction().GetInteractionId(), nil
}

// follow shows the next change that the request asks for, and returns the request that goes on behind it.
func (g gateway) follow(
	ctx context.Context, request *routingv1.WatchEventsRequest,
) (*routingv1.WatchEventsRequest, error) {
	watch := cartera.NewWatch(g.connection, request)
	for step, err := range watch.Steps(ctx) {
		if err != nil {
			return nil, err
		}
		if change := step.GetChange(); change != nil {
			show(change)
			break
		}
	}
	return watch.Position(), nil
}

func show(change *routingv1.Change) {
	for _, event := range change.GetEvents() {
		switch {
		case event.GetInteractionAssigned() != nil:
			fmt.Println("connect with", event.GetInteractionAssigned().GetAgentId())
		case event.GetInteractionCancelled() != nil:
			fmt.Println("the contact has left")
		}
	}
}

func (g gateway) hangUp(ctx context.Context, interaction string) error {
	_, err := g.routing.CancelInteraction(ctx, &routingv1.CancelInteractionRequest{
		TenantId:      tenant,
		InteractionId: interaction,
	})
	return err
}

// beRefused brings a call into a campaign that has no telephone.
func (g gateway) beRefused(ctx context.Context) error {
	_, err := g.routing.RouteInteraction(ctx, &routingv1.RouteInteractionRequest{
		TenantId:   tenant,
		CampaignId: "ventas-whatsapp",
		ContactId:  contact,
		Channel:    routingv1.Channel_CHANNEL_VOICE,
	})
	var refused *cartera.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("the call should have been refused: %w", err)
	}
	fmt.Println("refused:", refused.Reason, refused.Message)
	for _, condition := range refused.Preconditions {
		fmt.Println("  because:", condition.GetType(), condition.GetSubject())
	}
	return nil
}
