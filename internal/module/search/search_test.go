package search

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// pagedLake holds n events and gives out pages, as the lake does.
type pagedLake struct {
	n       int
	asked   []lake.Search
	scope   lake.Scope
	row     func(i int) lake.Row
	fail    error
	bars    []lake.Bucket
	columns []string // that some segment has
	newest  bool     // names are those of the newest events only
}

func (l *pagedLake) Search(_ context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error) {
	l.asked, l.scope = append(l.asked, s), sc
	if l.fail != nil {
		return lake.Stats{}, l.fail
	}
	start := 0
	_, _ = fmt.Sscan(s.Cursor, &start)
	i := start
	for ; i < min(start+s.Limit, l.n); i++ {
		r := lake.Row{Unit: "so-y-te", Raw: fmt.Sprint("line ", i), Time: time.Unix(int64(i), 0)}
		if l.row != nil {
			r = l.row(i)
		}
		if err := each(&r); err != nil {
			return lake.Stats{}, err
		}
	}
	st := lake.Stats{Segments: 1}
	if i < l.n {
		st.Cursor = fmt.Sprint(i)
	}
	return st, nil
}

func (l *pagedLake) Count(_ context.Context, sc lake.Scope, _ lake.Search) (int64, error) {
	l.scope = sc
	return int64(l.n), l.fail
}
func (l *pagedLake) HasField(_, _ time.Time, name string) bool {
	return slices.Contains(l.columns, name)
}
func (l *pagedLake) TailEnd() int64 { return 0 }
func (l *pagedLake) TailWait(ctx context.Context, _ int64) error {
	<-ctx.Done()
	return ctx.Err()
}
func (l *pagedLake) Tail(_ context.Context, sc lake.Scope, _ *query.Query, after int64, _ int) (lake.Tail, error) {
	l.scope = sc
	return lake.Tail{Next: after}, l.fail
}
func (l *pagedLake) Histogram(context.Context, lake.Scope, lake.Search, int) ([]lake.Bucket, time.Duration, lake.Stats, error) {
	return l.bars, time.Minute, lake.Stats{}, l.fail
}
func (l *pagedLake) Aggregate(_ context.Context, sc lake.Scope, p *query.Pipeline, _, _ time.Time) (*query.Table, lake.Stats, error) {
	l.scope = sc
	return &query.Table{Columns: p.Aggregate.Columns()}, lake.Stats{}, l.fail
}
func (l *pagedLake) FieldNames(_ context.Context, sc lake.Scope, _, _ time.Time) ([]lake.NameCount, bool, lake.Stats, error) {
	l.scope = sc
	return []lake.NameCount{{Name: "user", Count: 3}}, !l.newest, lake.Stats{}, l.fail
}
func (l *pagedLake) FieldValues(_ context.Context, sc lake.Scope, _ lake.Search, _, _ string, _ int) ([]lake.ValueCount, lake.Stats, error) {
	l.scope = sc
	return nil, lake.Stats{}, l.fail
}
func (l *pagedLake) FieldStats(context.Context, lake.Scope, lake.Search, int) ([]lake.FieldStats, int, lake.Stats, error) {
	return nil, 0, lake.Stats{}, l.fail
}
func (l *pagedLake) Event(context.Context, lake.Scope, event.ID) (*lake.Row, error) {
	return nil, fault.New(fault.NotFound, "no such event")
}
func (l *pagedLake) Around(context.Context, lake.Scope, event.ID, time.Duration, int) ([]lake.Row, error) {
	return nil, nil
}

// flat is a province whose units have none under them.
type flat struct{}

func (flat) Below(event.UnitID) []event.UnitID { return nil }

// newService is a service over l with an empty database.
func newService(t *testing.T, l Lake) *Service {
	t.Helper()
	return serviceOn(t, l, sqldbtest.SQLite(t))
}

