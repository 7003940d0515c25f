package cartera

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/timestamppb"
)

const (
	firstDelay   = 100 * time.Millisecond
	longestDelay = 2 * time.Second
)

// brokenConnection is what gRPC or a proxy says, without a reason of the service's, when a stream breaks.
var brokenConnection = []codes.Code{
	codes.Unavailable, codes.Internal, codes.Unknown, codes.Canceled, codes.DeadlineExceeded,
}

var passingReasons = []string{
	"WATCHER_TOO_SLOW", "SERVICE_DRAINING", "DATABASE_UNAVAILABLE", "TENANT_QUEUE_FULL", "KEYS_UNAVAILABLE",
	"TOO_MANY_STREAMS", // those that broke are counted until the service has noticed
}

// dated is a step of the feed.
type dated interface {
	GetRevision() int64
	GetOccurredAt() *timestamppb.Timestamp
}

// resumable is whether a stream that failed so may be opened anew. A token that has expired may be another now; once,
// since that one is no better where it is refused too.
func resumable(failure *Error, failures int) bool {
	switch failure.Reason {
	case "":
		return slices.Contains(brokenConnection, failure.Code)
	case "TOKEN_EXPIRED":
		return failures == 1
	default:
		return slices.Contains(passingReasons, failure.Reason)
	}
}

// delayAfter is what the service says, or longer each time, and by chance so that callers don't return in step.
func delayAfter(failure *Error, failures int) time.Duration {
	if failure.RetryDelay > 0 {
		return failure.RetryDelay
	}
	longest := min(firstDelay<<min(failures-1, 10), longestDelay)
	return longest/2 + rand.N(longest/2)
}

func sleep(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
