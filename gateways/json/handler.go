package main

import (
	"context"
	_ "embed" // the OpenAPI document
	"fmt"
	"net/http"
	"strings"
	"time"

	gateway "github.com/cartera-dev/cartera/gateways/json/internal/generated/cartera/routing/v1"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/encoding/protojson"
)

// healthTime is how long the service may take to say that it is well.
const healthTime = 5 * time.Second

//go:embed internal/generated/openapi/cartera.swagger.json
var openapi []byte

// passedOn are the headers that the service reads as metadata. The authorization is passed on in any case.
var passedOn = map[string]bool{
	"accept-language":     true,
	"cartera-role":        true,
	"cartera-subject":     true,
	"cartera-subject-bin": true,
	"traceparent":         true,
	"tracestate":          true,
	"x-correlation-id":    true,
}

// newHandler answers everything: calls, health, and the OpenAPI document. Streams end when their context is done.
func newHandler(service *grpc.ClientConn, longestBody int64, streams context.Context) (http.Handler, error) {
	calls, err := newCalls(service)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", healthOf(grpc_health_v1.NewHealthClient(service)))
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write(openapi)
	})
	mux.Handle("/", &guard{calls: calls, longestBody: longestBody, streams: streams})
	return mux, nil
}

// newCalls translates the calls of all services.
func newCalls(service *grpc.ClientConn) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &lines{runtime.JSONPb{
			MarshalOptions: protojson.MarshalOptions{EmitDefaultValues: true},
		}}),
		runtime.WithIncomingHeaderMatcher(func(key string) (string, bool) {
			name := strings.ToLower(key)
			return name, passedOn[name]
		}),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithErrorHandler(answerError),
		runtime.WithDisablePathLengthFallback(),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		gateway.RegisterAgentServiceHandler,
		gateway.RegisterConfigurationServiceHandler,
		gateway.RegisterContactServiceHandler,
		gateway.RegisterEventServiceHandler,
		gateway.RegisterMonitorServiceHandler,
		gateway.RegisterPortfolioServiceHandler,
		gateway.RegisterRoutingServiceHandler,
	} {
		if err := register(context.Background(), mux, service); err != nil {
			return nil, err
		}
	}
	return mux, nil
}

// lines are protobuf's JSON, of which a stream has one message a line. Fields that a message doesn't have are refused:
// a name that is misspelt would go unnoticed.
type lines struct{ runtime.JSONPb }

// StreamContentType is asked for by the runtime.
func (*lines) StreamContentType(any) string { return "application/x-ndjson" }

// healthOf says whether the service serves, as seen from here.
func healthOf(service grpc_health_v1.HealthClient) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), healthTime)
		defer cancel()
		answer, err := service.Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		if err != nil || answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = fmt.Fprintln(w, answer.GetStatus())
	}
}
