package rule

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// slow is a history that runs until it is let go.
type slow struct {
	begun  chan Trial
	finish chan error
}

func (h *slow) Try(ctx context.Context, t Trial, progress func(float64, int64)) (*TrialResult, error) {
	progress(0.5, 3)
	h.begun <- t
	select {
	case err := <-h.finish:
		return &TrialResult{Findings: 7}, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type rules struct{ *detect.Set }

func (r rules) Current() (*detect.Set, time.Time)           { return r.Set, time.Time{} }
func (r rules) Reload(context.Context) (*detect.Set, error) { return r.Set, nil }
func (r rules) Switched()                                   {}

// serve runs the trials of a service until the test ends.
func serve(t *testing.T) (*Service, *slow) {
	t.Helper()
	db := sqldbtest.SQLite(t)
	if err := sqldb.Migrate(context.Background(), db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	h := &slow{begun: make(chan Trial, 10), finish: make(chan error)}
	s := New(Options{DB: db, Trail: module.NewTrail(db), Catalogue: rules{detect.Compile(nil, detect.Options{})}, History: h,
		Log: slog.New(slog.DiscardHandler), Now: time.Now})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.runTrials(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s, h
}

func as(id string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: id, Name: id, Role: role, Unit: unit})
}

func month() Trial {
	to := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	return Trial{Text: "title: x\n", From: to.AddDate(0, 0, -30), To: to}
}

// until waits for a trial to come into a state.
func until(t *testing.T, ctx context.Context, s *Service, id string, want TrialState) TrialJob { //nolint:revive // t first
	t.Helper()
	for range 2000 {
		j, err := s.Trial(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if j.State == want {
			return j
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("trial %s does not become %s", id, want)
	return TrialJob{}
}

func TestTrialFromStartToResult(t *testing.T) {
	s, h := serve(t)
	ctx := as("an", module.RoleAnalyst, "so-y-te")
	j, err := s.StartTrial(ctx, month())
	if err != nil || j.State != TrialQueued {
		t.Fatalf("%+v, %v", j, err)
	}
	asked := <-h.begun
	if asked.Samples != trialSamples || !asked.Scope.Sees("so-y-te") || asked.Scope.Sees("so-noi-vu") {
		t.Errorf("asked for %+v", asked)
	}
	if now := until(t, ctx, s, j.ID, TrialRunning); now.Share != 0.5 || now.Found != 3 {
		t.Errorf("under way: %+v", now)
	}
	h.finish <- nil
	over := until(t, ctx, s, j.ID, TrialDone)
	if over.Result == nil || over.Result.Findings != 7 || over.Share != 1 || over.Ended.IsZero() {
		t.Errorf("over: %+v", over)
	}
	if _, err := s.Trial(as("binh", module.RoleAdministrator, event.CentreUnit), j.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody else's trial: %v", err)
	}
	if err := s.CancelTrial(ctx, j.ID); err != nil {
		t.Error(err)
	}
	if _, err := s.Trial(ctx, j.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a forgotten trial: %v", err)
	}
}

func TestTrialsOfOnePersonAreFew(t *testing.T) {
	s, h := serve(t)
	ctx := as("an", module.RoleAnalyst, event.CentreUnit)
	first, err := s.StartTrial(ctx, month())
	if err != nil {
		t.Fatal(err)
	}
	<-h.begun
	second, err := s.StartTrial(ctx, month())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.StartTrial(ctx, month()); fault.KindOf(err) != fault.Busy {
		t.Errorf("a third at a time: %v", err)
	}
	// Somebody else may, and waits in line.
	other := as("binh", module.RoleAnalyst, event.CentreUnit)
	if _, err := s.StartTrial(other, month()); err != nil {
		t.Error(err)
	}
	// Who cancels frees a place, and the run ends.
	if err := s.CancelTrial(ctx, first.ID); err != nil {
		t.Fatal(err)
	}
	<-h.begun
	until(t, ctx, s, second.ID, TrialRunning)
	if _, err := s.StartTrial(ctx, month()); err != nil {
		t.Error(err)
	}
}

func TestTrialThatFailsSaysWhy(t *testing.T) {
	s, h := serve(t)
	ctx := as("an", module.RoleAnalyst, event.CentreUnit)
	for _, tc := range []struct {
		err  error
		code string
	}{
		{fault.New(fault.Invalid, "the list has no indicator").WithCode("x"), "x"},
		{errors.New("secret place on the disk"), "internal"},
		{context.DeadlineExceeded, "rule-test.too-slow"},
	} {
		j, err := s.StartTrial(ctx, month())
		if err != nil {
			t.Fatal(err)
		}
		<-h.begun
		h.finish <- tc.err
		j = until(t, ctx, s, j.ID, TrialFailed)
		if v := newTrialView(&j); v.ErrorCode != tc.code || v.Error == "" || v.Error == "secret place on the disk" {
			t.Errorf("%v: %+v", tc.err, v)
		}
	}
}

func TestTrialsThatAreRefused(t *testing.T) {
	s, _ := serve(t)
	analyst := as("an", module.RoleAnalyst, event.CentreUnit)
	long := month()
	long.Text = string(make([]byte, maxRuleText+1))
	both := month()
	both.RuleID = "x"
	unknown := Trial{RuleID: "x", From: month().From, To: month().To}
	upside := month()
	upside.From, upside.To = upside.To, upside.From
	for name, tc := range map[string]struct {
		ctx  context.Context
		ask  Trial
		want fault.Kind
	}{
		"by nobody":         {context.Background(), month(), fault.Unauthenticated},
		"by a sender":       {as("nxlog", module.RoleIngest, "so-y-te"), month(), fault.Denied},
		"for nothing":       {analyst, Trial{From: month().From, To: month().To}, fault.Invalid},
		"for two things":    {analyst, both, fault.Invalid},
		"of a huge rule":    {analyst, long, fault.Invalid},
		"of an unknown":     {analyst, unknown, fault.NotFound},
		"of a broken range": {analyst, upside, fault.Invalid},
	} {
		if _, err := s.StartTrial(tc.ctx, tc.ask); fault.KindOf(err) != tc.want {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
}

func TestTrialsDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		list := newTrials()
		add := func(id string, ended time.Time) error {
			return list.add(&trialJob{owner: id, TrialJob: TrialJob{ID: id, Ended: ended}}, time.Now())
		}
		for i := range maxTrials {
			if err := add(module.NewID(), time.Now().Add(time.Duration(i)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		if err := add("one more", time.Time{}); err != nil || len(list.jobs) != maxTrials {
			t.Errorf("%v, %d kept; want the one that ended first to go", err, len(list.jobs))
		}
		time.Sleep(trialKeep + 2*maxTrials*time.Second)
		if err := add("later", time.Time{}); err != nil || len(list.jobs) != 2 {
			t.Errorf("%v, %d kept; want those that are over for long to go", err, len(list.jobs))
		}
	})
}
