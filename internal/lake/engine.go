package lake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"github.com/lachan-vn/lachan/internal/fault"
)

// engine is the search engine: one DuckDB in this process that may read the
// lake's folder and nothing else.
type engine struct{ db *sql.DB }

func openEngine(ctx context.Context, dir string, c Config) (*engine, error) {
	connector, err := duckdb.NewConnector("", nil)
	if err != nil {
		return nil, fmt.Errorf("search engine: %w", err)
	}
	e := &engine{db: sql.OpenDB(connector)}
	e.db.SetMaxOpenConns(c.Searches)
	if err := registerFunctions(ctx, e.db); err != nil {
		return nil, errors.Join(fmt.Errorf("search engine: %w", err), e.db.Close())
	}
	// These hold for the whole instance. Locking comes last: no query can undo it.
	for _, s := range []string{
		fmt.Sprintf("SET memory_limit = '%dMiB'", c.SearchMemory>>20),
		fmt.Sprintf("SET threads = %d", c.Threads),
		"SET temp_directory = " + sqlQuote(filepath.Join(dir, tempDir)),
		"SET autoinstall_known_extensions = false",
		"SET autoload_known_extensions = false",
		"SET allow_community_extensions = false",
		"SET preserve_insertion_order = false",
		"SET enable_progress_bar = false",
		"SET TimeZone = 'UTC'",
		"SET allowed_directories = [" + sqlQuote(dir+string(filepath.Separator)) + "]",
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if _, err := e.db.ExecContext(ctx, s); err != nil {
			return nil, errors.Join(fmt.Errorf("search engine: %s: %w", s, err), e.db.Close())
		}
	}
	return e, nil
}

func (e *engine) close() error { return e.db.Close() }

// query runs a query; each scans one row.
func (e *engine) query(ctx context.Context, text string, args []any, each func(*sql.Rows) error) error {
	rows, err := e.db.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// searchFault gives an error of the engine its kind.
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
	if e, ok := errors.AsType[*duckdb.Error](err); ok && e.Type == duckdb.ErrorTypeOutOfMemory {
		return fault.New(fault.Busy, "the search needs more memory than is free; narrow it or try later: %w", err).WithCode("search.memory")
	}
	return fmt.Errorf("search: %w", err)
}

// sqlQuote writes a string literal.
func sqlQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// sqlName writes an identifier.
func sqlName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
