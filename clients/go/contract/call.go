package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/code"
	_ "google.golang.org/genproto/googleapis/rpc/errdetails" // to be found by name, as the next
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	routingv1 "github.com/cartera-dev/cartera/clients/go/cartera/routing/v1"
)

// outcome is what came of a call.
type outcome struct {
	code    string
	answer  any
	details map[string]any
	text    string
}

// method is an RPC by the generated code's descriptors.
type method struct {
	path     string
	request  protoreflect.MessageType
	response protoreflect.MessageType
}

// called makes a call of one answer. An error is a step that could not be played at all.
func called(ctx context.Context, server *grpc.ClientConn, made step) (outcome, error) {
	if made.Bytes != nil {
		return calledWithBytes(ctx, server, made)
	}
	asked, request, err := requestOf(made.Call, made.Request)
	if err != nil {
		return outcome{}, err
	}
	response := asked.response.New().Interface()
	if err := server.Invoke(ctx, asked.path, request, response); err != nil {
		return failed(err)
	}
	answer, err := asJSON(response)
	return outcome{code: "OK", answer: answer}, err
}

func calledWithBytes(ctx context.Context, server *grpc.ClientConn, made step) (outcome, error) {
	content, err := base64.StdEncoding.DecodeString(*made.Bytes)
	if err != nil {
		return outcome{}, err
	}
	var answer []byte
	if err := server.Invoke(ctx, pathOf(made.Call), content, &answer, grpc.ForceCodec(unchanged{})); err != nil {
		return failed(err)
	}
	return outcome{code: "OK", answer: map[string]any{}}, nil
}

// requestOf finds a method, and makes its request of JSON.
func requestOf(name string, written any) (method, proto.Message, error) {
	asked, err := methodOf(pathOf(name))
	if err != nil {
		return method{}, nil, err
	}
	content, err := json.Marshal(written)
	if err != nil {
		return method{}, nil, err
	}
	request := asked.request.New().Interface()
	return asked, request, protojson.Unmarshal(content, request)
}

func pathOf(name string) string {
	if service, _, _ := strings.Cut(name, "/"); strings.Contains(service, ".") {
		return "/" + name
	}
	return "/" + string(routingv1.File_cartera_routing_v1_channel_proto.Package()) + "." + name
}

func methodOf(path string) (method, error) {
	name := protoreflect.FullName(strings.ReplaceAll(path[1:], "/", "."))
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(name)
	if err != nil {
		return method{}, fmt.Errorf("%s: %w", path, err)
	}
	described, ok := found.(protoreflect.MethodDescriptor)
	if !ok {
		return method{}, fmt.Errorf("%s is no method", path)
	}
	request, err := protoregistry.GlobalTypes.FindMessageByName(described.Input().FullName())
	if err != nil {
		return method{}, err
	}
	response, err := protoregistry.GlobalTypes.FindMessageByName(described.Output().FullName())
	return method{path, request, response}, err
}

// failed is the outcome of a call that brought a status.
func failed(err error) (outcome, error) {
	received, ok := status.FromError(err)
	if !ok {
		return outcome{}, err
	}
	found := outcome{
		code:    code.Code_name[int32(received.Code())],
		answer:  map[string]any{},
		details: map[string]any{},
		text:    received.Message(),
	}
	for _, detail := range received.Details() {
		if err := found.add(detail); err != nil {
			return outcome{}, err
		}
	}
	return found, nil
}

func (o *outcome) add(detail any) error {
	message, ok := detail.(proto.Message)
	if !ok {
		return fmt.Errorf("a detail is unknown: %v", detail)
	}
	kind := string(message.ProtoReflect().Descriptor().Name())
	if _, twice := o.details[kind]; twice {
		return fmt.Errorf("there are two details of the kind %s", kind)
	}
	printed, err := asJSON(message)
	o.details[kind] = printed
	return err
}

// asJSON is a message as cases write it.
func asJSON(message proto.Message) (any, error) {
	return printed(protojson.MarshalOptions{EmitDefaultValues: true}, message)
}

func printed(options protojson.MarshalOptions, message proto.Message) (any, error) {
	content, err := options.Marshal(message)
	if err != nil {
		return nil, err
	}
	var value any
	return value, json.Unmarshal(content, &value)
}

// unchanged sends bytes as they are.
type unchanged struct{}

func (unchanged) Marshal(value any) ([]byte, error) { return value.([]byte), nil }

func (unchanged) Unmarshal(content []byte, value any) error {
	*value.(*[]byte) = content
	return nil
}

func (unchanged) Name() string { return "proto" }
