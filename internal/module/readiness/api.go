package readiness

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"readiness"}, Summary: summary})
}

type ofSystem struct {
	ID string `path:"id" maxLength:"64"`
}

// LayerDraft is what is to be written of a layer.
type LayerDraft struct {
	Layer int `json:"layer" minimum:"1" maximum:"3"`
	LayerFacts
	Version int64 `json:"version" doc:"of what is written of the subject itself; 0: nothing is"`
}

func (b *LayerDraft) facts() (LayerFacts, error) {
	f := b.LayerFacts
	var err error
	if f.Day, err = module.ParseDate(string(f.Day), "readiness.day", "day"); err != nil {
		return f, err
	}
	f.Until, err = module.ParseDate(string(f.Until), "readiness.day", "until")
	return f, err
}

func (s *Service) routes(api huma.API) {
	s.layerRoutes(api)
	s.gateRoutes(api)
	s.criticalRoutes(api)
}

func (s *Service) layerRoutes(api huma.API) {
	type layers struct{ Body SystemLayersView }
	of := func(ctx context.Context, id string) (*layers, error) {
		x, err := s.Of(ctx, id)
		if err != nil {
			return nil, err
		}
		return &layers{s.layersView(module.PrincipalOf(ctx), &x)}, nil
	}
	huma.Register(api, op(module.ActionReadinessRead, "get-system-layers", http.MethodGet, "/systems/{id}/layers", "How a system stands to the four layers"),
		func(ctx context.Context, in *ofSystem) (*layers, error) { return of(ctx, in.ID) })
	type writeSystemLayer struct {
		ID   string `path:"id" maxLength:"64"`
		Body LayerDraft
	}
	huma.Register(api, op(module.ActionReadinessDeclare, "write-system-layer", http.MethodPut, "/systems/{id}/layers", "Write what there is of a layer of a system"),
		func(ctx context.Context, in *writeSystemLayer) (*layers, error) {
			f, err := in.Body.facts()
			if err != nil {
				return nil, err
			}
			if err := s.Write(ctx, OfSystem, in.ID, in.Body.Layer, f, in.Body.Version); err != nil {
				return nil, err
			}
			return of(ctx, in.ID)
		})
	type overview struct{ Body LayerOverviewView }
	huma.Register(api, op(module.ActionReadinessRead, "get-layer-overview", http.MethodGet, "/layer-overview", "How units stand to the four layers, those that lack most first"),
		func(ctx context.Context, _ *struct{}) (*overview, error) {
			list, err := s.All(ctx)
			if err != nil {
				return nil, err
			}
			return &overview{s.overviewView(list)}, nil
		})
	type unit struct{ Body UnitLayersView }
	ofUnit := func(ctx context.Context, id event.UnitID) (*unit, error) {
		x, err := s.OfUnit(ctx, id)
		if err != nil {
			return nil, err
		}
		return &unit{s.unitLayersView(module.PrincipalOf(ctx), &x)}, nil
	}
	type askUnit struct {
		ID event.UnitID `path:"id" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionReadinessRead, "get-unit-layers", http.MethodGet, "/units/{id}/layers", "What is written of a unit's layers, which holds for its systems of which nothing else is"),
		func(ctx context.Context, in *askUnit) (*unit, error) { return ofUnit(ctx, in.ID) })
	type writeUnitLayer struct {
		ID   event.UnitID `path:"id" maxLength:"64"`
		Body LayerDraft
	}
	huma.Register(api, op(module.ActionReadinessDeclare, "write-unit-layer", http.MethodPut, "/units/{id}/layers", "Write what there is of a layer of a unit"),
		func(ctx context.Context, in *writeUnitLayer) (*unit, error) {
			f, err := in.Body.facts()
			if err != nil {
				return nil, err
			}
			if err := s.Write(ctx, OfUnit, string(in.ID), in.Body.Layer, f, in.Body.Version); err != nil {
				return nil, err
			}
			return ofUnit(ctx, in.ID)
		})
}

func (s *Service) gateRoutes(api huma.API) {
	type gate struct{ Body GateView }
	of := func(ctx context.Context, id string) (*gate, error) {
		g, err := s.Gate(ctx, id)
		if err != nil {
			return nil, err
		}
		return &gate{s.gateView(module.PrincipalOf(ctx), g)}, nil
	}
	huma.Register(api, op(module.ActionReadinessRead, "get-system-gate", http.MethodGet, "/systems/{id}/gate", "What stands between a system and its operation"),
		func(ctx context.Context, in *ofSystem) (*gate, error) { return of(ctx, in.ID) })
	type overrideGate struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Decider  string `json:"decider" maxLength:"300" doc:"who decides, by name and office"`
			Document string `json:"document" maxLength:"300" doc:"its number"`
			Reason   string `json:"reason" maxLength:"4000"`
			Until    string `json:"until" maxLength:"10" doc:"the last day"`
		}
	}
	huma.Register(api, op(module.ActionReadinessOverride, "override-system-gate", http.MethodPost, "/systems/{id}/overrides", "Write down a decision that lets a system into operation without all it needs"),
		func(ctx context.Context, in *overrideGate) (*gate, error) {
			until, err := module.ParseDate(in.Body.Until, "readiness.day", "until")
			if err != nil {
				return nil, err
			}
			if err := s.Decide(ctx, in.ID, Override{Decider: in.Body.Decider, Document: in.Body.Document, Reason: in.Body.Reason, Until: until}); err != nil {
				return nil, err
			}
			return of(ctx, in.ID)
		})
	type endOverride struct {
		ID       string `path:"id" maxLength:"64"`
		Override string `path:"override" maxLength:"64"`
		Body     struct {
			Reason string `json:"reason" maxLength:"4000"`
		}
	}
	huma.Register(api, op(module.ActionReadinessOverride, "end-system-override", http.MethodPost, "/systems/{id}/overrides/{override}/end", "End a decision before its day"),
		func(ctx context.Context, in *endOverride) (*gate, error) {
			if err := s.End(ctx, in.ID, in.Override, in.Body.Reason); err != nil {
				return nil, err
			}
			return of(ctx, in.ID)
		})
	type overrides struct{ Body OverrideListView }
	huma.Register(api, op(module.ActionReadinessRead, "list-overrides", http.MethodGet, "/overrides", "Systems that operate without all they need: the decisions in force, those that end first at the top, and those without one"),
		func(ctx context.Context, _ *struct{}) (*overrides, error) {
			list, err := s.Overrides(ctx)
			if err != nil {
				return nil, err
			}
			uncovered, err := s.UncoveredGates(ctx)
			if err != nil {
				return nil, err
			}
			return &overrides{s.overrideListView(list, uncovered)}, nil
		})
}

func (s *Service) criticalRoutes(api huma.API) {
	type criticals struct {
		Body struct {
			Items []CriticalSystemView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionReadinessRead, "list-critical-systems", http.MethodGet, "/critical-systems", "Systems on the list of those critical to national security, or on the way to it"),
		func(ctx context.Context, _ *struct{}) (*criticals, error) {
			list, err := s.Criticals(ctx)
			if err != nil {
				return nil, err
			}
			out := &criticals{}
			out.Body.Items = make([]CriticalSystemView, len(list))
			for i := range list {
				out.Body.Items[i] = s.criticalView(&list[i])
			}
			return out, nil
		})
	type critical struct {
		Body struct {
			Critical module.OrNull[CriticalSystemView] `json:"critical" doc:"null: it was never nominated"`
		}
	}
	of := func(ctx context.Context, id string) (*critical, error) {
		c, err := s.Critical(ctx, id)
		if err != nil || c == nil {
			return &critical{}, err
		}
		v := s.criticalView(c)
		out := &critical{}
		out.Body.Critical.Value = &v
		return out, nil
	}
	huma.Register(api, op(module.ActionReadinessRead, "get-critical-system", http.MethodGet, "/systems/{id}/critical", "A system towards that list"),
		func(ctx context.Context, in *ofSystem) (*critical, error) { return of(ctx, in.ID) })
	type stepCritical struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			State    string `json:"state" enum:"nominated,listed,removed"`
			Document string `json:"document" maxLength:"300"`
			Day      string `json:"day" maxLength:"10" doc:"when the document was signed"`
			Note     string `json:"note" maxLength:"4000"`
			Version  int64  `json:"version" doc:"0: it was never nominated"`
		}
	}
	huma.Register(api, op(module.ActionReadinessNominate, "step-critical-system", http.MethodPost, "/systems/{id}/critical", "Nominate a system, put it on the list, or take it off"),
		func(ctx context.Context, in *stepCritical) (*critical, error) {
			day, err := module.ParseDate(in.Body.Day, "readiness.day", "day")
			if err != nil {
				return nil, err
			}
			if err := s.Step(ctx, in.ID, CriticalStep{State: in.Body.State, Document: in.Body.Document, Day: day, Note: in.Body.Note}, in.Body.Version); err != nil {
				return nil, err
			}
			return of(ctx, in.ID)
		})
}
