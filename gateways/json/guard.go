package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const jsonType = "application/json"

// guard lets through what can be a call: of a method that is there, with JSON that is no longer than it may be.
type guard struct {
	calls       http.Handler
	longestBody int64
	// streams is done when streams have to end.
	streams context.Context
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	method := methodAt(r.URL.Path)
	if method == nil {
		answer(w, http.StatusNotFound, refusal(codes.Unimplemented, "METHOD_NOT_IMPLEMENTED", "there is no "+r.URL.Path))
		return
	}
	if err := g.check(w, r); err != nil {
		answer(w, err.HTTPStatus, err.Err)
		return
	}
	if method.IsStreamingServer() {
		g.stream(w, r)
		return
	}
	g.calls.ServeHTTP(w, r)
}

// stream answers with a stream, which has no end of its own.
func (g *guard) stream(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(g.streams, cancel)()
	_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	g.calls.ServeHTTP(w, r.WithContext(ctx))
}

// check reads the body, so that one that is too long or broken is refused as what it is.
func (g *guard) check(w http.ResponseWriter, r *http.Request) *runtime.HTTPStatusError {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return refused(http.StatusMethodNotAllowed, codes.Unimplemented, "a call is a POST")
	}
	// It also keeps web pages of others from calling: a browser doesn't send JSON to a stranger unasked.
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != jsonType {
		return refused(http.StatusUnsupportedMediaType, codes.InvalidArgument, "the Content-Type has to be "+jsonType)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, g.longestBody))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		return refused(http.StatusRequestEntityTooLarge, codes.ResourceExhausted, "the body is too long")
	}
	if err != nil {
		return refused(http.StatusBadRequest, codes.InvalidArgument, "the body breaks off")
	}
	if len(body) > 0 && !json.Valid(body) {
		return &runtime.HTTPStatusError{HTTPStatus: http.StatusBadRequest, Err: malformed("the body is no JSON")}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	// A call may last longer than its request takes to be read; a deadline that passes meanwhile would cancel it.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	return nil
}

func refused(httpStatus int, code codes.Code, message string) *runtime.HTTPStatusError {
	return &runtime.HTTPStatusError{HTTPStatus: httpStatus, Err: status.Error(code, message)}
}
