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
	found  []string
}

func newStory(t *testing.T, o CorrelatorOptions, texts ...string) *story {
	set := compile(t, texts...)
	return &story{t: t, worker: set.NewWorker(), c: set.NewCorrelator(o)}
}

// event shows the next event, "unit host src_ip outcome", of a second after noon
// that arrives later by a delay.
func (s *story) event(second int, delay time.Duration, text string) {
	s.t.Helper()
	w := strings.Fields(text)
	at := noon.Add(time.Duration(second) * time.Second)
	ev := &event.Event{
		ID: event.BatchID{}.At(s.n), Unit: event.UnitID(w[0]), Input: "test", Peer: w[1], Host: w[1],
		Source: event.Source{Product: "linux", Service: "sshd"}, Time: at, Received: at.Add(delay),
		Fields: []event.Field{{Name: "user", Value: "root"}, {Name: "src_ip", Value: w[2]}, {Name: "outcome", Value: w[3]}},
	}
	s.n++
	for _, r := range s.worker.Match(ev) {
		if r.Correlated {
			h := s.worker.Hit(r, ev)
			s.found = append(s.found, findings(s.c.Observe(&h))...)
		}
	}
}

// advance lets the time pass and returns what was found since the last time, as
// findings writes it.
func (s *story) advance(second int) []string {
	found := append(s.found, findings(s.c.Advance(noon.Add(time.Duration(second)*time.Second)))...)
	s.found = nil
	return found
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

func TestLogsOfSeveralMachinesComeIntoOrder(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, rootLogin, wrongPassword, guessing, guessed)
	s.event(0, time.Second, "u web01 10.0.0.1 failure")
	s.event(4, time.Second, "u web02 10.0.0.1 success") // arrives before what happened before it
	s.event(1, 4*time.Second, "u web01 10.0.0.1 failure")
	s.event(2, 4*time.Second, "u web01 10.0.0.1 failure")
	expect(t, s.advance(20),
		"Many failures: u src_ip=10.0.0.1 0-2 [0 2 3]",
		"Guessed: u src_ip=10.0.0.1 0-4 [0 2 3 1]")
}

func TestAHitThatIsALittleLateStillCounts(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(100, 0, "u web01 10.0.0.1 failure")
	s.event(160, 0, "u web01 10.0.0.1 failure")
	s.advance(170)
	// Its clock is two minutes behind.
	s.event(40, 2*time.Minute, "u web01 10.0.0.1 failure")
	expect(t, s.advance(180), "Many failures: u src_ip=10.0.0.1 40-165 [0 1 2]")
	if st := s.c.Stats(); st.Shifted != 1 || st.Late != 0 {
		t.Errorf("%+v, want one shifted", st)
	}
}

func TestAClockInTheFutureMakesNobodyLate(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(0, 0, "u web01 10.0.0.1 failure")
	s.event(90_000, -89_999*time.Second, "u web01 10.0.0.1 failure") // arrives at second 1
	s.event(2, 0, "u web01 10.0.0.1 failure")
	expect(t, s.advance(20), "Many failures: u src_ip=10.0.0.1 0-90000 [0 1 2]")
}

func TestABacklogIsCorrelatedWithItself(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(7200, 0, "u web02 10.0.0.1 failure")
	for i := range 3 { // what web01 could not send for two hours
		s.event(i, 2*time.Hour, "u web01 10.0.0.1 failure")
	}
	expect(t, s.advance(7220), "Many failures: u src_ip=10.0.0.1 0-2 [1 2 3]")
	s.event(7221, 0, "u web02 10.0.0.1 failure")
	expect(t, s.advance(7230)) // of another machine: the group has the host
	if st := s.c.Stats(); st.Late != 0 {
		t.Errorf("%+v", st)
	}
}

func TestAnOlderRecordingAfterANewerOneIsNotLate(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	const day = 86_400
	for recording := range 6 { // one sender sends six days, the newest first
		for i := range 3 {
			s.event(-recording*day+i, time.Duration(recording+1)*24*time.Hour, "u web01 10.0.0.1 failure")
		}
	}
	found := s.advance(day + 60)
	if st := s.c.Stats(); len(found) != 6 || st.Late != 0 || st.Lanes > maxSenderLanes {
		t.Errorf("found %q, %+v; want a series a day", found, st)
	}
}

