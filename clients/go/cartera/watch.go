package cartera

import (
	"context"
	"errors"
	"io"
	"iter"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
)

// Watch follows the feed of a tenant's changes: each change once and in order, whatever connections do.
type Watch struct {
	events        routingv1.EventServiceClient
	configuration routingv1.ConfigurationServiceClient
	options       []grpc.CallOption
	request       *routingv1.WatchEventsRequest
	failures      int
}

// NewWatch makes a watch of what the request asks for. It begins after the request's start_after_revision, and where
// that is unset with what comes after the first call of Steps.
func NewWatch(
	connection grpc.ClientConnInterface, request *routingv1.WatchEventsRequest, options ...grpc.CallOption,
) *Watch {
	return &Watch{
		events:        routingv1.NewEventServiceClient(connection),
		configuration: routingv1.NewConfigurationServiceClient(connection),
		options:       options,
		request:       proto.CloneOf(request),
	}
}

// Position is the request that goes on where this watch is: behind the last step that it has delivered. Keep it (or its
// start_after_revision and start_after_occurred_at) once you have acted on a step, and give it to another watch after a
// restart.
func (w *Watch) Position() *routingv1.WatchEventsRequest {
	return proto.CloneOf(w.request)
}

// Steps are the changes and bookmarks, without an end. They end where the context does, and at an error after which
// resuming is of no use, which is the last that is delivered. Afterwards Steps may be called again.
func (w *Watch) Steps(ctx context.Context) iter.Seq2[*routingv1.WatchEventsResponse, error] {
	return func(yield func(*routingv1.WatchEventsResponse, error) bool) {
		err := w.begin(ctx)
		for more := true; more && err == nil; {
			if more, err = w.follow(ctx, yield); more {
				err = w.pause(ctx, err)
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// begin names the revision that is now, so that a connection lost before the first step loses nothing either.
func (w *Watch) begin(ctx context.Context) error {
	if w.request.StartAfterRevision != nil {
		return nil
	}
	asked := &routingv1.GetTenantRequest{TenantId: w.request.GetTenantId()}
	tenant, err := w.configuration.GetTenant(ctx, asked, w.options...)
	if err != nil {
		return errorOf(err, "")
	}
	w.request.StartAfterRevision = new(tenant.GetRevision())
	return nil
}

// follow delivers one stream, until it breaks or nobody wants more.
func (w *Watch) follow(
	ctx context.Context, yield func(*routingv1.WatchEventsResponse, error) bool,
) (more bool, broken error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := w.events.WatchEvents(ctx, w.Position(), w.options...)
	for err == nil {
		var step *routingv1.WatchEventsResponse
		step, err = stream.Recv()
		if err == nil && w.accept(step) && !yield(step, nil) {
			return false, nil
		}
	}
	return true, err
}

// accept moves on to the step. Whether it is new: after a resumption a service may show a change again.
func (w *Watch) accept(step *routingv1.WatchEventsResponse) bool {
	w.failures = 0
	if mark := step.GetBookmark(); mark != nil {
		w.move(mark)
		return true
	}
	isNew := step.GetChange().GetRevision() > w.request.GetStartAfterRevision()
	w.move(step.GetChange())
	return isNew
}

// move: when the change happened goes with its revision, since after a restore another one may have the number.
func (w *Watch) move(shown dated) {
	if shown.GetRevision() > w.request.GetStartAfterRevision() {
		w.request.StartAfterRevision = new(shown.GetRevision())
		w.request.StartAfterOccurredAt = nil
	}
	if shown.GetRevision() == w.request.GetStartAfterRevision() && shown.GetOccurredAt() != nil {
		w.request.StartAfterOccurredAt = shown.GetOccurredAt()
	}
}

// pause waits until it is time for another stream. The error is that of a watch that has to end.
func (w *Watch) pause(ctx context.Context, broken error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	w.failures++
	if errors.Is(broken, io.EOF) {
		return sleep(ctx, firstDelay)
	}
	failure, ok := ErrorOf(broken)
	if !ok {
		return broken
	}
	if !resumable(failure, w.failures) {
		return failure
	}
	return sleep(ctx, delayAfter(failure, w.failures))
}
