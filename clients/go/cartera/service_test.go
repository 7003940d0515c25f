package cartera_test

import (
	"context"
	"crypto/x509"
	"net"
	"net/http/httptest"
	"sync"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/cartera-dev/cartera/clients/go/cartera"
	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
)

// connectedTo serves on loopback until the test ends, and connects to it.
func connectedTo(t *testing.T, register func(*grpc.Server), options ...grpc.DialOption) *grpc.ClientConn {
	t.Helper()
	address, _ := serve(t, "127.0.0.1:0", register)
	options = append(options, grpc.WithTransportCredentials(insecure.NewCredentials()))
	connection, err := cartera.Dial(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return connection
}

// clientOverTLS shows the service's certificate to a client who trusts it.
func clientOverTLS(t *testing.T, service *routing, options ...grpc.DialOption) routingv1.RoutingServiceClient {
	t.Helper()
	certified := httptest.NewTLSServer(nil) // for its certificate
	certified.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(certified.Certificate())
	address, _ := serve(t, "127.0.0.1:0", func(server *grpc.Server) {
		routingv1.RegisterRoutingServiceServer(server, service)
	}, grpc.Creds(credentials.NewServerTLSFromCert(&certified.TLS.Certificates[0])))
	options = append(options, grpc.WithTransportCredentials(credentials.NewClientTLSFromCert(trusted, "")))
	connection, err := cartera.Dial(address, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	return routingv1.NewRoutingServiceClient(connection)
}

// serve returns where it serves, and what ends it before the test does. Its connections are cut then.
func serve(
	t *testing.T, address string, register func(*grpc.Server), options ...grpc.ServerOption,
) (string, func()) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(options...)
	register(server)
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) })
	stop := func() { server.Stop(); serving.Wait() }
	t.Cleanup(stop)
	return listener.Addr().String(), stop
}

// routing answers RouteInteraction by a function, and keeps what it was asked.
type routing struct {
	routingv1.UnimplementedRoutingServiceServer
	answer func(ctx context.Context, attempt int) error

	mutex sync.Mutex
	asked []*routingv1.RouteInteractionRequest
}

func (r *routing) RouteInteraction(
	ctx context.Context, request *routingv1.RouteInteractionRequest,
) (*routingv1.RouteInteractionResponse, error) {
	r.mutex.Lock()
	r.asked = append(r.asked, request)
	attempt := len(r.asked)
	r.mutex.Unlock()
	return &routingv1.RouteInteractionResponse{Revision: 7}, r.answer(ctx, attempt)
}

func clientOf(t *testing.T, service *routing, options ...grpc.DialOption) routingv1.RoutingServiceClient {
	t.Helper()
	connection := connectedTo(t, func(server *grpc.Server) {
		routingv1.RegisterRoutingServiceServer(server, service)
	}, options...)
	return routingv1.NewRoutingServiceClient(connection)
}

func failure(code codes.Code, reason string, details ...protoadapt.MessageV1) error {
	info := &errdetails.ErrorInfo{Reason: reason, Domain: "cartera.dev"}
	made, err := status.New(code, "for developers").WithDetails(append(details, info)...)
	if err != nil {
		panic(err)
	}
	return made.Err()
}
