package search

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Search calls each with the events found. Errors: Denied, Invalid, Busy.
func (s *Service) Search(ctx context.Context, r Request, each func(*lake.Row) error) (lake.Stats, error) {
	r.Limit = min(max(r.Limit, 1), maxRows)
	sc, ls, done, err := s.prepare(ctx, r, "body")
	if err != nil {
		return lake.Stats{}, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	var found int64
	stats, err := s.lake.Search(ctx, sc, ls, func(row *lake.Row) error {
		found++
		return each(row)
	})
	if err != nil {
		return stats, outcome(err)
	}
	if r.Cursor != "" || stats.Cursor != "" {
		found = hitsUnknown
	}
	s.remember(ctx, r, stats.Took, found)
	return stats, nil
}

// Histogram counts events over time. Errors: Denied, Invalid, Busy.
func (s *Service) Histogram(ctx context.Context, r Request, buckets int) ([]lake.Bucket, time.Duration, lake.Stats, error) {
	sc, ls, done, err := s.prepare(ctx, r, "body")
	if err != nil {
		return nil, 0, lake.Stats{}, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	b, width, stats, err := s.lake.Histogram(ctx, sc, ls, min(max(buckets, 1), maxBuckets))
	if err != nil {
		return nil, 0, stats, outcome(err)
	}
	var total int64
	for i := range b {
		total += b[i].Count
	}
	s.remember(ctx, r, stats.Took, total)
	return b, width, stats, nil
}

// Fields tells of the fields of the newest events found, and how many those were.
// Errors: Denied, Invalid, Busy.
func (s *Service) Fields(ctx context.Context, r Request) ([]lake.FieldStats, int, lake.Stats, error) {
	sc, ls, done, err := s.prepare(ctx, r, "body")
	if err != nil {
		return nil, 0, lake.Stats{}, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	fields, sampled, stats, err := s.lake.FieldStats(ctx, sc, ls, fieldSample)
	return fields, sampled, stats, outcome(err)
}

// Event returns one event. Errors: Denied, Invalid, NotFound.
func (s *Service) Event(ctx context.Context, id string) (*lake.Row, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return nil, err
	}
	eventID, err := parseID(id)
	if err != nil {
		return nil, err
	}
	row, err := s.lake.Event(ctx, p.Scope(), eventID)
	if fault.KindOf(err) == fault.NotFound && !p.AllUnits() {
		if _, elsewhere := s.lake.Event(ctx, lake.ScopeAll(), eventID); elsewhere == nil {
			err = module.Outside(err)
		}
	}
	return row, err
}

// Around returns the events next to one in time, of the same unit and host.
// Errors: Denied, Invalid, NotFound, Busy.
func (s *Service) Around(ctx context.Context, id string, within time.Duration, limit int) ([]lake.Row, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return nil, err
	}
	eventID, err := parseID(id)
	if err != nil {
		return nil, err
	}
	done, err := s.turns.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	rows, err := s.lake.Around(ctx, p.Scope(), eventID, min(max(within, time.Second), maxAroundRange), min(max(limit, 1), maxAround))
	return rows, outcome(err)
}

// An id that cannot be one is as unknown as any other.
func parseID(id string) (event.ID, error) {
	eventID, err := event.ParseID(id)
	if err != nil {
		return eventID, fault.New(fault.NotFound, "no such event").WithCode("event.unknown")
	}
	return eventID, nil
}

func syntaxError(err error) *query.SyntaxError {
	se, _ := errors.AsType[*query.SyntaxError](err)
	return se
}

func partial(st lake.Stats) string { return strings.Join(st.Warnings, "; ") }
