package rule

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// RuleTestView is a trial of a rule or a list over stored events.
type RuleTestView struct {
	ID        string              `json:"id"`
	State     string              `json:"state" enum:"queued,running,done,failed,cancelled"`
	Progress  float64             `json:"progress" doc:"0 to 1"`
	Found     int64               `json:"found" doc:"so far"`
	From      module.Time         `json:"from"`
	To        module.Time         `json:"to"`
	ErrorCode string              `json:"errorCode,omitempty"`
	Error     string              `json:"error,omitempty" doc:"why it failed"`
	Result    *RuleTestResultView `json:"result,omitempty" doc:"when done"`
}

// RuleTestResultView is what a trial found.
type RuleTestResultView struct {
	Total        int64                   `json:"total" doc:"events found; of a correlation rule, series of events"`
	Days         []RuleTestDayView       `json:"days" nullable:"false" doc:"days of UTC+7 with findings, in order"`
	Rules        []RuleTestCountView     `json:"rules" nullable:"false" doc:"that found something, the most frequent first"`
	Indicators   []RuleTestIndicatorView `json:"indicators" nullable:"false" doc:"that were found, the most frequent first, at most 1,000"`
	Samples      []RuleTestSampleView    `json:"samples" nullable:"false" doc:"the newest findings, at most 20"`
	AlertsADay   float64                 `json:"alertsADay" doc:"about how many alerts a day it would have given: findings about one host, or whatever the rule's alerts are about, count once a day"`
	SpanDays     float64                 `json:"spanDays" doc:"the days that is an average of"`
	Scanned      int64                   `json:"scanned" doc:"events searched"`
	Candidates   int64                   `json:"candidates" doc:"of them, those shown to the rules"`
	Uncorrelated int64                   `json:"uncorrelated" doc:"events a correlation rule did not see because there were too many"`
	TookMs       int64                   `json:"tookMs"`
	Partial      []string                `json:"partial" nullable:"false" doc:"what is missing from the answer, and why"`
	Problems     []RuleTestProblemView   `json:"problems" nullable:"false" doc:"of the rule or the list; a rule that is refused finds nothing"`
}

// RuleTestDayView counts the findings of a day.
type RuleTestDayView struct {
	Date  string `json:"date" format:"date"`
	Count int64  `json:"count"`
}

// RuleTestCountView counts the findings of a rule.
type RuleTestCountView struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	TitleVi string `json:"titleVi"`
	Level   string `json:"level"`
	Count   int64  `json:"count"`
}

// RuleTestIndicatorView counts the findings of an indicator.
type RuleTestIndicatorView struct {
	Line  int    `json:"line" doc:"of the list, from 1"`
	Kind  string `json:"kind" enum:"address,network,domain,url,hash,file,path"`
	Value string `json:"value"`
	Note  string `json:"note"`
	Count int64  `json:"count"`
}

// RuleTestSampleView is one finding.
type RuleTestSampleView struct {
	Time       module.Time         `json:"time"`
	Rules      []string            `json:"rules" nullable:"false" doc:"ids"`
	Indicators []string            `json:"indicators" nullable:"false"`
	EventID    string              `json:"eventId,omitempty" doc:"empty: a series"`
	Unit       event.UnitID        `json:"unit"`
	Host       string              `json:"host"`
	Format     string              `json:"format"`
	Raw        string              `json:"raw" doc:"at most 4,000 characters"`
	Fields     []RuleTestFieldView `json:"fields" nullable:"false"`
	Series     *RuleTestSeriesView `json:"series,omitempty"`
}

// RuleTestFieldView is a field of a sample.
type RuleTestFieldView struct {
	Name    string                  `json:"name"`
	Value   string                  `json:"value"`
	Null    bool                    `json:"null" doc:"there, and explicitly nothing"`
	Matched bool                    `json:"matched" doc:"it made the rule fire, or holds the indicator"`
	Ranges  []module.CharacterRange `json:"ranges" nullable:"false" doc:"the parts of the value that did"`
}

// RuleTestSeriesView is a series of events that a correlation rule found.
type RuleTestSeriesView struct {
	Value  float64             `json:"value" doc:"the count or aggregate that met the condition"`
	First  module.Time         `json:"first"`
	Last   module.Time         `json:"last"`
	Group  []RuleTestFieldView `json:"group" nullable:"false"`
	Events []string            `json:"events" nullable:"false" doc:"ids of the newest, at most 100"`
}

// RuleTestProblemView is what is wrong with a rule or a line of a list.
type RuleTestProblemView struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Reason  string `json:"reason"`
	Remedy  string `json:"remedy"`
	Refused bool   `json:"refused" doc:"the rule does not load"`
}

const (
	maxShownRaw        = 4000
	maxShownIndicators = 1000
)

