package cartera_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/cartera-dev/cartera/clients/go/cartera"
	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
)

// held is the end of a stream that lasts as long as its connection.
var held = errors.New("held")

// script is what one stream of the feed sends, and how it ends.
type script struct {
	steps []*routingv1.WatchEventsResponse
	end   error
}

// feed plays one script a stream, the last one over and over, and keeps what it was asked.
type feed struct {
	routingv1.UnimplementedEventServiceServer
	routingv1.UnimplementedConfigurationServiceServer
	scripts []script
	asked   chan *routingv1.WatchEventsRequest
	streams int
}

func feedOf(scripts ...script) *feed {
	return &feed{scripts: scripts, asked: make(chan *routingv1.WatchEventsRequest, 100)}
}

func (f *feed) register(server *grpc.Server) {
	routingv1.RegisterEventServiceServer(server, f)
	routingv1.RegisterConfigurationServiceServer(server, f)
}

func (f *feed) GetTenant(
	context.Context, *routingv1.GetTenantRequest,
) (*routingv1.GetTenantResponse, error) {
	return &routingv1.GetTenantResponse{Revision: 41}, nil
}

func (f *feed) WatchEvents(
	request *routingv1.WatchEventsRequest, stream grpc.ServerStreamingServer[routingv1.WatchEventsResponse],
) error {
	f.asked <- request
	played := f.scripts[min(f.streams, len(f.scripts)-1)]
	f.streams++
	for _, step := range played.steps {
		if err := stream.Send(step); err != nil {
			return err
		}
	}
	if errors.Is(played.end, held) {
		<-stream.Context().Done()
	}
	return played.end
}

func watching(t *testing.T, request *routingv1.WatchEventsRequest, scripts ...script) (*cartera.Watch, *feed) {
	t.Helper()
	service := feedOf(scripts...)
	return cartera.NewWatch(connectedTo(t, service.register), request), service
}

// delivered are the next steps of a watch, with the error that ended it, if one did.
func delivered(ctx context.Context, watch *cartera.Watch, count int) (steps []*routingv1.WatchEventsResponse, err error) {
	for step, broken := range watch.Steps(ctx) {
		if broken != nil {
			return steps, broken
		}
		if steps = append(steps, step); len(steps) == count {
			break
		}
	}
	return steps, nil
}

func change(revision int64, at *timestamppb.Timestamp) *routingv1.WatchEventsResponse {
	change := &routingv1.Change{Revision: revision, OccurredAt: at}
	return &routingv1.WatchEventsResponse{Step: &routingv1.WatchEventsResponse_Change{Change: change}}
}

func bookmark(revision int64, at *timestamppb.Timestamp) *routingv1.WatchEventsResponse {
	mark := &routingv1.Bookmark{Revision: revision, OccurredAt: at}
	return &routingv1.WatchEventsResponse{Step: &routingv1.WatchEventsResponse_Bookmark{Bookmark: mark}}
}

func after(revision int64) *routingv1.WatchEventsRequest {
	return &routingv1.WatchEventsRequest{TenantId: "demo", StartAfterRevision: new(revision)}
}

func steps(sent ...*routingv1.WatchEventsResponse) []*routingv1.WatchEventsResponse { return sent }

var (
	noon  = &timestamppb.Timestamp{Seconds: 12 * 3600}
	later = &timestamppb.Timestamp{Seconds: 13 * 3600}
	lost  = status.Error(codes.Unavailable, "connection lost")
)

