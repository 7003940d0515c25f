package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func TestACallThatIsUnderWayIsAnsweredBeforeTheEnd(t *testing.T) {
	up := startUpstream(t)
	gateway := gatewayTo(t, up.address)
	responses := callMeanwhile(t, t.Context(), gateway, routeInteraction, "Grpc-Timeout", "500m")
	<-up.calls
	if err := gateway.end(); err != nil {
		t.Error("it ends with", err)
	}
	response := <-responses
	if response == nil {
		t.Fatal("the call has no answer")
	}
	requireStatus(t, response, http.StatusGatewayTimeout)
}

func TestAWatchEndsWithTheGateway(t *testing.T) {
	up := startUpstream(t)
	gateway := gatewayTo(t, up.address)
	responses := callMeanwhile(t, t.Context(), gateway, watchEvents)
	watched := <-up.calls
	if err := gateway.end(); err != nil {
		t.Error("it ends with", err)
	}
	<-watched.Done()
	if response := <-responses; response != nil {
		_, _ = io.Copy(io.Discard, response.Body)
	}
}

func TestHealthIsThatOfTheService(t *testing.T) {
	for address, want := range map[string]int{
		service.address: http.StatusOK,
		"127.0.0.1:1":   http.StatusServiceUnavailable, // where nobody listens
	} {
		response := get(t, http.DefaultClient, "http://"+gatewayTo(t, address).address+"/healthz")
		requireStatus(t, response, want)
	}
}

func TestItRefusesToBeReachedFromOtherMachinesInPlainText(t *testing.T) {
	output, err := gatewayCommand("--listen=0.0.0.0:0").CombinedOutput()
	if err == nil || !strings.Contains(string(output), "--insecure") {
		t.Errorf("it ends with %v, and says %s", err, output)
	}
}

func TestTheOpenAPIDocumentHasEveryCall(t *testing.T) {
	gateway := gatewayTo(t, service.address)
	response := get(t, http.DefaultClient, "http://"+gateway.address+"/openapi.json")
	paths := read[struct{ Paths map[string]json.RawMessage }](t, response).Paths
	for path := range everyPath {
		if paths[path] == nil {
			t.Errorf("%s is missing", path)
		}
	}
}

func TestEveryCallIsTranslated(t *testing.T) {
	gateway := gatewayTo(t, service.address)
	for path := range everyPath {
		// The service refuses it, for there is no such tenant; its own refusals have the id of the call.
		response := call(t, gateway, path, `{"tenantId": "nobody"}`)
		body, err := io.ReadAll(response.Body)
		if err != nil || !strings.Contains(string(body), "google.rpc.RequestInfo") {
			t.Errorf("%s is answered with %s %s", path, response.Status, body)
		}
	}
}

// everyPath is that of each method of the contract.
func everyPath(yield func(string) bool) {
	protoregistry.GlobalFiles.RangeFilesByPackage(contract, func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				if !yield("/" + string(service.FullName()) + "/" + string(service.Methods().Get(j).Name())) {
					return false
				}
			}
		}
		return true
	})
}
