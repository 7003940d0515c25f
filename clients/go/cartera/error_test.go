package cartera_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/cartera-dev/cartera/clients/go/cartera"
	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
)

func refusal(t *testing.T, refused error) *cartera.Error {
	t.Helper()
	service := &routing{answer: func(context.Context, int) error { return refused }}
	_, err := clientOf(t, service).RouteInteraction(t.Context(), &routingv1.RouteInteractionRequest{})
	var found *cartera.Error
	if !errors.As(err, &found) {
		t.Fatalf("%v is no *cartera.Error", err)
	}
	return found
}

func TestAnErrorHasItsDetails(t *testing.T) {
	violation := &errdetails.BadRequest_FieldViolation{Field: "campaign_id", Reason: "UNKNOWN_REFERENCE"}
	condition := &errdetails.PreconditionFailure_Violation{Type: "AGENT_NOT_ONLINE", Subject: "ana"}
	found := refusal(t, failure(codes.InvalidArgument, "UNKNOWN_REFERENCE",
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{violation}},
		&errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{condition}},
		&errdetails.ResourceInfo{ResourceType: "campaign", ResourceName: "ventas"},
		&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)},
		&errdetails.RequestInfo{RequestId: "4bf92f35"},
		&errdetails.LocalizedMessage{Locale: "es", Message: "No existe la campaña ventas."},
	))
	for what, holds := range map[string]bool{
		"code":            found.Code == codes.InvalidArgument && status.Code(found) == codes.InvalidArgument,
		"reason":          found.Reason == "UNKNOWN_REFERENCE",
		"field violation": found.FieldViolations[0].GetField() == "campaign_id",
		"precondition":    found.Preconditions[0].GetSubject() == "ana",
		"resource":        found.Resource.GetResourceName() == "ventas",
		"retry delay":     found.RetryDelay == 1500*time.Millisecond,
		"correlation id":  found.CorrelationID == "4bf92f35",
		"locale":          found.Locale == "es",
		"text":            found.Error() == "No existe la campaña ventas. (UNKNOWN_REFERENCE)",
	} {
		if !holds {
			t.Errorf("the %s is not what was sent: %+v", what, found)
		}
	}
}

func TestAProxysErrorHasNoReason(t *testing.T) {
	found := refusal(t, status.Error(codes.PermissionDenied, "no route"))
	if found.Reason != "" || found.Error() != "no route (PermissionDenied)" {
		t.Errorf("%+v", found)
	}
}

func TestWhatIsNoFailureOfACallHasNoDetails(t *testing.T) {
	for _, err := range []error{nil, errors.New("disk full")} {
		if found, ok := cartera.ErrorOf(err); ok {
			t.Errorf("%v was found in %v", found, err)
		}
	}
}