func TestAWatchResumesBehindWhatItHasDelivered(t *testing.T) {
	watch, service := watching(t, after(3),
		script{steps(change(4, noon), bookmark(5, noon)), lost},
		script{steps(change(5, noon), change(6, later)), nil},
	)
	received, err := delivered(t.Context(), watch, 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, expected := range steps(change(4, noon), bookmark(5, noon), change(6, later)) {
		if !proto.Equal(received[i], expected) {
			t.Errorf("step %d is %v", i, received[i])
		}
	}
	first, second := <-service.asked, <-service.asked
	if first.GetStartAfterRevision() != 3 || first.GetStartAfterOccurredAt() != nil {
		t.Errorf("it began with %v", first)
	}
	if second.GetStartAfterRevision() != 5 || !proto.Equal(second.GetStartAfterOccurredAt(), noon) {
		t.Errorf("it resumed with %v", second)
	}
	if at := watch.Position(); at.GetStartAfterRevision() != 6 || !proto.Equal(at.GetStartAfterOccurredAt(), later) {
		t.Errorf("it stands at %v", at)
	}
}

func TestAWatchSaysNoTimeThatItWasNotTold(t *testing.T) {
	watch, _ := watching(t, after(1), script{steps(change(2, noon), bookmark(3, nil)), nil})
	if _, err := delivered(t.Context(), watch, 2); err != nil {
		t.Fatal(err)
	}
	if at := watch.Position(); at.GetStartAfterRevision() != 3 || at.GetStartAfterOccurredAt() != nil {
		t.Errorf("the time of another revision would be sent: %v", at)
	}
}

func TestAWatchFromNowOnNamesTheRevisionThatIsNow(t *testing.T) {
	watch, service := watching(t, &routingv1.WatchEventsRequest{TenantId: "demo"}, script{steps(change(42, noon)), nil})
	if _, err := delivered(t.Context(), watch, 1); err != nil {
		t.Fatal(err)
	}
	if first := <-service.asked; first.StartAfterRevision == nil || first.GetStartAfterRevision() != 41 {
		t.Errorf("it began with %v", first)
	}
}

func TestAWatchOutlivesWhatPasses(t *testing.T) {
	soon := &errdetails.RetryInfo{RetryDelay: durationpb.New(time.Millisecond)}
	for name, end := range map[string]error{
		"an end without an error": nil,
		"a lost connection":       lost,
		"a proxy's reset":         status.Error(codes.Internal, "RST_STREAM"),
		"a slow reader":           failure(codes.ResourceExhausted, "WATCHER_TOO_SLOW", soon),
		"too many streams":        failure(codes.ResourceExhausted, "TOO_MANY_STREAMS", soon),
		"a service that drains":   failure(codes.Unavailable, "SERVICE_DRAINING"),
		"an expired token":        failure(codes.Unauthenticated, "TOKEN_EXPIRED"),
	} {
		t.Run(name, func(t *testing.T) {
			watch, _ := watching(t, after(0), script{steps(change(1, noon)), end}, script{steps(change(2, noon)), nil})
			if _, err := delivered(t.Context(), watch, 2); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAWatchOutlivesARestartOfTheService(t *testing.T) {
	before, afterwards := feedOf(script{steps(change(1, noon)), held}), feedOf(script{steps(change(2, later)), held})
	address, stop := serve(t, "127.0.0.1:0", before.register)
	connection, err := cartera.Dial(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	for step, err := range cartera.NewWatch(connection, after(0)).Steps(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if step.GetChange().GetRevision() == 2 {
			break
		}
		stop()
		serve(t, address, afterwards.register)
	}
	if second := <-afterwards.asked; second.GetStartAfterRevision() != 1 {
		t.Errorf("it resumed with %v", second)
	}
}

func TestAWatchEndsWithWhatStays(t *testing.T) {
	for reason, code := range map[string]codes.Code{
		"REVISION_PRUNED":   codes.OutOfRange,
		"REVISION_REPLACED": codes.OutOfRange,
		"PERMISSION_DENIED": codes.PermissionDenied,
		"TOKEN_EXPIRED":     codes.Unauthenticated, // the second in a row: there is no better one
	} {
		t.Run(reason, func(t *testing.T) {
			watch, _ := watching(t, after(0), script{nil, failure(code, reason)})
			_, err := delivered(t.Context(), watch, 1)
			if found, ok := cartera.ErrorOf(err); !ok || found.Reason != reason {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

func TestAWatchEndsWithItsContext(t *testing.T) {
	watch, service := watching(t, after(0), script{nil, lost})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-service.asked; cancel() }()
	if _, err := delivered(ctx, watch, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
