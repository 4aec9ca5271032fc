package evidence

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Lake is the part of the lake this module works with. See lake.Lake.
type Lake interface {
	SetRetention(rules []lake.RetentionRule)
	RetentionAlarm() string
	Deletions(ctx context.Context, limit int) ([]lake.Deletion, error)
	Holds(ctx context.Context, all bool) ([]lake.Hold, error)
	AddHold(ctx context.Context, h lake.Hold, inTx func(context.Context, bun.Tx, lake.Hold) error) (lake.Hold, error)
	ReleaseHold(ctx context.Context, id, by, reason string, inTx func(context.Context, bun.Tx, lake.Hold) error) (lake.Hold, error)
	Head(ctx context.Context) (lake.ChainHead, error)
	LastVerification(ctx context.Context) (*lake.EvidenceReport, error)
	Bundle(ctx context.Context, sc lake.Scope, r lake.BundleRequest, dir string, inTx func(context.Context, bun.Tx, *lake.BundleDone) error) (*lake.BundleDone, error)
}

// Units knows the register of agencies.
type Units interface {
	Exists(event.UnitID) bool
	Name(event.UnitID) string
}

// Options is what the service needs.
type Options struct {
	DB     *bun.DB
	Trail  *module.Trail
	Lake   Lake
	Units  Units
	Log    *slog.Logger
	Now    func() time.Time
	Dir    string        // for bundles while they are made
	MaxAge time.Duration // lake.maxAge; 0: everything is kept
}

// Service is retention, holds and evidence.
type Service struct {
	Options
	store   store
	classes []Class
	turn    chan struct{} // one bundle is made at a time
}

// New makes the service; call Load before the lake's retention runs.
func New(o Options) *Service {
	classes, err := parseClasses(classData)
	if err != nil {
		panic(err) // the file is embedded, and a test reads it
	}
	return &Service{Options: o, store: store{o.DB}, classes: classes, turn: make(chan struct{}, 1)}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{
		Name: "evidence", Migrations: sub, Routes: s.routes,
		Workers: []module.Worker{{Name: "evidence-head", Run: s.runAnchors}},
	}
}

// Load gives the lake the rules, and removes bundles that a killed process left.
func (s *Service) Load(ctx context.Context) error {
	if err := s.clearBundles(); err != nil {
		return err
	}
	return s.tellLake(ctx)
}

func (s *Service) tellLake(ctx context.Context) error {
	rules, err := s.store.rules(ctx)
	if err != nil {
		return err
	}
	out := make([]lake.RetentionRule, len(rules))
	for i := range rules {
		c, _ := s.class(rules[i].Class) // a class no longer known has no minimum
		out[i] = rules[i].forLake(c)
	}
	s.Lake.SetRetention(out)
	return nil
}

func (s *Service) class(id string) (Class, bool) {
	i := slices.IndexFunc(s.classes, func(c Class) bool { return c.ID == id })
	if i < 0 {
		return Class{}, false
	}
	return s.classes[i], true
}

// Retention returns the classes and rules. Errors: Denied.
func (s *Service) Retention(ctx context.Context) ([]Class, []Rule, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionRetentionRead); err != nil {
		return nil, nil, err
	}
	rules, err := s.store.rules(ctx)
	return s.classes, rules, err
}

// SetRule makes a rule, or replaces that for the same unit, format and input.
// Errors: Denied, Invalid.
func (s *Service) SetRule(ctx context.Context, r Rule) (Rule, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRetentionManage); err != nil {
		return r, err
	}
	c, ok := s.class(r.Class)
	if !ok {
		return r, fault.New(fault.Invalid, "class: %q is none of the classes", r.Class).WithCode("retention.class").OnField("body.class")
	}
	if r.Unit != "" && !s.Units.Exists(r.Unit) {
		return r, fault.New(fault.Invalid, "unit: %q is not registered", r.Unit).WithCode("unit.unknown").OnField("body.unit")
	}
	r.Format, r.Input, r.Note = module.Text(r.Format, maxName+1), module.Text(r.Input, maxName+1), module.Text(r.Note, maxNote+1)
	if err := r.check(c); err != nil {
		return r, err
	}
	r.By, r.At = p.Name, s.Now()
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*ruleRow)(nil)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxRules {
			return fault.New(fault.Conflict, "there are %d rules already", n).WithCode("retention.too-many")
		}
		if err := s.store.put(ctx, tx, r); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "retention.set", Object: r.object(), Detail: map[string]string{
			"class": r.Class, "keepDays": strconv.Itoa(r.KeepDays), "note": r.Note,
		}})
	})
	if err != nil {
		return r, err
	}
	return r, s.tellLake(ctx)
}

