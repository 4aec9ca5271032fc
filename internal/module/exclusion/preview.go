package exclusion

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/sigma"
)

// Draft is what the dialog that proposes an exclusion from an alert begins with.
type Draft struct {
	Subject
	Rule   *detect.Rule
	Fields []DraftField
	Units  []event.UnitID // that the exclusion may act on: the alert's, and those above it that the principal sees
	Days   int
	Title  string
	// MayApprove tells whether the principal may let it act at once.
	MayApprove bool
}

// DraftField is a field a filter may name.
type DraftField struct {
	Name, Value string
	Entity      bool // the alert is grouped by it
	Matched     bool // the rule fired because of it: to exclude it alone ends the rule
	Chosen      bool // to begin with
}

// What a draft and a preview look at.
const (
	previewDays   = 30
	previewTime   = 20 * time.Second
	previewEvents = 2000
	previewAlerts = 2000
	maxFields     = 80
	maxFieldBytes = 1000
)

// Draft begins an exclusion from an alert. Errors: Denied; NotFound; Invalid with
// exclusion.signal or exclusion.rule-gone where there is no rule to exclude from.
func (s *Service) Draft(ctx context.Context, alertID string) (Draft, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionExclusionPropose); err != nil {
		return Draft{}, err
	}
	a, rule, err := s.subject(ctx, alertID)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{Subject: a, Rule: rule, Days: DefaultDays, MayApprove: p.Can(module.ActionExclusionApprove, a.Unit) && !s.Config.FourEyes}
	d.Title = a.TitleVi
	if d.Title == "" {
		d.Title = a.Title
	}
	path := s.Units.Path(a.Unit)
	slices.Reverse(path) // the unit itself first
	for _, u := range path {
		if p.Sees(u) {
			d.Units = append(d.Units, u)
		}
	}
	if len(d.Units) == 0 {
		d.Units = []event.UnitID{a.Unit}
	}
	if a.Series {
		for _, g := range a.Group {
			d.add(DraftField{Name: g.Name, Value: g.Value, Chosen: true})
		}
		return d, nil
	}
	return d, s.eventFields(ctx, &d)
}

// subject returns the alert and its rule, where there is one to exclude from.
func (s *Service) subject(ctx context.Context, alertID string) (Subject, *detect.Rule, error) {
	a, err := s.Alerts.Subject(ctx, alertID)
	if err != nil {
		return Subject{}, nil, err
	}
	if a.Signal {
		return Subject{}, nil, fault.New(fault.Invalid, "the centre itself raised the alert, no rule did; mute its source instead").WithCode("exclusion.signal")
	}
	set, _ := s.Rules.Current()
	rule := set.Rule(a.RuleID)
	if rule == nil {
		return Subject{}, nil, fault.New(fault.Invalid, "the rule %s is not loaded any more; there is nothing to exclude from", a.RuleID).WithCode("exclusion.rule-gone")
	}
	return a, rule, nil
}

// eventFields offers the fields of the alert's newest event. Where none is stored
// any more, the entity is all there is.
func (s *Service) eventFields(ctx context.Context, d *Draft) error {
	entity := DraftField{Name: d.EntityField, Value: d.EntityValue, Entity: true, Chosen: true}
	if entity.Name != "" && entity.Name != "unit" {
		d.add(entity)
	}
	q, err := query.Parse(d.Query)
	if err != nil || d.Query == "" {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, previewTime)
	defer cancel()
	var newest *lake.Row
	_, err = s.Events.Search(ctx, lake.ScopeUnits(d.Unit), lake.Search{Query: q, From: d.From, To: d.To, Limit: 1}, func(r *lake.Row) error {
		newest = r
		return nil
	})
	if err != nil || newest == nil {
		return err
	}
	ev := newest.Event()
	set, _ := s.Rules.Current()
	matched := set.NewWorker().Matched(d.Rule, &ev)
	if ev.Host != "" {
		d.add(DraftField{Name: "host", Value: ev.Host})
	}
	for i, f := range ev.Fields {
		if f.Kind == event.Null {
			continue
		}
		d.add(DraftField{Name: f.Name, Value: f.Value, Matched: slices.Contains(matched, i)})
	}
	if ev.Peer != "" {
		d.add(DraftField{Name: "peer", Value: ev.Peer})
	}
	return nil
}

