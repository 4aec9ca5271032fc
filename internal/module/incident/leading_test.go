package incident

import (
	"context"
	"encoding/json"
	"slices"
	"testing"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// hear delivers the fact of an accepted hand-over.
func (f *fixture) hear(h handedOver) {
	f.t.Helper()
	body, err := json.Marshal(h)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.Module().On[factHandover](context.Background(), module.Fact{ID: "f1", Kind: factHandover, Body: body}); err != nil {
		f.t.Fatal(err)
	}
}

func TestAnAcceptedHandoverChangesWhoLeads(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		i := f.opened(analyst, Opening{Facts: Facts{TLP: Amber, Lead: "lan"}})
		if _, err := f.Share(coordinator, i.ID, Share{Unit: "so-noi-vu", Part: PartSummary, TLP: Amber}); err != nil {
			t.Fatal(err)
		}
		h := handedOver{ID: "h1", Subject: module.Subject{Kind: "incident", ID: i.ID}, From: Leading{Kind: "unit", ID: "so-y-te", Name: "Sở Y tế"},
			To: Leading{Kind: "unit", ID: "so-noi-vu", Name: "Sở Nội vụ"}, Reason: "Hệ thống của Sở Nội vụ", At: f.clock, By: "hoa"}
		f.hear(h)
		f.hear(h) // facts come at least once
		now := f.now(i)
		if now.Lead != "hoa" || now.Leading.ID != "so-noi-vu" || now.Leading.Name != "Sở Nội vụ" {
			t.Errorf("leads: %q %+v", now.Lead, now.Leading)
		}
		seen, sight, err := f.Get(stranger, i.ID)
		if err != nil || sight.Summary || !sight.Shows(Amber) {
			t.Errorf("the unit that leads sees: %v %+v", err, sight)
		}
		if d := f.detail(module.PrincipalOf(stranger), naming{}, &seen, sight); d.Leading == nil || d.Leading.Name != "Sở Nội vụ" {
			t.Errorf("shown: %+v", d.Leading)
		}
		entries, _ := f.Timeline(officer, i.ID)
		if n := len(slices.DeleteFunc(kinds(entries), func(k string) bool { return k != "handover" })); n != 1 {
			t.Errorf("noted %d times", n)
		}
		if n := f.notices(); !slices.Contains(n, "incident.assigned to lan") {
			t.Errorf("told: %v", n)
		}
		// Of a force somebody at the centre's end goes on.
		f.hear(handedOver{ID: "h2", Subject: h.Subject, From: h.To, To: Leading{Kind: "force", ID: "police", Name: "Công an tỉnh"}, Reason: "Có dấu hiệu tội phạm", At: f.clock, By: "an"})
		if now = f.now(i); now.Lead != "hoa" || now.Leading.Kind != "force" || now.Leading.Name != "Công an tỉnh" {
			t.Errorf("after the second: %q %+v", now.Lead, now.Leading)
		}
		// Who had read it before the hand-over does not undo it.
		if _, err := f.Change(analyst, i.ID, patchOf(t, `{"lead": "minh"}`), 1); code(err) != "incident.changed" {
			t.Errorf("a change made on the version before: %v", err)
		}
		for name, other := range map[string]module.Subject{"of another kind": {Kind: "warning", ID: i.ID}, "that does not exist": {Kind: "incident", ID: "x"}} {
			h := h
			h.ID, h.Subject = name, other
			f.hear(h)
		}
		if again := f.now(i); again.Version != now.Version {
			t.Error("a hand-over of something else changed it")
		}
	})
}
