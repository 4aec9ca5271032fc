package relay

import (
	"cmp"
	"context"
	"embed"
	"encoding/base64"
	"io/fs"
	"log/slog"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Signals raises alerts that no rule raises. See alert.Service.
type Signals interface {
	Raise(ctx context.Context, kind string, unit event.UnitID, about string, details map[string]string) error
	Settle(ctx context.Context, kind string, unit event.UnitID, about string) error
}

// Units knows the register of agencies.
type Units interface{ Name(event.UnitID) string }

// Options is what the service needs.
type Options struct {
	DB          *bun.DB
	Trail       *module.Trail
	Signals     Signals
	Units       Units
	Log         *slog.Logger
	Now         func() time.Time
	SilentAfter time.Duration
	// Recipient returns who bundles are encrypted to; "" if there is nobody yet.
	Recipient func() (string, error)
}

// Service is the register of relays and bundles.
type Service struct {
	Options
	store store

	mu      sync.Mutex
	relays  map[string]*Relay
	changed map[string]bool
	raised  map[string]map[Trouble]bool
	since   time.Time // nobody is silent before we have listened
}

// New makes the service; call Load before it is told of contacts.
func New(o Options) *Service {
	return &Service{Options: o, store: store{o.DB}, relays: map[string]*Relay{}, changed: map[string]bool{}, raised: map[string]map[Trouble]bool{}, since: o.Now()}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "relay", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "relay-watch", Run: s.run}}}
}

