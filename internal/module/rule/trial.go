package rule

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// History runs rules over the events that are stored.
type History interface {
	// Try looks for what t says and returns what it found, or early when ctx ends.
	// progress is called now and then, by one goroutine at a time, with how much of
	// the work is done and how much was found. Errors: Invalid for a text that is
	// neither a rule nor a list, NotFound for a rule that is not loaded, Busy.
	Try(ctx context.Context, t Trial, progress func(share float64, found int64)) (*TrialResult, error)
}

// Trial is what to look for among stored events: one of Text, RuleID and Indicators.
type Trial struct {
	Text       string // YAML of a rule that is not in force
	RuleID     string // of a loaded rule
	Indicators string // a list of them
	Scope      lake.Scope
	From, To   time.Time
	Samples    int
}

// TrialResult is what was found. Where the text was refused there is nothing but
// Problems.
type TrialResult struct {
	Findings     int64
	Days         []TrialDay
	Rules        []TrialCount
	Indicators   []TrialIndicator
	Samples      []TrialSample // the newest first
	AlertsADay   float64       // that the rule would have given
	SpanDays     float64       // AlertsADay is their average
	Scanned      int64
	Candidates   int64
	Uncorrelated int64 // events that a correlation rule did not see, of too many
	Took         time.Duration
	Warnings     []string
	Problems     []TrialProblem
}

// TrialDay counts the findings of a day.
type TrialDay struct {
	Date  time.Time
	Count int64
}

// TrialCount counts the findings of a rule.
type TrialCount struct {
	ID, Title, TitleVi, Level string
	Count                     int64
}

// TrialIndicator counts the findings of an indicator.
type TrialIndicator struct {
	Line              int
	Kind, Value, Note string
	Count             int64
}

// TrialSample is one event found, or a series of events.
type TrialSample struct {
	Time       time.Time
	Row        *lake.Row // nil of a series
	Rules      []string
	Indicators []string
	Fields     []TrialField
	Series     *TrialSeries
}

// TrialField is a field of an event and what of it was matched.
type TrialField struct {
	Name, Value   string
	Null, Matched bool
	Ranges        []module.CharacterRange
}

// TrialSeries is what a correlation rule found.
type TrialSeries struct {
	Unit        event.UnitID
	Value       float64
	First, Last time.Time
	Group       []event.Field
	Events      []string // ids
}

// TrialProblem is what is wrong with a rule or a line of a list.
type TrialProblem struct {
	Line, Column   int
	Reason, Remedy string
	Refused        bool // the rule does not load
}

// TrialState is how far a trial is.
type TrialState string

// The states of a trial.
const (
	TrialQueued    TrialState = "queued"
	TrialRunning   TrialState = "running"
	TrialDone      TrialState = "done"
	TrialFailed    TrialState = "failed"
	TrialCancelled TrialState = "cancelled"
)

// Limits of trials. They are kept in memory only: what a trial finds is found again.
const (
	trialSamples  = 20
	trialTime     = 15 * time.Minute
	trialKeep     = time.Hour
	maxTrialsEach = 2 // unfinished, of one person
	maxTrials     = 50
	maxRuleText   = 1 << 20
	maxListText   = 4 << 20
)

// TrialJob is a trial somebody asked for.
type TrialJob struct {
	ID       string
	State    TrialState
	Share    float64 // done, 0 to 1
	Found    int64   // so far
	From, To time.Time
	Created  time.Time
	Ended    time.Time
	Err      error // of a failed one
	Result   *TrialResult
}

type trialJob struct {
	TrialJob
	owner  string
	trial  Trial
	cancel context.CancelFunc // of the run under way
}

// trials are the jobs of this process.
type trials struct {
	mu   sync.Mutex
	jobs map[string]*trialJob
	line []string // waiting, in order
	wake chan struct{}
}

func newTrials() *trials { return &trials{jobs: map[string]*trialJob{}, wake: make(chan struct{}, 1)} }

// StartTrial queues a trial over the caller's units; Scope and Samples of t are not
// the caller's to set. Errors: Denied, Invalid, NotFound, Busy.
func (s *Service) StartTrial(ctx context.Context, t Trial) (TrialJob, error) {
	p := module.PrincipalOf(ctx)
	for _, a := range []module.Action{module.ActionRuleTest, module.ActionEventRead} {
		if err := p.Require(a); err != nil {
			return TrialJob{}, err
		}
	}
	if err := s.checkTrial(&t); err != nil {
		return TrialJob{}, err
	}
	t.Scope, t.Samples = p.Scope(), trialSamples
	j := &trialJob{owner: p.ID, trial: t, TrialJob: TrialJob{ID: module.NewID(), State: TrialQueued, From: t.From, To: t.To, Created: s.now()}}
	out := j.TrialJob
	if err := s.trials.add(j, s.now()); err != nil {
		return TrialJob{}, err
	}
	err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.trail.Append(ctx, tx, module.Entry{Action: "rule.test", Object: "rule-test:" + j.ID, Detail: map[string]string{
			"rule": module.Text(t.RuleID, 200), "textBytes": strconv.Itoa(len(t.Text)), "indicatorBytes": strconv.Itoa(len(t.Indicators)),
			"from": t.From.UTC().Format(time.RFC3339), "to": t.To.UTC().Format(time.RFC3339),
		}})
	})
	if err != nil {
		s.trials.end(j.ID, p.ID)
		return TrialJob{}, err
	}
	select {
	case s.trials.wake <- struct{}{}:
	default:
	}
	return out, nil
}

