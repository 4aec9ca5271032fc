package readiness

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Standing is how a system stands to the four layers.
type Standing struct {
	module.Registered
	Around
	Own     [4]*Layer // what is written of the system itself; nil: its unit's holds
	Missing [4][]string
}

// around puts together what a system's layers are judged by.
func (s *Service) around(r *module.Registered, layers map[layerKey]*Layer, feeds map[event.UnitID]Feeds) Standing {
	x := Standing{Registered: *r}
	x.Around = Around{Level: max(r.Level, 0), Own: []string{s.Units.Name(r.Unit), r.OperatorName}, Now: s.Now(), Model: s.Model}
	if r.Level == 0 {
		x.Around.Level = r.Proposed
	}
	keeper := keeper(r)
	x.Feeds = feeds[keeper]
	for i := range 4 {
		x.Own[i] = layers[layerKey{OfSystem, r.ID, i + 1}]
		x.Layers[i] = x.Own[i]
		for _, u := range []event.UnitID{keeper, r.Unit} {
			if x.Layers[i] == nil {
				x.Layers[i] = layers[layerKey{OfUnit, string(u), i + 1}]
			}
		}
	}
	for i := range 4 {
		x.Missing[i] = x.Around.Missing(i + 1)
	}
	return x
}

// keeper is the unit that operates a system, else its owner.
func keeper(r *module.Registered) event.UnitID {
	if r.Operator != "" {
		return r.Operator
	}
	return r.Unit
}

// Of returns how a system stands to the layers. Errors: Denied, NotFound.
func (s *Service) Of(ctx context.Context, system string) (Standing, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionReadinessRead); err != nil {
		return Standing{}, err
	}
	r, err := s.Systems.Ref(ctx, system)
	if err != nil {
		return Standing{}, err
	}
	layers, err := s.store.layers(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("(kind = ? AND subject = ? OR kind = ? AND subject IN (?))", OfSystem, system, OfUnit, bun.List([]string{string(r.Unit), string(keeper(&r))}))
	})
	if err != nil {
		return Standing{}, err
	}
	feeds, err := s.store.feeds(ctx)
	if err != nil {
		return Standing{}, err
	}
	return s.around(&r, layers, feeds), nil
}

// All returns how every system that is not retired stands to the layers, by its
// code. Errors: Denied.
func (s *Service) All(ctx context.Context) ([]Standing, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionReadinessRead); err != nil {
		return nil, err
	}
	systems, err := s.Systems.Refs(ctx)
	if err != nil {
		return nil, err
	}
	layers, err := s.store.layers(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
	if err != nil {
		return nil, err
	}
	feeds, err := s.store.feeds(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Standing, 0, len(systems))
	for i := range systems {
		if systems[i].State != module.SystemRetired {
			out = append(out, s.around(&systems[i], layers, feeds))
		}
	}
	return out, nil
}

// UnitStanding is how a unit stands to the four layers by what is written of it; its
// systems of which nothing else is written stand by that.
type UnitStanding struct {
	Around
	Unit    event.UnitID
	Systems int // that it owns or operates, retired ones apart
	Missing [4][]string
}

// OfUnit returns how a unit stands to the layers, at the highest level of its systems.
// Errors: Denied, NotFound.
func (s *Service) OfUnit(ctx context.Context, unit event.UnitID) (UnitStanding, error) {
	x := UnitStanding{Unit: unit}
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessRead); err != nil {
		return x, err
	}
	if !s.Units.Active(unit) || !p.Sees(unit) {
		return x, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown")
	}
	layers, err := s.store.layers(ctx, s.DB, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("kind = ?", OfUnit).Where("subject = ?", string(unit))
	})
	if err != nil {
		return x, err
	}
	feeds, err := s.store.feeds(ctx)
	if err != nil {
		return x, err
	}
	systems, err := s.Systems.Refs(ctx)
	if err != nil {
		return x, err
	}
	x.Around = Around{Own: []string{s.Units.Name(unit)}, Feeds: feeds[unit], Now: s.Now(), Model: s.Model}
	for i := range systems {
		if r := &systems[i]; r.State != module.SystemRetired && (r.Unit == unit || r.Operator == unit) {
			x.Systems++
			x.Level = max(x.Level, cmp.Or(r.Level, r.Proposed))
		}
	}
	for i := range 4 {
		x.Layers[i] = layers[layerKey{OfUnit, string(unit), i + 1}]
	}
	for i := range 4 {
		x.Missing[i] = x.Around.Missing(i + 1)
	}
	return x, nil
}

// Write takes what is written of a layer of a unit or a system; the fourth is only
// heard, never written. Errors: Denied, NotFound, Conflict readiness.changed, Invalid.
func (s *Service) Write(ctx context.Context, kind, subject string, layer int, f LayerFacts, version int64) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionReadinessDeclare); err != nil {
		return err
	}
	if layer < 1 || layer > 3 {
		return fault.New(fault.Invalid, "layer: 1 to 3; the fourth is heard by itself").WithCode("readiness.layer").OnField("body.layer")
	}
	if err := f.tidy(layer, module.DateOf(s.Now())); err != nil {
		return err
	}
	unit := event.UnitID(subject)
	if kind == OfSystem {
		r, err := s.Systems.Ref(ctx, subject)
		if err != nil {
			return err
		}
		unit = r.Unit
	} else if !s.Units.Active(unit) || !p.Can(module.ActionReadinessDeclare, unit) {
		return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown")
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		have, err := s.store.layers(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("kind = ?", kind).Where("subject = ?", subject).Where("layer = ?", layer)
		})
		if err != nil {
			return err
		}
		l := &Layer{Kind: kind, Subject: subject, Layer: layer, Facts: f, By: mark(p, s.Now()), Version: version + 1}
		if old := have[layerKey{kind, subject, layer}]; old == nil && version != 0 || old != nil && old.Version != version {
			return changed()
		}
		if ok, err := s.store.saveLayer(ctx, tx, l, unit); err != nil || !ok {
			if err == nil {
				err = changed()
			}
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "readiness.layer", Object: kind + ":" + subject, Detail: map[string]string{
			"unit": string(unit), "layer": strconv.Itoa(layer), "number": f.Number, "day": string(f.Day), "organisation": f.Organisation,
			"assets": strconv.Itoa(f.Assets), "monitored": strconv.Itoa(f.Monitored), "contacts": strconv.Itoa(len(f.Contacts)),
		}})
	})
}

// listen notes when the feeds of all units that keep systems were last heard.
func (s *Service) listen(ctx context.Context) error {
	systems, err := s.Systems.Refs(ctx)
	if err != nil {
		return err
	}
	var units []event.UnitID
	seen := map[event.UnitID]bool{}
	for i := range systems {
		if u := keeper(&systems[i]); u != "" && !seen[u] {
			seen[u] = true
			units = append(units, u)
		}
	}
	for part := range slices.Chunk(units, 200) {
		found, err := s.Heard.Heard(ctx, part)
		if err != nil {
			return err
		}
		if err := s.store.saveFeeds(ctx, found, s.Now()); err != nil {
			return err
		}
	}
	return nil
}
