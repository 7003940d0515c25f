// Command cartera-json lets those call Cartera who have no gRPC: each call of the contract is a POST with JSON.
//
// It keeps nothing, so that any number of them can stand beside the service.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/net/netutil"
)

func main() {
	var told settings
	kong.Parse(&told,
		kong.Name("cartera-json"),
		kong.Description("JSON over HTTP for Cartera: POST /cartera.routing.v1.RoutingService/RouteInteraction."),
	)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, &told); err != nil {
		fmt.Fprintln(os.Stderr, "cartera-json:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done, then drains.
func run(ctx context.Context, told *settings) (err error) {
	service, err := dial(told)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, service.Close()) }()
	listener, err := net.Listen("tcp", told.Listen)
	if err != nil {
		return err
	}
	fmt.Println("cartera-json serves at", listener.Addr())
	streams, endStreams := context.WithCancel(context.Background())
	defer endStreams()
	handler, err := newHandler(service, told.LongestBody, streams)
	if err != nil {
		return err
	}
	return serve(ctx, told, netutil.LimitListener(listener, told.Connections), handler, endStreams)
}
