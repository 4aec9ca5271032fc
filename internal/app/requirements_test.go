package app

import (
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/requirement"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
)

// What a unit sends tells by itself how its systems stand, and that its feeds are
// there; of a unit that sends nothing there is nothing to tell it by.
func TestMeasuresComeFromWhatUnitsSend(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"so-y-te", "so-noi-vu"} {
		w.admin.must("POST", apiPath+"/units", map[string]any{"id": id, "name": id})
	}
	at := time.Now()
	stamp := at.UTC().Format("2006-01-02T15:04:05.000000Z")
	b := &event.Batch{ID: event.NewBatchID(at), Unit: "so-y-te", Input: "syslog", Peer: "192.0.2.1", Received: at, Records: []event.Record{
		{Data: []byte("<86>1 " + stamp + " may1 clamd 812 - - /tmp/eicar.com: Win.Test.EICAR_HDB-1 FOUND")},
		{Data: []byte("<86>1 " + stamp + " may2 restic 813 - - snapshot 1a2b3c4d saved")},
		{Data: []byte(`{"time": "` + stamp + `", "category": "SignInLogs", "properties": {"authenticationRequirement": "multiFactorAuthentication"}}`)},
	}}
	if _, err := w.n.Sink().Put(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if err := w.n.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx := module.WithPrincipal(t.Context(), module.System())
	m := requirementMeasures{w.n.store.Lake, w.n.modules.sources, func() *vulnerability.Service { return w.n.modules.findings }, time.Now}
	found, err := m.Measure(ctx, []requirement.System{{ID: "a", Unit: "so-noi-vu", Operator: "so-y-te"}, {ID: "b", Unit: "so-noi-vu"}})
	if err != nil {
		t.Fatal(err)
	}
	readings := func(system string) map[string]requirement.Reading {
		out := map[string]requirement.Reading{}
		for _, r := range found[system] {
			out[r.Measure] = r
		}
		return out
	}
	a, other := readings("a"), readings("b")
	for measure, least := range map[string]float64{"log-sources": 1, "log-days": 30, "antivirus-hosts": 1, "mfa-sign-ins": 1} {
		if r := a[measure]; !r.Known || r.Value < least || r.Unit != "so-y-te" {
			t.Errorf("%s: %+v", measure, r)
		}
	}
	for _, measure := range []string{"silent-sources", "backup-age"} {
		if r := a[measure]; !r.Known || r.Value != 0 {
			t.Errorf("%s: %+v", measure, r)
		}
	}
	for measure, r := range other {
		if r.Known && measure != "log-sources" {
			t.Errorf("a unit that sends nothing: %s %+v", measure, r)
		}
	}
	feeds, err := readinessFeeds{w.n.store.Lake, time.Now}.Heard(ctx, []event.UnitID{"so-y-te", "so-noi-vu"})
	if err != nil {
		t.Fatal(err)
	}
	if f := feeds["so-y-te"]; f.Monitoring.IsZero() || f.Malware.IsZero() {
		t.Errorf("feeds of a unit that sends: %+v", f)
	}
	if f := feeds["so-noi-vu"]; !f.Monitoring.IsZero() || !f.Malware.IsZero() {
		t.Errorf("feeds of a unit that sends nothing: %+v", f)
	}
}
