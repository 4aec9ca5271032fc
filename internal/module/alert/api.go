package alert

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// StatusCountsView counts alerts by status.
type StatusCountsView struct {
	New        int64 `json:"new"`
	InProgress int64 `json:"in_progress"`
	Closed     int64 `json:"closed"`
}

// AlertPageView is one page of the queue.
type AlertPageView struct {
	Items       []module.AlertView     `json:"items" nullable:"false"`
	NextCursor  string                 `json:"nextCursor,omitempty"`
	Total       int64                  `json:"total" doc:"on all pages"`
	ByStatus    StatusCountsView       `json:"byStatus" doc:"by the filter without its statuses"`
	ByLevel     module.LevelCountsView `json:"byLevel" doc:"by the filter without its levels"`
	AsOf        string                 `json:"asOf" doc:"hand it back with a change of all that the filter finds"`
	CountedFrom *module.Time           `json:"countedFrom,omitempty" doc:"closed alerts opened before it are not counted, and not found by text, level, person or in an order other than by time: choose an earlier time; absent: all are"`
}

// AlertRuleView is what an alert's page says about its rule.
type AlertRuleView struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	Description    string   `json:"description"`
	ExplanationVi  string   `json:"explanationVi"`
	ChecksVi       []string `json:"checksVi" nullable:"false"`
	Tags           []string `json:"tags" nullable:"false"`
	Level          string   `json:"level"`
	References     []string `json:"references" nullable:"false"`
	FalsePositives []string `json:"falsepositives" nullable:"false"`
	Fields         []string `json:"fields" nullable:"false" doc:"fields the rule reads"`
}

// AlertStepView is one change by a person, or by the centre itself.
type AlertStepView struct {
	At     module.Time `json:"at"`
	By     string      `json:"by"`
	Action string      `json:"action" enum:"status,assign,note,postpone,drill,settled,raised" doc:"settled and raised (again): by the centre itself, about a signal"`
	From   string      `json:"from"`
	To     string      `json:"to"`
	Reason string      `json:"reason"`
	Note   string      `json:"note"`
}

// AlertDetailView is an alert's page.
type AlertDetailView struct {
	module.AlertView
	Rule    module.OrNull[AlertRuleView]   `json:"rule" doc:"null if the rule is not loaded any more"`
	Series  module.OrNull[AlertSeriesView] `json:"series" doc:"null if the rule looks at one event"`
	Signal  module.OrNull[AlertSignalView] `json:"signal" doc:"null if a rule raised it"`
	History []AlertStepView                `json:"history" nullable:"false"`
	// Of a rule's alert; rule is the one that is loaded now.
	RuleVersion module.OrNull[AlertRuleVersionView] `json:"ruleVersion" doc:"null of a signal, and of an alert older than this is kept"`
}

// AlertRuleVersionView says which text of its rule raised an alert.
type AlertRuleVersionView struct {
	Hash    string `json:"hash" doc:"SHA-256 of the text, as among the rule's versions"`
	Current bool   `json:"current" doc:"the rule that is loaded now has this text"`
}

// AlertSeriesView is what a correlation rule found last.
type AlertSeriesView struct {
	Group  []GroupValue `json:"group" nullable:"false" doc:"the fields the rule groups by"`
	Value  float64      `json:"value" doc:"the count or aggregate that met the rule's condition"`
	First  module.Time  `json:"first"`
	Last   module.Time  `json:"last"`
	Events []string     `json:"events" nullable:"false" doc:"ids of the newest events, oldest first, at most 100"`
}

// AlertSignalView is what the centre says about an alert it raised itself.
type AlertSignalView struct {
	Kind          string             `json:"kind" example:"source.silent"`
	ExplanationVi string             `json:"explanationVi"`
	Explanation   string             `json:"explanation"`
	ChecksVi      []string           `json:"checksVi" nullable:"false"`
	Checks        []string           `json:"checks" nullable:"false"`
	Details       []SignalDetailView `json:"details" nullable:"false" doc:"by name"`
	SettledAt     *module.Time       `json:"settledAt" doc:"when it was over; null while it lasts"`
}

// SignalDetailView is one fact shown with a signal.
type SignalDetailView struct {
	Name  string `json:"name"`
	Value string `json:"value" doc:"times as RFC 3339"`
}

