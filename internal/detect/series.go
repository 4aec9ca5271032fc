package detect

import (
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

// Part is a detection rule whose events a correlation rule counts, itself or
// through other correlations.
type Part struct {
	Rule    *Rule
	GroupBy []string // what the correlation's group-by fields are called in its events
}

// About returns the log source of the rule; of a correlation rule, what the rules
// it is made of have in common.
func (r *Rule) About() sigma.LogSource {
	if len(r.Parts) == 0 {
		return r.LogSource
	}
	about := r.Parts[0].Rule.LogSource
	for _, p := range r.Parts[1:] {
		of := p.Rule.LogSource
		if of.Product != about.Product {
			about.Product = ""
		}
		if of.Category != about.Category {
			about.Category = ""
		}
		if of.Service != about.Service {
			about.Service = ""
		}
	}
	return about
}

// Fields returns the names of the event fields that the rule reads, sorted; of a
// correlation rule, those that it groups by and that its parts read.
func (r *Rule) Fields() []string {
	names := r.Rule.Fields()
	for _, p := range r.Parts {
		names = slices.Concat(names, p.GroupBy, p.Rule.Fields())
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Series is what a correlation rule found: several events that belong together.
type Series struct {
	// Key is the same whenever the same events lead to the same finding.
	Key         string
	Group       []event.Field // the group-by fields and their values
	Value       float64       // the count or aggregate that met the condition
	First, Last time.Time     // of the events, as claimed
	Events      []string      // Hit.Ref of the newest of them, oldest first; at most 100
	Where       []Where       // finds the events of the entity
}

// Where says in which events of a rule the entity of a series is found.
type Where struct {
	RuleID string
	Field  string // that holds the entity
}

// Hit is a rule that fired on an event, cut down to what correlations need. It
// owns its memory and can be written as JSON and read again.
type Hit struct {
	RuleID   string        `json:"r"`
	Unit     event.UnitID  `json:"u"`
	Drill    string        `json:"d,omitempty"` // the exercise the event was put in by
	Sender   string        `json:"s"`           // the input and the peer the event came from
	Time     time.Time     `json:"t"`           // as claimed
	Received time.Time     `json:"v"`
	Fields   []sigma.Field `json:"f"`
	Ref      string        `json:"i"` // the event's ID, or the caller's own name for it
}

// Hit makes the hit of a rule that is Correlated on an event.
func (w *Worker) Hit(r *Rule, ev *event.Event) Hit {
	fields := w.fields[:0]
	hasHost, hasPeer := ev.Host == "", ev.Peer == ""
	for i := range ev.Fields {
		f := &ev.Fields[i]
		fields = append(fields, sigma.Field{Name: f.Name, Value: f.Value, Kind: sigma.Kind(f.Kind)})
		hasHost, hasPeer = hasHost || f.Name == fieldHost, hasPeer || f.Name == fieldPeer
	}
	// Every event has these, whatever its log calls them.
	if !hasHost {
		fields = append(fields, sigma.Field{Name: fieldHost, Value: ev.Host})
	}
	if !hasPeer {
		fields = append(fields, sigma.Field{Name: fieldPeer, Value: ev.Peer})
	}
	h := Hit{
		RuleID: r.ID, Unit: event.UnitID(strings.Clone(string(ev.Unit))), Drill: strings.Clone(event.DrillOf(ev.Credential)), Sender: strings.ToValidUTF8(ev.Input+" "+ev.Peer, "\uFFFD"),
		Time: ev.Time, Received: ev.Received, Fields: w.set.ruleset.HitFields(r.Rule, fields), Ref: ev.ID.String(),
	}
	clear(fields) // they alias the event
	w.fields = fields
	return h
}

const (
	fieldHost = "host"
	fieldPeer = "peer"
)

// parts lists the detection rules below a correlation rule, with what names of
// its hits are called in theirs.
func (s *Set) parts(r *sigma.Rule, names []string) []Part {
	var out []Part
	groupBy := r.GroupBy()
	for _, p := range s.ruleset.Parts(r) {
		below := slices.Clone(names)
		for i, name := range below {
			if at := slices.Index(groupBy, name); at >= 0 {
				below[i] = p.GroupBy[at]
			}
		}
		if p.Rule.IsCorrelation() {
			out = append(out, s.parts(p.Rule, below)...)
		} else {
			out = append(out, Part{Rule: s.byRule[p.Rule], GroupBy: below})
		}
	}
	return out
}

// entityFields are fields an alert is well grouped by, the best first.
var entityFields = []string{
	fieldHost, "hostname", "Computer", "ComputerName",
	"src_ip", "c-ip", "srcip", "remip", "SRC", "IpAddress", "SourceIp", "SourceIP",
	"user", "User", "TargetUserName", "SubjectUserName", fieldPeer,
}

// entityOf picks whom a series is about among the fields it is grouped by: the
// one the rule names, else the host, an address, a user, else the first. It
// returns -1 where the series is grouped by nothing.
func entityOf(r *Rule, group []event.Field) int {
	index := func(name string) int {
		return slices.IndexFunc(group, func(f event.Field) bool { return f.Name == name })
	}
	if i := index(r.Entity); i >= 0 {
		return i
	}
	for _, name := range entityFields {
		if i := index(name); i >= 0 {
			return i
		}
	}
	return min(len(group), 1) - 1
}

// series makes the finding of a correlation rule.
func series(r *Rule, unit event.UnitID, received time.Time, s *Series) Finding {
	f := Finding{
		RuleID: r.ID, RuleHash: r.Hash, Title: r.Title, TitleVi: r.TitleVi, Level: r.level, Tags: r.Tags, Unit: unit,
		EntityField: "unit", EntityValue: string(unit), Time: s.Last, Received: received, Series: s,
	}
	at := entityOf(r, s.Group)
	if at >= 0 {
		f.EntityField, f.EntityValue = s.Group[at].Name, s.Group[at].Value
	}
	for _, p := range r.Parts {
		w := Where{RuleID: p.Rule.ID, Field: f.EntityField}
		if at >= 0 {
			w.Field = p.GroupBy[at]
		}
		s.Where = append(s.Where, w)
	}
	if n := len(s.Events); n > 0 {
		if id, err := event.ParseID(s.Events[n-1]); err == nil {
			f.EventID = id
		}
	}
	return f
}
