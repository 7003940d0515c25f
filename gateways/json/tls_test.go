package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

// certificate is one for 127.0.0.1, signed by itself, and where it is kept.
type certificate struct {
	pair              tls.Certificate
	trusted           *x509.CertPool
	certFile, keyFile string
}

func newCertificate(t *testing.T) *certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter:     time.Now().Add(time.Hour),
		IsCA:         true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	made := &certificate{
		trusted:  x509.NewCertPool(),
		certFile: writePEM(t, "CERTIFICATE", signed),
		keyFile:  writePEM(t, "PRIVATE KEY", keyBytes),
	}
	if made.pair, err = tls.LoadX509KeyPair(made.certFile, made.keyFile); err != nil {
		t.Fatal(err)
	}
	made.trusted.AddCert(made.pair.Leaf)
	return made
}

func writePEM(t *testing.T, kind string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheServiceIsReachedByTLS(t *testing.T) {
	known, stranger := newCertificate(t), newCertificate(t)
	up := startUpstream(t, grpc.Creds(credentials.NewServerTLSFromCert(&known.pair)))
	for trusted, want := range map[string]int{
		known.certFile:    http.StatusOK,
		stranger.certFile: http.StatusServiceUnavailable,
	} {
		gateway := gatewayTo(t, up.address, "--ca-file="+trusted)
		requireStatus(t, get(t, http.DefaultClient, "http://"+gateway.address+"/healthz"), want)
	}
}

func TestItIsReachedByTLS(t *testing.T) {
	own := newCertificate(t)
	gateway := gatewayTo(t, service.address, "--certificate-file="+own.certFile, "--key-file="+own.keyFile)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: own.trusted}}}
	requireStatus(t, get(t, client, "https://"+gateway.address+"/healthz"), http.StatusOK)
}