// The lane of the unit is far ahead when blocks come that waited elsewhere.
func TestWhatIsFarBehindTheOthersIsNotLost(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(3600, 0, "u web02 10.0.0.1 failure")
	s.advance(3660)
	for i := range 3 {
		s.event(i, time.Second, "u web01 10.0.0.1 failure")
	}
	expect(t, s.advance(3670), "Many failures: u src_ip=10.0.0.1 0-2 [1 2 3]")
}

func TestRecordedLogsEnd(t *testing.T) {
	const pair = "title: Twice\nid: 3f0d2f1c-5c35-4b43-8d1c-2b8a3a4f5e60\ncorrelation:\n  type: event_count\n  rules: [wrong_password]\n  timespan: 1m\n  condition: {eq: 2}\n"
	s := newStory(t, CorrelatorOptions{InOrder: true}, wrongPassword, pair)
	s.event(0, 24*time.Hour, "u web01 10.0.0.1 failure")
	s.event(1, 24*time.Hour, "u web02 10.0.0.2 failure")
	expect(t, findings(s.c.End()), "Twice: u unit=u 0-1 [0 1]")
	expect(t, findings(s.c.End()))
}

func TestMemoryIsBoundedAndWhoFloodsPays(t *testing.T) {
	s := newStory(t, CorrelatorOptions{MaxEvents: 50}, wrongPassword, guessing)
	s.event(0, 0, "quiet web01 10.0.0.1 failure")
	s.event(1, 0, "quiet web01 10.0.0.1 failure")
	for i := range 200 {
		s.event(2+i/10, 0, fmt.Sprintf("loud web01 10.0.%d.%d failure", i/100, i%100))
	}
	s.advance(30)
	if st := s.c.Stats(); st.Events > 50 || st.Evicted != 152 {
		t.Errorf("%+v, want at most 50 events and 152 groups evicted", st)
	}
	s.event(31, 0, "quiet web01 10.0.0.1 failure")
	expect(t, s.advance(40), "Many failures: quiet src_ip=10.0.0.1 0-31 [0 1 202]")
}

func TestLanesAreBoundedAndEnd(t *testing.T) {
	s := newStory(t, CorrelatorOptions{MaxLanes: 10}, wrongPassword, guessing)
	for i := range 30 {
		s.event(i, 0, fmt.Sprintf("unit%d web01 10.0.0.1 failure", i))
	}
	if st := s.c.Stats(); st.Lanes != 10 {
		t.Errorf("%d lanes, want 10", st.Lanes)
	}
	s.advance(1000)
	if st := s.c.Stats(); st.Lanes != 0 || st.Events != 0 || st.Groups != 0 {
		t.Errorf("%+v, want nothing held when all time is over", st)
	}
}

func TestARestoredCorrelatorGoesOn(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(0, 0, "u web01 10.0.0.1 failure")
	s.event(1, 0, "v web01 10.0.0.1 failure")
	s.event(2, 2*time.Hour, "u web03 10.0.0.1 failure")
	s.advance(3)
	s.event(4, 0, "u web01 10.0.0.1 failure")
	state, err := s.c.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	again := s.c.Set().NewCorrelator(CorrelatorOptions{})
	if err := again.Restore(state); err != nil {
		t.Fatal(err)
	}
	if got, want := again.Stats(), s.c.Stats(); got != want {
		t.Errorf("holds %+v, want %+v", got, want)
	}
	second, err := again.Snapshot()
	if err != nil || string(second) != string(state) {
		t.Errorf("%v: the state of the restored one differs:\n%s\n%s", err, second, state)
	}
	s.c = again
	s.event(5, 0, "u web01 10.0.0.1 failure")
	expect(t, s.advance(20), "Many failures: u src_ip=10.0.0.1 0-5 [0 3 4]")
}

func TestADamagedStateIsRefusedAndTheOldOneStays(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(0, 0, "u web01 10.0.0.1 failure")
	s.event(1, 0, "u web01 10.0.0.1 failure")
	for _, state := range []string{"", "{", `{"version":2}`, `{"version":1,"lanes":[{"unit":"u","state":{}}]}`, `{"version":1,"lanes":[{"unit":"u"}]}`} {
		if err := s.c.Restore([]byte(state)); err == nil {
			t.Errorf("%q was taken", state)
		}
	}
	s.event(2, 0, "u web01 10.0.0.1 failure")
	expect(t, s.advance(20), "Many failures: u src_ip=10.0.0.1 0-2 [0 1 2]")
}