func serviceOn(t *testing.T, l Lake, db *bun.DB) *Service {
	t.Helper()
	s := New(Options{
		Lake: l, DB: db, Trail: module.NewTrail(db), Units: flat{}, Dir: t.TempDir(), Config: DefaultConfig(),
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
	})
	for name, fsys := range map[string]fs.FS{"module": module.Migrations(), "search": s.Module().Migrations} {
		if err := sqldb.Migrate(context.Background(), db, name, fsys); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func ndjson(t *testing.T, w io.Writer) Writer {
	t.Helper()
	out, err := NewWriter("ndjson", w, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "x", Name: "x", Role: role, Unit: unit})
}

var (
	now   = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	asked = Request{From: now.Add(-time.Hour), To: now, Limit: 10}
)

func TestScopeComesFromThePrincipal(t *testing.T) {
	for _, c := range []struct {
		ctx  context.Context
		want lake.Scope
		kind fault.Kind
	}{
		{as(module.RoleAnalyst, "so-y-te"), lake.ScopeUnits("so-y-te"), 0},
		{as(module.RoleAnalyst, event.CentreUnit), lake.ScopeAll(), 0},
		{as(module.RoleAdministrator, event.CentreUnit), lake.ScopeAll(), 0},
		{as(module.RoleAnalyst, ""), lake.Scope{}, 0},
		{as(module.RoleIngest, "so-y-te"), lake.Scope{}, fault.Denied},
		{context.Background(), lake.Scope{}, fault.Unauthenticated},
	} {
		l := &pagedLake{}
		_, err := newService(t, l).Search(c.ctx, asked, nil)
		if c.kind != 0 {
			if fault.KindOf(err) != c.kind || len(l.asked) != 0 {
				t.Errorf("%v: %v, asked %d times", c.ctx, err, len(l.asked))
			}
			continue
		}
		if err != nil || fmt.Sprint(l.scope) != fmt.Sprint(c.want) {
			t.Errorf("scope %v, want %v: %v", l.scope, c.want, err)
		}
	}
}

func TestBadRequestsSayWhere(t *testing.T) {
	for _, c := range []struct {
		r     Request
		code  string
		field string
	}{
		{Request{Query: "user:", From: now.Add(-time.Hour), To: now}, "query.syntax", "query@5"},
		{Request{Query: "(a", From: now.Add(-time.Hour), To: now}, "query.syntax", "query@2"},
		{Request{From: now, To: now}, "range.empty", "body.to"},
		{Request{From: now.AddDate(-200, 0, 0), To: now}, "range.too-long", "body.from"},
	} {
		_, err := newService(t, &pagedLake{}).Search(as(module.RoleAnalyst, "so-y-te"), c.r, nil)
		fe, ok := errors.AsType[*fault.Error](err)
		if !ok || fe.Kind != fault.Invalid || fe.Code != c.code || fe.Field != c.field {
			t.Errorf("%+v: %+v", c.r, fe)
		}
	}
}

func TestSearchThatTakesTooLongSaysSo(t *testing.T) {
	_, err := newService(t, &pagedLake{fail: context.DeadlineExceeded}).Search(as(module.RoleAnalyst, "so-y-te"), asked, nil)
	fe, ok := errors.AsType[*fault.Error](err)
	if !ok || fe.Kind != fault.Busy || fe.Code != "search.too-slow" {
		t.Errorf("%v", err)
	}
}

func TestUnknownIDIsNotFound(t *testing.T) {
	for _, id := range []string{"", "x", strings.Repeat("0", 32), strings.Repeat("g", 32)} {
		if _, err := newService(t, &pagedLake{}).Event(as(module.RoleAnalyst, "so-y-te"), id); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%q: %v", id, err)
		}
	}
}

func TestExportReadsPageByPage(t *testing.T) {
	l := &pagedLake{n: 2500}
	var out bytes.Buffer
	pages := 0
	err := newService(t, l).Export(as(module.RoleAnalyst, "so-y-te"), asked, 2200, ndjson(t, &out), func() error { pages++; return nil })
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2200 || pages != 3 || l.asked[2].Limit != 200 {
		t.Errorf("%d lines in %d pages, last of %d", len(lines), pages, l.asked[2].Limit)
	}
	seen := map[string]bool{}
	for _, line := range lines {
		var v module.EventView
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		seen[v.Raw] = true
	}
	if len(seen) != 2200 {
		t.Errorf("%d different events", len(seen))
	}
}

func TestExportStopsWhereTheLakeDoes(t *testing.T) {
	var out bytes.Buffer
	err := newService(t, &pagedLake{n: 3}).Export(as(module.RoleAnalyst, "so-y-te"), asked, 1000, ndjson(t, &out), func() error { return nil })
	if err != nil || strings.Count(out.String(), "\n") != 3 {
		t.Errorf("%q %v", out.String(), err)
	}
}

func TestCSVIsHarmlessAndWhole(t *testing.T) {
	raws := []string{`=cmd|' /C calc'!A0`, "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", `quo"te, comma`, "two\nlines", "Đăng nhập", ""}
	l := &pagedLake{n: len(raws), row: func(i int) lake.Row {
		return lake.Row{Unit: "so-y-te", Host: "=evil()", Raw: raws[i], Fields: []event.Field{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}}, Rules: []string{"r1", "r2"}}
	}}
	var out bytes.Buffer
	w, err := NewWriter("csv", &out, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := newService(t, l).Export(as(module.RoleAnalyst, "so-y-te"), asked, 100, w, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(out.String(), byteOrderMark)
	if !marked {
		t.Error("no byte order mark")
	}
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != len(raws)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") || strings.HasPrefix(cell, "＝") {
				t.Errorf("row %d: cell %q is a formula", i, cell)
			}
		}
		// encoding/csv reads \r\n and a lone \r inside quotes as they are, but
		// folds \r\n; none of these lines holds one.
		if got := strings.TrimPrefix(row[12], "'"); got != raws[i] {
			t.Errorf("raw %q came back as %q", raws[i], got)
		}
		if row[13] != `{"a":["1","2"]}` || row[11] != "r1 r2" {
			t.Errorf("%q", row)
		}
	}
}
