package entity

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// EntityView is what is known of an entity at once.
type EntityView struct {
	Type     string                 `json:"type" enum:"host,user,address,domain,hash,process"`
	Value    string                 `json:"value"`
	From     module.Time            `json:"from"`
	To       module.Time            `json:"to"`
	Query    string                 `json:"query" doc:"the search that finds its events"`
	Alerts   []module.AlertView     `json:"alerts" nullable:"false" doc:"active in the range, whatever their status, the newest first; at most 100"`
	Total    int64                  `json:"total" doc:"of alerts"`
	ByStatus EntityStatusCountsView `json:"byStatus"`
	ByLevel  module.LevelCountsView `json:"byLevel"`
}

// EntityStatusCountsView counts alerts by status.
type EntityStatusCountsView struct {
	New        int64 `json:"new"`
	InProgress int64 `json:"in_progress"`
	Closed     int64 `json:"closed"`
}

// EntityPresenceView is when and where the entity stands in events.
type EntityPresenceView struct {
	Buckets       []EntityBucketView `json:"buckets" nullable:"false"`
	BucketSeconds float64            `json:"bucketSeconds"`
	Total         int64              `json:"total"`
	FirstSeen     *module.Time       `json:"firstSeen" doc:"in the range; null: no event"`
	LastSeen      *module.Time       `json:"lastSeen"`
	Units         []EntityUnitView   `json:"units" nullable:"false" doc:"with events of it, the most first"`
	Partial       []string           `json:"partial" nullable:"false" doc:"what is missing from the answer, and why"`
}

// EntityBucketView is one bar.
type EntityBucketView struct {
	T     module.Time `json:"t"`
	Count int64       `json:"count"`
}

// EntityUnitView is a unit with events of the entity.
type EntityUnitView struct {
	Unit      event.UnitID `json:"unit"`
	UnitName  string       `json:"unitName"`
	Events    int64        `json:"events"`
	FirstSeen module.Time  `json:"firstSeen"`
	LastSeen  module.Time  `json:"lastSeen"`
}

// EntityRelatedView is what stands in the same events.
type EntityRelatedView struct {
	Sampled int                     `json:"sampled" doc:"events looked at, the newest; at most 5,000"`
	Types   []EntityRelatedTypeView `json:"types" nullable:"false"`
	Sources []EntityCompanionView   `json:"sources" nullable:"false" doc:"products, categories and services of the events"`
	Rules   []EntityRuleView        `json:"rules" nullable:"false" doc:"that fired on them"`
	Partial []string                `json:"partial" nullable:"false"`
}

// EntityRelatedTypeView is the companions of one type.
type EntityRelatedTypeView struct {
	Type  string                `json:"type" enum:"host,user,address,domain,hash,process"`
	Items []EntityCompanionView `json:"items" nullable:"false" doc:"the most frequent first, at most 10"`
}

// EntityCompanionView is a value and how often it stands beside the entity.
type EntityCompanionView struct {
	Value string `json:"value"`
	Count int64  `json:"count" doc:"events"`
}

// EntityRuleView is a rule that fired.
type EntityRuleView struct {
	ID      string `json:"id"`
	Title   string `json:"title" doc:"empty: not loaded any more"`
	TitleVi string `json:"titleVi"`
	Level   string `json:"level"`
	Count   int64  `json:"count" doc:"events it fired on"`
}

// EntityTimelineView is alerts, what was done about them and events on which
// rules fired, in one line of time.
type EntityTimelineView struct {
	Moments []EntityMomentView `json:"moments" nullable:"false" doc:"the newest first"`
	More    bool               `json:"more" doc:"there are older events than those shown"`
	Partial []string           `json:"partial" nullable:"false"`
}

// EntityMomentView is one point of the line.
type EntityMomentView struct {
	Kind  string            `json:"kind" enum:"alert,step,events"`
	At    module.Time       `json:"at"`
	Until module.Time       `json:"until"`
	Alert *module.AlertView `json:"alert,omitempty" doc:"that began; of a step, that it was taken on"`
	Step  *EntityStepView   `json:"step,omitempty"`
	Event *EntityEventView  `json:"event,omitempty" doc:"the newest of count events"`
	Rules []EntityRuleView  `json:"rules" nullable:"false" doc:"that fired on the events"`
	Count int               `json:"count"`
}

// EntityEventView names an event; GET /events/{id} has all of it.
type EntityEventView struct {
	ID     string       `json:"id"`
	Unit   event.UnitID `json:"unit"`
	Host   string       `json:"host"`
	Format string       `json:"format"`
	Raw    string       `json:"raw" doc:"at most 300 characters"`
}

// EntityStepView is what was done about an alert.
type EntityStepView struct {
	By     string `json:"by" doc:"empty: the centre itself"`
	Action string `json:"action"`
	From   string `json:"from"`
	To     string `json:"to"`
	Reason string `json:"reason"`
	Note   string `json:"note"`
}

func (l *Look) view() EntityView {
	return EntityView{
		Type: string(l.Type), Value: l.Value, From: module.Time{Time: l.From}, To: module.Time{Time: l.To}, Query: l.Query,
		Alerts: module.OrEmpty(l.Alerts), Total: l.Total,
		ByStatus: EntityStatusCountsView{l.ByStatus["new"], l.ByStatus["in_progress"], l.ByStatus["closed"]},
		ByLevel:  module.NewLevelCounts(l.ByLevel),
	}
}

