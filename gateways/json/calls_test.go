package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

type routed struct {
	Outcome     string
	Revision    string
	Interaction struct{ InteractionID string }
}

func TestRoutesACall(t *testing.T) {
	gateway := gatewayTo(t, service.address)
	body := `{"tenantId": "demo", "campaignId": "ventas-voz", "contactId": "+34699000001", "channel": "CHANNEL_VOICE",
		"requestId": "sip-1"}`
	first := call(t, gateway, routeInteraction, body)
	requireStatus(t, first, http.StatusOK)
	answer := read[routed](t, first)
	if answer.Outcome != "ROUTING_OUTCOME_UNASSIGNED" || answer.Interaction.InteractionID == "" {
		t.Errorf("nobody is online, and the answer is %+v", answer)
	}
	if again := read[routed](t, call(t, gateway, routeInteraction, body)); again != answer {
		t.Errorf("repeated, the answer is %+v, not %+v", again, answer)
	}
}

func TestAnErrorHasItsDetailsInTheLanguageOfTheCaller(t *testing.T) {
	gateway := gatewayTo(t, service.address)
	response := call(t, gateway, routeInteraction,
		`{"tenantId": "demo", "campaignId": "ventas-voz", "contactId": "+34699000001", "channel": "CHANNEL_CHAT"}`,
		"Accept-Language", "es-MX", "X-Correlation-Id", "call-1",
	)
	requireStatus(t, response, http.StatusBadRequest)
	failed := read[failure](t, response)
	if reason := failed.detail("ErrorInfo").Reason; failed.Code != 9 || reason != "CAMPAIGN_LACKS_CHANNEL" {
		t.Errorf("it fails with %d and %s", failed.Code, reason)
	}
	said := failed.detail("LocalizedMessage")
	if said.Locale != "es" || said.Message != "La campaña ventas-voz no tiene el canal chat." {
		t.Errorf("it is told in %s: %s", said.Locale, said.Message)
	}
	if id := response.Header.Get("X-Correlation-Id"); id != "call-1" {
		t.Errorf("the correlation id is %q", id)
	}
	if response.Header.Get("Cartera-Request-Id") == "" {
		t.Error("there is no request id to repeat it with")
	}
}

func TestWhatIsNoCallIsRefused(t *testing.T) {
	gateway := gatewayTo(t, service.address, "--longest-body=1000")
	for name, refused := range map[string]struct {
		path, body, contentType string
		status                  int
		reason                  string
	}{
		"an unknown method":      {"/cartera.routing.v1.RoutingService/Nothing", "{}", jsonType, 404, "METHOD_NOT_IMPLEMENTED"},
		"an unknown service":     {"/cartera.routing.v1.Nothing/RouteInteraction", "{}", jsonType, 404, "METHOD_NOT_IMPLEMENTED"},
		"a message":              {"/cartera.routing.v1.Agent/Get", "{}", jsonType, 404, "METHOD_NOT_IMPLEMENTED"},
		"another path":           {"/", "{}", jsonType, 404, "METHOD_NOT_IMPLEMENTED"},
		"a body that is no JSON": {routeInteraction, `{"tenantId"`, jsonType, 400, "MESSAGE_MALFORMED"},
		"a misspelt field":       {routeInteraction, `{"tenant": "demo"}`, jsonType, 400, "MESSAGE_MALFORMED"},
		"a body that is a form":  {routeInteraction, "tenantId=demo", "application/x-www-form-urlencoded", 415, ""},
		"a body too long":        {routeInteraction, strings.Repeat(" ", 1001), jsonType, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			response := call(t, gateway, refused.path, refused.body, "Content-Type", refused.contentType)
			requireStatus(t, response, refused.status)
			if reason := read[failure](t, response).detail("ErrorInfo").Reason; reason != refused.reason {
				t.Errorf("the reason is %q, not %q", reason, refused.reason)
			}
		})
	}
}

func TestACallIsAPost(t *testing.T) {
	gateway := gatewayTo(t, service.address)
	response := get(t, http.DefaultClient, "http://"+gateway.address+routeInteraction)
	requireStatus(t, response, http.StatusMethodNotAllowed)
	if allowed := response.Header.Get("Allow"); allowed != http.MethodPost {
		t.Errorf("allowed is %q", allowed)
	}
}

func TestAWatchIsLinesOfJSON(t *testing.T) {
	gateway := gatewayTo(t, service.address)
	response := call(t, gateway, watchEvents, `{"tenantId": "demo", "startAfterRevision": "0"}`)
	requireStatus(t, response, http.StatusOK)
	lines := json.NewDecoder(response.Body)
	for revision := ""; revision == ""; { // Before the change there may be bookmarks.
		var step struct {
			Result *struct{ Change struct{ Revision string } }
		}
		if err := lines.Decode(&step); err != nil || step.Result == nil {
			t.Fatal("a line is no step:", err)
		}
		revision = step.Result.Change.Revision
	}
}

func TestAWatchThatIsRefusedFailsWithItsDetails(t *testing.T) {
	gateway := gatewayTo(t, service.address)
	response := call(t, gateway, watchEvents, `{"tenantId": "demo", "startAfterRevision": "1000000"}`)
	requireStatus(t, response, http.StatusBadRequest)
	failed := read[struct{ Error failure }](t, response).Error
	if reason := failed.detail("ErrorInfo").Reason; reason != "REVISION_IN_THE_FUTURE" {
		t.Errorf("the reason is %s", reason)
	}
}