// RemoveRule removes the rule for a unit, format and input. Errors: Denied,
// NotFound.
func (s *Service) RemoveRule(ctx context.Context, r Rule) error {
	if err := module.PrincipalOf(ctx).Require(module.ActionRetentionManage); err != nil {
		return err
	}
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		found, err := s.store.remove(ctx, tx, r)
		if err != nil {
			return err
		}
		if !found {
			return fault.New(fault.NotFound, "there is no such rule").WithCode("retention.not-found")
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "retention.remove", Object: r.object()})
	})
	if err != nil {
		return err
	}
	return s.tellLake(ctx)
}

// Deletions lists what retention deleted, newest first. Errors: Denied.
func (s *Service) Deletions(ctx context.Context, limit int) ([]lake.Deletion, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionRetentionRead); err != nil {
		return nil, err
	}
	return s.Lake.Deletions(ctx, limit)
}

// Holds lists the legal holds, newest first. Errors: Denied.
func (s *Service) Holds(ctx context.Context, all bool) ([]lake.Hold, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionRetentionRead); err != nil {
		return nil, err
	}
	return s.Lake.Holds(ctx, all)
}

// AddHold begins a hold in the principal's name. Errors: Denied, Invalid.
func (s *Service) AddHold(ctx context.Context, h lake.Hold) (lake.Hold, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionHoldAdd); err != nil {
		return h, err
	}
	for _, u := range h.Units {
		if !s.Units.Exists(u) {
			return h, fault.New(fault.Invalid, "units: %q is not registered", u).WithCode("unit.unknown").OnField("body.units")
		}
	}
	h.By = p.Name
	return s.Lake.AddHold(ctx, h, func(ctx context.Context, tx bun.Tx, h lake.Hold) error {
		return s.Trail.Append(ctx, tx, module.Entry{Action: "hold.add", Object: "hold:" + h.ID, Detail: map[string]string{
			"reason": module.Text(h.Reason, maxNote), "query": module.Text(h.Query, maxNote),
		}})
	})
}

// ReleaseHold ends a hold. Errors: Denied, Invalid, NotFound, Conflict.
func (s *Service) ReleaseHold(ctx context.Context, id, reason string) (lake.Hold, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionHoldRelease); err != nil {
		return lake.Hold{}, err
	}
	return s.Lake.ReleaseHold(ctx, id, p.Name, reason, func(ctx context.Context, tx bun.Tx, h lake.Hold) error {
		return s.Trail.Append(ctx, tx, module.Entry{Action: "hold.release", Object: "hold:" + h.ID, Detail: map[string]string{"reason": module.Text(reason, maxNote)}})
	})
}

// Status is how the evidence is.
type Status struct {
	Head         lake.ChainHead
	Anchored     lake.ChainHead       // as last noted in the audit trail
	Verification *lake.EvidenceReport // the last one; nil: none yet
	Alarm        string               // of retention
}

// Status tells how the evidence is. Errors: Denied.
func (s *Service) Status(ctx context.Context) (st Status, err error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionEvidenceRead); err != nil {
		return st, err
	}
	if st.Head, err = s.Lake.Head(ctx); err != nil {
		return st, err
	}
	anchor, err := s.store.lastAnchor(ctx)
	if err != nil {
		return st, err
	}
	st.Anchored = lake.ChainHead{Seq: anchor.Seq, Hash: anchor.Hash, At: anchor.At.Time()}
	st.Alarm = s.Lake.RetentionAlarm()
	st.Verification, err = s.Lake.LastVerification(ctx)
	return st, err
}

// The head is noted once a day.
const (
	anchorEvery = 24 * time.Hour
	anchorLook  = time.Hour
)

func (s *Service) runAnchors(ctx context.Context) error {
	tick := time.NewTicker(anchorLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := s.anchor(module.WithPrincipal(ctx, module.System())); err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// anchor puts the head of the chain into the audit trail and the log, where who
// rewrites the chain would have to rewrite it, too.
func (s *Service) anchor(ctx context.Context) error {
	last, err := s.store.lastAnchor(ctx)
	if err != nil {
		return err
	}
	head, err := s.Lake.Head(ctx)
	if err != nil || head.Seq <= last.Seq || s.Now().Sub(last.At.Time()) < anchorEvery {
		return err
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.addAnchor(ctx, tx, head, sqldb.MicrosOf(s.Now())); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "evidence.head", Object: "evidence:" + strconv.FormatInt(head.Seq, 10), Detail: map[string]string{"sha256": head.Hash}})
	})
	if err != nil {
		return err
	}
	s.Log.Info("head of the evidence chain; note it where nobody here can change it", "entry", head.Seq, "sha256", head.Hash)
	return nil
}
