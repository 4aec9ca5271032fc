package lake

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// plan is one search over a fixed set of segments.
type plan struct {
	l        *Lake
	scope    Scope
	root     query.Node
	from, to int64 // micros, from <= t < to
	segs     []*segment
	byPath   map[string]*segment
	fields   []string
	where    *predicate       // of root; nil: everything
	passed   func(rows int64) // told of each row group a walk is done with; nil: nobody
	read     map[*segment]bool
	warnings []string // under l.mu, like read
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
	p := &plan{l: l, scope: sc, from: math.MinInt64, to: math.MaxInt64, byPath: map[string]*segment{}, read: map[*segment]bool{}}
	if !s.From.IsZero() {
		p.from = micros(s.From)
	}
	if !s.To.IsZero() {
		p.to = micros(s.To)
	}
	if s.Query != nil && s.Query.Root != nil {
		p.root = s.Query.Root
		p.fields = queryFields(p.root, nil)
		p.where = compile(p.root)
	}
	if sc.empty() || p.from >= p.to {
		return p
	}
	p.segs = acquire(p)
	slices.SortFunc(p.segs, func(a, b *segment) int {
		return cmp.Or(cmp.Compare(b.maxTime, a.maxTime), strings.Compare(a.id, b.id))
	})
	for _, s := range p.segs {
		p.byPath[l.path(s)] = s
	}
	return p
}

func (s Scope) seesAny(units []event.UnitID) bool {
	return s.all || slices.ContainsFunc(units, s.Sees)
}

func (p *plan) close() { p.l.release(p.segs) }

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

// sources writes "SELECT columns FROM … WHERE …" over segs, one part for each
// shape among them. extra adds conditions.
func (p *plan) sources(segs []*segment, columns, extra func(*where)) (string, []any) {
	type part struct {
		shape
		paths []string
	}
	parts := map[string]*part{}
	var keys []string
	for _, s := range segs {
		sh, key := shapeOf(s, p.fields)
		if parts[key] == nil {
			parts[key] = &part{shape: sh}
			keys = append(keys, key)
		}
		parts[key].paths = append(parts[key].paths, p.l.path(s))
		p.read[s] = true
	}
	var b strings.Builder
	w := &where{b: &b}
	for i, key := range keys {
		w.shape = parts[key].shape
		if i > 0 {
			w.sql(" UNION ALL ")
		}
		w.sql("SELECT ")
		columns(w)
		w.sql(" FROM read_parquet([")
		for j, path := range parts[key].paths {
			if j > 0 {
				w.sql(", ")
			}
			w.sql(sqlQuote(path))
		}
		w.sql("], filename = '_file', file_row_number = true, hive_partitioning = false) WHERE ")
		p.inScope(w)
		if p.from != math.MinInt64 {
			w.sql(" AND _time >= make_timestamptz(")
			w.arg(p.from)
			w.sql(")")
		}
		if p.to != math.MaxInt64 {
			w.sql(" AND _time < make_timestamptz(")
			w.arg(p.to)
			w.sql(")")
		}
		if extra != nil {
			extra(w)
		}
		if p.root != nil {
			w.sql(" AND ")
			w.node(p.root, false)
		}
	}
	return b.String(), w.args
}

// inScope writes the condition that no search goes without.
func (p *plan) inScope(w *where) {
	switch {
	case p.scope.all:
		w.sql("true")
	case p.scope.empty():
		w.sql("false")
	default:
		w.sql("_unit IN (")
		for i, u := range p.scope.units {
			if i > 0 {
				w.sql(", ")
			}
			w.arg(string(u))
		}
		w.sql(")")
	}
}

// fixed are columns that every segment has.
func fixed(columns string) func(*where) { return func(w *where) { w.sql(columns) } }

// run queries segs; around wraps the sources. If the engine cannot read one of
// them, that one is marked broken and the rest asked again. each must be able to
// start over: restart is called before every attempt.
func (p *plan) run(ctx context.Context, segs []*segment, columns, extra func(*where), around func(from string) string, restart func(), each func(*sql.Rows) error) error {
	for {
		segs = p.usable(segs)
		restart()
		if len(segs) == 0 {
			return nil
		}
		text, args := p.sources(segs, columns, extra)
		err := p.l.engine.query(ctx, around(text), args, each)
		if err == nil {
			return nil
		}
		e, ok := errors.AsType[*duckdb.Error](err)
		if !ok || ctx.Err() != nil || e.Type == duckdb.ErrorTypeOutOfMemory {
			return searchFault(ctx, err)
		}
		found, checkErr := p.findBroken(ctx, segs...)
		if checkErr != nil {
			return searchFault(ctx, checkErr)
		}
		if !found {
			return searchFault(ctx, err)
		}
	}
}

// findBroken checks segments that a query over them failed on.
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
