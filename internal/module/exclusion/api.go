package exclusion

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/sigma"
)

// ExclusionView is an exclusion on the wire.
type ExclusionView struct {
	ID         string              `json:"id"`
	Title      string              `json:"title"`
	Unit       event.UnitID        `json:"unit"`
	UnitName   string              `json:"unitName"`
	Everybody  bool                `json:"everybody" doc:"it acts on the events of all units"`
	Rules      []ExclusionRuleView `json:"rules" nullable:"false"`
	Filter     string              `json:"filter" doc:"a Sigma filter document"`
	Reason     string              `json:"reason"`
	State      string              `json:"state" enum:"proposed,active,rejected,expired,revoked"`
	Days       int                 `json:"days"`
	AlertID    string              `json:"alertId,omitempty"`
	ProposedBy module.PersonView   `json:"proposedBy"`
	ProposedAt module.Time         `json:"proposedAt"`
	DecidedBy  *module.PersonView  `json:"decidedBy,omitempty"`
	DecidedAt  *module.Time        `json:"decidedAt,omitempty"`
	Decision   string              `json:"decision" doc:"what was said when it was decided"`
	ExpiresAt  *module.Time        `json:"expiresAt,omitempty"`
	EndedAt    *module.Time        `json:"endedAt,omitempty"`
	Hits       int64               `json:"hits" doc:"left out so far"`
	LastHit    *module.Time        `json:"lastHit,omitempty"`
	LastEvent  string              `json:"lastEvent,omitempty"`
	Problem    string              `json:"problem,omitempty" doc:"why it excludes nothing although it is active"`
	MayDecide  bool                `json:"mayDecide" doc:"the caller may approve, reject, revoke and extend it"`
	MayEdit    bool                `json:"mayEdit"`
	Version    int64               `json:"version" doc:"send it back with a change"`
}

// ExclusionRuleView names a rule that is excluded from.
type ExclusionRuleView struct {
	ID      string `json:"id"`
	Title   string `json:"title" doc:"empty if it is not loaded"`
	TitleVi string `json:"titleVi"`
}

// ExclusionListView is the list of exclusions.
type ExclusionListView struct {
	Items   []ExclusionView     `json:"items" nullable:"false"`
	ByState ExclusionCountsView `json:"byState" doc:"by the filter without its state"`
	Rules   ExclusionPolicyView `json:"policy"`
	Ending  ExclusionEndingView `json:"ending"`
}

// ExclusionEndingView tells of active exclusions that end soon, whatever the filter.
type ExclusionEndingView struct {
	Count int64        `json:"count"`
	Days  int          `json:"days" doc:"within as many"`
	Next  *module.Time `json:"next" doc:"when the first ends; null if none does"`
}

// endingDays is how soon an end is soon.
const endingDays = 7

// ExclusionPolicyView says how exclusions come into force here.
type ExclusionPolicyView struct {
	FourEyes    bool `json:"fourEyes" doc:"somebody else approves than who proposed"`
	DefaultDays int  `json:"defaultDays"`
	MaxDays     int  `json:"maxDays"`
}

// ExclusionCountsView counts exclusions by state.
type ExclusionCountsView struct {
	Proposed int64 `json:"proposed"`
	Active   int64 `json:"active"`
	Rejected int64 `json:"rejected"`
	Expired  int64 `json:"expired"`
	Revoked  int64 `json:"revoked"`
}

// ExclusionDraftView is what a proposal from an alert begins with.
type ExclusionDraftView struct {
	AlertID    string               `json:"alertId"`
	Rule       ExclusionRuleView    `json:"rule"`
	Title      string               `json:"title"`
	Series     bool                 `json:"series" doc:"the rule looks at a series; the fields are those it groups by"`
	Fields     []ExclusionFieldView `json:"fields" nullable:"false"`
	Units      []ExclusionUnitView  `json:"units" nullable:"false" doc:"it may act on; the alert's own first"`
	Days       int                  `json:"days"`
	MaxDays    int                  `json:"maxDays"`
	MayApprove bool                 `json:"mayApprove" doc:"the caller may let it act at once"`
}

// ExclusionFieldView is a field a filter may name.
type ExclusionFieldView struct {
	Name    string `json:"name"`
	Value   string `json:"value"`
	Entity  bool   `json:"entity" doc:"the alert is grouped by it"`
	Matched bool   `json:"matched" doc:"the rule fired because of it"`
	Chosen  bool   `json:"chosen" doc:"to begin with"`
}

// ExclusionConditionView is a field and the value of it that is harmless.
type ExclusionConditionView struct {
	Name  string `json:"name" maxLength:"255"`
	Value string `json:"value" maxLength:"1000"`
}