func signalView(x *SignalInfo) *AlertSignalView {
	k := signalKinds[x.Kind]
	v := &AlertSignalView{
		Kind: x.Kind, ExplanationVi: k.explainVi, Explanation: k.explain, ChecksVi: module.OrEmpty(k.checksVi), Checks: module.OrEmpty(k.checks),
		Details: make([]SignalDetailView, 0, len(x.Details)), SettledAt: module.TimeOrNil(x.SettledAt),
	}
	for name, value := range x.Details {
		v.Details = append(v.Details, SignalDetailView{name, value})
	}
	slices.SortFunc(v.Details, func(a, b SignalDetailView) int { return strings.Compare(a.Name, b.Name) })
	return v
}

// AlertEventsView is the newest events of an alert.
type AlertEventsView struct {
	Events []module.EventView `json:"events" nullable:"false"`
	Query  string             `json:"query" doc:"the search that finds them all"`
	From   module.Time        `json:"from"`
	To     module.Time        `json:"to"`
}

// ChangedAlertsView is the answer to a change of many alerts.
type ChangedAlertsView struct {
	Updated int                `json:"updated"`
	Alerts  []module.AlertView `json:"alerts" nullable:"false"`
	Failed  []BulkFailureView  `json:"failed" nullable:"false" doc:"left as they were; only with partial"`
}

// views puts alerts on the wire.
func (s *Service) views(ctx context.Context, alerts []Alert) ([]module.AlertView, error) {
	var ids []string
	for i := range alerts {
		if id := alerts[i].Assignee; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	names, err := s.people.DisplayNames(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]module.AlertView, len(alerts))
	for i, a := range alerts {
		v := module.AlertView{
			ID: a.ID, RuleID: a.RuleID, Title: a.Title, TitleVi: a.TitleVi, Level: a.Level, Status: string(a.Status),
			Unit: a.Unit, UnitName: s.units.Name(a.Unit), EntityField: a.EntityField, EntityValue: a.EntityValue, Count: a.Count,
			FirstSeen: module.Time{Time: a.FirstSeen}, LastSeen: module.Time{Time: a.LastSeen},
			CreatedAt: module.Time{Time: a.CreatedAt}, UpdatedAt: module.Time{Time: a.UpdatedAt},
			Note: a.Note, Tags: a.Tags, Version: a.Version, Drill: a.Drill,
		}
		if v.Tags == nil {
			v.Tags = []string{}
		}
		v.PostponedUntil, v.PostponedNote = module.TimeOrNil(a.PostponedUntil), a.PostponedNote
		if a.Status == StatusNew {
			v.DueAt = &module.Time{Time: a.CreatedAt.Add(dueWithin[a.Level])}
		}
		if a.Signal != nil {
			v.SignalKind = a.Signal.Kind
		}
		if a.Assignee != "" {
			v.Assignee.Value = &module.PersonView{ID: a.Assignee, DisplayName: names[a.Assignee]}
		}
		if a.Reason != "" {
			reason := string(a.Reason)
			v.Reason = &reason
		}
		out[i] = v
	}
	return out, nil
}

func (s *Service) view(ctx context.Context, a Alert) (module.AlertView, error) {
	v, err := s.views(ctx, []Alert{a})
	if err != nil {
		return module.AlertView{}, err
	}
	return v[0], nil
}

// Recent returns the newest alerts that are not closed, for the overview.
// Errors: Denied.
func (s *Service) Recent(ctx context.Context, n int) ([]module.AlertView, error) {
	page, err := s.List(ctx, Filter{Statuses: []string{string(StatusNew), string(StatusInProgress)}, Drill: NoDrill, Sort: "-createdAt", Limit: n})
	if err != nil {
		return nil, err
	}
	return s.views(ctx, page.Items)
}

// ChangeBody is the part of a change that one and many alerts share. Exported,
// because huma looks into exported parts only.
type ChangeBody struct {
	Status     *string              `json:"status,omitempty" enum:"new,in_progress,closed"`
	Reason     *string              `json:"reason,omitempty" maxLength:"64" doc:"needed to close: an id of the list of reasons; settled: of a signal that is over"`
	Note       *string              `json:"note,omitempty" maxLength:"4000"`
	AssigneeID module.Patch[string] `json:"assigneeId,omitempty" required:"false" doc:"a user's id, \"me\", or null for nobody"`
	Postpone   *PostponeBody        `json:"postpone,omitempty" doc:"keep it off the list of today"`
}

// PostponeBody puts an alert off.
type PostponeBody struct {
	Until *module.Time `json:"until,omitempty" doc:"within the next 30 days; absent: take it up again"`
	Note  string       `json:"note,omitempty" maxLength:"4000" doc:"why"`
}

