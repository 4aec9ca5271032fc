package lake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// plan is one search over a fixed set of segments.
type plan struct {
	l        *Lake
	scope    Scope
	from, to int64 // micros, from <= t < to
	segs     []*segment
	where    *predicate       // of the query; nil: everything
	passed   func(rows int64) // told of each row group a walk is done with; nil: nobody
	read     map[*segment]bool
	held     atomic.Int64 // of l.memory
	warnings []string     // under l.mu, like read
}

// newPlan picks the segments that may hold an answer; release them with close.
func (l *Lake) newPlan(sc Scope, s Search) *plan {
	return l.newPlanOf(sc, s, func(p *plan) []*segment {
		return l.acquire(func(s *segment) bool {
			return s.maxTime >= p.from && s.minTime < p.to && sc.seesAny(s.units)
		})
	})
}

// newPlanOf is a plan over the segments that acquire holds for it.
func (l *Lake) newPlanOf(sc Scope, s Search, acquire func(*plan) []*segment) *plan {
	p := &plan{l: l, scope: sc, from: math.MinInt64, to: math.MaxInt64, read: map[*segment]bool{}}
	if !s.From.IsZero() {
		p.from = micros(s.From)
	}
	if !s.To.IsZero() {
		p.to = micros(s.To)
	}
	if s.Query != nil && s.Query.Root != nil {
		p.where = compile(s.Query.Root)
	}
	if sc.empty() || p.from >= p.to {
		return p
	}
	p.segs = acquire(p)
	slices.SortFunc(p.segs, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(b.maxTime, a.maxTime), strings.Compare(a.id, b.id))
	})
	return p
}

func (s Scope) seesAny(units []event.UnitID) bool {
	return s.all || slices.ContainsFunc(units, s.Sees)
}

func (p *plan) close() {
	p.l.memory.give(p.held.Load())
	p.l.release(p.segs)
}

// hold reserves n bytes of the memory of all searches until the plan is closed;
// fault.Busy if there are not so many.
func (p *plan) hold(n int64) error {
	if err := p.l.memory.take(n); err != nil {
		return err
	}
	p.held.Add(n)
	return nil
}

// usable returns the segments that can be read, and warns of the others.
func (p *plan) usable(segs []*segment) []*segment {
	out := make([]*segment, 0, len(segs))
	p.l.mu.Lock()
	defer p.l.mu.Unlock()
	for _, s := range segs {
		if s.broken != "" {
			p.warn(s)
			continue
		}
		out = append(out, s)
	}
	return out
}

// reading notes that a segment was read.
func (p *plan) reading(s *segment) {
	p.l.mu.Lock()
	p.read[s] = true
	p.l.mu.Unlock()
}

func (p *plan) warn(s *segment) {
	w := fmt.Sprintf("segment %s is broken (%s): up to %d events are missing from this answer", s.id, s.broken, s.rows)
	if !slices.Contains(p.warnings, w) {
		p.warnings = append(p.warnings, w)
	}
}

// findBroken checks segments that could not be read.
func (p *plan) findBroken(ctx context.Context, segs ...*segment) (found bool, err error) {
	for _, s := range segs {
		reason, err := p.l.checkSum(ctx, s)
		if err != nil {
			return false, err
		}
		if reason != "" {
			found = true
			if err := p.l.markBroken(ctx, s, reason); err != nil {
				return false, err
			}
			p.usable([]*segment{s})
		}
	}
	return found, nil
}

// searchFault gives an error of a search its kind.
func searchFault(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fault.New(fault.Busy, "the search took too long and was stopped: %w", context.DeadlineExceeded).WithCode("search.timeout")
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("search: %w", err)
}