// ExclusionUnitView is a unit an exclusion may act on.
type ExclusionUnitView struct {
	ID   event.UnitID `json:"id"`
	Name string       `json:"name"`
}

// ExclusionTrialView is what an exclusion would have left out.
type ExclusionTrialView struct {
	Filter    string                 `json:"filter"`
	Problems  []ExclusionProblemView `json:"problems" nullable:"false" doc:"it cannot act; nothing was tried"`
	Days      int                    `json:"days"`
	Events    int                    `json:"events" doc:"of the rules, in the units, looked at"`
	EventsOut int                    `json:"eventsOut" doc:"of them, those it would leave out"`
	Alerts    int                    `json:"alerts"`
	AlertsOut int                    `json:"alertsOut" doc:"alerts that would not have been"`
	Capped    bool                   `json:"capped" doc:"there are more than were looked at"`
	Rest      []ExclusionRestView    `json:"rest" nullable:"false" doc:"whom it would still be reported of, at most five"`
}

// ExclusionProblemView is a defect of a filter document.
type ExclusionProblemView struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
	Remedy string `json:"remedy"`
}

// ExclusionRestView is an entity that would still be reported.
type ExclusionRestView struct {
	UnitName string `json:"unitName"`
	Field    string `json:"field"`
	Value    string `json:"value"`
	Events   int    `json:"events"`
}

func (s *Service) ruleViews(refs []string) []ExclusionRuleView {
	set, _ := s.Rules.Current()
	out := make([]ExclusionRuleView, len(refs))
	for i, ref := range refs {
		out[i] = ExclusionRuleView{ID: ref}
		if r := set.Named(ref); r != nil {
			out[i] = ExclusionRuleView{ID: r.ID, Title: r.Title, TitleVi: r.TitleVi}
		}
	}
	return out
}

func (s *Service) view(ctx context.Context, x *Exclusion) ExclusionView {
	p := module.PrincipalOf(ctx)
	may := p.Can(module.ActionExclusionApprove, x.Unit)
	v := ExclusionView{
		ID: x.ID, Title: x.Title, Unit: x.Unit, UnitName: s.Units.Name(x.Unit), Everybody: x.Unit == event.CentreUnit, Rules: s.ruleViews(x.Rules),
		Filter: x.Filter, Reason: x.Reason, State: string(x.State), Days: x.Days, AlertID: x.Alert,
		ProposedBy: module.PersonView{ID: x.ProposedBy, DisplayName: x.ProposedName}, ProposedAt: module.Time{Time: x.ProposedAt},
		DecidedAt: module.TimeOrNil(x.DecidedAt), Decision: x.Decision, ExpiresAt: module.TimeOrNil(x.ExpiresAt), EndedAt: module.TimeOrNil(x.EndedAt),
		Hits: x.Hits, LastHit: module.TimeOrNil(x.LastHit), LastEvent: x.LastEvent, Version: x.Version,
		MayDecide: may && (!s.Config.FourEyes || x.ProposedBy != p.ID || x.State == Active),
		MayEdit:   may && (x.State == Proposed || x.State == Active) || x.State == Proposed && x.ProposedBy == p.ID,
	}
	if x.DecidedBy != "" {
		v.DecidedBy = &module.PersonView{ID: x.DecidedBy, DisplayName: x.DecidedName}
	}
	if x.State == Active {
		s.applying.Lock()
		if problems := s.problems[x.ID]; len(problems) > 0 {
			v.Problem = problems[0].Reason + "; " + problems[0].Remedy
		}
		s.applying.Unlock()
	}
	return v
}

func problemViews(list []sigma.Problem) []ExclusionProblemView {
	out := []ExclusionProblemView{}
	for _, p := range list {
		out = append(out, ExclusionProblemView{p.Line, p.Reason, p.Remedy})
	}
	return out
}

type exclusionOut struct{ Body ExclusionView }

func (s *Service) answer(ctx context.Context, x Exclusion, err error) (*exclusionOut, error) {
	if err != nil {
		return nil, err
	}
	return &exclusionOut{s.view(ctx, &x)}, nil
}

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: "/exclusions" + path, Tags: []string{"exclusions"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	s.readRoutes(api)
	s.draftRoutes(api)
	s.changeRoutes(api)
}