func (b ChangeBody) change(p module.Principal) Change {
	c := Change{Note: b.Note}
	if b.Status != nil {
		st := Status(*b.Status)
		c.Status = &st
	}
	if b.Reason != nil {
		r := Reason(*b.Reason)
		c.Reason = &r
	}
	if b.Postpone != nil {
		c.Postpone = &Postponement{Note: b.Postpone.Note}
		if b.Postpone.Until != nil {
			c.Postpone.Until = b.Postpone.Until.Time
		}
	}
	if b.AssigneeID.Set {
		id := b.AssigneeID.Value // "" for null
		if id == "me" {
			id = p.ID
		}
		c.Assignee = &id
	}
	return c
}

var tags = []string{"alerts"}

func (s *Service) routes(api huma.API) {
	type list struct {
		Status string       `query:"status" doc:"comma-separated: new, in_progress, closed"`
		Level  string       `query:"level" doc:"comma-separated: critical, high, medium, low, informational"`
		Unit   event.UnitID `query:"unit"`
		Q      string       `query:"q" maxLength:"200" doc:"text in title, entity or rule id"`
		RuleID string       `query:"ruleId" maxLength:"200"`
		From   time.Time    `query:"from" doc:"opened at or after; absent: at any time"`
		To     time.Time    `query:"to" doc:"opened before"`
		// Of a person or a group.
		Assignee string `query:"assignee" maxLength:"64" doc:"a user's id, me, or none"`
		Campaign string `query:"campaign" maxLength:"64" doc:"id of a group of open alerts"`
		Drill    string `query:"drill" maxLength:"64" doc:"none: without exercises; only: of exercises alone; an exercise's id; absent: all, exercises bear a mark"`
		System   string `query:"system" maxLength:"64" doc:"id of an information system: alerts about a machine of its inventory or an address in its zones"`
		Sort     string `query:"sort" enum:"-lastSeen,lastSeen,-level,level,-count,count,-createdAt,createdAt" default:"-lastSeen"`
		Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"50"`
		Cursor   string `query:"cursor" maxLength:"400"`
	}
	type page struct{ Body AlertPageView }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "list-alerts", Method: http.MethodGet, Path: "/alerts", Tags: tags, Summary: "The alert queue",
	}), func(ctx context.Context, in *list) (*page, error) {
		f := Filter{Unit: in.Unit, Text: strings.TrimSpace(in.Q), RuleID: in.RuleID, From: in.From, To: in.To, Assignee: assignee(ctx, in.Assignee), Campaign: in.Campaign, Drill: in.Drill, System: in.System, Sort: in.Sort, Limit: in.Limit, Cursor: in.Cursor}
		var err error
		if f.Statuses, err = splitList(in.Status, "status", "query.", []string{"new", "in_progress", "closed"}); err != nil {
			return nil, err
		}
		if f.Levels, err = splitList(in.Level, "level", "query.", Levels); err != nil {
			return nil, err
		}
		asOf, err := s.asOfText(ctx)
		if err != nil {
			return nil, err
		}
		p, err := s.List(ctx, f)
		if err != nil {
			return nil, err
		}
		items, err := s.views(ctx, p.Items)
		if err != nil {
			return nil, err
		}
		return &page{AlertPageView{
			Items: items, NextCursor: p.Next, Total: p.Total,
			ByStatus: StatusCountsView{p.ByStatus["new"], p.ByStatus["in_progress"], p.ByStatus["closed"]},
			ByLevel:  module.NewLevelCounts(p.ByLevel), AsOf: asOf, CountedFrom: module.TimeOrNil(p.CountedFrom),
		}}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type detail struct{ Body AlertDetailView }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "get-alert", Method: http.MethodGet, Path: "/alerts/{id}", Tags: tags, Summary: "One alert with its rule and history",
	}), func(ctx context.Context, in *byID) (*detail, error) {
		d, err := s.Get(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		v, err := s.detailView(ctx, d)
		if err != nil {
			return nil, err
		}
		return &detail{v}, nil
	})

	type events struct {
		ID    string `path:"id" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	type eventsOut struct{ Body AlertEventsView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "alert-events", Method: http.MethodGet, Path: "/alerts/{id}/events", Tags: tags,
		Summary: "The newest events of an alert, and the search that finds them all",
	}), func(ctx context.Context, in *events) (*eventsOut, error) {
		out := &eventsOut{AlertEventsView{Events: []module.EventView{}}}
		text, from, to, err := s.Events(ctx, in.ID, in.Limit, func(r *lake.Row) error {
			out.Body.Events = append(out.Body.Events, module.NewEventView(r))
			return nil
		})
		if err != nil {
			return nil, err
		}
		out.Body.Query, out.Body.From, out.Body.To = text, module.Time{Time: from}, module.Time{Time: to}
		return out, nil
	})

	s.explainRoutes(api)
	s.queueRoutes(api)
	s.reasonRoutes(api)
	s.batchRoutes(api)
	s.drillRoutes(api)

	type changeAlert struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			ChangeBody
			Version int64 `json:"version" doc:"the version the caller has seen"`
		}
	}
	type one struct{ Body module.AlertView }
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "change-alert", Method: http.MethodPatch, Path: "/alerts/{id}", Tags: tags,
		Summary: "Take, annotate, close or reopen an alert", Description: "409 alert.changed if somebody else was faster; 422 alert.reason-required.",
	}), func(ctx context.Context, in *changeAlert) (*one, error) {
		a, err := s.Change(ctx, in.ID, in.Body.Version, in.Body.change(module.PrincipalOf(ctx)))
		if err != nil {
			return nil, err
		}
		v, err := s.view(ctx, a)
		if err != nil {
			return nil, err
		}
		return &one{v}, nil
	})

	type changeAlerts struct {
		Body struct {
			IDs     []string `json:"ids" nullable:"false" minItems:"1" maxItems:"500"`
			Partial bool     `json:"partial,omitempty" doc:"change those that can be, and say of the others why not"`
			ChangeBody
		}
	}
	type bulkOut struct{ Body ChangedAlertsView }
	huma.Register(api, module.Op(module.ActionAlertTriage, huma.Operation{
		OperationID: "change-alerts", Method: http.MethodPost, Path: "/alerts/bulk", Tags: tags, Summary: "Change many alerts: all or none, or with partial those that can be",
	}), func(ctx context.Context, in *changeAlerts) (*bulkOut, error) {
		change := in.Body.change(module.PrincipalOf(ctx))
		var alerts []Alert
		var failed []Failure
		var err error
		if in.Body.Partial {
			alerts, failed, err = s.ChangeEach(ctx, in.Body.IDs, change)
		} else {
			alerts, err = s.ChangeAll(ctx, in.Body.IDs, change)
		}
		if err != nil {
			return nil, err
		}
		out := &bulkOut{ChangedAlertsView{Failed: failureViews(failed)}}
		out.Body.Updated = len(alerts)
		if out.Body.Alerts, err = s.views(ctx, alerts); err != nil {
			return nil, err
		}
		return out, nil
	})
}

