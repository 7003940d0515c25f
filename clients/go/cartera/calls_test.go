package cartera_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/cartera-dev/cartera/clients/go/cartera"
	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
)

func succeeding(context.Context, int) error { return nil }

func TestAllAttemptsOfACallSendOneRequestID(t *testing.T) {
	service := &routing{answer: func(_ context.Context, attempt int) error {
		if attempt < 3 {
			return status.Error(codes.Unavailable, "not yet")
		}
		return nil
	}}
	request := &routingv1.RouteInteractionRequest{TenantId: "demo"}
	if _, err := clientOf(t, service).RouteInteraction(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if len(service.asked) != 3 {
		t.Fatalf("%d attempts", len(service.asked))
	}
	id := service.asked[0].GetRequestId()
	for _, attempt := range service.asked {
		if attempt.GetRequestId() == "" || attempt.GetRequestId() != id {
			t.Errorf("an attempt came as %q after %q", attempt.GetRequestId(), id)
		}
	}
	if request.GetRequestId() != "" {
		t.Error("the caller's own message was changed")
	}
}

func TestTheCallersRequestIDIsKept(t *testing.T) {
	service := &routing{answer: succeeding}
	request := &routingv1.RouteInteractionRequest{RequestId: "sip-dialogue-4711"}
	if _, err := clientOf(t, service).RouteInteraction(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	if id := service.asked[0].GetRequestId(); id != "sip-dialogue-4711" {
		t.Errorf("the request came as %q", id)
	}
}

func TestAFailedCallIsRepeatedUnderTheIDInItsError(t *testing.T) {
	service := &routing{answer: func(context.Context, int) error { return failure(codes.Internal, "INTERNAL") }}
	_, err := clientOf(t, service).RouteInteraction(t.Context(), &routingv1.RouteInteractionRequest{})
	found, ok := cartera.ErrorOf(err)
	if !ok || found.RequestID == "" || found.RequestID != service.asked[0].GetRequestId() {
		t.Errorf("%v doesn't name %q", err, service.asked[0].GetRequestId())
	}
}

func TestACallHasThePublishedDeadline(t *testing.T) {
	var remaining time.Duration
	service := &routing{answer: func(ctx context.Context, _ int) error {
		deadline, _ := ctx.Deadline()
		remaining = time.Until(deadline)
		return nil
	}}
	if _, err := clientOf(t, service).RouteInteraction(t.Context(), &routingv1.RouteInteractionRequest{}); err != nil {
		t.Fatal(err)
	}
	if remaining <= 5*time.Second || remaining > 10*time.Second {
		t.Errorf("the service was given %v of the 10 s", remaining)
	}
}

func TestTheCallerStandsInTheMetadata(t *testing.T) {
	for name, each := range map[string]struct {
		caller cartera.Caller
		said   map[string]string
	}{
		"gateway": {
			cartera.Caller{Role: "gateway", Subject: "voice-1", Language: "es"},
			map[string]string{"cartera-role": "gateway", "cartera-subject": "voice-1", "accept-language": "es"},
		},
		"not ASCII": {
			cartera.Caller{Role: "agent", Subject: "lucía"},
			map[string]string{"cartera-role": "agent", "cartera-subject-bin": "lucía"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var received metadata.MD
			service := &routing{answer: func(ctx context.Context, _ int) error {
				received, _ = metadata.FromIncomingContext(ctx)
				return nil
			}}
			client := clientOf(t, service, grpc.WithPerRPCCredentials(each.caller))
			if _, err := client.RouteInteraction(t.Context(), &routingv1.RouteInteractionRequest{}); err != nil {
				t.Fatal(err)
			}
			for key, value := range each.said {
				if got := received.Get(key); len(got) != 1 || got[0] != value {
					t.Errorf("%s came as %q", key, got)
				}
			}
		})
	}
}

func TestATokenIsAskedForWithEachAttempt(t *testing.T) {
	var received []string
	service := &routing{answer: func(ctx context.Context, attempt int) error {
		said, _ := metadata.FromIncomingContext(ctx)
		received = append(received, said.Get("authorization")...)
		if attempt == 1 {
			return status.Error(codes.Unavailable, "not yet")
		}
		return nil
	}}
	tokens := 0
	caller := cartera.Caller{Token: func(context.Context) (string, error) {
		tokens++
		return fmt.Sprintf("token-%d", tokens), nil
	}}
	client := clientOverTLS(t, service, grpc.WithPerRPCCredentials(caller))
	if _, err := client.RouteInteraction(t.Context(), &routingv1.RouteInteractionRequest{}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(received, []string{"Bearer token-1", "Bearer token-2"}) {
		t.Errorf("the service was shown %q", received)
	}
}

func TestATokenIsNotSentInPlainText(t *testing.T) {
	caller := cartera.Caller{Token: func(context.Context) (string, error) { return "secret", nil }}
	plain := grpc.WithTransportCredentials(insecure.NewCredentials())
	if _, err := cartera.Dial("127.0.0.1:1", plain, grpc.WithPerRPCCredentials(caller)); err == nil {
		t.Error("a connection was made that would send it")
	}
}
