package warning

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: "/warnings" + path, Tags: []string{"warnings"}, Summary: summary})
}

type byID struct {
	ID string `path:"id" maxLength:"64"`
}

type warningOut struct{ Body WarningDetailView }

func (s *Service) routes(api huma.API) {
	s.readRoutes(api)
	s.writeRoutes(api)
	s.audienceRoutes(api)
	s.copyRoutes(api)
	s.verifyRoutes(api)
	s.fileRoutes(api)
}

// answer shows a warning as it is now.
func (s *Service) answer(ctx context.Context, w Warning, err error) (*warningOut, error) {
	if err != nil {
		return nil, err
	}
	tallies, err := s.store.tallies(ctx, []string{w.ID}, s.Now())
	if err != nil {
		return nil, err
	}
	return &warningOut{detail(module.PrincipalOf(ctx), &w, tallies[w.ID])}, nil
}

func (s *Service) readRoutes(api huma.API) {
	type ask struct {
		State    string `query:"state" enum:"draft,review,published,closed,withdrawn"`
		Kind     string `query:"kind" enum:"vulnerability,campaign,leak,malware,misconfiguration"`
		Severity string `query:"severity" enum:"critical,high,medium,low"`
		Drill    bool   `query:"drill" doc:"drills instead of what is real"`
		Q        string `query:"q" maxLength:"200" doc:"text in number, title, content or CVEs, without marks"`
		Limit    int    `query:"limit" minimum:"1" maximum:"200"`
		After    string `query:"after" maxLength:"200" doc:"cursor"`
	}
	type warningList struct {
		Body struct {
			Items []WarningView `json:"items" nullable:"false"`
			Next  string        `json:"next" doc:"cursor of the next page; empty: this is the last"`
		}
	}
	huma.Register(api, op(module.ActionWarningOversee, "list-warnings", http.MethodGet, "", "Early warnings with how far their copies are, the last changed first"),
		func(ctx context.Context, in *ask) (*warningList, error) {
			found, next, err := s.List(ctx, Filter{State: State(in.State), Kind: in.Kind, Severity: in.Severity, Drill: in.Drill, Text: in.Q, Limit: in.Limit, After: in.After})
			if err != nil {
				return nil, err
			}
			ids := make([]string, len(found))
			for i := range found {
				ids[i] = found[i].ID
			}
			tallies, err := s.store.tallies(ctx, ids, s.Now())
			out := &warningList{}
			out.Body.Next, out.Body.Items = next, make([]WarningView, len(found))
			for i := range found {
				out.Body.Items[i] = view(&found[i], tallies[found[i].ID])
			}
			return out, err
		})
	huma.Register(api, op(module.ActionWarningOversee, "get-warning", http.MethodGet, "/{id}", "One early warning with everything that was written"),
		func(ctx context.Context, in *byID) (*warningOut, error) {
			w, err := s.Get(ctx, in.ID)
			return s.answer(ctx, w, err)
		})
	type warningTemplates struct{ Body module.List[WarningTemplate] }
	huma.Register(api, op(module.ActionWarningWrite, "warning-templates", http.MethodGet, "/templates", "What warnings begin with"),
		func(ctx context.Context, _ *struct{}) (*warningTemplates, error) {
			list, err := s.Templates(ctx)
			return &warningTemplates{module.List[WarningTemplate]{Items: list}}, err
		})
	type figuresAsk struct {
		From  time.Time `query:"from" required:"true" doc:"published from"`
		To    time.Time `query:"to" required:"true" doc:"published before"`
		Drill bool      `query:"drill"`
	}
	type warningFigures struct {
		Body struct {
			All    WarningPaceView       `json:"all"`
			Units  []WarningUnitPaceView `json:"units" nullable:"false" doc:"the one with most delays first"`
			Capped bool                  `json:"capped" doc:"there were more copies than are counted"`
		}
	}
	huma.Register(api, op(module.ActionWarningRead, "warning-figures", http.MethodGet, "/figures", "How fast warnings are acknowledged and fixed, by unit"),
		func(ctx context.Context, in *figuresAsk) (*warningFigures, error) {
			f, err := s.Figures(ctx, in.From, in.To, in.Drill)
			if err != nil {
				return nil, err
			}
			out := &warningFigures{}
			out.Body.All, out.Body.Capped, out.Body.Units = paceView(f.All), f.Capped, make([]WarningUnitPaceView, len(f.Order))
			for i, u := range f.Order {
				out.Body.Units[i] = WarningUnitPaceView{u, s.Units.Name(u), paceView(f.Units[u])}
			}
			return out, nil
		})
}

