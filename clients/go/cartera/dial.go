// Package cartera is what a client of Cartera needs beside the generated code: connections with the published service
// config, requests that can be repeated, errors with their details, and watches that resume by themselves.
package cartera

import (
	_ "embed" // the published service config
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
)

const longestMessage = 64 << 20

//go:embed service_config.json
var serviceConfig string

// Dial makes a connection for any number of goroutines. Its calls have the deadlines and retries that the service
// publishes, a request_id that all attempts share, and fail with an [*Error].
//
// The options come after Cartera's own. Who calls is said by [grpc.WithPerRPCCredentials] and a [Caller].
func Dial(target string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	return grpc.NewClient(target, append(dialOptions(), options...)...)
}

func dialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithChainUnaryInterceptor(nameRequest),
		// A service that restarts is back within seconds; gRPC's own pace is made for larger outages.
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: firstDelay, Multiplier: 1.6, Jitter: 0.2, MaxDelay: longestDelay},
			MinConnectTimeout: 5 * time.Second,
		}),
		// A service whose machine is gone says nothing: a watch notices within 40 s.
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		// A page of a list may be longer than gRPC's 4 MiB.
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(longestMessage)),
	}
}
