package search

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// CellView is one value of a table: a text, a number, a time as text, or null
// where there was nothing to compute from.
type CellView struct {
	kind query.ColumnKind
	cell query.Cell
}

// MarshalJSON writes the value alone.
func (c CellView) MarshalJSON() ([]byte, error) {
	switch {
	case c.cell.Missing, c.kind == query.NumberColumn && (math.IsInf(c.cell.Number, 0) || math.IsNaN(c.cell.Number)):
		return []byte("null"), nil
	case c.kind == query.NumberColumn:
		return json.Marshal(c.cell.Number)
	case c.kind == query.TimeColumn:
		return module.Time{Time: c.cell.Time}.MarshalJSON()
	}
	return json.Marshal(c.cell.Text)
}

// Schema describes the forms.
func (CellView) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeString, Nullable: true},
		{Type: huma.TypeNumber},
	}}
}

// ColumnView describes a column of a table.
type ColumnView struct {
	Name string `json:"name"`
	Type string `json:"type" enum:"text,number,time"`
}

// TableView is a table made of the events found.
type TableView struct {
	Columns         []ColumnView `json:"columns" nullable:"false"`
	Rows            [][]CellView `json:"rows" nullable:"false"`
	Truncated       bool         `json:"truncated" doc:"there were more rows than 10,000"`
	TookMs          int64        `json:"tookMs"`
	ScannedSegments int          `json:"scannedSegments"`
	Partial         string       `json:"partial,omitempty" doc:"what is missing from the answer, and why"`
}

func newTableView(t *query.Table, stats lake.Stats) TableView {
	v := TableView{
		Columns: make([]ColumnView, len(t.Columns)), Rows: make([][]CellView, len(t.Rows)),
		Truncated: t.Truncated, TookMs: stats.Took.Milliseconds(), ScannedSegments: stats.Segments, Partial: partial(stats),
	}
	for i, c := range t.Columns {
		v.Columns[i] = ColumnView{c.Name, string(c.Kind)}
	}
	for i, r := range t.Rows {
		v.Rows[i] = make([]CellView, len(r))
		for j, c := range r {
			v.Rows[i][j] = CellView{t.Columns[j].Kind, c}
		}
	}
	return v
}

// Table answers a query that ends in a table ("| stats …"). Errors: Denied,
// Invalid, Busy.
func (s *Service) Table(ctx context.Context, r Request) (*query.Table, lake.Stats, error) {
	pl, err := ParsePipeline(r.Query)
	if err != nil {
		return nil, lake.Stats{}, err
	}
	if pl.Aggregate == nil {
		return nil, lake.Stats{}, fault.New(fault.Invalid, "the query asks for events; add a stage such as | stats count by host").
			WithCode("query.syntax").OnField(fmt.Sprintf("query@%d", units16(r.Query)))
	}
	asked := r
	r.Query = ""
	sc, ls, done, err := s.prepare(ctx, r, "body")
	if err != nil {
		return nil, lake.Stats{}, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	t, stats, err := s.lake.Aggregate(ctx, sc, pl, ls.From, ls.To)
	if err != nil {
		return nil, stats, outcome(err)
	}
	s.remember(ctx, asked, stats.Took, int64(len(t.Rows)))
	return t, stats, nil
}

// ParsePipeline is ParseQuery for a query that may end in a table.
func ParsePipeline(text string) (*query.Pipeline, error) {
	p, err := query.ParsePipeline(text)
	if err != nil {
		return nil, syntaxFault(text, err)
	}
	return p, nil
}

func (s *Service) tableRoute(api huma.API) {
	type ask struct {
		Body struct {
			RangeBody
			RememberBody
		}
	}
	type answer struct{ Body TableView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "search-table", Method: http.MethodPost, Path: "/search/table", Tags: tags,
		Summary:     "A table made of the events that match: the query goes on with | stats, top, rare or timechart",
		Description: "422 query.syntax has errors[0].location query@OFFSET, in UTF-16 code units.",
	}), func(ctx context.Context, in *ask) (*answer, error) {
		t, stats, err := s.Table(ctx, in.Body.note(in.Body.request()))
		if err != nil {
			return nil, err
		}
		return &answer{newTableView(t, stats)}, nil
	})
}

// WriteTable writes a table in the format "csv", or else as NDJSON.
func WriteTable(format string, w io.Writer, t *query.Table) error {
	if format != "csv" {
		return writeTableNDJSON(w, t)
	}
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	var line []byte
	end := func() error {
		line = endLine(line)
		_, err := out.Write(line)
		line = line[:0]
		return err
	}
	for _, c := range t.Columns {
		line = appendCell(line, c.Name)
	}
	if err := end(); err != nil {
		return err
	}
	for _, r := range t.Rows {
		for i, c := range r {
			if kind := t.Columns[i].Kind; kind == query.TextColumn {
				line = appendCell(line, c.Text)
			} else {
				line = append(append(line, CellText(kind, c)...), ',') // a number may be negative
			}
		}
		if err := end(); err != nil {
			return err
		}
	}
	return out.Flush()
}

// writeTableNDJSON writes each row as an object, its members in the order of the
// columns.
func writeTableNDJSON(to io.Writer, t *query.Table) error {
	w := bufio.NewWriter(to)
	for _, r := range t.Rows {
		line := []byte{'{'}
		for i, c := range r {
			name, err := json.Marshal(t.Columns[i].Name)
			if err != nil {
				return err
			}
			value, err := CellView{t.Columns[i].Kind, c}.MarshalJSON()
			if err != nil {
				return err
			}
			if i > 0 {
				line = append(line, ',')
			}
			line = append(append(append(line, name...), ':'), value...)
		}
		if _, err := w.Write(append(line, '}', '\n')); err != nil {
			return err
		}
	}
	return w.Flush()
}

// CellText writes a cell as text, "" if it is missing.
func CellText(kind query.ColumnKind, c query.Cell) string {
	switch {
	case c.Missing:
		return ""
	case kind == query.NumberColumn:
		return strconv.FormatFloat(c.Number, 'f', -1, 64)
	case kind == query.TimeColumn:
		return c.Time.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return c.Text
}