func (s *Service) detailView(ctx context.Context, d Detail) (AlertDetailView, error) {
	v, err := s.view(ctx, d.Alert)
	if err != nil {
		return AlertDetailView{}, err
	}
	out := AlertDetailView{AlertView: v, History: make([]AlertStepView, len(d.History))}
	var ids []string
	for _, h := range d.History {
		if h.Action == "assign" {
			ids = append(ids, h.From, h.To)
		}
	}
	names, err := s.people.DisplayNames(ctx, ids)
	if err != nil {
		return AlertDetailView{}, err
	}
	for i, h := range d.History {
		step := AlertStepView{At: module.Time{Time: h.At}, By: h.By, Action: h.Action, From: h.From, To: h.To, Reason: h.Reason, Note: h.Note}
		if h.Action == "assign" {
			step.From, step.To = names[h.From], names[h.To]
		}
		out.History[i] = step
	}
	if x := d.Series; x != nil {
		view := &AlertSeriesView{Group: x.Group, Value: x.Value, First: module.Time{Time: x.First}, Last: module.Time{Time: x.Last}, Events: module.OrEmpty(x.Events)}
		if view.Group == nil {
			view.Group = []GroupValue{}
		}
		out.Series.Value = view
	}
	if d.Signal != nil {
		out.Signal.Value = signalView(d.Signal)
	}
	if d.RuleHash != "" {
		out.RuleVersion.Value = &AlertRuleVersionView{Hash: d.RuleHash, Current: d.Rule != nil && d.Rule.Hash == d.RuleHash}
	}
	if r := d.Rule; r != nil {
		out.Rule.Value = &AlertRuleView{
			ID: r.ID, Title: r.Title, Description: r.Description, ExplanationVi: r.Explain, ChecksVi: module.OrEmpty(r.Checks),
			Tags: module.OrEmpty(r.Tags), Level: r.EffectiveLevel(), References: module.OrEmpty(r.References),
			FalsePositives: module.OrEmpty(r.FalsePositives), Fields: module.OrEmpty(r.Fields()),
		}
	}
	return out, nil
}
