package cartera

import (
	"context"
	"unicode/utf8"

	"google.golang.org/grpc/credentials"
)

var _ credentials.PerRPCCredentials = Caller{}

// Caller is who calls, as it stands in the metadata of each call. It is a [credentials.PerRPCCredentials], for a whole
// connection or for one call. Not for both: gRPC would send both, and the service could not tell who calls.
type Caller struct {
	// Role is administrator, supervisor, agent or gateway, for a service that believes its callers.
	Role string
	// Subject is the caller's own id, for a service that believes its callers. An agent's is its agent id.
	Subject string
	// Language is in which people read errors, such as "es" or "es-MX, en;q=0.5". Empty is English.
	Language string
	// Token proves tenant, role and subject to a service that believes nobody. It is asked for with each attempt, so
	// that it can be renewed. gRPC sends it over TLS only.
	Token func(context.Context) (string, error)
}

// GetRequestMetadata is called by gRPC.
func (c Caller) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	said := map[string]string{}
	say(said, "cartera-role", c.Role)
	say(said, subjectKey(c.Subject), c.Subject)
	say(said, "accept-language", c.Language)
	if c.Token == nil {
		return said, nil
	}
	token, err := c.Token(ctx)
	if err != nil {
		return nil, err
	}
	say(said, "authorization", "Bearer "+token)
	return said, nil
}

// RequireTransportSecurity is called by gRPC.
func (c Caller) RequireTransportSecurity() bool {
	return c.Token != nil
}

func say(said map[string]string, key, value string) {
	if value != "" {
		said[key] = value
	}
}

// subjectKey: metadata are ASCII, unless their name says that they are bytes.
func subjectKey(subject string) string {
	if utf8.RuneCountInString(subject) == len(subject) {
		return "cartera-subject"
	}
	return "cartera-subject-bin"
}