// add offers a field once, if a filter can name it and its value whole.
func (d *Draft) add(f DraftField) {
	if len(d.Fields) >= maxFields || f.Name == "" || len(f.Value) > maxFieldBytes || strings.ContainsAny(f.Name, "|\x00") || strings.Contains(f.Value, "\x00") ||
		!utf8.ValidString(f.Name) || !utf8.ValidString(f.Value) {
		return
	}
	for i := range d.Fields {
		if d.Fields[i].Name == f.Name {
			d.Fields[i].Matched = d.Fields[i].Matched || f.Matched
			return
		}
	}
	d.Fields = append(d.Fields, f)
}

// Trial is an exclusion to be tried on what happened.
type Trial struct {
	Alert  string
	Unit   event.UnitID
	Filter string // "": written from Fields
	Fields []Condition
	Title  string
	Reason string
}

// Tried is what came of it.
type Tried struct {
	Filter   string
	Problems []sigma.Problem // it cannot act
	// Events are those of the rules in the units of the last 30 days, newest first;
	// Capped tells that there were more than were looked at.
	Events, EventsOut int
	Alerts, AlertsOut int
	Capped            bool
	Days              int
	// Rest are whom it would still be reported of, the most frequent first.
	Rest []Rest
}

// Rest is an entity that would still be reported.
type Rest struct {
	Unit         event.UnitID
	Field, Value string
	Events       int
}

const maxRest = 5

// Preview writes the filter document, or takes the given one, and tells what it
// would have left out of the last 30 days. Errors: Denied, NotFound, Invalid, Busy.
func (s *Service) Preview(ctx context.Context, t Trial) (Tried, error) {
	p := module.PrincipalOf(ctx)
	for _, a := range []module.Action{module.ActionExclusionPropose, module.ActionEventRead} {
		if err := p.Require(a); err != nil {
			return Tried{}, err
		}
	}
	if err := s.checkUnit(p, t.Unit); err != nil {
		return Tried{}, err
	}
	out := Tried{Filter: t.Filter, Days: previewDays}
	if t.Filter == "" {
		var err error
		if out.Filter, err = s.write(ctx, t); err != nil {
			return Tried{}, err
		}
	}
	filter, problems := detect.ParseExclusion([]byte(out.Filter))
	if filter == nil {
		out.Problems = problems
		return out, nil
	}
	base, _ := s.Rules.Current()
	set, all := base.Excluding([]detect.Exclusion{{ID: "trial", Filter: []byte(out.Filter), Units: s.actsOn(t.Unit)}})
	if out.Problems = all["trial"]; len(out.Problems) > 0 {
		return out, nil
	}
	named, _ := filter.FilteredRules()
	ctx, cancel := context.WithTimeout(ctx, previewTime)
	defer cancel()
	return out, s.try(ctx, set, named, t.Unit, &out)
}

// write makes the document of a trial from the fields that were chosen.
func (s *Service) write(ctx context.Context, t Trial) (string, error) {
	a, rule, err := s.subject(ctx, t.Alert)
	if err != nil {
		return "", err
	}
	if len(t.Fields) == 0 {
		return "", fault.New(fault.Invalid, "fields: choose at least one field that tells the harmless from the others").WithCode("exclusion.fields").OnField("body.fields")
	}
	title := strings.TrimSpace(t.Title)
	if title == "" {
		title = "Loại trừ: " + a.Title
	}
	source := rule.AsWritten().LogSource
	if a.Series {
		source = detect.SeriesSource
	}
	doc := Document{
		Title: title, Reason: t.Reason, Author: module.PrincipalOf(ctx).DisplayName, Date: s.Now(),
		Source: source, Rules: []string{rule.ID}, Exclude: t.Fields,
	}
	return doc.Text()
}

