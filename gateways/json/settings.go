package main

import (
	"errors"
	"fmt"
	"net"
	"time"
)

// settings are what it is told on the command line or, by the variables in env, by its environment.
type settings struct {
	Listen          string `default:"127.0.0.1:7780" env:"CARTERA_JSON_LISTEN" placeholder:"HOST:PORT" help:"Where to listen; port 0 is any that is free. [${default}]"`
	CertificateFile string `env:"CARTERA_JSON_CERTIFICATE_FILE" placeholder:"FILE" help:"Listen with TLS: its certificate, in PEM."`
	KeyFile         string `env:"CARTERA_JSON_KEY_FILE" placeholder:"FILE" help:"The key of that certificate, in PEM."`
	Insecure        bool   `env:"CARTERA_JSON_INSECURE" help:"Listen beyond loopback without TLS."`

	Address string `default:"127.0.0.1:7733" env:"CARTERA_ADDRESS" placeholder:"HOST:PORT" help:"Where the service is. [${default}]"`
	TLS     bool   `name:"tls" env:"CARTERA_TLS" help:"TLS to the service, with a certificate that this machine trusts."`
	CAFile  string `name:"ca-file" env:"CARTERA_CA_FILE" placeholder:"FILE" help:"TLS to the service, with a certificate from one of these authorities, in PEM."`

	LongestBody int64         `default:"4194304" env:"CARTERA_JSON_LONGEST_BODY" placeholder:"BYTES" help:"The longest request. [${default}]"`
	Connections int           `default:"1000" env:"CARTERA_JSON_CONNECTIONS" placeholder:"COUNT" help:"Connections at once; others wait. [${default}]"`
	Drain       time.Duration `default:"25s" env:"CARTERA_JSON_DRAIN" placeholder:"TIME" help:"How long calls may take to end, on SIGTERM. [${default}]"`
}

// Validate is called by kong.
func (s *settings) Validate() error {
	if (s.CertificateFile == "") != (s.KeyFile == "") {
		return errors.New("--certificate-file and --key-file go together")
	}
	if s.LongestBody < 1 || s.Connections < 1 {
		return errors.New("--longest-body and --connections are at least 1")
	}
	// Tokens go over the wire, and a service that trusts its network believes whoever reaches this one.
	if s.CertificateFile == "" && !s.Insecure && !isLoopback(s.Listen) {
		return fmt.Errorf("%s is reached from other machines: give a certificate, or say --insecure", s.Listen)
	}
	return nil
}

func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}