func TestOtherRulesKeepTheStateOfUnchangedCorrelations(t *testing.T) {
	s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
	s.event(0, 0, "u web01 10.0.0.1 failure")
	s.event(1, 0, "u web01 10.0.0.1 failure")
	old := s.worker
	if err := s.c.Carry(compile(t, rootLogin, wrongPassword, guessing)); err != nil {
		t.Fatal(err)
	}
	s.event(2, 0, "u web01 10.0.0.1 failure") // still matched by the old rules
	expect(t, s.advance(20), "Many failures: u src_ip=10.0.0.1 0-2 [0 1 2]")

	s.worker = s.c.Set().NewWorker()
	s.event(21, 0, "u web01 10.0.0.1 failure")
	s.event(22, 0, "u web01 10.0.0.1 failure")
	expect(t, s.advance(30))
	if err := s.c.Carry(compile(t, wrongPassword, strings.Replace(guessing, "gte: 3", "gte: 2", 1))); err != nil {
		t.Fatal(err)
	}
	s.worker = old
	s.event(33, 0, "u web01 10.0.0.1 failure")
	expect(t, s.advance(40)) // changed: it starts afresh
	s.event(41, 0, "u web01 10.0.0.1 failure")
	expect(t, s.advance(60), "Many failures: u src_ip=10.0.0.1 33-41 [5 6]")
}

// Two steps forward are as good as one, wherever the lanes are.
func TestTimeMayPassInAnySteps(t *testing.T) {
	run := func(steps ...int) []string {
		s := newStory(t, CorrelatorOptions{}, wrongPassword, guessing)
		s.event(0, 0, "u web01 10.0.0.1 failure")
		s.event(1, time.Hour, "u web02 10.0.0.1 failure")
		s.event(3, 0, "u web01 10.0.0.1 failure")
		s.event(2, time.Hour, "u web02 10.0.0.1 failure")
		s.event(3, time.Hour, "u web02 10.0.0.1 failure")
		s.event(4, 0, "u web01 10.0.0.1 failure")
		var found []string
		for _, at := range steps {
			found = append(found, s.advance(at)...)
		}
		state, err := s.c.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(found)
		return append(found, string(state))
	}
	expect(t, run(1, 5, 7, 30, 400, 5000, 8000), run(8000)...)
	expect(t, run(1, 3, 30), run(30)...)
}

// What Restore is given may come from a damaged database.
func FuzzRestore(f *testing.F) {
	set := Compile([]File{{Name: "a.yml", Data: []byte(wrongPassword)}, {Name: "b.yml", Data: []byte(guessing)}}, Options{})
	c := set.NewCorrelator(CorrelatorOptions{})
	for i := range 2 {
		c.Observe(&Hit{RuleID: "5b9a3c9e-20f8-4d0a-9a53-3a7c1be3a901", Unit: "u", Time: noon.Add(time.Duration(i) * 6 * time.Second), Received: noon.Add(time.Minute),
			Fields: []sigma.Field{{Name: "host", Value: "h"}, {Name: "src_ip", Value: "1"}}, Ref: "r"})
	}
	state, err := c.Snapshot()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(state)
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c := set.NewCorrelator(CorrelatorOptions{MaxEvents: 10})
		if c.Restore(data) != nil {
			return
		}
		c.Observe(&Hit{RuleID: "5b9a3c9e-20f8-4d0a-9a53-3a7c1be3a901", Unit: "u", Time: noon, Received: noon})
		c.Advance(noon.Add(time.Hour))
		if _, err := c.Snapshot(); err != nil {
			t.Error(err)
		}
		c.End()
	})
}

// One hit from the event to the group it belongs to: a thousand addresses that fail
// now and then, and no series.
func BenchmarkCorrelate(b *testing.B) {
	set := compile(b, wrongPassword, guessing)
	w, c := set.NewWorker(), set.NewCorrelator(CorrelatorOptions{})
	ev := sshEvent(event.Field{Name: "user", Value: "root"}, event.Field{Name: "outcome", Value: "failure"}, event.Field{Name: "src_ip"},
		event.Field{Name: "message", Value: "Failed password for root from 203.0.113.9 port 41234 ssh2"})
	rule := set.Rules()[0]
	var addresses [1000]string
	for i := range addresses {
		addresses[i] = fmt.Sprintf("203.0.%d.%d", i/250, i%250)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		ev.Fields[2].Value = addresses[n%len(addresses)]
		ev.Time = noon.Add(time.Duration(n) * 200 * time.Millisecond) // each address every 200 s
		ev.Received = ev.Time
		n++
		h := w.Hit(rule, ev)
		if found := c.Observe(&h); len(found) > 0 {
			b.Fatal(found)
		}
	}
}