func (s *Service) readRoutes(api huma.API) {
	type ask struct {
		State string       `query:"state" enum:"proposed,active,rejected,expired,revoked"`
		Unit  event.UnitID `query:"unit" maxLength:"64"`
		Rule  string       `query:"rule" maxLength:"200" doc:"id, as the document has it"`
		Q     string       `query:"q" maxLength:"200" doc:"text in title, reason or filter, without marks"`
		Ends  int          `query:"endsWithinDays" minimum:"0" maximum:"365" doc:"active ones that end within as many days, the soonest first; 0: whenever"`
	}
	type list struct{ Body ExclusionListView }
	huma.Register(api, op(module.ActionExclusionRead, "list-exclusions", http.MethodGet, "", "Exclusions, the newest first, at most 1,000"),
		func(ctx context.Context, in *ask) (*list, error) {
			f := Filter{State: State(in.State), Unit: in.Unit, Rule: in.Rule, Text: strings.TrimSpace(in.Q)}
			if in.Ends > 0 {
				f.Ends = s.Now().AddDate(0, 0, in.Ends)
			}
			found, n, err := s.List(ctx, f)
			if err != nil {
				return nil, err
			}
			soon, first, err := s.Ending(ctx, s.Now().AddDate(0, 0, endingDays))
			if err != nil {
				return nil, err
			}
			out := &list{ExclusionListView{
				Items:   make([]ExclusionView, len(found)),
				ByState: ExclusionCountsView{n[string(Proposed)], n[string(Active)], n[string(Rejected)], n[string(Expired)], n[string(Revoked)]},
				Rules:   ExclusionPolicyView{s.Config.FourEyes, DefaultDays, MaxDays},
				Ending:  ExclusionEndingView{soon, endingDays, module.TimeOrNil(first)},
			}}
			for i := range found {
				out.Body.Items[i] = s.view(ctx, &found[i])
			}
			return out, nil
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionExclusionRead, "get-exclusion", http.MethodGet, "/{id}", "One exclusion"),
		func(ctx context.Context, in *byID) (*exclusionOut, error) {
			x, err := s.Get(ctx, in.ID)
			return s.answer(ctx, x, err)
		})
	type file struct {
		Type        string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	describe := func(o huma.Operation) huma.Operation {
		o.Responses = map[string]*huma.Response{"200": {Description: "Sigma filter documents", Content: map[string]*huma.MediaType{"application/yaml": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
		return o
	}
	huma.Register(api, describe(op(module.ActionExclusionRead, "exclusion-file", http.MethodGet, "/{id}/file", "The exclusion as a YAML file")),
		func(ctx context.Context, in *byID) (*file, error) {
			x, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			text, err := x.Export()
			return &file{"application/yaml; charset=utf-8", `attachment; filename="exclusion-` + x.ID + `.yml"`, []byte(text)}, err
		})
	type state struct {
		State string `query:"state" enum:"proposed,active,rejected,expired,revoked"`
	}
	huma.Register(api, describe(op(module.ActionExclusionRead, "export-exclusions", http.MethodGet, "/file", "All exclusions the caller sees, as one YAML file of several documents")),
		func(ctx context.Context, in *state) (*file, error) {
			found, _, err := s.List(ctx, Filter{State: State(in.State)})
			if err != nil {
				return nil, err
			}
			var all []string
			for i := range found {
				text, err := found[i].Export()
				if err != nil {
					return nil, err
				}
				all = append(all, text)
			}
			return &file{"application/yaml; charset=utf-8", `attachment; filename="exclusions.yml"`, []byte(strings.Join(all, "---\n"))}, nil
		})
}

func (s *Service) draftRoutes(api huma.API) {
	type ask struct {
		Alert string `query:"alertId" required:"true" maxLength:"64"`
	}
	type draft struct{ Body ExclusionDraftView }
	huma.Register(api, op(module.ActionExclusionPropose, "draft-exclusion", http.MethodGet, "/draft", "What a proposal from an alert begins with"),
		func(ctx context.Context, in *ask) (*draft, error) {
			d, err := s.Draft(ctx, in.Alert)
			if err != nil {
				return nil, err
			}
			v := ExclusionDraftView{
				AlertID: d.ID, Rule: ExclusionRuleView{d.Rule.ID, d.Rule.Title, d.Rule.TitleVi}, Title: d.Title, Series: d.Series,
				Fields: make([]ExclusionFieldView, len(d.Fields)), Units: make([]ExclusionUnitView, len(d.Units)),
				Days: d.Days, MaxDays: MaxDays, MayApprove: d.MayApprove,
			}
			for i, f := range d.Fields {
				v.Fields[i] = ExclusionFieldView(f)
			}
			for i, u := range d.Units {
				v.Units[i] = ExclusionUnitView{u, s.Units.Name(u)}
			}
			return &draft{v}, nil
		})
	type try struct {
		Body struct {
			AlertID string                   `json:"alertId,omitempty" maxLength:"64"`
			Unit    event.UnitID             `json:"unit" maxLength:"64"`
			Filter  string                   `json:"filter,omitempty" maxLength:"16384" doc:"empty: written from fields"`
			Fields  []ExclusionConditionView `json:"fields,omitempty" maxItems:"80"`
			Title   string                   `json:"title,omitempty" maxLength:"300"`
			Reason  string                   `json:"reason,omitempty" maxLength:"2000"`
		}
	}
	type tried struct{ Body ExclusionTrialView }
	huma.Register(api, op(module.ActionExclusionPropose, "try-exclusion", http.MethodPost, "/preview", "Write an exclusion and tell what it would have left out of the last 30 days"),
		func(ctx context.Context, in *try) (*tried, error) {
			b := &in.Body
			t := Trial{Alert: b.AlertID, Unit: b.Unit, Filter: b.Filter, Title: b.Title, Reason: b.Reason}
			for _, f := range b.Fields {
				t.Fields = append(t.Fields, Condition{f.Name, f.Value})
			}
			r, err := s.Preview(ctx, t)
			if err != nil {
				return nil, err
			}
			v := ExclusionTrialView{
				Filter: r.Filter, Problems: problemViews(r.Problems), Days: r.Days, Events: r.Events, EventsOut: r.EventsOut,
				Alerts: r.Alerts, AlertsOut: r.AlertsOut, Capped: r.Capped, Rest: []ExclusionRestView{},
			}
			for _, x := range r.Rest {
				v.Rest = append(v.Rest, ExclusionRestView{s.Units.Name(x.Unit), x.Field, x.Value, x.Events})
			}
			return &tried{v}, nil
		})
}

// ExclusionCloseBody closes the alert an exclusion is proposed from.
type ExclusionCloseBody struct {
	Reason string `json:"reason" minLength:"1" maxLength:"64" doc:"an id of the list of reasons"`
	Note   string `json:"note,omitempty" maxLength:"4000"`
}

func (s *Service) changeRoutes(api huma.API) {
	type propose struct {
		Body struct {
			AlertID string       `json:"alertId,omitempty" maxLength:"64"`
			Unit    event.UnitID `json:"unit" maxLength:"64"`
			Filter  string       `json:"filter" maxLength:"16384" doc:"a Sigma filter document that names rules"`
			Reason  string       `json:"reason" maxLength:"4000"`
			Days    int          `json:"days,omitempty" minimum:"1" maximum:"365" default:"30"`
			Act     bool         `json:"act,omitempty" doc:"approve it at once, if the caller may"`
			// Of the alert it is proposed from.
			Close *ExclusionCloseBody `json:"close,omitempty" doc:"close the alert with it: both or neither"`
		}
	}
	huma.Register(api, op(module.ActionExclusionPropose, "propose-exclusion", http.MethodPost, "", "Propose an exclusion; 422 exclusion.filter if it cannot act"),
		func(ctx context.Context, in *propose) (*exclusionOut, error) {
			b := &in.Body
			p := Proposal{Alert: b.AlertID, Unit: b.Unit, Filter: b.Filter, Reason: b.Reason, Days: b.Days, Act: b.Act}
			if b.Close != nil {
				p.Close, p.CloseNote = b.Close.Reason, b.Close.Note
			}
			x, err := s.Propose(ctx, p)
			return s.answer(ctx, x, err)
		})
	type decide struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb    string `json:"verb" enum:"approve,reject,revoke,extend"`
			Version int64  `json:"version"`
			Note    string `json:"note,omitempty" maxLength:"4000" doc:"needed to reject and revoke"`
			Days    int    `json:"days,omitempty" minimum:"0" maximum:"365" doc:"of approve and extend, from now; 0: as proposed"`
		}
	}
	huma.Register(api, op(module.ActionExclusionPropose, "decide-exclusion", http.MethodPost, "/{id}/decision", "Approve, reject, revoke or extend an exclusion; who proposed may take it back by reject"),
		func(ctx context.Context, in *decide) (*exclusionOut, error) {
			b := &in.Body
			x, err := s.Decide(ctx, in.ID, Decision{Verb: Verb(b.Verb), Version: b.Version, Note: b.Note, Days: b.Days})
			return s.answer(ctx, x, err)
		})
	type edit struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64         `json:"version"`
			Filter  *string       `json:"filter,omitempty" maxLength:"16384"`
			Reason  *string       `json:"reason,omitempty" maxLength:"4000"`
			Days    *int          `json:"days,omitempty" minimum:"1" maximum:"365"`
			Unit    *event.UnitID `json:"unit,omitempty" maxLength:"64"`
		}
	}
	huma.Register(api, op(module.ActionExclusionPropose, "edit-exclusion", http.MethodPatch, "/{id}", "Edit a proposed or active exclusion; under four eyes an active one is a proposal again"),
		func(ctx context.Context, in *edit) (*exclusionOut, error) {
			b := &in.Body
			x, err := s.Edit(ctx, in.ID, Change{Version: b.Version, Filter: b.Filter, Reason: b.Reason, Days: b.Days, Unit: b.Unit})
			return s.answer(ctx, x, err)
		})
}
