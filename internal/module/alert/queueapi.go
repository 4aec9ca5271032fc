package alert

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// AlertGroupView is open alerts that belong together.
type AlertGroupView struct {
	ID         string                 `json:"id" doc:"the same while its earliest alert is open; of a unit, the unit's"`
	Kind       string                 `json:"kind" enum:"indicator,spread,entity,rule,technique,alert,unit"`
	Value      string                 `json:"value" doc:"what they share: an address, a rule, a technique, a unit"`
	Field      string                 `json:"field"`
	TitleVi    string                 `json:"titleVi"`
	Title      string                 `json:"title"`
	ReasonVi   string                 `json:"reasonVi" doc:"why they are together"`
	Reason     string                 `json:"reason"`
	Level      string                 `json:"level" enum:"critical,high,medium,low,informational" doc:"the worst"`
	ByLevel    module.LevelCountsView `json:"byLevel"`
	Alerts     int                    `json:"alerts"`
	Events     int64                  `json:"events"`
	Unassigned int                    `json:"unassigned"`
	Rules      int                    `json:"rules"`
	Units      []AlertUnitView        `json:"units" nullable:"false" doc:"at most 20"`
	UnitCount  int                    `json:"unitCount"`
	FirstSeen  module.Time            `json:"firstSeen"`
	LastSeen   module.Time            `json:"lastSeen"`
	Drill      string                 `json:"drill" doc:"the exercise all of them belong to; empty: they are real"`
	AlertIDs   []string               `json:"alertIds" nullable:"false" doc:"at most 500, the worst first"`
}

// AlertUnitView names a unit.
type AlertUnitView struct {
	ID   event.UnitID `json:"id"`
	Name string       `json:"name"`
}

// AlertGroupsView is the queue in groups.
type AlertGroupsView struct {
	Items  []AlertGroupView `json:"items" nullable:"false" doc:"the worst first, at most 300"`
	Total  int              `json:"total" doc:"groups"`
	Alerts int              `json:"alerts" doc:"in all groups"`
	Capped bool             `json:"capped" doc:"there are more alerts than were grouped"`
	AsOf   string           `json:"asOf" doc:"hand it back with a change of a whole group"`
}

// TodayView is what the caller has to do today.
type TodayView struct {
	Items     []TodayThingView `json:"items" nullable:"false" doc:"at most ten, the most pressing first"`
	Left      int              `json:"left" doc:"things beyond them"`
	Postponed int              `json:"postponed" doc:"alerts put off until later"`
	Others    int              `json:"others" doc:"alerts somebody else works on"`
	Done      int              `json:"done" doc:"alerts the caller closed since midnight"`
	AsOf      string           `json:"asOf" doc:"hand it back with a change of a whole thing"`
}

// TodayThingView is one thing to do.
type TodayThingView struct {
	AlertGroupView
	Rank  int              `json:"rank"`
	Score int              `json:"score"`
	Why   []TodayPointView `json:"why" nullable:"false" doc:"what gave it its place; the points add up to the score"`
	Mine  bool             `json:"mine" doc:"the caller has taken some of it"`
}

// TodayPointView is one reason for a thing's place.
type TodayPointView struct {
	Code   string `json:"code" example:"overdue"`
	Points int    `json:"points"`
	TextVi string `json:"textVi"`
	Text   string `json:"text"`
}

// SimilarAlertsView is what was done about past alerts of the rule.
type SimilarAlertsView struct {
	Groups     []SimilarGroupView                 `json:"groups" nullable:"false" doc:"the nearest first"`
	Suggestion module.OrNull[AlertSuggestionView] `json:"suggestion" doc:"null where the past does not agree"`
}

// SimilarGroupView is past alerts of one closeness.
type SimilarGroupView struct {
	Closeness     string          `json:"closeness" enum:"same-entity,same-unit,elsewhere"`
	Total         int             `json:"total" doc:"of at most the 500 newest"`
	ByReason      map[string]int  `json:"byReason"`
	MedianSeconds int64           `json:"medianSeconds" doc:"from opening to closing"`
	Recent        []PastAlertView `json:"recent" nullable:"false" doc:"newest first, at most 5"`
}

