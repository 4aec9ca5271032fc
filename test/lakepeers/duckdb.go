package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/duckdb/duckdb-go/v2"
)

// duckDB holds the parsed events in one Parquet file that it made itself of
// NDJSON: columns by what it found, zstd, in the order of arrival.
type duckDB struct {
	dir   string
	db    *sql.DB
	lines *os.File
	work  time.Duration // of the processor; making events and NDJSON is not its own
}

func newDuckDB() *duckDB { return &duckDB{} }

func (*duckDB) name() string   { return "duckdb" }
func (*duckDB) absent() string { return "" }

func (d *duckDB) open(_ context.Context, dir string) (err error) {
	d.dir = dir
	if d.lines, err = os.Create(filepath.Join(dir, "events.ndjson")); err != nil {
		return err
	}
	d.db, err = sql.Open("duckdb", "?memory_limit=4GB&threads=2&temp_directory="+dir)
	return err
}

func (d *duckDB) put(_ context.Context, w *window) error {
	_, err := d.lines.Write(w.parsed)
	return err
}

func (d *duckDB) settle(ctx context.Context) error {
	if err := d.lines.Close(); err != nil {
		return err
	}
	begun := ownTime()
	_, err := d.db.ExecContext(ctx, fmt.Sprintf("COPY (SELECT * FROM read_json('%s', format='newline_delimited', sample_size=-1, map_inference_threshold=-1, maximum_object_size=4194304)) TO '%s' (FORMAT parquet, COMPRESSION zstd)", d.lines.Name(), d.path()))
	d.work += ownTime() - begun
	return err
}

func (d *duckDB) path() string { return filepath.Join(d.dir, "events.parquet") }

func (d *duckDB) used() time.Duration  { return d.work }
func (*duckDB) peak() int64            { return 0 }
func (d *duckDB) size() (int64, error) { return folderSize(d.dir, ".parquet") }

func (d *duckDB) ask(ctx context.Context, n int) (int, bool, error) {
	q := &questions[n]
	if q.sql == "" {
		return 0, false, nil
	}
	text := strings.ReplaceAll(strings.ReplaceAll(q.sql, "%s", "'"+d.path()+"'"), "%%", "%")
	begun := ownTime()
	defer func() { d.work += ownTime() - begun }()
	rows, err := d.db.QueryContext(ctx, text)
	if err != nil {
		return 0, true, err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return 0, true, err
	}
	cells := make([]any, len(names))
	into := make([]any, len(names))
	for i := range cells {
		into[i] = &cells[i]
	}
	var last []float64
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return 0, true, err
		}
		n, _ := cells[len(cells)-1].(int64)
		last = append(last, float64(n))
	}
	if q.kind == events {
		return len(last), true, rows.Err()
	}
	return total(q.kind, len(last), func(i int) float64 { return last[i] }), true, rows.Err()
}

func (d *duckDB) close() error { return d.db.Close() }
