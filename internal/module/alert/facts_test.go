package alert

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// told returns the facts told so far, in their order, and marks them told.
func (f *fixture) told() (out []string, bodies []Told) {
	f.t.Helper()
	on := map[module.FactKind]func(context.Context, module.Fact) error{}
	for _, kind := range []module.FactKind{FactOpened, FactAssigned, FactAcknowledged, FactClosed, FactReopened} {
		on[kind] = func(_ context.Context, x module.Fact) error {
			var body Told
			if err := json.Unmarshal(x.Body, &body); err != nil {
				return err
			}
			if body.Unit != x.Unit {
				f.t.Errorf("a fact of %s tells of %s", x.Unit, body.Unit)
			}
			out, bodies = append(out, string(kind)), append(bodies, body)
			return nil
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	last := module.Module{On: map[module.FactKind]func(context.Context, module.Fact) error{
		"test.last": func(context.Context, module.Fact) error { cancel(); return nil },
	}}
	o := module.NewOutbox(f.db, slog.New(slog.DiscardHandler), []module.Module{{On: on}, last})
	err := f.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return o.Emit(ctx, tx, "test.last", "", []byte("{}"))
	})
	if err == nil {
		err = o.Run(ctx)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return out, bodies
}

func TestANewAlertIsToldOnceAndItsFindingsAreNot(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		f.record(f.at(0), f.at(time.Second), f.at(0, func(x *detect.Finding) { x.EntityValue = `web "02"\` }))
		f.record(f.at(2 * time.Second))
		kinds, bodies := f.told()
		if fmt.Sprint(kinds) != "[alert.opened alert.opened]" {
			t.Fatalf("told %v", kinds)
		}
		if b := bodies[1]; b.Entity != (ToldEntity{"host", `web "02"\`}) || b.RuleID != "rule-1" || b.TitleVi != "Đăng nhập sai" || b.Level != "high" || b.ID == "" {
			t.Errorf("%+v", b)
		}
	})
}

func TestAnAlertThatIsUndoneWasNeverTold(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	err := f.db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := f.Record(ctx, tx, []detect.Finding{f.at(0)}); err != nil {
			t.Fatal(err)
		}
		return context.Canceled
	})
	if kinds, _ := f.told(); err == nil || len(kinds) != 0 {
		t.Errorf("told %v, %v", kinds, err)
	}
}

func TestWhatPeopleDoIsTold(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db)
		id := f.record(f.at(0))[0].ID
		for i, c := range []Change{
			{Assignee: ptr("lan"), Status: ptr(StatusInProgress)},
			{Note: ptr("đang xem")},
			{Status: ptr(StatusClosed), Reason: ptr(ReasonBenign)},
			{Status: ptr(StatusInProgress)},
		} {
			if _, err := f.Change(centre, id, int64(i+1), c); err != nil {
				t.Fatal(err)
			}
		}
		kinds, bodies := f.told()
		want := "[alert.opened alert.assigned alert.acknowledged alert.closed alert.reopened]"
		if fmt.Sprint(kinds) != want {
			t.Fatalf("told %v, want %v", kinds, want)
		}
		if b := bodies[3]; b.Reason != "benign" || b.By != "lan" || b.Assignee != "lan" {
			t.Errorf("%+v", b)
		}
	})
}

func TestASignalIsToldWhenItIsRaisedAndWhenItIsOver(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.raised(silent())
	f.raised(silent())
	f.settled(silent())
	kinds, bodies := f.told()
	if fmt.Sprint(kinds) != "[alert.opened alert.closed]" || bodies[0].Signal != "source.silent" || bodies[1].Reason != "settled" {
		t.Errorf("told %v %+v", kinds, bodies)
	}
}
