package agenda

import (
	"context"
	"encoding/json"
	"io/fs"
	"log/slog"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// clockwork is a calendar of evidence on a real store, and what people are told of it.
type clockwork struct {
	t     *testing.T
	db    *bun.DB
	now   time.Time
	dates []Date
}

func (c *clockwork) due(_ context.Context, r Range) (out []Date, more bool, err error) {
	for _, d := range c.dates {
		if d.Day >= r.From && d.Day <= r.To {
			out = append(out, d)
		}
	}
	return out, false, nil
}

// started is the service as a process starts it.
func (c *clockwork) started() *Service {
	return New(Options{DB: c.db, Units: names{}, Sources: []Source{{"evidence", module.ActionRequirementRead, c.due}, {"finding", module.ActionAssessmentRead, func(context.Context, Range) ([]Date, bool, error) { return nil, false, nil }}},
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return c.now }})
}

// tells looks on a day and returns what is told anew.
func (c *clockwork) tells(s *Service, day string) (said []string) {
	c.t.Helper()
	at, err := time.Parse(time.RFC3339, day+"T09:00:00+07:00")
	if err != nil {
		c.t.Fatal(err)
	}
	c.now = at
	if _, err := c.db.NewRaw("DELETE FROM facts").Exec(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	if err := s.Remind(context.Background()); err != nil {
		c.t.Fatal(err)
	}
	var rows []struct{ Unit, Body string }
	if err := c.db.NewRaw("SELECT unit, body FROM facts WHERE kind = ? ORDER BY id", string(module.FactNotice)).Scan(context.Background(), &rows); err != nil {
		c.t.Fatal(err)
	}
	for _, r := range rows {
		var n module.Notice
		if err := json.Unmarshal([]byte(r.Body), &n); err != nil {
			c.t.Fatal(err)
		}
		if !slices.Equal(n.Told, []module.Recipient{{Who: "unit-role", ID: "security-officer"}}) {
			c.t.Errorf("told are %v", n.Told)
		}
		said = append(said, r.Unit+" "+n.TitleVi+" "+n.Object)
	}
	return said
}

func onBoth(t *testing.T, test func(t *testing.T, c *clockwork)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		c := &clockwork{t: t, db: db}
		for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "agenda": c.started().Module()} {
			if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
				t.Fatal(err)
			}
		}
		test(t, c)
	})
}

func TestPeopleAreRemindedOnceAtEachDistance(t *testing.T) {
	onBoth(t, func(t *testing.T, c *clockwork) {
		c.dates = []Date{{Day: "2026-12-31", Unit: "so-y-te", Vi: "Chứng thư", State: Waiting, Subject: module.Subject{Kind: "dossier", ID: "d1"}, Key: "f1"}}
		s := c.started()
		for _, look := range []struct{ day, want string }{
			{"2026-11-30", ""},
			{"2026-12-01", "so-y-te Còn 30 ngày (31/12/2026): Chứng thư dossier:d1"},
			{"2026-12-01", ""},
			{"2026-12-20", ""},
			{"2026-12-26", "so-y-te Còn 5 ngày (31/12/2026): Chứng thư dossier:d1"}, // it was not looked on the 24th
			{"2026-12-31", "so-y-te Hôm nay: Chứng thư dossier:d1"},
			{"2027-01-05", ""},
		} {
			want := []string{look.want}
			if look.want == "" {
				want = nil
			}
			if got := c.tells(s, look.day); !slices.Equal(got, want) {
				t.Errorf("on %s: %q, want %q", look.day, got, look.want)
			}
		}
		s = c.started()
		if got := c.tells(s, "2027-01-05"); got != nil {
			t.Errorf("told again after a restart: %q", got)
		}
	})
}

func TestDatesOfAUnitAndADayAreToldTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, c *clockwork) {
		for _, key := range []string{"f1", "f2", "f3"} {
			c.dates = append(c.dates, Date{Day: "2026-12-31", Unit: "so-y-te", Vi: "Tệp " + key, State: Waiting, Subject: module.Subject{Kind: "dossier", ID: "d1"}, Key: key})
		}
		c.dates = append(c.dates, Date{Day: "2026-12-31", Unit: "so-noi-vu", Vi: "Tệp", State: Waiting, Subject: module.Subject{Kind: "dossier", ID: "d2"}},
			Date{Day: "2026-12-31", Unit: "so-noi-vu", Vi: "Xong", State: Done, Subject: module.Subject{Kind: "dossier", ID: "d3"}})
		want := []string{"so-y-te Còn 7 ngày (31/12/2026): 3 minh chứng hết giá trị agenda:2026-12-31/evidence", "so-noi-vu Còn 7 ngày (31/12/2026): Tệp dossier:d2"}
		s := c.started()
		if got := c.tells(s, "2026-12-24"); !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		c.dates = append(c.dates, Date{Day: "2026-12-31", Unit: "so-y-te", Vi: "Tệp mới", State: Waiting, Subject: module.Subject{Kind: "dossier", ID: "d1"}, Key: "f4"})
		if got := c.tells(s, "2026-12-24"); !slices.Equal(got, []string{"so-y-te Còn 7 ngày (31/12/2026): Tệp mới dossier:d1"}) {
			t.Errorf("of one that came later: %q", got)
		}
	})
}

func reminders(text string) fs.FS {
	return fstest.MapFS{"reminders.yaml": {Data: []byte(text)}}
}

func TestATableOfRemindersIsChecked(t *testing.T) {
	for _, text := range []string{
		"- {kind: x, before: [7, 30], roles: [a], vi: x, en: x}", // not from the farthest
		"- {kind: x, before: [], roles: [a], vi: x, en: x}",
		"- {kind: x, before: [1], roles: [], vi: x, en: x}",
		"- {kind: x, before: [1], roles: [a], vi: x, en: x, more: 1}",
		"- {kind: x, before: [4000], roles: [a], vi: x, en: x}",
	} {
		if _, err := ReadReminders(reminders(text)); err == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}

func FuzzReadReminders(f *testing.F) {
	shipped, err := fs.ReadFile(Files(), "reminders.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(shipped))
	f.Add("- {kind: x, before: [7, -1], roles: [a], vi: x, en: x}")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadReminders(reminders(text))
		if err != nil {
			return
		}
		for _, r := range list {
			if _, ok := r.stage("2026-12-31", "2020-01-01"); ok {
				t.Errorf("%v is due six years before", r.Before)
			}
		}
	})
}
