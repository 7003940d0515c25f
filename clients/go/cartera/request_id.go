package cartera

import (
	"context"
	"crypto/rand"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// nameRequest gives a request that changes something an id, above gRPC's own retries: all of them send the same.
func nameRequest(
	ctx context.Context, method string, request, response any,
	connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	named, id := named(request)
	return errorOf(invoke(ctx, method, named, response, connection, options...), id)
}

// named is the request with its request_id. It is the caller's own message where that has one.
func named(request any) (any, string) {
	message, ok := request.(proto.Message)
	if !ok {
		return request, ""
	}
	field := message.ProtoReflect().Descriptor().Fields().ByName("request_id")
	if field == nil {
		return request, ""
	}
	if id := message.ProtoReflect().Get(field).String(); id != "" {
		return request, id
	}
	return withID(message, field, rand.Text())
}

func withID(message proto.Message, field protoreflect.FieldDescriptor, id string) (proto.Message, string) {
	copied := proto.Clone(message)
	copied.ProtoReflect().Set(field, protoreflect.ValueOfString(id))
	return copied, id
}