// PastAlertView is a closed alert.
type PastAlertView struct {
	ID          string                           `json:"id"`
	UnitName    string                           `json:"unitName"`
	EntityField string                           `json:"entityField"`
	EntityValue string                           `json:"entityValue"`
	Reason      string                           `json:"reason"`
	Note        string                           `json:"note"`
	ClosedBy    module.OrNull[module.PersonView] `json:"closedBy"`
	ClosedAt    module.Time                      `json:"closedAt"`
	TookSeconds int64                            `json:"tookSeconds"`
}

// AlertSuggestionView is how similar alerts were mostly closed.
type AlertSuggestionView struct {
	Closeness string `json:"closeness" enum:"same-entity,same-unit,elsewhere"`
	Reason    string `json:"reason"`
	Note      string `json:"note"`
	Count     int    `json:"count"`
	Of        int    `json:"of"`
}

// Of what a group shows.
const maxUnitsShown = 20

func (s *Service) groupView(g *Group, x *Sum) AlertGroupView {
	w := x.Worst
	v := AlertGroupView{
		ID: g.ID, Drill: g.Drill, Kind: string(g.Kind), Value: g.Value, Field: g.Field, TitleVi: w.TitleVi, Title: w.Title, Level: w.Level,
		ByLevel: module.NewLevelCounts(x.ByLevel), Alerts: x.Total, Events: x.Events, Unassigned: x.Unassigned, Rules: x.Rules,
		Units: []AlertUnitView{}, UnitCount: len(x.Units), FirstSeen: module.Time{Time: x.First}, LastSeen: module.Time{Time: x.Last}, AlertIDs: []string{},
	}
	for _, u := range x.Units[:min(len(x.Units), maxUnitsShown)] {
		v.Units = append(v.Units, AlertUnitView{u, s.units.Name(u)})
	}
	for _, a := range g.Alerts[:min(len(g.Alerts), MaxBulk)] {
		v.AlertIDs = append(v.AlertIDs, a.ID)
	}
	if v.TitleVi == "" {
		v.TitleVi = v.Title
	}
	name := s.units.Name(w.Unit)
	words := groupWords(g, x, name)
	v.ReasonVi, v.Reason = words.reasonVi, words.reason
	if words.titleVi != "" {
		v.TitleVi, v.Title = words.titleVi, words.title
	}
	return v
}

