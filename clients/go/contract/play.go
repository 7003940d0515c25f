package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

const (
	language       = "go"
	longestMessage = 64 << 20
	// Cases have tenants of their own, so several can be played beside each other.
	casesAtOnce = 4
)

// playAll plays all cases, over one connection a server.
func playAll(suite suite) ([]result, error) {
	servers := map[string]*grpc.ClientConn{}
	for name, target := range suite.targets {
		server, err := connect(target.Address)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		defer func() { _ = server.Close() }()
		servers[name] = server
	}
	played := make([]result, len(suite.cases))
	places := make(chan struct{}, casesAtOnce)
	var playing sync.WaitGroup
	for i, each := range suite.cases {
		places <- struct{}{}
		playing.Go(func() {
			played[i] = resultOf(each.Name, each.play(servers[each.Target], suite.targets[each.Target]))
			<-places
		})
	}
	playing.Wait()
	return played, nil
}

// connect is without the published service config: a case says what a single attempt brings.
func connect(address string) (*grpc.ClientConn, error) {
	return grpc.NewClient(
		address,
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(longestMessage)),
	)
}

func (s scenario) play(server *grpc.ClientConn, on target) error {
	if server == nil {
		return fmt.Errorf("there is no server %s", s.Target)
	}
	known := on.variablesFor(newTenant())
	for i, written := range s.Steps {
		if err := playStep(written, server, known); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return nil
}

func newTenant() string {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails
	return fmt.Sprintf("contract-%s-%s", language, hex.EncodeToString(random[:]))
}

// playStep plays a step, and keeps what it saves.
func playStep(written any, server *grpc.ClientConn, known variables) error {
	filled, err := known.fill(written)
	if err != nil {
		return err
	}
	made, err := stepOf(filled)
	if err != nil {
		return err
	}
	brought, err := made.play(context.Background(), server)
	if err != nil {
		return fmt.Errorf("%s%s: %w", made.Call, made.Watch, err)
	}
	return known.save(made.Save, brought)
}
