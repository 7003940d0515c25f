package main

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// upstream is a gRPC server that shows what reaches it, and answers nothing but health.
type upstream struct {
	address string
	calls   chan context.Context
}

func startUpstream(t *testing.T, options ...grpc.ServerOption) *upstream {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	up := &upstream{address: listener.Addr().String(), calls: make(chan context.Context, 1)}
	server := grpc.NewServer(append(options, grpc.UnknownServiceHandler(up.hold))...)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return up
}

// hold keeps a call until its client has gone.
func (u *upstream) hold(_ any, stream grpc.ServerStream) error {
	u.calls <- stream.Context()
	<-stream.Context().Done()
	return status.FromContextError(stream.Context().Err()).Err()
}

func TestWhoCallsIsPassedOn(t *testing.T) {
	up := startUpstream(t)
	gateway := gatewayTo(t, up.address)
	passed := map[string]string{
		"authorization":    "Bearer token",
		"accept-language":  "es",
		"cartera-role":     "agent",
		"cartera-subject":  "ana",
		"x-correlation-id": "call-1",
	}
	headers := []string{"Cookie", "session=1", "Grpc-Metadata-Cartera-Role", "administrator", "Grpc-Timeout", "200m"}
	for key, value := range passed {
		headers = append(headers, key, value)
	}
	call(t, gateway, routeInteraction, "{}", headers...)
	received, _ := metadata.FromIncomingContext(<-up.calls)
	for key, value := range passed {
		if got := received.Get(key); len(got) != 1 || got[0] != value {
			t.Errorf("%s is %q, not %q", key, got, value)
		}
	}
	if got := received.Get("cookie"); got != nil {
		t.Errorf("the cookie is passed on: %q", got)
	}
}

func TestACallEndsAtItsDeadline(t *testing.T) {
	up := startUpstream(t)
	gateway := gatewayTo(t, up.address)
	asked := time.Now()
	response := call(t, gateway, routeInteraction, "{}", "Grpc-Timeout", "200m")
	requireStatus(t, response, http.StatusGatewayTimeout)
	if failed := read[failure](t, response); codes.Code(failed.Code) != codes.DeadlineExceeded {
		t.Errorf("it fails with %+v", failed)
	}
	if deadline, ok := (<-up.calls).Deadline(); !ok || deadline.Sub(asked) > time.Second {
		t.Errorf("the service is told %v", deadline)
	}
	if response.Header.Get("Cartera-Request-Id") == "" {
		t.Error("there is no request id to repeat it with")
	}
}

func TestACallHasThePublishedDeadline(t *testing.T) {
	up := startUpstream(t)
	gateway := gatewayTo(t, up.address)
	ctx, hangUp := context.WithCancel(t.Context())
	callMeanwhile(t, ctx, gateway, routeInteraction)
	received := <-up.calls
	if deadline, ok := received.Deadline(); !ok || time.Until(deadline) > 10*time.Second {
		t.Errorf("the deadline is %v", deadline)
	}
	hangUp()
	<-received.Done() // Who hangs up ends the call.
}