func newTrialView(j *TrialJob) RuleTestView {
	v := RuleTestView{
		ID: j.ID, State: string(j.State), Progress: j.Share, Found: j.Found, From: module.Time{Time: j.From}, To: module.Time{Time: j.To},
	}
	if j.Err != nil {
		v.Error = j.Err.Error()
		if e, ok := errors.AsType[*fault.Error](j.Err); ok {
			v.ErrorCode = e.Code
		}
	}
	if j.Result == nil {
		return v
	}
	r := j.Result
	out := &RuleTestResultView{
		Total: r.Findings, AlertsADay: r.AlertsADay, SpanDays: r.SpanDays, Scanned: r.Scanned, Candidates: r.Candidates, Uncorrelated: r.Uncorrelated,
		TookMs: r.Took.Milliseconds(), Partial: module.OrEmpty(r.Warnings), Days: make([]RuleTestDayView, len(r.Days)), Rules: make([]RuleTestCountView, len(r.Rules)),
		Indicators: []RuleTestIndicatorView{}, Samples: make([]RuleTestSampleView, len(r.Samples)), Problems: make([]RuleTestProblemView, len(r.Problems)),
	}
	for i, d := range r.Days {
		out.Days[i] = RuleTestDayView{d.Date.Format(time.DateOnly), d.Count}
	}
	for i, c := range r.Rules {
		out.Rules[i] = RuleTestCountView(c)
	}
	for _, c := range r.Indicators[:min(len(r.Indicators), maxShownIndicators)] {
		out.Indicators = append(out.Indicators, RuleTestIndicatorView(c))
	}
	for i, p := range r.Problems {
		out.Problems[i] = RuleTestProblemView(p)
	}
	for i := range r.Samples {
		out.Samples[i] = newSampleView(&r.Samples[i])
	}
	v.Result = out
	return v
}

func newSampleView(s *TrialSample) RuleTestSampleView {
	v := RuleTestSampleView{
		Time: module.Time{Time: s.Time}, Rules: module.OrEmpty(s.Rules), Indicators: module.OrEmpty(s.Indicators), Fields: make([]RuleTestFieldView, len(s.Fields)),
	}
	for i, f := range s.Fields {
		v.Fields[i] = RuleTestFieldView(f)
	}
	if x := s.Series; x != nil {
		v.Unit = x.Unit
		v.Series = &RuleTestSeriesView{
			Value: x.Value, First: module.Time{Time: x.First}, Last: module.Time{Time: x.Last}, Group: make([]RuleTestFieldView, len(x.Group)), Events: module.OrEmpty(x.Events),
		}
		for i, f := range x.Group {
			v.Series.Group[i] = RuleTestFieldView{Name: f.Name, Value: f.Value, Ranges: []module.CharacterRange{}}
		}
		return v
	}
	v.EventID, v.Unit, v.Host, v.Format = s.Row.ID.String(), s.Row.Unit, s.Row.Host, s.Row.Format
	v.Raw = s.Row.Raw
	if r := []rune(v.Raw); len(r) > maxShownRaw {
		v.Raw = string(r[:maxShownRaw]) + "…"
	}
	return v
}

func (s *Service) trialRoutes(api huma.API) {
	tags := []string{"rules"}
	type start struct {
		Body struct {
			Rule       string    `json:"rule,omitempty" maxLength:"1048576" doc:"YAML of a rule that is not in force"`
			RuleID     string    `json:"ruleId,omitempty" maxLength:"200" doc:"of a loaded rule"`
			Indicators string    `json:"indicators,omitempty" maxLength:"4194304" doc:"a list of indicators"`
			From       time.Time `json:"from,omitempty" doc:"default: 30 days before to"`
			To         time.Time `json:"to,omitempty" doc:"default: now"`
		}
	}
	type answer struct{ Body RuleTestView }
	huma.Register(api, module.Op(module.ActionRuleTest, huma.Operation{
		OperationID: "start-rule-test", Method: http.MethodPost, Path: "/rules/test", Tags: tags, DefaultStatus: http.StatusAccepted,
		Summary:      "Try a rule, or a list of indicators, on the events that are stored",
		Description:  "Give one of rule, ruleId and indicators. The result is what live detection would have found on the same events, of the units the caller sees. At most two at a time for each person; results are kept for an hour.",
		MaxBodyBytes: maxListText + 1<<20,
	}), func(ctx context.Context, in *start) (*answer, error) {
		t := Trial{Text: in.Body.Rule, RuleID: in.Body.RuleID, Indicators: in.Body.Indicators, From: in.Body.From, To: in.Body.To}
		if t.To.IsZero() {
			t.To = s.now()
		}
		if t.From.IsZero() {
			t.From = t.To.AddDate(0, 0, -trialDays)
		}
		j, err := s.StartTrial(ctx, t)
		if err != nil {
			return nil, err
		}
		return &answer{newTrialView(&j)}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, module.Op(module.ActionRuleTest, huma.Operation{
		OperationID: "get-rule-test", Method: http.MethodGet, Path: "/rules/test/{id}", Tags: tags, Summary: "How far a trial is, and what it found",
	}), func(ctx context.Context, in *byID) (*answer, error) {
		j, err := s.Trial(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer{newTrialView(&j)}, nil
	})
	huma.Register(api, module.Op(module.ActionRuleTest, huma.Operation{
		OperationID: "cancel-rule-test", Method: http.MethodDelete, Path: "/rules/test/{id}", Tags: tags, Summary: "End and forget a trial", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *byID) (*struct{}, error) {
		return nil, s.CancelTrial(ctx, in.ID)
	})
}

// trialDays is the range of a trial that states none.
const trialDays = 30