func (p *Presence) view() EntityPresenceView {
	v := EntityPresenceView{
		Buckets: make([]EntityBucketView, len(p.Buckets)), BucketSeconds: p.Width.Seconds(), Total: p.Total,
		FirstSeen: module.TimeOrNil(p.First), LastSeen: module.TimeOrNil(p.Last), Units: make([]EntityUnitView, len(p.Units)), Partial: module.OrEmpty(p.Partial),
	}
	for i, b := range p.Buckets {
		v.Buckets[i] = EntityBucketView{module.Time{Time: b.Time}, b.Count}
	}
	for i, u := range p.Units {
		v.Units[i] = EntityUnitView{u.Unit, u.Name, u.Events, module.Time{Time: u.First}, module.Time{Time: u.Last}}
	}
	return v
}

func (s *Service) relatedView(r *Related) EntityRelatedView {
	v := EntityRelatedView{Sampled: r.Sampled, Types: []EntityRelatedTypeView{}, Sources: []EntityCompanionView{}, Rules: []EntityRuleView{}, Partial: module.OrEmpty(r.Partial)}
	for _, t := range r.Types {
		x := EntityRelatedTypeView{Type: string(t.Type)}
		for _, c := range t.Items {
			x.Items = append(x.Items, EntityCompanionView(c))
		}
		v.Types = append(v.Types, x)
	}
	for _, c := range r.Sources {
		v.Sources = append(v.Sources, EntityCompanionView(c))
	}
	for _, c := range r.Rules {
		x := EntityRuleView{ID: c.Value, Count: c.Count}
		x.Title, x.TitleVi, x.Level = s.o.Rules.Titles(c.Value)
		v.Rules = append(v.Rules, x)
	}
	return v
}

const maxShownRaw = 300

func short(s string) string {
	if r := []rune(s); len(r) > maxShownRaw {
		return string(r[:maxShownRaw]) + "…"
	}
	return s
}

func (t *Timeline) view() EntityTimelineView {
	v := EntityTimelineView{Moments: make([]EntityMomentView, len(t.Moments)), More: t.More, Partial: module.OrEmpty(t.Partial)}
	for i := range t.Moments {
		m := &t.Moments[i]
		x := EntityMomentView{
			Kind: "alert", At: module.Time{Time: m.At}, Until: module.Time{Time: m.Until}, Alert: m.Alert, Rules: []EntityRuleView{}, Count: m.Count,
		}
		switch {
		case m.Event != nil:
			x.Kind = "events"
			x.Event = &EntityEventView{m.Event.ID.String(), m.Event.Unit, m.Event.Host, m.Event.Format, short(m.Event.Raw)}
		case m.Step != nil:
			x.Kind = "step"
			x.Step = &EntityStepView{m.Step.By, m.Step.Action, m.Step.From, m.Step.To, m.Step.Reason, m.Step.Note}
		}
		for _, r := range m.Rules {
			x.Rules = append(x.Rules, EntityRuleView{ID: r.ID, Title: r.Title, TitleVi: r.TitleVi, Level: r.Level})
		}
		v.Moments[i] = x
	}
	return v
}

// EntityInput says which entity, and of when. Exported, because huma looks into
// exported parts only.
type EntityInput struct {
	Type  string    `path:"type" enum:"host,user,address,domain,hash,process"`
	Value string    `query:"value" required:"true" maxLength:"600" doc:"not part of the path, so that any character can stand in it" example:"SYT\\nguyen.an"`
	From  time.Time `query:"from" doc:"default: 7 days before to; at most 92"`
	To    time.Time `query:"to" doc:"default: now"`
}

func (in *EntityInput) read(now time.Time) (Entity, Range, error) {
	r := Range{in.From, in.To}
	if r.To.IsZero() {
		r.To = now
	}
	if r.From.IsZero() {
		r.From = r.To.AddDate(0, 0, -defaultDays)
	}
	e, err := Parse(in.Type, in.Value)
	return e, r, err
}

// answer is an operation's: each of the four reads the same and shows its own.
func answer[T any](s *Service, find func(context.Context, Entity, Range) (T, error)) func(context.Context, *EntityInput) (*struct{ Body T }, error) {
	return func(ctx context.Context, in *EntityInput) (*struct{ Body T }, error) {
		e, r, err := in.read(s.o.Now())
		if err != nil {
			return nil, err
		}
		body, err := find(ctx, e, r)
		if err != nil {
			return nil, err
		}
		return &struct{ Body T }{body}, nil
	}
}

func shown[R, T any](find func(context.Context, Entity, Range) (R, error), view func(R) T) func(context.Context, Entity, Range) (T, error) {
	return func(ctx context.Context, e Entity, r Range) (T, error) {
		found, err := find(ctx, e, r)
		if err != nil {
			var none T
			return none, err
		}
		return view(found), nil
	}
}

func (s *Service) routes(api huma.API) {
	op := func(id, path, summary string) huma.Operation {
		return module.Op(module.ActionEntityRead, huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: "/entities/{type}" + path, Tags: []string{"entities"}, Summary: summary,
			Description: "An entity of type user is an account on enrolled systems, not a person; each look at one is recorded in the audit trail as entity.read.",
		})
	}
	huma.Register(api, op("get-entity", "", "The alerts about a machine, account, address, domain, file or program"), answer(s, shown(s.Look, (*Look).view)))
	huma.Register(api, op("entity-presence", "/presence", "Its events over time and by unit"), answer(s, shown(s.Presence, (*Presence).view)))
	huma.Register(api, op("entity-related", "/related", "Who and what stands in the same events"), answer(s, shown(s.Related, s.relatedView)))
	huma.Register(api, op("entity-timeline", "/timeline", "Alerts, what was done about them and notable events in one line of time"), answer(s, shown(s.Timeline, (*Timeline).view)))
}
