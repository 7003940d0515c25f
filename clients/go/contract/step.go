package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

const domain = "cartera.dev"

// step is a call or a watch, and what is expected of it.
type step struct {
	Call     string            `json:"call"`
	Watch    string            `json:"watch"`
	As       *string           `json:"as"`
	Metadata map[string]string `json:"metadata"`
	Request  map[string]any    `json:"request"`
	Bytes    *string           `json:"bytes"`
	Deadline *float64          `json:"deadline"`
	Burst    int               `json:"burst"`
	Skip     any               `json:"skip"`
	Expect   expectation       `json:"expect"`
	Save     map[string]string `json:"save"`
}

// expectation is what a step expects; what is left out is not asked.
type expectation struct {
	Code     string         `json:"code"`
	Response any            `json:"response"`
	Reason   any            `json:"reason"`
	Metadata any            `json:"metadata"`
	Message  any            `json:"message"`
	Locale   any            `json:"locale"`
	Details  map[string]any `json:"details"`
	Messages []any          `json:"messages"`
}

func stepOf(filled any) (made step, err error) {
	content, err := json.Marshal(filled)
	if err != nil {
		return step{}, err
	}
	return made, json.Unmarshal(content, &made)
}

// play makes the call, and says what it brought to be saved.
func (s step) play(ctx context.Context, server *grpc.ClientConn) (any, error) {
	ctx, cancel := context.WithTimeout(s.outgoing(ctx), s.timeout())
	defer cancel()
	switch {
	case s.Watch != "":
		return watched(ctx, server, s)
	case s.Burst > 0:
		return s.burst(ctx, server)
	}
	brought, err := called(ctx, server, s)
	if err != nil {
		return nil, err
	}
	return brought.answer, s.Expect.complaint(brought)
}

func (s step) timeout() time.Duration {
	if s.Deadline == nil {
		return 10 * time.Second
	}
	return time.Duration(*s.Deadline * float64(time.Second))
}

// outgoing says who calls.
func (s step) outgoing(ctx context.Context) context.Context {
	as := "administrator/root"
	if s.As != nil {
		as = *s.As
	}
	role, subject, _ := strings.Cut(as, "/")
	said := metadata.New(s.Metadata)
	if role != "" {
		said.Append("cartera-role", role)
	}
	if subject != "" {
		said.Append("cartera-subject", subject)
	}
	return metadata.NewOutgoingContext(ctx, said)
}

// burst makes the call many times at once: each succeeds or is as expected, and at least one is.
func (s step) burst(ctx context.Context, server *grpc.ClientConn) (any, error) {
	outcomes, err := s.atOnce(ctx, server)
	if err != nil {
		return nil, err
	}
	var answer any = map[string]any{}
	wrong, none := error(nil), true
	for _, brought := range outcomes {
		wrong = s.Expect.complaint(brought)
		none = none && wrong != nil
		if wrong != nil && brought.code != "OK" {
			return nil, wrong
		}
		if brought.code == "OK" {
			answer = brought.answer
		}
	}
	if none {
		return nil, fmt.Errorf("none of %d is as expected: %w", s.Burst, wrong)
	}
	return answer, nil
}

func (s step) atOnce(ctx context.Context, server *grpc.ClientConn) ([]outcome, error) {
	outcomes, errs := make([]outcome, s.Burst), make([]error, s.Burst)
	var calls sync.WaitGroup
	for i := range s.Burst {
		calls.Go(func() { outcomes[i], errs[i] = called(ctx, server, s) })
	}
	calls.Wait()
	return outcomes, errors.Join(errs...)
}

func (e expectation) code() string {
	if e.Code == "" {
		return "OK"
	}
	return e.Code
}

// complaint is what isn't as expected; nil where all is.
func (e expectation) complaint(brought outcome) error {
	if brought.code != e.code() {
		return fmt.Errorf("the code is %s, not %s: %s %s", brought.code, e.code(), brought.text, shown(brought.details))
	}
	if e.Response != nil {
		if wrong := mismatch(e.Response, brought.answer, "response"); wrong != nil {
			return wrong
		}
	}
	for _, pattern := range e.detailPatterns() {
		if wrong := mismatch(pattern, brought.details, ""); wrong != nil {
			return wrong
		}
	}
	return nil
}

// detailPatterns are those that an error's details are to match, all of them.
func (e expectation) detailPatterns() []map[string]any {
	patterns := []map[string]any{e.Details}
	if info := given(map[string]any{"reason": e.Reason, "metadata": e.Metadata}); len(info) > 0 {
		info["domain"] = domain
		patterns = append(patterns, map[string]any{"ErrorInfo": info})
	}
	if spoken := given(map[string]any{"message": e.Message, "locale": e.Locale}); len(spoken) > 0 {
		patterns = append(patterns, map[string]any{"LocalizedMessage": spoken})
	}
	return patterns
}

// given is without what is left out.
func given(all map[string]any) map[string]any {
	some := map[string]any{}
	for name, value := range all {
		if value != nil {
			some[name] = value
		}
	}
	return some
}
