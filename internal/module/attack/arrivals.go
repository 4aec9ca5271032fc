package attack

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/query"
)

// Lake is the part of the lake that is asked. See lake.Lake for the method.
type Lake interface {
	Aggregate(ctx context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error)
}

// seen is a sort of event that arrives.
type seen struct {
	source           event.Source
	channel, eventID string
}

// arrival is what of the units of a scope arrives.
type arrival struct {
	at    time.Time
	since time.Time // what arrived after it was looked at; zero: nothing could be
	seen  map[seen]bool
}

// arrivals remembers what arrives. Asking the lake costs seconds where a province
// sends day and night, so it is asked for the last hour first, then for a day and
// for a week, as far as the time allows, and not again for some minutes.
type arrivals struct {
	lake Lake
	now  func() time.Time

	mu    sync.Mutex
	known map[string]*arrivalOf
}

type arrivalOf struct {
	turn sync.Mutex // one question at a time
	last arrival
}

const (
	arrivalsKept  = 10 * time.Minute
	arrivalsTime  = 8 * time.Second
	maxArrivalsOf = 200 // scopes
)

var arrivalSpans = []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour}

func newArrivals(l Lake, now func() time.Time) *arrivals {
	return &arrivals{lake: l, now: now, known: map[string]*arrivalOf{}}
}

// of returns what arrives within the scope that key names.
func (a *arrivals) of(ctx context.Context, key string, sc lake.Scope) arrival {
	a.mu.Lock()
	k := a.known[key]
	if k == nil {
		if len(a.known) >= maxArrivalsOf {
			clear(a.known)
		}
		k = &arrivalOf{}
		a.known[key] = k
	}
	a.mu.Unlock()
	k.turn.Lock()
	defer k.turn.Unlock()
	now := a.now()
	if now.Sub(k.last.at) < arrivalsKept {
		return k.last
	}
	fresh := arrival{at: now, seen: map[seen]bool{}}
	limit, cancel := context.WithTimeout(ctx, arrivalsTime)
	defer cancel()
	until := now
	for _, span := range arrivalSpans {
		since := now.Add(-span)
		if a.ask(limit, sc, since, until, fresh.seen) != nil {
			break
		}
		fresh.since, until = since, since
	}
	if ctx.Err() != nil {
		return fresh // who asked has left: what was not answered in time may be next time
	}
	k.last = fresh
	return fresh
}

// A table has no row for events that lack what it is grouped by, so each
// combination of what a log source may say is a question of its own.
func questions() []question {
	parts := []string{"_product", "_category", "_service"}
	var out []question
	for set := 1; set < 1<<len(parts); set++ {
		var q question
		text := ""
		for i, name := range parts {
			if set&(1<<i) != 0 {
				q.by = append(q.by, name)
			} else {
				text += "NOT _exists_:" + name + " "
			}
		}
		q.text = text + "| stats count by " + strings.Join(q.by, ", ")
		out = append(out, q)
	}
	windows := []string{"Channel", "EventID"}
	return append(out, question{"_product:windows | stats count by " + strings.Join(windows, ", "), windows})
}

type question struct {
	text string
	by   []string
}

func (a *arrivals) ask(ctx context.Context, sc lake.Scope, from, to time.Time, into map[seen]bool) error {
	for _, q := range questions() {
		p, err := query.ParsePipeline(q.text)
		if err != nil {
			return err
		}
		t, _, err := a.lake.Aggregate(ctx, sc, p, from, to)
		if err != nil {
			return err
		}
		for _, row := range t.Rows {
			var s seen
			for i, name := range q.by {
				switch value := strings.ToLower(row[i].Text); name {
				case "_product":
					s.source.Product = value
				case "_category":
					s.source.Category = value
				case "_service":
					s.source.Service = value
				case "Channel":
					s.source.Product, s.channel = "windows", row[i].Text
				case "EventID":
					s.eventID = value
				}
			}
			into[s] = true
		}
	}
	return nil
}

// fed returns what tells whether a rule of the set has logs to look at, nil where
// it is not known what arrives.
func (a *arrival) fed(set *detect.Set) func(*detect.Rule) bool {
	if a.since.IsZero() {
		return nil
	}
	r := set.NewReach()
	for s := range a.seen {
		r.See(s.source, s.channel, s.eventID)
	}
	return r.Fed
}

// sources lists what arrives, without the numbers of Windows events.
func (a *arrival) sources() []event.Source {
	var out []event.Source
	for s := range a.seen {
		out = append(out, s.source)
	}
	slices.SortFunc(out, func(a, b event.Source) int {
		return cmp.Or(strings.Compare(a.Product, b.Product), strings.Compare(a.Category, b.Category), strings.Compare(a.Service, b.Service))
	})
	return slices.Compact(out)
}
