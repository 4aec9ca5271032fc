// Package enrol lets agencies connect their devices: an enrolment is one device
// or shipper of a unit with the credential it sends by.
//
// Somebody who administers a unit chooses a device out of a catalogue and gets
// configuration text that is ready to use, with our address, our authority's
// certificate and a token or client certificate; then sees when the first event
// arrives. The catalogue is data: devices.yaml and the templates beside it.
//
// Invariants. A secret is shown once, to who made the enrolment, and is not kept
// here: of a token the identity module keeps a hash, of a certificate its
// fingerprint is kept. The unit of an enrolment never changes, and what arrives by
// its credential belongs to that unit whatever it says of itself. Revoking works at
// once in this process and after indexSync in others on the same database. An
// address speaks for one unit only.
//
// It does not listen and does not read certificates off connections: inputs do, and
// ask here (Service.Certificate, Service.UnitByAddr). What arrived it learns from
// the process loop, inside the transaction that stores it (Service.Seen).
//
// Start reading at Service.Create, then kit.go.
package enrol

import (
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Kind is a sort of credential.
type Kind string

// The sorts of credentials.
const (
	KindToken       Kind = "token"
	KindCertificate Kind = "certificate"
	KindAddress     Kind = "address" // the source address alone: a weak one
)

// Enrolment is one device or shipper of a unit.
type Enrolment struct {
	ID         string
	Unit       event.UnitID
	Name       string // what people call the device
	Device     string // id in the catalogue
	Credential Kind
	LifeDays   int            // of each certificate or token; 0: a token without an end
	Networks   []netip.Prefix // of KindAddress
	// Address is the host that the device sends to where it is not the centre's
	// public address: a relay's.
	Address   string
	Note      string
	CreatedAt time.Time
	CreatedBy string    // user name
	ExpiresAt time.Time // of the newest credential; zero: never

	RevokedAt     time.Time
	RevokedBy     string
	RevokedReason string

	FirstSeen time.Time // zero: nothing has come yet
	LastSeen  time.Time
	Events    int64
	Unparsed  int64
	Peer      string // where the last events came from
}

// Status is what an enrolment is about.
type Status string

// The states.
const (
	StatusWaiting Status = "waiting" // for its first event
	StatusActive  Status = "active"
	StatusExpired Status = "expired"
	StatusRevoked Status = "revoked"
)

// StatusAt tells the state at a moment.
func (e *Enrolment) StatusAt(now time.Time) Status {
	switch {
	case !e.RevokedAt.IsZero():
		return StatusRevoked
	case !e.ExpiresAt.IsZero() && !now.Before(e.ExpiresAt):
		return StatusExpired
	case e.FirstSeen.IsZero():
		return StatusWaiting
	}
	return StatusActive
}

// Limits of an enrolment.
const (
	DefaultLifeDays = 30
	maxLifeDays     = 397
	maxTokenDays    = 3650
	maxName         = 100
	maxNote         = 1000
	maxAddress      = 253
	maxNetworks     = 64
	// widest networks an address may be: one institution's, not half the internet.
	minBits4, minBits6 = 8, 32
	// maxPerUnit bounds what one unit's administrator can make.
	maxPerUnit = 2000
	// maxLiveCertificates bounds what renewing in a loop leaves behind.
	maxLiveCertificates = 50
	maxGraceHours       = 7 * 24
)

// check mends harmless differences and refuses what cannot be.
func (e *Enrolment) check(d *Device) error {
	e.Name, e.Note, e.Address = strings.TrimSpace(e.Name), strings.TrimSpace(e.Note), strings.TrimSpace(e.Address)
	bad := func(field, format string, args ...any) error {
		return fault.New(fault.Invalid, field+": "+format, args...).WithCode("enrolment.bad-" + field).OnField("body." + field)
	}
	switch {
	case e.Name == "" || utf8.RuneCountInString(e.Name) > maxName || module.Text(e.Name, len(e.Name)) != e.Name || strings.ContainsAny(e.Name, "\r\n"):
		return bad("name", "1 to %d characters, on one line", maxName)
	case utf8.RuneCountInString(e.Note) > maxNote || module.Text(e.Note, len(e.Note)) != e.Note:
		return bad("note", "at most %d characters", maxNote)
	case !GoodHost(e.Address):
		return bad("address", "a host name or an address, such as chuyen-tiep.so-y-te.example or 10.0.0.5")
	case !slices.Contains(d.Credentials, e.Credential):
		return bad("credential", "%s sends by: %s", d.ID, joinKinds(d.Credentials))
	case e.Credential == KindCertificate && (e.LifeDays < 1 || e.LifeDays > maxLifeDays):
		return bad("days", "1 to %d for a certificate", maxLifeDays)
	case e.LifeDays < 0 || e.LifeDays > maxTokenDays:
		return bad("days", "1 to %d, or 0 for no end", maxTokenDays)
	case e.Credential == KindAddress && (len(e.Networks) == 0 || len(e.Networks) > maxNetworks):
		return bad("networks", "1 to %d addresses or networks the device sends from", maxNetworks)
	case e.Credential != KindAddress && len(e.Networks) > 0:
		return bad("networks", "only for an enrolment by address")
	}
	for i, p := range e.Networks {
		least := minBits6
		if p.Addr().Is4() {
			least = minBits4
		}
		switch {
		case p.Bits() < least:
			return bad("networks", "%s is too wide; /%d or narrower", p, least)
		case p.Addr().IsLoopback() || p.Addr().IsMulticast():
			return bad("networks", "%s is no address a device sends from", p)
		}
		for _, q := range e.Networks[:i] {
			if p == q {
				return bad("networks", "%s is there twice", p)
			}
		}
	}
	return nil
}

func joinKinds(kinds []Kind) string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = string(k)
	}
	return strings.Join(names, ", ")
}

// GoodHost allows what may stand in any shipper's configuration without quoting:
// letters, digits, dots, hyphens and the colons of IPv6.
func GoodHost(host string) bool {
	if host == "" {
		return true
	}
	if _, err := netip.ParseAddr(host); err == nil {
		return !strings.Contains(host, "%")
	}
	if len(host) > maxAddress || host[0] == '-' || host[0] == '.' {
		return false
	}
	for _, r := range host {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-':
		default:
			return false
		}
	}
	return true
}

// ParseNetwork reads an address or a network; host bits are dropped.
// Errors: Invalid.
func ParseNetwork(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
		a = a.Unmap()
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil || p.Addr().Is4In6() {
		return p, fault.New(fault.Invalid, "networks: %q is not an address or network; write 10.1.2.3 or 10.1.0.0/16", text).
			WithCode("enrolment.bad-networks").OnField("body.networks")
	}
	return p.Masked(), nil
}
