// Package audit lets people read the audit trail and takes it out of the house.
//
// The trail itself, the hash chain every module appends to, is module.Trail.
// Here is what is done with it: reading with filters, export (NDJSON that
// `lachan audit verify --file` proves, CSV for a spreadsheet), verification, the
// notes of refused attempts, and forwarding by syslog, so that a copy stands
// where nobody of this machine can rewrite it.
//
// Invariants. Reading the trail is itself noted. A refused attempt is recorded
// whatever module refused it, also when the answer was "no such thing" about an
// object of another unit. A forwarded record comes at least once and in order;
// its number tells a repeated one.
//
// Start reading at Service.
package audit

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

//go:embed migrations
var migrations embed.FS

// Options is what the service needs.
type Options struct {
	DB      *bun.DB
	Trail   *module.Trail
	Notes   *module.Notes
	Config  Config
	Log     *slog.Logger
	Now     func() time.Time
	Metrics prometheus.Registerer
}

// Service reads the trail for people and forwards it.
type Service struct {
	Options
	forward *forwarder // nil: not forwarded
}

// New makes the service over a configuration that is valid.
func New(o Options) *Service {
	s := &Service{Options: o}
	if o.Config.Syslog != "" {
		s.forward = newForwarder(o)
	}
	return s
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	m := module.Module{Name: "audit", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "audit-notes", Run: s.Notes.Run}}}
	if s.forward != nil {
		m.Workers = append(m.Workers, module.Worker{Name: "audit-syslog", Run: s.forward.run})
	}
	return m
}

// Filter is what a reader asks for.
type Filter struct {
	module.RecordFilter
	Refused bool // only attempts that were refused
}

// refusals are the actions of records about refused attempts.
var refusals = []string{"access.*", "session.refused"}

func (f *Filter) check() error {
	for name, value := range map[string]*string{"actor": &f.Actor, "object": &f.Object, "ip": &f.Addr, "q": &f.Text} {
		*value = strings.TrimSpace(*value)
		if len(*value) > 200 {
			return fault.New(fault.Invalid, "%s: at most 200 bytes", name).OnField("query." + name)
		}
	}
	if !f.From.IsZero() && !f.To.IsZero() && !f.To.After(f.From) {
		return fault.New(fault.Invalid, "to: must be after from").WithCode("range.empty").OnField("query.to")
	}
	if f.Refused {
		f.Actions = refusals
	}
	return nil
}

// List returns records, newest first. That the trail was read is noted.
// Errors: Denied, Invalid.
func (s *Service) List(ctx context.Context, f Filter, limit int) ([]module.Record, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAuditRead); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if err := s.Notes.Write(ctx, module.Entry{Action: "audit.read", Object: "audit"}, ""); err != nil {
		return nil, err
	}
	return s.Trail.Find(ctx, f.RecordFilter, false, int64(limit))
}

// Facets are the actors and actions to choose from.
type Facets struct{ Actors, Actions []module.Counted }

const maxFacets = 200

// Facets returns who did what in a range of time. Errors: Denied.
func (s *Service) Facets(ctx context.Context, from, to time.Time) (out Facets, err error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAuditRead); err != nil {
		return out, err
	}
	f := module.RecordFilter{From: from, To: to}
	if out.Actors, err = s.Trail.Actors(ctx, f, maxFacets); err != nil {
		return out, err
	}
	out.Actions, err = s.Trail.Actions(ctx, f, maxFacets)
	return out, err
}

// Proof is what a verification of the whole chain found.
type Proof struct {
	Head   module.Head // the last good record
	Broken string      // what does not fit, "" if all does
	Took   time.Duration
}

// Verify walks the whole chain. Errors: Denied.
func (s *Service) Verify(ctx context.Context) (Proof, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionAuditRead); err != nil {
		return Proof{}, err
	}
	start := s.Now()
	head, err := s.Trail.VerifyNoted(ctx, module.Head{}, nil)
	proof := Proof{Head: head, Took: s.Now().Sub(start)}
	if fault.KindOf(err) == fault.Conflict {
		proof.Broken, err = err.Error(), nil
	}
	if err != nil {
		return Proof{}, err
	}
	detail := map[string]string{"result": "intact"}
	if proof.Broken != "" {
		detail["result"] = proof.Broken
	}
	return proof, s.Notes.Write(ctx, module.Entry{Action: "audit.verify", Object: "audit", Detail: detail}, detail["result"])
}
