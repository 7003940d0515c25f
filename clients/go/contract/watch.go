package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// stream is a call of many answers that is being read.
type stream struct {
	grpc.ClientStream
	answer protoreflect.MessageType
	skip   any
}

// watched plays a step that is a watch. What it brought is the list of messages that were matched.
func watched(ctx context.Context, server *grpc.ClientConn, made step) (any, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	opened, err := open(ctx, server, made)
	if err != nil {
		return nil, err
	}
	messages, end, err := opened.matched(made.Expect.Messages)
	if err != nil || end == nil && made.Expect.code() == "OK" {
		return messages, err
	}
	if end == nil {
		if end, err = opened.ended(); err != nil {
			return nil, err
		}
	}
	return messages, made.Expect.complaint(*end)
}

func open(ctx context.Context, server *grpc.ClientConn, made step) (stream, error) {
	asked, request, err := requestOf(made.Watch, made.Request)
	if err != nil {
		return stream{}, err
	}
	opened, err := server.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, asked.path)
	if err != nil {
		return stream{}, err
	}
	// What is wrong with the sending of a request is said when its answer is received.
	if err := opened.SendMsg(request); err != nil && !errors.Is(err, io.EOF) {
		return stream{}, err
	}
	return stream{opened, asked.response, made.Skip}, opened.CloseSend()
}

// matched reads until each pattern has its message, or the stream ends.
func (s stream) matched(patterns []any) (messages []any, end *outcome, err error) {
	for i, pattern := range patterns {
		message, end, err := s.next()
		if err != nil {
			return nil, nil, err
		}
		if end != nil {
			return nil, nil, fmt.Errorf("the stream ended with %s before message %d: %s", end.code, i, end.text)
		}
		if wrong := mismatch(pattern, message, ""); wrong != nil {
			return nil, nil, fmt.Errorf("message %d: %w", i, wrong)
		}
		messages = append(messages, message)
	}
	return messages, nil, nil
}

// ended requires that nothing more comes but the end.
func (s stream) ended() (*outcome, error) {
	message, end, err := s.next()
	if err == nil && end == nil {
		err = fmt.Errorf("the stream went on with %s", shown(message))
	}
	return end, err
}

// next is the next message that isn't skipped, or how the stream ended.
func (s stream) next() (message any, end *outcome, err error) {
	for {
		received := s.answer.New().Interface()
		if err := s.RecvMsg(received); err != nil {
			return nil, endOf(err), nil
		}
		printed, err := asJSON(received)
		if err != nil || s.skip == nil || mismatch(s.skip, printed, "") != nil {
			return printed, nil, err
		}
	}
}

func endOf(err error) *outcome {
	if errors.Is(err, io.EOF) {
		return &outcome{code: "OK", answer: map[string]any{}}
	}
	end, err := failed(err)
	if err != nil {
		return &outcome{code: "UNKNOWN", text: err.Error()}
	}
	return &end
}
