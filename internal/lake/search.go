package lake

import (
	"context"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/query"
)

// Search says what to look for. Rows come newest first, by time and then ID,
// unless Ascending.
type Search struct {
	Query     *query.Query // nil matches everything
	From, To  time.Time    // From <= time < To; zero: open
	Limit     int          // at most this many rows; 0: all
	Ascending bool
	Cursor    string // Stats.Cursor of the page before; "" for the first
}

// Row is one stored event. Its strings are its own.
type Row struct {
	ID             event.ID
	Time, Received time.Time // to the microsecond
	Unit           event.UnitID
	Host           string
	Input          string
	Peer           string
	Format         string
	Source         event.Source
	Skewed         bool
	Rules          []string
	Raw            string
	Fields         []event.Field // a field of several values repeats its name; Kind is String or Null
}

// Stats tells how an answer came about.
type Stats struct {
	Segments int // read
	Took     time.Duration
	Cursor   string   // of the next page; "" if this was the last
	Warnings []string // what is missing from the answer, for people
}

// Bucket is one bar of a histogram, starting at Time.
type Bucket struct {
	Time  time.Time
	Count int64
}

// ValueCount is a value and how often it was seen.
type ValueCount struct {
	Value string
	Count int64
}

// FieldStats tells of one field among sampled events: in how many it is, and its
// most frequent values.
type FieldStats struct {
	Name  string
	Count int64
	Top   []ValueCount
}

// Search calls each with every matching row until it fails or Limit is reached.
func (l *Lake) Search(ctx context.Context, sc Scope, s Search, each func(*Row) error) (Stats, error) {
	return Stats{}, nil
}

// Count counts matching rows.
func (l *Lake) Count(ctx context.Context, sc Scope, s Search) (int64, error) { return 0, nil }

// Histogram counts matching rows over time; it returns the width of a bucket.
func (l *Lake) Histogram(ctx context.Context, sc Scope, s Search, buckets int) ([]Bucket, time.Duration, Stats, error) {
	return nil, 0, Stats{}, nil
}

// FieldStats tells of the fields of the newest sample matching rows, and how
// many rows that were.
func (l *Lake) FieldStats(ctx context.Context, sc Scope, s Search, sample int) ([]FieldStats, int, Stats, error) {
	return nil, 0, Stats{}, nil
}

// Event returns one event; fault.NotFound if there is none in the scope.
func (l *Lake) Event(ctx context.Context, sc Scope, id event.ID) (*Row, error) { return nil, nil }

// Around returns the events of the same unit and host next to one event in time.
func (l *Lake) Around(ctx context.Context, sc Scope, id event.ID, within time.Duration, limit int) ([]Row, error) {
	return nil, nil
}
