package detect

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/sigma"
)

const wrongPassword = `title: Wrong password
id: 5b9a3c9e-20f8-4d0a-9a53-3a7c1be3a901
name: wrong_password
logsource: {product: linux, service: sshd}
detection:
  selection: {outcome: failure}
  condition: selection
level: low
`

const guessing = `title: Many failures
id: 0f06a3a5-6a09-413f-8743-e6cf35561297
name: guessing
correlation:
  type: event_count
  rules: [wrong_password]
  group-by: [host, src_ip]
  timespan: 5m
  condition: {gte: 3}
level: high
tags: [attack.t1110]
lachan:
  title: Dò mật khẩu
  entity: src_ip
`

const guessed = `title: Guessed
id: 8a2b7c55-7d1c-4f67-9b0e-1f5d1c2b3a40
correlation:
  type: temporal_ordered
  rules: [guessing, 6e1cf7a6-5b2e-4a9c-9d4e-3f4a5b6c7d8e]
  group-by: [src_ip]
  timespan: 10m
  generate: true
level: critical
`

func compile(t testing.TB, texts ...string) *Set {
	t.Helper()
	var files []File
	for i, text := range texts {
		files = append(files, File{Name: fmt.Sprintf("%d.yml", i), Pack: "lachan", Data: []byte(text)})
	}
	set := Compile(files, Options{Mapping: sigma.DefaultMapping()})
	if set.Refused() != 0 || len(set.Rules()) != len(texts) {
		t.Fatalf("%d of %d rules loaded: %v", len(set.Rules()), len(texts), set.Problems())
	}
	return set
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// story shows events to the rules and the hits to a correlator.
type story struct {
	t      *testing.T
	worker *Worker
	c      *Correlator
	n      int
}

func newStory(t *testing.T, o CorrelatorOptions, texts ...string) *story {
	set := compile(t, texts...)
	return &story{t: t, worker: set.NewWorker(), c: set.NewCorrelator(o)}
}

// event shows the next event, "unit host src_ip outcome", of a second after noon
// that arrives later by a delay. It names what was found, as findings does.
func (s *story) event(second int, delay time.Duration, text string) []string {
	s.t.Helper()
	w := strings.Fields(text)
	at := noon.Add(time.Duration(second) * time.Second)
	ev := &event.Event{
		ID: event.BatchID{}.At(s.n), Unit: event.UnitID(w[0]), Input: "test", Peer: w[1], Host: w[1],
		Source: event.Source{Product: "linux", Service: "sshd"}, Time: at, Received: at.Add(delay),
		Fields: []event.Field{{Name: "user", Value: "root"}, {Name: "src_ip", Value: w[2]}, {Name: "outcome", Value: w[3]}},
	}
	s.n++
	var out []string
	for _, r := range s.worker.Match(ev) {
		if r.Correlated {
			h := s.worker.Hit(r, ev)
			out = append(out, findings(s.c.Observe(&h))...)
		}
	}
	return out
}

func (s *story) advance(second int) []string {
	return findings(s.c.Advance(noon.Add(time.Duration(second) * time.Second)))
}

// findings writes "title: unit field=value from-to [events]", seconds after noon.
func findings(found []Finding) []string {
	var out []string
	for _, f := range found {
		var events []int
		for _, ref := range f.Series.Events {
			id, err := event.ParseID(ref)
			if err != nil {
				panic(err)
			}
			events = append(events, int(id[15]))
		}
		out = append(out, fmt.Sprintf("%s: %s %s=%s %v-%v %v", f.Title, f.Unit, f.EntityField, f.EntityValue,
			f.Series.First.Sub(noon).Seconds(), f.Series.Last.Sub(noon).Seconds(), events))
	}
	return out
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("found %q\n want %q", got, want)
	}
}

func TestASeriesSaysWhatHappenedToWhom(t *testing.T) {
	s := newStory(t, CorrelatorOptions{InOrder: true}, wrongPassword, guessing)
	var found []Finding
	for i := range 3 {
		ev := sshEvent(event.Field{Name: "outcome", Value: "failure"}, event.Field{Name: "src_ip", Value: "203.0.113.9"})
		ev.Time, ev.ID = noon.Add(time.Duration(i)*time.Minute), event.BatchID{}.At(i)
		hits := s.worker.Match(ev)
		if len(hits) != 1 || !hits[0].Silent || !hits[0].Correlated {
			t.Fatalf("the rule below fires as %+v, want it once, silent", hits)
		}
		h := s.worker.Hit(hits[0], ev)
		found = append(found, s.c.Observe(&h)...)
	}
	if len(found) != 1 {
		t.Fatalf("%d findings, want 1", len(found))
	}
	f := found[0]
	if f.TitleVi != "Dò mật khẩu" || f.Level != "high" || f.Unit != "so-noi-vu" || f.EntityField != "src_ip" || f.EntityValue != "203.0.113.9" ||
		!slices.Equal(f.Tags, []string{"attack.t1110"}) || f.EventID != (event.BatchID{}).At(2) || !f.Time.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("finding %+v", f)
	}
	g := f.Series
	if g.Value != 3 || !g.First.Equal(noon) || len(g.Events) != 3 || fmt.Sprint(g.Group) != "[{host web01 0} {src_ip 203.0.113.9 0}]" ||
		fmt.Sprint(g.Where) != "[{5b9a3c9e-20f8-4d0a-9a53-3a7c1be3a901 src_ip}]" || g.Key == "" {
		t.Errorf("series %+v", g)
	}
}

func TestUnitsNeverMeet(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(0, 0, "so-y-te web01 10.0.0.1 failure")
	s.event(1, 0, "so-noi-vu web01 10.0.0.1 failure")
	s.event(2, 0, "so-y-te web01 10.0.0.1 failure")
	s.event(3, 0, "so-noi-vu web01 10.0.0.1 failure")
	expect(t, s.advance(10))
	s.event(11, 0, "so-noi-vu web01 10.0.0.1 failure")
	expect(t, s.advance(20), "Many failures: so-noi-vu src_ip=10.0.0.1 1-11 [1 3 4]")
}
