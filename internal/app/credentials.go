package app

import (
	"context"
	"crypto/x509"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/module/identity"
)

// credentials tells the inputs who sends.
type credentials struct {
	tokens *identity.Tokens
}

func (n *Node) credentials() input.Credentials {
	return credentials{tokens: n.modules.identity.Tokens()}
}

// Token implements [input.Credentials].
func (c credentials) Token(ctx context.Context, secret string) (input.Sender, error) {
	t, err := c.tokens.Ingest(ctx, secret)
	if err != nil {
		return input.Sender{}, err
	}
	return input.Sender{Unit: t.Unit, Credential: "token:" + t.ID}, nil
}

// Certificate implements [input.Credentials].
func (c credentials) Certificate(context.Context, *x509.Certificate) (input.Sender, error) {
	return input.Sender{}, fault.New(fault.Unauthenticated, "the client certificate belongs to no enrolment").WithCode("certificate.unknown")
}
