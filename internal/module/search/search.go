// Package search answers questions about stored events: search, histogram,
// tables, fields, one event and its neighbourhood, export.
//
// The search itself is the lake's, the language package query's; this module
// adds who may see what, limits, and the wire form. It keeps what each person
// asked last (history.go) and the files people had made (exports).
//
// Invariants. The scope always comes from the principal, never from a request.
// An export reads the lake page by page and holds one page in memory. A cell of
// a CSV file never begins like a formula. A history is one person's alone.
//
// Start reading at Service.
package search

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Lake is the part of the lake that is searched. See lake.Lake for each method.
type Lake interface {
	FieldLake
	Search(ctx context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error)
	Count(ctx context.Context, sc lake.Scope, s lake.Search) (int64, error)
	Histogram(ctx context.Context, sc lake.Scope, s lake.Search, buckets int) ([]lake.Bucket, time.Duration, lake.Stats, error)
	Aggregate(ctx context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error)
	FieldValues(ctx context.Context, sc lake.Scope, s lake.Search, field, prefix string, limit int) ([]lake.ValueCount, lake.Stats, error)
	TailEnd() int64
	TailWait(ctx context.Context, after int64) error
	Tail(ctx context.Context, sc lake.Scope, q *query.Query, after int64, limit int) (lake.Tail, error)
	FieldStats(ctx context.Context, sc lake.Scope, s lake.Search, sample int) ([]lake.FieldStats, int, lake.Stats, error)
	Event(ctx context.Context, sc lake.Scope, id event.ID) (*lake.Row, error)
	Around(ctx context.Context, sc lake.Scope, id event.ID, within time.Duration, limit int) ([]lake.Row, error)
}

// Limits of one request.
const (
	maxRows        = 1000
	maxBuckets     = 200
	fieldSample    = 10_000
	maxTop         = 5
	maxAround      = 1000
	maxExport      = 1_000_000
	exportPage     = 1000
	maxAroundRange = 24 * time.Hour
)

//go:embed migrations
var migrations embed.FS

// Options is what the service is made of.
type Options struct {
	Lake   Lake
	DB     *bun.DB
	Trail  *module.Trail
	Notes  Notes // nil: nobody is told who searched
	Units  Units
	Dir    string // folder of exported files; made if missing
	Config Config
	Log    *slog.Logger
	Now    func() time.Time
}

// Units tells which units are under one in the tree.
type Units interface {
	Below(event.UnitID) []event.UnitID
}

// Notes is told of reads; see module.Notes.
type Notes interface {
	Write(ctx context.Context, e module.Entry, kind string) error
}

// Service answers questions about events.
type Service struct {
	lake   Lake
	store  store
	trail  *module.Trail
	notes  Notes
	units  Units
	dir    string
	config Config
	log    *slog.Logger
	now    func() time.Time
	turns  *turns
	jobs   jobs
	tails  *tails
}

// New makes the service.
func New(o Options) *Service {
	return &Service{
		lake: o.Lake, store: store{o.DB}, trail: o.Trail, notes: o.Notes, units: o.Units, dir: o.Dir, config: o.Config, log: o.Log, now: o.Now,
		turns: newTurns(), jobs: jobs{live: map[string]*running{}, wake: make(chan struct{}, 1)}, tails: newTails(),
	}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "search", Migrations: sub, Routes: s.routes, Workers: []module.Worker{{Name: "exports", Run: s.runExports}}}
}

// Request is a search as asked for.
type Request struct {
	Query     string
	From, To  time.Time
	Limit     int
	Cursor    string
	Ascending bool
	// Remember puts the search on the caller's history, under the range as he
	// chose it.
	Remember           bool
	RangeFrom, RangeTo string
}

// prepare checks permission and request and waits for a turn. done gives the
// turn back. Errors: Denied, Invalid, Busy.
func (s *Service) prepare(ctx context.Context, r Request, place string) (sc lake.Scope, ls lake.Search, done func(), err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return sc, ls, nil, err
	}
	if err := module.CheckRange(r.From, r.To, place); err != nil {
		return sc, ls, nil, err
	}
	q, err := ParseQuery(r.Query)
	if err != nil {
		return sc, ls, nil, err
	}
	if err := s.note(ctx, "event.search", r.Query, map[string]string{"from": r.From.UTC().Format(time.RFC3339), "to": r.To.UTC().Format(time.RFC3339)}); err != nil {
		return sc, ls, nil, err
	}
	done, err = s.turns.take(ctx)
	if err != nil {
		return sc, ls, nil, outcome(err)
	}
	return p.Scope(), lake.Search{Query: q, From: r.From, To: r.To, Limit: r.Limit, Ascending: r.Ascending, Cursor: r.Cursor}, done, nil
}

const maxNotedQuery = 1000

// note tells the audit trail that events are looked at; the same question of the
// same person is one record for a while, whatever the range moves to.
func (s *Service) note(ctx context.Context, action, query string, detail map[string]string) error {
	if s.notes == nil {
		return nil
	}
	query = module.Text(query, maxNotedQuery)
	detail["query"] = query
	return s.notes.Write(ctx, module.Entry{Action: action, Object: "events", Detail: detail}, query)
}

// ParseQuery reads a query; its error is fault.Invalid query.syntax at
// "query@OFFSET".
func ParseQuery(text string) (*query.Query, error) {
	q, err := query.Parse(text)
	if err != nil {
		return nil, syntaxFault(text, err)
	}
	return q, nil
}
