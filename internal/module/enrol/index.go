package enrol

import (
	"context"
	"crypto/x509"
	"net/netip"
	"time"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// indexSync is how soon changes of another process on the same database count.
const indexSync = 30 * time.Second

// index answers, without I/O, what inputs ask for every batch. It is immutable and
// replaced as a whole.
type index struct {
	enrolments map[string]indexed          // by id
	certs      map[string]indexedCert      // by fingerprint
	tokens     map[string]string           // token id -> enrolment
	networks   map[netip.Prefix]indexedNet // in force
	lengths    [2][]int                    // prefix lengths in use, longest first: IPv4, IPv6
}

type indexed struct {
	name       string
	unit       event.UnitID
	credential Kind
	life       int // days of each credential
	expires    time.Time
	revoked    bool
}

type indexedCert struct {
	enrolment string
	expires   time.Time
	revoked   bool
}

type indexedNet struct {
	enrolment string
	unit      event.UnitID
}

// reload reads the index anew. Whoever stores later has read later.
func (s *Service) reload(ctx context.Context) error {
	s.reloading.Lock()
	defer s.reloading.Unlock()
	rows, credentials, networks, err := s.store.all(ctx)
	if err != nil {
		return err
	}
	x := &index{
		enrolments: make(map[string]indexed, len(rows)), certs: map[string]indexedCert{},
		tokens: map[string]string{}, networks: make(map[netip.Prefix]indexedNet, len(networks)),
	}
	for i := range rows {
		r := &rows[i]
		x.enrolments[r.ID] = indexed{name: r.Name, unit: event.UnitID(r.Unit), credential: Kind(r.Credential), life: r.LifeDays,
			expires: r.ExpiresAt.Time(), revoked: r.RevokedAt != 0}
	}
	for i := range credentials {
		c := &credentials[i]
		switch Kind(c.Kind) {
		case KindCertificate:
			x.certs[c.ID] = indexedCert{enrolment: c.Enrolment, expires: c.ExpiresAt.Time(), revoked: c.RevokedAt != 0}
		case KindToken:
			x.tokens[c.ID] = c.Enrolment
		}
	}
	var used [2][129]bool
	for _, n := range networks {
		p, err := netip.ParsePrefix(n.Network)
		if err != nil {
			return err
		}
		x.networks[p] = indexedNet{enrolment: n.Enrolment, unit: event.UnitID(n.Unit)}
		used[family(p.Addr())][p.Bits()] = true
	}
	for f := range used {
		for bits := 128; bits >= 0; bits-- {
			if used[f][bits] {
				x.lengths[f] = append(x.lengths[f], bits)
			}
		}
	}
	s.index.Store(x)
	return nil
}

func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

func (x *index) byAddr(addr netip.Addr) (indexedNet, bool) {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		return indexedNet{}, false
	}
	for _, bits := range x.lengths[family(addr)] {
		if p, err := addr.Prefix(bits); err == nil {
			if n, ok := x.networks[p]; ok {
				return n, true
			}
		}
	}
	return indexedNet{}, false
}

// UnitByAddr says whose the events of an address are; it implements [input.Units].
func (s *Service) UnitByAddr(addr netip.Addr) (event.UnitID, bool) {
	n, ok := s.index.Load().byAddr(addr)
	return n.unit, ok
}

// Certificate says whose a client certificate is. Only one that was issued here
// counts, and it is known by all of its bytes; what it says of itself is of no
// account. It does no I/O. What is refused is kept for whoever looks at the
// enrolment. Errors: Unauthenticated, NotFound for one that is not ours.
func (s *Service) Certificate(_ context.Context, leaf *x509.Certificate) (input.Sender, error) {
	x := s.index.Load()
	c, ok := x.certs[authority.Fingerprint(leaf)]
	if !ok {
		return input.Sender{}, fault.New(fault.NotFound, "the client certificate is not one that this centre issued").WithCode("certificate.unknown")
	}
	e := x.enrolments[c.enrolment]
	now := s.now()
	switch {
	case c.revoked || e.revoked || e.unit == "":
		s.Refused(c.enrolment, "certificate.revoked")
		return input.Sender{}, fault.New(fault.Unauthenticated, "the client certificate was revoked").WithCode("certificate.revoked")
	case !now.Before(c.expires) || now.After(leaf.NotAfter):
		s.Refused(c.enrolment, "certificate.expired")
		return input.Sender{}, fault.New(fault.Unauthenticated, "the client certificate has expired; renew it").WithCode("certificate.expired")
	}
	return input.Sender{Unit: e.unit, Credential: "cert:" + c.enrolment}, nil
}

// Expiry is when the newest credential of an enrolment ends.
type Expiry struct {
	Enrolment  string
	Name       string
	Unit       event.UnitID
	Credential Kind
	At         time.Time
	LifeDays   int // of each credential
}

// Expiries lists, in no order, when the enrolments that are in use will be without
// a credential. It does no I/O.
func (s *Service) Expiries() []Expiry {
	var out []Expiry
	for id, e := range s.index.Load().enrolments {
		if _, used := s.heard.Load(id); used && !e.revoked && !e.expires.IsZero() {
			out = append(out, Expiry{Enrolment: id, Name: e.name, Unit: e.unit, Credential: e.credential, At: e.expires, LifeDays: e.life})
		}
	}
	return out
}

// of returns the enrolment that a batch came by, "" for none.
func (x *index) of(credential, peer string, unit event.UnitID) string {
	id := ""
	switch {
	case credential == "":
		if addr, err := netip.ParseAddr(peer); err == nil {
			if n, ok := x.byAddr(addr); ok {
				id = n.enrolment
			}
		}
	case len(credential) > 5 && credential[:5] == "cert:":
		id = credential[5:]
	case len(credential) > 6 && credential[:6] == "token:":
		id = x.tokens[credential[6:]]
	}
	if id == "" || x.enrolments[id].unit != unit {
		return ""
	}
	return id
}
