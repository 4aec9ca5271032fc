package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module/search"
	"github.com/lachan-vn/lachan/internal/query"
)

// localTable prints a table made of the events in a folder.
func (c *queryCmd) localTable(ctx context.Context, s std, store *lake.Lake, pl *query.Pipeline, from, to time.Time) error {
	t, stats, err := store.Aggregate(ctx, lake.ScopeAll(), pl, from, to)
	if err != nil {
		return err
	}
	for _, w := range stats.Warnings {
		fmt.Fprintln(s.err, "warning:", w)
	}
	return c.printTable(s, t)
}

// remoteTable prints a table that a server made.
func (c *queryCmd) remoteTable(ctx context.Context, s std, from, to time.Time) error {
	r, err := newRemote(c.Server)
	if err != nil {
		return err
	}
	from, to = remoteRange(from, to)
	c.warnUnknownRemote(ctx, s, r, from, to)
	body, err := json.Marshal(map[string]any{"query": c.Query, "from": from.UTC(), "to": to.UTC()})
	if err != nil {
		return err
	}
	res, err := r.do(ctx, http.MethodPost, "api/v1/search/table", nil, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	t, partial, err := readTable(res.Body)
	if err != nil {
		return fault.New(fault.Internal, "the server's table cannot be read: %w", err)
	}
	if partial != "" {
		fmt.Fprintln(s.err, "warning:", partial)
	}
	return c.printTable(s, t)
}

// readTable reads the API's form of a table.
func readTable(r io.Reader) (*query.Table, string, error) {
	var wire struct {
		Columns []struct {
			Name string           `json:"name"`
			Type query.ColumnKind `json:"type"`
		} `json:"columns"`
		Rows      [][]json.RawMessage `json:"rows"`
		Truncated bool                `json:"truncated"`
		Partial   string              `json:"partial"`
	}
	if err := json.NewDecoder(r).Decode(&wire); err != nil {
		return nil, "", err
	}
	t := &query.Table{Truncated: wire.Truncated}
	for _, c := range wire.Columns {
		t.Columns = append(t.Columns, query.Column{Name: c.Name, Kind: c.Type})
	}
	for _, row := range wire.Rows {
		if len(row) != len(t.Columns) {
			return nil, "", fmt.Errorf("a row has %d cells in %d columns", len(row), len(t.Columns))
		}
		cells := make([]query.Cell, len(row))
		for i, raw := range row {
			var err error
			switch {
			case string(raw) == "null":
				cells[i].Missing = true
			case t.Columns[i].Kind == query.NumberColumn:
				err = json.Unmarshal(raw, &cells[i].Number)
			case t.Columns[i].Kind == query.TimeColumn:
				err = json.Unmarshal(raw, &cells[i].Time)
			default:
				err = json.Unmarshal(raw, &cells[i].Text)
			}
			if err != nil {
				return nil, "", err
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t, wire.Partial, nil
}

func (c *queryCmd) printTable(s std, t *query.Table) error {
	if t.Truncated {
		fmt.Fprintf(s.err, "warning: only the first %d rows; narrow the search, or add | head\n", len(t.Rows))
	}
	out := bufio.NewWriter(s.out)
	if c.Output != "table" {
		return errors.Join(search.WriteTable(c.Output, out, t), out.Flush())
	}
	alignTable(out, t)
	return out.Flush()
}

// alignTable writes columns side by side, numbers to the right.
func alignTable(w *bufio.Writer, t *query.Table) {
	const widest = 80
	lines := [][]string{make([]string, len(t.Columns))}
	for i, c := range t.Columns {
		lines[0][i] = oneLine(c.Name, widest)
	}
	for _, row := range t.Rows {
		line := make([]string, len(row))
		for i, c := range row {
			switch kind := t.Columns[i].Kind; {
			case c.Missing:
				line[i] = "-"
			case kind == query.TimeColumn:
				line[i] = c.Time.In(vietnam()).Format("2006-01-02 15:04:05")
			default:
				line[i] = oneLine(search.CellText(kind, c), widest)
			}
		}
		lines = append(lines, line)
	}
	widths := make([]int, len(t.Columns))
	for _, line := range lines {
		for i, text := range line {
			widths[i] = max(widths[i], columns(text))
		}
	}
	for _, line := range lines {
		var b strings.Builder
		for i, text := range line {
			pad := strings.Repeat(" ", widths[i]-columns(text))
			if i > 0 {
				b.WriteString("  ")
			}
			if t.Columns[i].Kind == query.NumberColumn {
				b.WriteString(pad + text)
			} else {
				b.WriteString(text + pad)
			}
		}
		_, _ = w.WriteString(strings.TrimRight(b.String(), " ") + "\n")
	}
}
