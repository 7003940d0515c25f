package cartera

import (
	"errors"
	"fmt"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Error is a call that failed, with everything that the service says of it. [errors.As] finds it, and
// [status.FromError] and [status.Code] know it.
//
// A failed call is not a failed operation: after [codes.Unavailable] or [codes.DeadlineExceeded] its outcome is
// unknown. Call again with the same RequestID, and the service answers as it did the first time.
type Error struct {
	// Code is the status code.
	Code codes.Code
	// Reason is the name of an ErrorReason without its prefix, such as "CAMPAIGN_CLOSED". Empty where the failure is
	// the connection's. Act on it, on Metadata and on the fields of violations, never on a text.
	Reason string
	// Metadata are the reason's particulars.
	Metadata map[string]string
	// Message is for people, in the Locale that the caller asked for.
	Message string
	// Locale is the language of Message. Empty where it is not the service's.
	Locale string
	// FieldViolations are the fields of the request that were refused.
	FieldViolations []*errdetails.BadRequest_FieldViolation
	// Preconditions are the conditions that do not hold. The type of each is the name of an ErrorReason.
	Preconditions []*errdetails.PreconditionFailure_Violation
	// Resource is what the failure is about, or nil.
	Resource *errdetails.ResourceInfo
	// RetryDelay is after what time another attempt makes sense. Zero where none was named.
	RetryDelay time.Duration
	// CorrelationID is that of the call in the service's log.
	CorrelationID string
	// RequestID is that of the request, named by the caller or by the connection.
	RequestID string

	status *status.Status
}

// Error is the message with its reason.
func (e *Error) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("%s (%s)", e.Message, e.Code)
	}
	return fmt.Sprintf("%s (%s)", e.Message, e.Reason)
}

// GRPCStatus is the status as it was received.
func (e *Error) GRPCStatus() *status.Status {
	return e.status
}

// ErrorOf finds the details of a failed call, made over a connection of any kind.
func ErrorOf(err error) (*Error, bool) {
	var found *Error
	if errors.As(err, &found) {
		return found, true
	}
	received, ok := status.FromError(err)
	if err == nil || !ok {
		return nil, false
	}
	return explained(received), true
}

// errorOf is the failure of a call as an *Error; nil stays nil.
func errorOf(err error, requestID string) error {
	found, ok := ErrorOf(err)
	if !ok {
		return err
	}
	found.RequestID = requestID
	return found
}

func explained(received *status.Status) *Error {
	found := &Error{Code: received.Code(), Message: received.Message(), status: received}
	for _, detail := range received.Details() {
		found.take(detail)
	}
	return found
}

func (e *Error) take(detail any) {
	switch kind := detail.(type) {
	case *errdetails.ErrorInfo:
		e.Reason, e.Metadata = kind.GetReason(), kind.GetMetadata()
	case *errdetails.LocalizedMessage:
		e.Message, e.Locale = kind.GetMessage(), kind.GetLocale()
	case *errdetails.BadRequest:
		e.FieldViolations = kind.GetFieldViolations()
	case *errdetails.PreconditionFailure:
		e.Preconditions = kind.GetViolations()
	case *errdetails.ResourceInfo:
		e.Resource = kind
	case *errdetails.RetryInfo:
		e.RetryDelay = kind.GetRetryDelay().AsDuration()
	case *errdetails.RequestInfo:
		e.CorrelationID = kind.GetRequestId()
	}
}
