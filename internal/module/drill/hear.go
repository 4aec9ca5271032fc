package drill

import (
	"context"
	"encoding/json"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Line is one thing the log of an exercise holds.
type Line struct {
	ID       string               `json:"-"`
	Exercise string               `json:"-"`
	Fact     string               `json:"-"`
	At       time.Time            `json:"-"`
	Kind     string               `json:"kind"`
	What     string               `json:"what"` // the fact: obligation.late
	Object   string               `json:"object,omitempty"`
	Subject  module.Subject       `json:"subject"`
	Unit     event.UnitID         `json:"unit"`
	Title    string               `json:"title,omitempty"`
	TitleVi  string               `json:"titleVi,omitempty"`
	State    string               `json:"state,omitempty"`
	Number   string               `json:"number,omitempty"`
	DueAt    time.Time            `json:"dueAt,omitzero"`
	Moments  map[string]time.Time `json:"moments,omitempty"`
	Ended    bool                 `json:"ended,omitempty"`
}

// Kinds of lines.
const (
	LineMatter  = "matter"
	LineDuty    = "duty"
	LinePaper   = "paper"
	LineAlert   = "alert"
	LineWarning = "warning"
	LineFeed    = "feed" // events were put in
	LineCall    = "call"
)

// maxLog bounds the log of one exercise; what comes after it is not kept, and the
// report says so.
const maxLog = 10_000

// heard are the facts of other modules that are listened to, and what a line
// about each is called. Their bodies are read by the few names they share.
var heard = map[module.FactKind]string{
	"obligation.arose": LineDuty, "obligation.late": LineDuty, "obligation.step": LineDuty,
	"alert.opened": LineAlert, "alert.acknowledged": LineAlert, "alert.closed": LineAlert,
	"coordination.called": LineCall, "coordination.replied": LineCall,
	"warning.sent": LineWarning, "warning.answered": LineWarning, "warning.settled": LineWarning,
}

// told are the names the facts of several modules share.
type told struct {
	ID      string         `json:"id"`
	Code    string         `json:"code"`
	Title   string         `json:"title"`
	TitleVi string         `json:"titleVi"`
	Subject module.Subject `json:"subject"`
	Unit    event.UnitID   `json:"unit"`
	Drill   bool           `json:"drill"`
	DueAt   time.Time      `json:"dueAt"`
	State   string         `json:"state"`
	Answer  string         `json:"answer"`
}

func (s *Service) on() map[module.FactKind]func(context.Context, module.Fact) error {
	on := map[module.FactKind]func(context.Context, module.Fact) error{module.FactMatter: s.hearMatter, module.FactPaper: s.hearPaper}
	for kind := range heard {
		on[kind] = s.hearTold
	}
	return on
}

func (s *Service) hearMatter(ctx context.Context, f module.Fact) error {
	m, err := module.ReadMatter(f)
	if err != nil {
		return s.unread(ctx, f, err)
	}
	if !m.Drill {
		return nil
	}
	return s.log(ctx, f, Line{Kind: LineMatter, Subject: m.Subject, Unit: m.Unit, Title: m.Subject.Title, Moments: m.At, Ended: m.Ended})
}

func (s *Service) hearPaper(ctx context.Context, f module.Fact) error {
	p, err := module.ReadPaper(f)
	if err != nil {
		return s.unread(ctx, f, err)
	}
	if !p.Drill {
		return nil
	}
	return s.log(ctx, f, Line{Kind: LinePaper, Object: p.ID, Subject: p.Subject, Unit: p.Unit, Title: p.Title, Number: p.Number, State: string(p.State)})
}

func (s *Service) hearTold(ctx context.Context, f module.Fact) error {
	var t told
	if err := json.Unmarshal(f.Body, &t); err != nil {
		return s.unread(ctx, f, err)
	}
	if !t.Drill {
		return nil
	}
	l := Line{Kind: heard[f.Kind], Object: t.ID, Subject: t.Subject, Unit: t.Unit, Title: t.Title, TitleVi: t.TitleVi, DueAt: t.DueAt, State: t.State}
	if l.State == "" {
		l.State = t.Answer
	}
	if l.Subject.ID == "" {
		l.Subject = module.Subject{Kind: l.Kind, ID: t.ID, Code: t.Code, Title: t.Title}
	}
	return s.log(ctx, f, l)
}

// unread tells of a fact nobody can read; to come again would not mend it.
func (s *Service) unread(ctx context.Context, f module.Fact, err error) error {
	s.Log.ErrorContext(ctx, "a fact could not be read; no exercise knows of it", "fact", f.ID, "kind", f.Kind, "error", err)
	return nil
}

// log writes a line into the exercise it belongs to, if there is one.
func (s *Service) log(ctx context.Context, f module.Fact, l Line) error {
	if l.Unit == "" {
		l.Unit = f.Unit
	}
	l.ID, l.Fact, l.At, l.What = module.NewID(), f.ID, f.At, string(f.Kind)
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if l.Exercise, err = s.store.exerciseOf(ctx, tx, l.Subject, l.Unit, l.At); err != nil || l.Exercise == "" {
			return err
		}
		return s.store.addLine(ctx, tx, &l)
	})
}