// BulkFailureView is an alert that a change of many left as it was.
type BulkFailureView struct {
	ID      string `json:"id"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func failureViews(failed []Failure) []BulkFailureView {
	out := make([]BulkFailureView, len(failed))
	for i, f := range failed {
		out[i] = BulkFailureView{ID: f.ID, Code: fault.KindOf(f.Err).String(), Message: f.Err.Error()}
		if code := codeOf(f.Err); code != "" {
			out[i].Code = code
		}
	}
	return out
}

func (s *Service) queueRoutes(api huma.API) {
	type ask struct {
		By       string       `query:"by" enum:"campaign,unit" default:"campaign"`
		Status   string       `query:"status" doc:"comma-separated: new, in_progress"`
		Level    string       `query:"level" doc:"comma-separated: critical, high, medium, low, informational"`
		Unit     event.UnitID `query:"unit"`
		Q        string       `query:"q" maxLength:"200" doc:"text in title, entity or rule id"`
		Assignee string       `query:"assignee" maxLength:"64" doc:"a user's id, me, or none"`
		Drill    string       `query:"drill" maxLength:"64" doc:"none: without exercises; only: of exercises alone; an exercise's id; absent: all, exercises in groups of their own"`
	}
	type groups struct{ Body AlertGroupsView }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "group-alerts", Method: http.MethodGet, Path: "/alerts/groups", Tags: tags,
		Summary:     "Open alerts by campaign or by unit",
		Description: "A campaign is open alerts that share one element, at most 24 hours apart: a public address, hash or account in any unit; one rule in several units; several rules about one machine or person of a unit; one rule about several entities; one ATT&CK technique. Each alert is in exactly one group.",
	}), func(ctx context.Context, in *ask) (*groups, error) {
		f := Filter{Unit: in.Unit, Text: strings.TrimSpace(in.Q), Assignee: assignee(ctx, in.Assignee), Drill: in.Drill}
		var err error
		if f.Statuses, err = splitList(in.Status, "status", "query.", []string{"new", "in_progress"}); err != nil {
			return nil, err
		}
		if f.Levels, err = splitList(in.Level, "level", "query.", Levels); err != nil {
			return nil, err
		}
		asOf, err := s.asOfText(ctx)
		if err != nil {
			return nil, err
		}
		q, err := s.Groups(ctx, f, GroupKind(in.By))
		if err != nil {
			return nil, err
		}
		out := &groups{AlertGroupsView{Items: make([]AlertGroupView, len(q.Groups)), Total: q.Total, Alerts: q.Alerts, Capped: q.Capped, AsOf: asOf}}
		for i := range q.Groups {
			out.Body.Items[i] = s.groupView(&q.Groups[i], &q.Sums[i])
		}
		return out, nil
	})

	type today struct{ Body TodayView }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "alerts-today", Method: http.MethodGet, Path: "/alerts/today", Tags: tags,
		Summary: "At most ten things for the caller to do today, each with the reasons of its place",
	}), func(ctx context.Context, _ *struct{}) (*today, error) {
		asOf, err := s.asOfText(ctx)
		if err != nil {
			return nil, err
		}
		d, err := s.Today(ctx)
		if err != nil {
			return nil, err
		}
		out := &today{TodayView{Items: make([]TodayThingView, len(d.Things)), Left: d.Left, Postponed: d.Postponed, Others: d.Others, Done: d.Done, AsOf: asOf}}
		for i := range d.Things {
			t := &d.Things[i]
			v := TodayThingView{AlertGroupView: s.groupView(&t.Group, &t.Sum), Rank: i + 1, Score: t.Score, Why: make([]TodayPointView, len(t.Why))}
			for n, p := range t.Why {
				v.Why[n] = TodayPointView{p.Code, p.Points, p.Vi, p.En}
				v.Mine = v.Mine || p.Code == "mine"
			}
			out.Body.Items[i] = v
		}
		return out, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type similar struct{ Body SimilarAlertsView }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "similar-alerts", Method: http.MethodGet, Path: "/alerts/{id}/similar", Tags: tags,
		Summary: "Past alerts of the same rule, and what was done about them",
	}), func(ctx context.Context, in *byID) (*similar, error) {
		found, suggested, err := s.Similar(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		v, err := s.similarView(ctx, found, suggested)
		return &similar{v}, err
	})

	type guidance struct{ Body AlertGuidanceView }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "alert-guidance", Method: http.MethodGet, Path: "/alerts/{id}/guidance", Tags: tags,
		Summary: "Three things to check, with ready searches, and a notice to the unit",
	}), func(ctx context.Context, in *byID) (*guidance, error) {
		v, err := s.Guidance(ctx, in.ID)
		return &guidance{v}, err
	})
}

// assignee is who is asked for, with "me" for the caller.
func assignee(ctx context.Context, text string) string {
	if text == "me" {
		return module.PrincipalOf(ctx).ID
	}
	return text
}

func (s *Service) similarView(ctx context.Context, found []Similar, suggested *Suggestion) (SimilarAlertsView, error) {
	var ids []string
	for _, x := range found {
		for _, r := range x.Recent {
			ids = append(ids, r.ClosedBy)
		}
	}
	names, err := s.people.DisplayNames(ctx, ids)
	if err != nil {
		return SimilarAlertsView{}, err
	}
	out := SimilarAlertsView{Groups: make([]SimilarGroupView, len(found))}
	for i, x := range found {
		v := SimilarGroupView{Closeness: string(x.Closeness), Total: x.Total, ByReason: map[string]int{}, MedianSeconds: int64(x.Median / time.Second), Recent: []PastAlertView{}}
		for r, n := range x.ByReason {
			v.ByReason[string(r)] = n
		}
		for _, r := range x.Recent {
			p := PastAlertView{
				ID: r.ID, UnitName: s.units.Name(r.Unit), EntityField: r.EntityField, EntityValue: r.EntityValue, Reason: string(r.Reason), Note: r.Note,
				ClosedAt: module.Time{Time: r.ClosedAt}, TookSeconds: int64(r.Took / time.Second),
			}
			if r.ClosedBy != "" {
				p.ClosedBy.Value = &module.PersonView{ID: r.ClosedBy, DisplayName: names[r.ClosedBy]}
			}
			v.Recent = append(v.Recent, p)
		}
		out.Groups[i] = v
	}
	if suggested != nil {
		out.Suggestion.Value = &AlertSuggestionView{string(suggested.Closeness), string(suggested.Reason), suggested.Note, suggested.Count, suggested.Of}
	}
	return out, nil
}
