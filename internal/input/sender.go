package input

import (
	"context"
	"crypto/x509"

	"github.com/lachan-vn/lachan/internal/event"
)

// Sender is who a credential stands for.
type Sender struct {
	Unit       event.UnitID
	Credential string // as in event.Batch
}

// Credentials checks what senders show. A record's unit comes from here and from
// nowhere else.
type Credentials interface {
	// Token looks a secret up that came from peer, an address without port, without
	// I/O and in constant time. fault.Unauthenticated: unknown, revoked, expired, or
	// not for that address; fault.Denied: not for sending logs; fault.Busy: the peer
	// showed too many wrong ones and is to wait.
	Token(ctx context.Context, secret, peer string) (Sender, error)
	// Certificate says whose a client certificate is. TLS has verified its chain
	// and dates already. Connections that stay open ask again with every batch.
	// fault.Unauthenticated: revoked or expired; fault.NotFound: issued by
	// somebody else, so that it says nothing of the unit.
	Certificate(ctx context.Context, leaf *x509.Certificate) (Sender, error)
}
