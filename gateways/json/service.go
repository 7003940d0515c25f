package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/cartera-dev/cartera/clients/go/cartera"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// dial makes the connection to the service, with the deadlines and retries that it publishes.
//
// It has no certificate of its own to show: all who call through it would have that one's rights.
func dial(told *settings) (*grpc.ClientConn, error) {
	transport, err := transportOf(told)
	if err != nil {
		return nil, err
	}
	return cartera.Dial(told.Address, grpc.WithTransportCredentials(transport))
}

func transportOf(told *settings) (credentials.TransportCredentials, error) {
	if told.CAFile == "" {
		if told.TLS {
			return credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12}), nil
		}
		return insecure.NewCredentials(), nil
	}
	authorities, err := os.ReadFile(told.CAFile)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	if !trusted.AppendCertsFromPEM(authorities) {
		return nil, fmt.Errorf("%s has no certificate", told.CAFile)
	}
	return credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trusted}), nil
}
