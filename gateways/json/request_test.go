package main

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

const (
	routeInteraction = "/cartera.routing.v1.RoutingService/RouteInteraction"
	watchEvents      = "/cartera.routing.v1.EventService/WatchEvents"
)

// call is a POST as anybody makes it, with more headers where a test has some.
func call(t *testing.T, gateway *process, path, body string, headers ...string) *http.Response {
	t.Helper()
	return do(t, http.DefaultClient, newCall(t, t.Context(), gateway, path, body, headers...))
}

func newCall(
	t *testing.T, ctx context.Context, gateway *process, path, body string, headers ...string,
) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+gateway.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Cartera-Role", "gateway")
	request.Header.Set("Cartera-Subject", "voice-1")
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	return request
}

// callMeanwhile makes a call beside the test.
func callMeanwhile(
	t *testing.T, ctx context.Context, gateway *process, path string, headers ...string,
) <-chan *http.Response {
	t.Helper()
	request := newCall(t, ctx, gateway, path, "{}", headers...)
	responses := make(chan *http.Response, 1)
	go func() {
		defer close(responses)
		if response, err := http.DefaultClient.Do(request); err == nil {
			responses <- response
		}
	}()
	return responses
}

func get(t *testing.T, client *http.Client, url string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, client, request)
}

func do(t *testing.T, client *http.Client, request *http.Request) *http.Response {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// read is the JSON of a response.
func read[T any](t *testing.T, response *http.Response) T {
	t.Helper()
	var value T
	if err := json.NewDecoder(response.Body).Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// failure is a google.rpc.Status, as JSON has it.
type failure struct {
	Code    int
	Message string
	Details []detail
}

type detail struct {
	Type    string `json:"@type"`
	Reason  string
	Locale  string
	Message string
}

// detail finds the one of a kind.
func (f failure) detail(kind string) detail {
	for _, each := range f.Details {
		if strings.HasSuffix(each.Type, "."+kind) {
			return each
		}
	}
	return detail{}
}

func requireStatus(t *testing.T, response *http.Response, want int) {
	t.Helper()
	if response.StatusCode != want {
		t.Fatalf("the answer is %s, not %d", response.Status, want)
	}
}
