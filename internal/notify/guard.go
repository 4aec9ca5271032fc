package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// Guard decides which addresses a channel may connect to: those of the public
// internet, and the networks the configuration names. It judges the address a
// connection is about to be made to, after the name was resolved, so a name that
// resolves to something else the second time gains nothing.
type Guard struct {
	Allowed []netip.Prefix
	// Setting is the key of the configuration that names the networks, for errors;
	// "": notifications.allowedNetworks.
	Setting string
}

// notPublic are the ranges beyond those netip knows by name: IANA's registries
// of special-purpose addresses, RFC 6890 and its successors.
var notPublic = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

// nat64 addresses carry an IPv4 address in their last four bytes.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, p := range list {
		out[i] = netip.MustParsePrefix(p)
	}
	return out
}

// Allows tells whether a channel may connect to a.
func (g Guard) Allows(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if g.names(a) {
		return true
	}
	if nat64.Contains(a) {
		b := a.As16()
		return g.Allows(netip.AddrFrom4([4]byte(b[12:])))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// blocked is why a connection was not even tried.
type blocked struct{ addr netip.Addr }

func (b blocked) Error() string { return b.addr.String() + " is not allowed" }

const connectWithin = 15 * time.Second

// Dial connects like net.Dialer.DialContext, where the guard allows it. Errors
// are failures: blocked or unreachable.
func (g Guard) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return g.dial(ctx, network, address, g.Allows)
}

// DialNamed is Dial to the networks that are named alone, for what is not
// encrypted.
func (g Guard) DialNamed(ctx context.Context, network, address string) (net.Conn, error) {
	return g.dial(ctx, network, address, g.names)
}

// names tells whether a is in one of the networks that are named.
func (g Guard) names(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(g.Allowed, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (g Guard) dial(ctx context.Context, network, address string, allows func(netip.Addr) bool) (net.Conn, error) {
	d := net.Dialer{Timeout: connectWithin, ControlContext: func(_ context.Context, _, to string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(to)
		if err != nil {
			return err
		}
		if !allows(at.Addr()) {
			return blocked{at.Addr()}
		}
		return nil
	}}
	conn, err := d.DialContext(ctx, network, address)
	if err == nil {
		return conn, nil
	}
	if b, ok := errors.AsType[blocked](err); ok {
		return nil, Failed(CodeBlocked, false, fmt.Sprintf(
			"%s is at %s, inside a network; if that is meant, name the network in %s of the configuration", address, b.addr, cmp.Or(g.Setting, "notifications.allowedNetworks")))
	}
	return nil, Network(err)
}

// Network tells why a connection failed.
func Network(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	code := CodeUnreachable
	var ne net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &ne) && ne.Timeout():
		code = CodeTimeout
	case isCertificate(err):
		code = CodeCertificate
	case isDropped(err):
		code = CodeDropped
	}
	return Failed(code, false, err.Error())
}