func (s *Service) writeRoutes(api huma.API) {
	type createWarning struct {
		Body struct {
			Facts WarningFacts `json:"facts"`
			Drill bool         `json:"drill,omitempty"`
		}
	}
	huma.Register(api, op(module.ActionWarningWrite, "create-warning", http.MethodPost, "", "Begin a warning as a draft"),
		func(ctx context.Context, in *createWarning) (*warningOut, error) {
			w, err := s.Create(ctx, in.Body.Facts, in.Body.Drill)
			return s.answer(ctx, w, err)
		})
	type changeWarning struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64        `json:"version" minimum:"1"`
			Facts   WarningFacts `json:"facts"`
		}
	}
	huma.Register(api, op(module.ActionWarningWrite, "change-warning", http.MethodPut, "/{id}", "Write a draft anew; one that waits for its publication becomes a draft again"),
		func(ctx context.Context, in *changeWarning) (*warningOut, error) {
			w, err := s.Change(ctx, in.ID, in.Body.Facts, in.Body.Version)
			return s.answer(ctx, w, err)
		})
	type stepWarning struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64 `json:"version" minimum:"1"`
		}
	}
	huma.Register(api, op(module.ActionWarningWrite, "submit-warning", http.MethodPost, "/{id}/submit", "Hand a draft in for publication"),
		func(ctx context.Context, in *stepWarning) (*warningOut, error) {
			w, err := s.Submit(ctx, in.ID, in.Body.Version)
			return s.answer(ctx, w, err)
		})
	huma.Register(api, op(module.ActionWarningPublish, "publish-warning", http.MethodPost, "/{id}/publish", "Send a warning to its audience; never by who wrote it"),
		func(ctx context.Context, in *stepWarning) (*warningOut, error) {
			w, err := s.Publish(ctx, in.ID, in.Body.Version)
			return s.answer(ctx, w, err)
		})
	type extendWarning struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64          `json:"version" minimum:"1"`
			Units   []event.UnitID `json:"units" minItems:"1" maxItems:"500" nullable:"false"`
			Reason  string         `json:"reason" maxLength:"1600" doc:"the units read it"`
		}
	}
	huma.Register(api, op(module.ActionWarningPublish, "extend-warning", http.MethodPost, "/{id}/units", "Send a published warning to more units, whose times run from now; never by who wrote it"),
		func(ctx context.Context, in *extendWarning) (*warningOut, error) {
			w, err := s.Extend(ctx, in.ID, in.Body.Version, in.Body.Units, in.Body.Reason)
			return s.answer(ctx, w, err)
		})
	type reasonWarning struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64  `json:"version" minimum:"1"`
			Reason  string `json:"reason" maxLength:"1600"`
		}
	}
	huma.Register(api, op(module.ActionWarningPublish, "return-warning", http.MethodPost, "/{id}/return", "Give a warning back to those who wrote it"),
		func(ctx context.Context, in *reasonWarning) (*warningOut, error) {
			w, err := s.Return(ctx, in.ID, in.Body.Version, in.Body.Reason)
			return s.answer(ctx, w, err)
		})
	huma.Register(api, op(module.ActionWarningOversee, "withdraw-warning", http.MethodPost, "/{id}/withdraw", "Drop a draft, or take a published warning back"),
		func(ctx context.Context, in *reasonWarning) (*warningOut, error) {
			w, err := s.Withdraw(ctx, in.ID, in.Body.Version, in.Body.Reason)
			return s.answer(ctx, w, err)
		})
}

func (s *Service) audienceRoutes(api huma.API) {
	type warningAudience struct {
		Body struct {
			AudienceSum
			Stale   bool                 `json:"stale" doc:"what it was computed from was changed since"`
			Units   int                  `json:"units" doc:"that would get the warning"`
			Items   []AudienceMemberView `json:"items" nullable:"false"`
			Version int64                `json:"version" doc:"of the warning"`
		}
	}
	show := func(ctx context.Context, id string, err error) (*warningAudience, error) {
		if err != nil {
			return nil, err
		}
		w, members, stale, err := s.Audience(ctx, id)
		if err != nil {
			return nil, err
		}
		out := &warningAudience{}
		b := &out.Body
		b.AudienceSum, b.Stale, b.Version, b.Items = detail(module.Principal{}, &w, Tally{}).AudienceView, stale, w.Version, make([]AudienceMemberView, len(members))
		for i, m := range members {
			b.Items[i] = AudienceMemberView{m.Unit, s.Units.Name(m.Unit), module.OrEmpty(m.Reasons), m.Removed, m.By}
			if m.Removed == "" {
				b.Units++
			}
		}
		return out, nil
	}
	huma.Register(api, op(module.ActionWarningOversee, "warning-audience", http.MethodGet, "/{id}/audience", "Whom a warning is for, and why"),
		func(ctx context.Context, in *byID) (*warningAudience, error) { return show(ctx, in.ID, nil) })
	type computeAudience struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64 `json:"version" minimum:"1"`
		}
	}
	huma.Register(api, op(module.ActionWarningWrite, "compute-warning-audience", http.MethodPost, "/{id}/audience", "Compute the audience in the background"),
		func(ctx context.Context, in *computeAudience) (*warningAudience, error) {
			_, err := s.Compute(ctx, in.ID, in.Body.Version)
			return show(ctx, in.ID, err)
		})
	type adjustAudience struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64          `json:"version" minimum:"1"`
			Add     []event.UnitID `json:"add,omitempty" maxItems:"500"`
			Remove  []event.UnitID `json:"remove,omitempty" maxItems:"500"`
			Reason  string         `json:"reason" maxLength:"1600"`
		}
	}
	huma.Register(api, op(module.ActionWarningWrite, "adjust-warning-audience", http.MethodPatch, "/{id}/audience", "Add units to the audience or take them off, with a reason"),
		func(ctx context.Context, in *adjustAudience) (*warningAudience, error) {
			_, err := s.Adjust(ctx, in.ID, in.Body.Version, in.Body.Add, in.Body.Remove, in.Body.Reason)
			return show(ctx, in.ID, err)
		})
}