// Load reads the register.
func (s *Service) Load(ctx context.Context) error {
	relays, err := s.store.relays(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range relays {
		s.relays[r.ID] = r
	}
	return nil
}

// maxRelays bounds the register: each is a credential that an administrator made.
const maxRelays = 100_000

// Contacted notes a request of a relay. What of r it says of itself was not
// checked. Blocks and Events are what came with this request.
func (s *Service) Contacted(r Relay) {
	r.Host, r.Version, r.WhenFull = module.Text(r.Host, maxHost), module.Text(r.Version, maxVersion), module.Text(r.WhenFull, maxReason)
	r.Peer = module.Text(r.Peer, maxHost)
	r.BacklogBlocks, r.BacklogBytes = max(r.BacklogBlocks, 0), max(r.BacklogBytes, 0)
	if !r.Oldest.IsZero() && (r.Oldest.Year() < 2000 || r.Oldest.Year() > 2200) {
		r.Oldest = time.Time{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.relays[r.ID]
	switch {
	case old != nil:
		r.FirstContact, r.Retired = old.FirstContact, old.Retired
		r.Blocks += old.Blocks
		r.Events += old.Events
	case len(s.relays) >= maxRelays:
		return
	default:
		r.FirstContact = r.LastContact
	}
	s.relays[r.ID] = &r
	s.changed[r.ID] = true
}

// Gaps notes gaps of a relay, each once, and tells of new ones.
func (s *Service) Gaps(ctx context.Context, relay, host string, unit event.UnitID, gaps []Gap) error {
	now := s.Now()
	for i := range gaps {
		g := &gaps[i]
		if g.ID == "" || len(g.ID) > maxID {
			return fault.New(fault.Invalid, "a gap without a proper id")
		}
		g.Reason, g.NotedAt = module.Text(g.Reason, maxReason), now
		g.Blocks, g.Events, g.Bytes = max(g.Blocks, 0), max(g.Events, 0), max(g.Bytes, 0)
	}
	fresh, err := s.store.addGaps(ctx, relay, unit, gaps)
	if err != nil {
		return err
	}
	for _, g := range fresh {
		s.Log.Warn("a relay dropped events", "unit", unit, "relay", relay, "reason", g.Reason, "events", g.Events, "from", g.From, "to", g.To)
		err := s.Signals.Raise(ctx, "relay.gap", unit, about(relay, host), map[string]string{
			"reason": g.Reason, "events": strconv.FormatInt(g.Events, 10),
			"from": g.From.UTC().Format(time.RFC3339), "to": g.To.UTC().Format(time.RFC3339), "relay": relay})
		if err != nil {
			s.Log.Error("cannot raise the alarm for a gap", "relay", relay, "error", err)
		}
	}
	return nil
}

// about names a relay for people: by the credential, since hosts may be alike.
func about(id, host string) string {
	if host == "" {
		return id
	}
	return host + " (" + id + ")"
}

const keyBytes = 32

// Enrol notes the key that will sign bundles for a credential, and returns who
// they are for. Errors: Invalid for a key of another form; Conflict where the key
// is another credential's.
func (s *Service) Enrol(ctx context.Context, relay string, unit event.UnitID, host, version, peer, key string) (recipient string, err error) {
	if key != "" {
		raw, err := base64.StdEncoding.DecodeString(key)
		if err != nil || len(raw) != keyBytes {
			return "", fault.New(fault.Invalid, "bundleKey: not a public key in Ed25519 (32 bytes in base64)").WithCode("bundle.key")
		}
		ctx := module.WithPrincipal(ctx, module.Principal{Name: relay, Address: peer})
		err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			has, err := s.store.addKey(ctx, tx, keyRow{Key: key, Relay: relay, Unit: string(unit), Added: sqldb.MicrosOf(s.Now())})
			if err != nil {
				return err
			}
			if has.Relay != relay || has.Unit != string(unit) || has.Retired != 0 {
				return fault.New(fault.Conflict, "the key for bundles belongs to another credential, or is retired; make a new one").WithCode("bundle.key-taken")
			}
			return s.Trail.Append(ctx, tx, module.Entry{Action: "relay.enrol", Object: "relay:" + relay,
				Detail: map[string]string{"unit": string(unit), "host": module.Text(host, maxHost), "bundleKey": key}})
		})
		if err != nil {
			return "", err
		}
	}
	s.mu.Lock()
	known := s.relays[relay] != nil
	s.mu.Unlock()
	if !known {
		s.Contacted(Relay{ID: relay, Unit: unit, Host: host, Version: version, Peer: peer, LastContact: s.Now()})
	}
	if s.Recipient == nil {
		return "", nil
	}
	return s.Recipient()
}

// List returns the relays the caller sees, those in trouble first.
func (s *Service) List(ctx context.Context, unit event.UnitID) ([]Relay, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return nil, err
	}
	s.mu.Lock()
	var out []Relay
	for _, r := range s.relays {
		if p.Sees(r.Unit) && (unit == "" || r.Unit == unit) {
			out = append(out, *r)
		}
	}
	s.mu.Unlock()
	now := s.Now()
	bad := func(r *Relay) int { return len(r.troubles(now, s.SilentAfter)) }
	slices.SortFunc(out, func(a, b Relay) int {
		return cmp.Or(cmp.Compare(bad(&b), bad(&a)), a.LastContact.Compare(b.LastContact), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

func (s *Service) get(ctx context.Context, id string, a module.Action) (Relay, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(a); err != nil {
		return Relay{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.relays[id]
	unknown := fault.New(fault.NotFound, "no such relay").WithCode("relay.unknown")
	switch {
	case r == nil:
		return Relay{}, unknown
	case !p.Sees(r.Unit):
		return Relay{}, module.Outside(unknown)
	}
	return *r, nil
}

// maxListed bounds the lists of gaps and bundles.
const maxListed = 1000

// GapsOf returns the gaps of a relay, newest first.
func (s *Service) GapsOf(ctx context.Context, id string) ([]Gap, error) {
	if _, err := s.get(ctx, id, module.ActionSourceRead); err != nil {
		return nil, err
	}
	return s.store.gaps(ctx, id, maxListed)
}

// Retire takes a relay out of the watch and its keys out of use: bundles that they
// sign are refused from now on. Its credential is revoked where it was made.
func (s *Service) Retire(ctx context.Context, id string) (Relay, error) {
	r, err := s.get(ctx, id, module.ActionRelayManage)
	if err != nil {
		return r, err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.retire(ctx, tx, id); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "relay.retire", Object: "relay:" + id, Detail: map[string]string{"unit": string(r.Unit)}})
	})
	if err != nil {
		return r, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if live := s.relays[id]; live != nil {
		live.Retired = true
		r = *live
	}
	return r, nil
}