func (s *Service) checkTrial(t *Trial) error {
	given := 0
	for _, text := range []string{t.Text, t.RuleID, t.Indicators} {
		if text != "" {
			given++
		}
	}
	if given != 1 {
		return fault.New(fault.Invalid, "give one of rule, ruleId and indicators").OnField("body")
	}
	if len(t.Text) > maxRuleText {
		return fault.New(fault.Invalid, "rule: more than %d bytes", maxRuleText).OnField("body.rule")
	}
	if len(t.Indicators) > maxListText {
		return fault.New(fault.Invalid, "indicators: more than %d bytes; look for them with lachan query --indicators", maxListText).OnField("body.indicators")
	}
	if !utf8.ValidString(t.Text) || !utf8.ValidString(t.Indicators) {
		return fault.New(fault.Invalid, "the text is not UTF-8").OnField("body")
	}
	if t.RuleID != "" {
		if set, _ := s.catalogue.Current(); set.Rule(t.RuleID) == nil {
			return fault.New(fault.NotFound, "no such rule is loaded").WithCode("rule.unknown")
		}
	}
	return module.CheckRange(t.From, t.To, "body")
}

// add takes a job in, and lets go of those that are over for long.
func (t *trials) add(j *trialJob, now time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	mine := 0
	for id, other := range t.jobs {
		switch {
		case !other.Ended.IsZero() && now.Sub(other.Ended) > trialKeep:
			delete(t.jobs, id)
		case other.Ended.IsZero() && other.owner == j.owner:
			mine++
		}
	}
	if mine >= maxTrialsEach {
		return fault.New(fault.Busy, "%d of your trials are not over; wait for one, or cancel it", mine).WithCode("rule-test.too-many")
	}
	if len(t.jobs) >= maxTrials && !t.forget() {
		return fault.New(fault.Busy, "too many trials are under way; try again in a minute").WithCode("rule-test.too-many")
	}
	t.jobs[j.ID] = j
	t.line = append(t.line, j.ID)
	return nil
}

// forget lets go of the job that ended first.
func (t *trials) forget() bool {
	oldest := ""
	for id, j := range t.jobs {
		if !j.Ended.IsZero() && (oldest == "" || j.Ended.Before(t.jobs[oldest].Ended)) {
			oldest = id
		}
	}
	delete(t.jobs, oldest)
	return oldest != ""
}

// end cancels a job that is not over, and forgets one that is.
func (t *trials) end(id, owner string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	j := t.jobs[id]
	if j == nil || j.owner != owner {
		return false
	}
	if j.State == TrialQueued || j.State == TrialRunning {
		j.State = TrialCancelled
	}
	if j.cancel != nil {
		j.cancel()
	}
	t.line = slices.DeleteFunc(t.line, func(other string) bool { return other == id })
	delete(t.jobs, id)
	return true
}

// Trial returns one of the caller's trials. Errors: Denied, NotFound.
func (s *Service) Trial(ctx context.Context, id string) (TrialJob, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRuleTest); err != nil {
		return TrialJob{}, err
	}
	s.trials.mu.Lock()
	defer s.trials.mu.Unlock()
	j := s.trials.jobs[id]
	if j == nil || j.owner != p.ID {
		return TrialJob{}, noTrial()
	}
	return j.TrialJob, nil
}

func noTrial() error {
	return fault.New(fault.NotFound, "no such trial; their results are kept for %v, and not over a restart", trialKeep).WithCode("rule-test.unknown")
}

// CancelTrial ends and forgets one of the caller's trials. Errors: Denied, NotFound.
func (s *Service) CancelTrial(ctx context.Context, id string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionRuleTest); err != nil {
		return err
	}
	if !s.trials.end(id, p.ID) {
		return noTrial()
	}
	return nil
}

// runTrials runs the trials, one at a time, until ctx ends.
func (s *Service) runTrials(ctx context.Context) error {
	for {
		for j, run := s.trials.next(ctx); j != nil; j, run = s.trials.next(ctx) {
			s.runTrial(run, j)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.trials.wake:
		}
	}
}

// next takes the next job with the context of its run, nil if none waits.
func (t *trials) next(ctx context.Context) (*trialJob, context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.line) == 0 || ctx.Err() != nil {
		return nil, nil
	}
	j := t.jobs[t.line[0]]
	t.line = t.line[1:]
	run, cancel := context.WithTimeout(ctx, trialTime)
	j.State, j.cancel = TrialRunning, cancel
	return j, run
}

func (s *Service) runTrial(ctx context.Context, j *trialJob) {
	defer j.cancel()
	result, err := s.history.Try(ctx, j.trial, func(share float64, found int64) {
		s.trials.mu.Lock()
		defer s.trials.mu.Unlock()
		j.Share, j.Found = share, found
	})
	s.trials.mu.Lock()
	defer s.trials.mu.Unlock()
	j.Ended, j.trial = s.now(), Trial{} // a list may be large
	switch {
	case err == nil:
		j.State, j.Share, j.Result, j.Found = TrialDone, 1, result, result.Findings
	case errors.Is(err, context.DeadlineExceeded):
		j.State = TrialFailed
		j.Err = fault.New(fault.Busy, "the trial took longer than %v; take a shorter range", trialTime).WithCode("rule-test.too-slow")
	case errors.Is(err, context.Canceled):
		j.State = TrialCancelled
	case fault.KindOf(err) == fault.Internal:
		s.log.Error("a rule test failed", "test", j.ID, "error", err)
		j.State, j.Err = TrialFailed, fault.New(fault.Internal, "the trial failed; the server's log says why").WithCode("internal")
	default:
		j.State, j.Err = TrialFailed, err
	}
}