type entityKey struct {
	rule         string
	unit         event.UnitID
	field, value string
}

type seenOf struct{ all, out int }

// try looks at the events of the rules, and at the alerts that came of them.
func (s *Service) try(ctx context.Context, set *detect.Set, named []string, unit event.UnitID, out *Tried) error {
	since := s.Now().Add(-previewDays * 24 * time.Hour)
	units := []event.UnitID{unit}
	scope := lake.ScopeUnits(append(units, s.Units.Below(unit)...)...)
	if unit == event.CentreUnit {
		scope, units = lake.ScopeAll(), nil
	} else {
		units = append(units, s.Units.Below(unit)...)
	}
	var ids, parts []string
	for _, name := range named {
		r := set.Named(name)
		ids = append(ids, r.ID)
		if !r.IsCorrelation() {
			parts = append(parts, `rule:"`+strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(r.ID)+`"`)
		}
	}
	seen := map[entityKey]seenOf{}
	if len(parts) > 0 {
		if err := s.tryEvents(ctx, set, strings.Join(parts, " OR "), scope, since, seen, out); err != nil {
			return err
		}
	}
	alerts, err := s.Alerts.OfRules(ctx, ids, units, since, previewAlerts)
	if err != nil {
		return err
	}
	out.Alerts = len(alerts)
	out.Capped = out.Capped || len(alerts) == previewAlerts
	for _, a := range alerts {
		if a.Series {
			if set.LeavesOut(a.RuleID, a.Unit, s.Now(), a.Group) {
				out.AlertsOut++
			}
			continue
		}
		if n := seen[entityKey{a.RuleID, a.Unit, a.EntityField, a.EntityValue}]; n.all > 0 && n.out == n.all {
			out.AlertsOut++
		}
	}
	for k, n := range seen {
		if n.all > n.out {
			out.Rest = append(out.Rest, Rest{k.unit, k.field, k.value, n.all - n.out})
		}
	}
	slices.SortFunc(out.Rest, func(a, b Rest) int {
		if a.Events != b.Events {
			return b.Events - a.Events
		}
		return strings.Compare(string(a.Unit)+a.Value, string(b.Unit)+b.Value)
	})
	out.Rest = out.Rest[:min(len(out.Rest), maxRest)]
	return nil
}

func (s *Service) tryEvents(ctx context.Context, set *detect.Set, text string, scope lake.Scope, since time.Time, seen map[entityKey]seenOf, out *Tried) error {
	q, err := query.Parse(text)
	if err != nil {
		return err
	}
	worker := set.NewWorker()
	note := func(rule string, ev *event.Event, left bool) {
		r := set.Rule(rule)
		if r == nil {
			return
		}
		f := detect.Find(r, ev)
		k := entityKey{rule, f.Unit, f.EntityField, f.EntityValue}
		n := seen[k]
		n.all++
		if left {
			n.out++
		}
		seen[k] = n
	}
	_, err = s.Events.Search(ctx, scope, lake.Search{Query: q, From: since, To: s.Now().Add(time.Hour), Limit: previewEvents}, func(row *lake.Row) error {
		ev := row.Event()
		hits := worker.Match(&ev)
		out.Events++
		for _, x := range worker.Excluded() {
			if slices.Contains(row.Rules, x.RuleID) {
				out.EventsOut++
				note(x.RuleID, &ev, true)
				return nil
			}
		}
		for _, r := range hits {
			if slices.Contains(row.Rules, r.ID) {
				note(r.ID, &ev, false)
			}
		}
		return nil
	})
	out.Capped = out.Capped || out.Events == previewEvents
	return err
}
