package main

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/cartera-dev/cartera/clients/go/cartera"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
)

// domain is that of the service's reasons. Those of its reasons that fit are used here, too.
const domain = "cartera.dev"

// answerError answers a call that failed. The runtime calls it.
func answerError(
	_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error,
) {
	failed, ofService := errors.AsType[*cartera.Error](err)
	switch {
	case ofService:
		describe(w.Header(), failed)
	case status.Code(err) == codes.InvalidArgument: // The runtime found no such message in the JSON.
		err = malformed(status.Convert(err).Message())
	}
	answer(w, runtime.HTTPStatusFromCode(status.Code(err)), err)
}

// describe says in headers what clients of HTTP look for there.
func describe(header http.Header, failed *cartera.Error) {
	if failed.RetryDelay > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(failed.RetryDelay.Seconds()))))
	}
	if failed.Code == codes.Unauthenticated {
		header.Set("WWW-Authenticate", "Bearer")
	}
	if failed.RequestID != "" {
		// Who repeats the call with this request_id has it done once, whatever became of it.
		header.Set("Cartera-Request-Id", failed.RequestID)
	}
	if failed.CorrelationID != "" {
		header.Set("X-Correlation-Id", failed.CorrelationID)
	}
}

// answer writes a failure as a google.rpc.Status with its details.
func answer(w http.ResponseWriter, httpStatus int, failure error) {
	received := status.Convert(failure)
	body, err := protojson.Marshal(received.Proto())
	if err != nil { // A detail of a kind that isn't known here; the rest is said.
		body, _ = protojson.Marshal(status.New(received.Code(), received.Message()).Proto())
	}
	w.Header().Set("Content-Type", jsonType)
	w.WriteHeader(httpStatus)
	_, _ = w.Write(append(body, '\n'))
}

func malformed(message string) error {
	return refusal(codes.InvalidArgument, "MESSAGE_MALFORMED", message)
}

func refusal(code codes.Code, reason, message string) error {
	refused := status.New(code, message)
	detailed, err := refused.WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: domain})
	if err != nil {
		return refused.Err()
	}
	return detailed.Err()
}
