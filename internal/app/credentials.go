package app

import (
	"context"
	"crypto/x509"

	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/identity"
)

// credentials tells the inputs who sends: tokens are the identity module's,
// certificates those of enrolments.
type credentials struct {
	tokens   *identity.Tokens
	enrol    *enrol.Service
	failures *httpapi.Failures
}

func (n *Node) credentials() input.Credentials {
	return credentials{tokens: n.modules.identity.Tokens(), enrol: n.modules.enrol, failures: n.failures}
}

// Token implements [input.Credentials].
func (c credentials) Token(ctx context.Context, secret, peer string) (input.Sender, error) {
	t, err := c.tokens.Ingest(ctx, secret, peer)
	if err != nil {
		if wait := c.failures.Failed(httpapi.DoorIngest, peer); wait != nil {
			return input.Sender{}, wait
		}
		if id, code := c.tokens.Ended(secret); id != "" {
			c.enrol.RefusedToken(id, code)
		}
		return input.Sender{}, err
	}
	return input.Sender{Unit: t.Unit, Credential: "token:" + t.ID}, nil
}

// Certificate implements [input.Credentials].
func (c credentials) Certificate(ctx context.Context, leaf *x509.Certificate) (input.Sender, error) {
	return c.enrol.Certificate(ctx, leaf)
}
