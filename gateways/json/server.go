package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

const (
	headerTime  = 10 * time.Second
	requestTime = 30 * time.Second
	// answerTime is longer than the longest deadline that the service publishes.
	answerTime    = 150 * time.Second
	idleTime      = 2 * time.Minute
	longestHeader = 32 << 10
)

// serve answers until ctx is done; then streams end at once, and calls have their time to.
func serve(ctx context.Context, told *settings, listener net.Listener, handler http.Handler, endStreams func()) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       requestTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    longestHeader,
	}
	server.RegisterOnShutdown(endStreams)
	ended := make(chan error, 1)
	go func() { ended <- listen(server, told, listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	draining, cancel := context.WithTimeout(context.Background(), told.Drain)
	defer cancel()
	if err := server.Shutdown(draining); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}

func listen(server *http.Server, told *settings, listener net.Listener) error {
	if told.CertificateFile == "" {
		return server.Serve(listener)
	}
	return server.ServeTLS(listener, told.CertificateFile, told.KeyFile)
}
