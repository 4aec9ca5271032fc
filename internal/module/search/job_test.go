package search

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// longLake answers with n rows, as fast as they are taken; hold stops it at a row.
type longLake struct {
	pagedLake
	hold  int
	held  chan struct{} // closed when the row is reached
	let   chan struct{} // closed to go on
	every func(i int)
}

func (l *longLake) Search(ctx context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error) {
	l.scope = sc
	for i := range min(l.n, s.Limit) {
		if l.held != nil && i == l.hold {
			close(l.held)
			select {
			case <-l.let:
			case <-ctx.Done():
				return lake.Stats{}, context.Cause(ctx)
			}
		}
		if l.every != nil {
			l.every(i)
		}
		r := lake.Row{
			Unit: "so-y-te", Host: "máy-chủ-01", Time: time.Unix(int64(i), 0), Raw: fmt.Sprintf(`{"EventID":4625,"n":%d,"TargetUserName":"quản trị"}`, i),
			Fields: []event.Field{{Name: "EventID", Value: "4625"}, {Name: "n", Value: fmt.Sprint(i)}, {Name: "TargetUserName", Value: "quản trị"}},
		}
		if err := each(&r); err != nil {
			return lake.Stats{}, err
		}
	}
	return lake.Stats{}, nil
}

// exporting is a service whose exports run until the test ends.
func exporting(t *testing.T, l Lake, db *bun.DB) (*Service, func()) {
	t.Helper()
	s := serviceOn(t, l, db)
	stop := work(t, s)
	return s, stop
}

func work(t *testing.T, s *Service) func() {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.runExports(ctx); err != nil {
			t.Error(err)
		}
	})
	stop := sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(stop)
	return stop
}

func export(format string, columns ...string) ExportRequest {
	r := ExportRequest{Request: asked, Format: format, Columns: columns}
	r.Limit = maxExport
	return r
}

func wait(t *testing.T, s *Service, ctx context.Context, id string, until func(Job) bool) Job {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		j, err := s.ExportJob(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if until(j) {
			return j
		}
		if time.Now().After(deadline) {
			t.Fatalf("still %+v", j)
		}
	}
}

func ended(j Job) bool { return j.State.ended() }

func fileOf(t *testing.T, s *Service, ctx context.Context, id string) []byte {
	t.Helper()
	_, f, err := s.OpenExport(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestExportsBelongToWhoAskedAndToHisScope(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		l := &longLake{pagedLake: pagedLake{n: 1234}}
		s, _ := exporting(t, l, db)
		lan := person("lan")
		j, err := s.StartExport(lan, export("csv", "n", "host", "fields"))
		if err != nil {
			t.Fatal(err)
		}
		j = wait(t, s, lan, j.ID, ended)
		if j.State != JobDone || j.Rows != 1234 || j.Total != 1234 || j.Bytes == 0 || j.FileBytes == 0 {
			t.Fatalf("%+v", j)
		}
		if fmt.Sprint(l.scope) != fmt.Sprint(lake.ScopeUnits("so-y-te")) {
			t.Errorf("exported in the scope %v", l.scope)
		}
		text := fileOf(t, s, lan, j.ID)
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != j.SHA256 || int64(len(text)) != j.Bytes {
			t.Errorf("the file is not the one that was made: %d bytes, %d told", len(text), j.Bytes)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), byteOrderMark))).ReadAll()
		if err != nil || len(rows) != 1235 || strings.Join(rows[7], "|") != `6|máy-chủ-01|{"EventID":"4625","TargetUserName":"quản trị","n":"6"}` {
			t.Errorf("%d rows, %q: %v", len(rows), rows[7], err)
		}
		for who, ctx := range map[string]context.Context{
			"a colleague":      person("minh"),
			"an administrator": module.WithPrincipal(t.Context(), module.Principal{ID: "admin", Role: module.RoleAdministrator, Unit: event.CentreUnit}),
		} {
			if _, _, err := s.OpenExport(ctx, j.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s opens it: %v", who, err)
			}
			if err := s.RemoveExport(ctx, j.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s removes it: %v", who, err)
			}
			if list, err := s.Exports(ctx); err != nil || len(list) != 0 {
				t.Errorf("%s lists it: %v", who, err)
			}
		}
		// Lan moved to another agency: what she took from the old one stays there.
		moved := module.WithPrincipal(t.Context(), module.Principal{ID: "lan", Name: "lan", Role: module.RoleAnalyst, Unit: "so-noi-vu", Session: "s"})
		if _, _, err := s.OpenExport(moved, j.ID); code(err) != "export.scope" || fault.KindOf(err) != fault.Denied {
			t.Errorf("after a move: %v", err)
		}
		if err := s.RemoveExport(moved, j.ID); err != nil {
			t.Errorf("she may still remove it: %v", err)
		}
		if left, err := os.ReadDir(s.dir); err != nil || len(left) != 0 {
			t.Errorf("%v is left, %v", left, err)
		}
		var actions []string
		records, err := s.trail.Find(module.WithPrincipal(t.Context(), module.System()), module.RecordFilter{}, false, 10)
		for _, r := range records {
			actions = append(actions, r.Action+" "+r.Actor)
		}
		if got := strings.Join(actions, ", "); err != nil || got != "export.remove lan, export.download lan, export.done system, export.create lan" {
			t.Errorf("the trail has %s: %v", got, err)
		}
		if d := records[1].Detail; d["rows"] != "1234" || d["sha256"] != j.SHA256 || d["columns"] != "n,host,fields" {
			t.Errorf("the trail tells %v", d)
		}
	})
}

func TestAnExportCanBeCancelled(t *testing.T) {
	l := &longLake{pagedLake: pagedLake{n: 5000}, hold: 2500, held: make(chan struct{}), let: make(chan struct{})}
	s, _ := exporting(t, l, sqldbtest.SQLite(t))
	lan := person("lan")
	j, err := s.StartExport(lan, export("ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	<-l.held
	j = wait(t, s, lan, j.ID, func(j Job) bool { return j.Rows == 2500 })
	if j.State != JobRunning || j.Total != 5000 || s.jobView(j).Percent != 50 {
		t.Errorf("half way it is %+v", s.jobView(j))
	}
	waiting, err := s.StartExport(lan, export("csv"))
	if err != nil {
		t.Fatal(err)
	}
	if waiting, err = s.CancelExport(lan, waiting.ID); err != nil || waiting.State != JobCancelled {
		t.Errorf("one that waits: %+v %v", waiting, err)
	}
	if j, err = s.CancelExport(lan, j.ID); err != nil || j.State != JobCancelled {
		t.Errorf("%+v %v", j, err)
	}
	if _, _, err := s.OpenExport(lan, j.ID); code(err) != "export.not-done" {
		t.Errorf("a cancelled one opens: %v", err)
	}
	l.held = nil
	next, err := s.StartExport(lan, export("ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if next = wait(t, s, lan, next.ID, ended); next.State != JobDone {
		t.Errorf("the next: %+v", next)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 1 {
		t.Errorf("%v is left: %v", left, err)
	}
}

func TestAnExportThatWasInterruptedIsMadeAfterTheNextStart(t *testing.T) {
	l := &longLake{pagedLake: pagedLake{n: 100}, hold: 50, held: make(chan struct{}), let: make(chan struct{})}
	db := sqldbtest.SQLite(t)
	s, stop := exporting(t, l, db)
	lan := person("lan")
	j, err := s.StartExport(lan, export("csv"))
	if err != nil {
		t.Fatal(err)
	}
	<-l.held
	stop()
	l.held = nil
	again := New(Options{Lake: l, DB: db, Trail: s.trail, Units: s.units, Dir: s.dir, Config: s.config, Log: s.log, Now: s.now})
	if err := os.WriteFile(again.file("0123")+partSuffix, []byte("left by a kill"), 0o600); err != nil {
		t.Fatal(err)
	}
	work(t, again)
	if j = wait(t, again, lan, j.ID, ended); j.State != JobDone || j.Rows != 100 {
		t.Errorf("%+v", j)
	}
	if left, err := os.ReadDir(s.dir); err != nil || len(left) != 1 {
		t.Errorf("%v is left: %v", left, err)
	}
	if err := os.Remove(again.file(j.ID)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := again.OpenExport(lan, j.ID); code(err) != "export.unknown" {
		t.Errorf("without its file: %v", err)
	}
	if err := again.clearFiles(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, err := again.Exports(lan); err != nil || len(list) != 0 {
		t.Errorf("after the next start it is still listed: %v", err)
	}
}

func TestExportsAreBounded(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		l := &longLake{pagedLake: pagedLake{n: 20_000}}
		s := serviceOn(t, l, db) // nothing runs yet
		lan := person("lan")
		for range maxUnfinished {
			if _, err := s.StartExport(lan, export("csv")); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.StartExport(lan, export("csv")); code(err) != "export.too-many" {
			t.Errorf("one more: %v", err)
		}
		if _, err := s.StartExport(person("minh"), export("csv")); err != nil {
			t.Errorf("another person: %v", err)
		}
		s.config.ExportDisk = 100 << 10
		clock := now
		s.now = func() time.Time { return clock }
		stop := work(t, s)
		list, err := s.Exports(lan)
		if err != nil || len(list) != maxUnfinished {
			t.Fatal(err)
		}
		failed := 0
		for _, j := range list {
			if j = wait(t, s, lan, j.ID, ended); j.State == JobFailed {
				failed++
				if j.ErrorCode != "export.disk-full" {
					t.Errorf("%+v", j)
				}
			}
		}
		if failed == 0 {
			t.Error("all fit into 100 KiB")
		}
		stop()
		clock = clock.Add(s.config.ExportKeep)
		for _, j := range list {
			if _, err := s.ExportJob(lan, j.ID); code(err) != "export.unknown" {
				t.Errorf("it is kept for longer: %v", err)
			}
		}
		if err := s.expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadDir(s.dir)
		if err != nil || len(left) != 0 {
			t.Errorf("%v is left: %v", left, err)
		}
	})
}

func TestWhatCannotBeExportedSaysWhy(t *testing.T) {
	s := newService(t, &pagedLake{})
	for _, c := range []struct {
		field  string
		change func(*ExportRequest)
	}{
		{"query@5", func(r *ExportRequest) { r.Query = "user:" }},
		{"body.to", func(r *ExportRequest) { r.To = r.From }},
		{"body.format", func(r *ExportRequest) { r.Format = "xlsx" }},
		{"body.limit", func(r *ExportRequest) { r.Limit = maxExport + 1 }},
		{"body.columns", func(r *ExportRequest) { r.Columns = []string{"a", "a"} }},
		{"body.columns", func(r *ExportRequest) { r.Columns = []string{""} }},
		{"body.columns", func(r *ExportRequest) { r.Columns = make([]string, maxExportColumns+1) }},
	} {
		r := export("csv")
		c.change(&r)
		_, err := s.StartExport(person("lan"), r)
		if fe, ok := errors.AsType[*fault.Error](err); !ok || fe.Kind != fault.Invalid || fe.Field != c.field {
			t.Errorf("%s: %v", c.field, err)
		}
	}
}

// A file of 200,000 events is made in the memory of one of a few.
func TestExportMemoryIsFlat(t *testing.T) {
	const rows = 200_000
	l := &longLake{pagedLake: pagedLake{n: rows}}
	s := newService(t, l)
	var base, most, before, after runtime.MemStats
	for _, format := range []string{"csv", "ndjson"} {
		runtime.GC()
		runtime.ReadMemStats(&base)
		most = base
		l.every = func(i int) {
			if i%20_000 == 19_999 {
				runtime.GC()
				var m runtime.MemStats
				if runtime.ReadMemStats(&m); m.HeapAlloc > most.HeapAlloc {
					most = m
				}
			}
		}
		j := Job{ID: module.NewID(), Unit: "so-y-te", Format: format, Limit: maxExport, From: asked.From, To: asked.To, Columns: []string{"time", "host", "n", "TargetUserName", "raw"}}
		if err := os.MkdirAll(s.dir, 0o700); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&before)
		r := &running{}
		if err := s.makeFile(t.Context(), &j, r); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		t.Logf("%s: %d rows, %d bytes as %d; heap +%d KiB at most, %d bytes allocated a row", format, r.rows.Load(), r.bytes.Load(), j.FileBytes,
			(most.HeapAlloc-base.HeapAlloc)>>10, (after.TotalAlloc-before.TotalAlloc)/rows)
		if r.rows.Load() != rows {
			t.Errorf("%d rows", r.rows.Load())
		}
		if most.HeapAlloc > base.HeapAlloc+4<<20 {
			t.Errorf("%s: the heap grew by %d KiB", format, (most.HeapAlloc-base.HeapAlloc)>>10)
		}
	}
}

func TestChosenColumns(t *testing.T) {
	row := lake.Row{
		Unit: "so-y-te", Time: now, Raw: "r", Rules: []string{"r1", "r2"},
		Fields: []event.Field{{Name: "Host", Value: "từ trường"}, {Name: "ip", Value: "10.0.0.1"}, {Name: "IP", Value: "10.0.0.2"}, {Name: "none", Kind: event.Null}, {Name: "empty", Value: ""}},
	}
	columns := []string{"time", "HOST", "_host", "ip", "none", "empty", "absent", "rules", "unit"}
	for format, want := range map[string]string{
		"csv":    byteOrderMark + "time,HOST,_host,ip,none,empty,absent,rules,unit\n2026-11-22T03:00:00.000Z,từ trường,,\"[\"\"10.0.0.1\"\",\"\"10.0.0.2\"\"]\",,,,r1 r2,so-y-te\n",
		"ndjson": `{"time":"2026-11-22T03:00:00.000Z","HOST":"từ trường","_host":null,"ip":["10.0.0.1","10.0.0.2"],"none":null,"empty":"","absent":null,"rules":["r1","r2"],"unit":"so-y-te"}` + "\n",
	} {
		var out bytes.Buffer
		w, err := NewWriter(format, &out, columns)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Write(&row), w.Flush()); err != nil || out.String() != want {
			t.Errorf("%s:\n%s\nwant\n%s%v", format, out.String(), want, err)
		}
	}
}

// Whatever is in a log: the file has one cell for each value, none a formula, and
// taking one apostrophe away where there is one gives the value.
func FuzzCellsAreExactAndHarmless(f *testing.F) {
	for _, s := range []string{"=1+1", "'=x", "''", "a\"b,c\nd\re", "", " ", "＝x", "-1", "\x00", "\xff", "é"} {
		f.Add(s, "b")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		line := appendCell(appendCell(nil, a), b)
		line = endLine(line)
		cells := splitCells(t, string(line))
		if len(cells) != 2 {
			t.Fatalf("%q is %d cells", line, len(cells))
		}
		if one := endLine(appendCell(nil, a)); string(one) == "\n" {
			t.Errorf("%q is an empty line", a)
		}
		for i, want := range []string{a, b} {
			cell := cells[i]
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r\n") || strings.HasPrefix(cell, "＝") {
				t.Errorf("%q is a formula", cell)
			}
			if got := strings.TrimPrefix(cell, "'"); got != want {
				t.Errorf("%q came back as %q", want, got)
			}
		}
	})
}

// splitCells reads a line by RFC 4180 and keeps every byte, which encoding/csv
// does not: it folds the ends of lines.
func splitCells(t *testing.T, line string) (cells []string) {
	t.Helper()
	for {
		var cell strings.Builder
		if strings.HasPrefix(line, `"`) {
			for quoted := true; quoted; {
				end := strings.IndexByte(line[1:], '"') + 1
				cell.WriteString(line[1:end])
				if line = line[end+1:]; strings.HasPrefix(line, `"`) {
					cell.WriteByte('"')
				} else {
					quoted = false
				}
			}
		} else {
			end := strings.IndexAny(line, ",\n")
			cell.WriteString(line[:end])
			line = line[end:]
		}
		cells = append(cells, cell.String())
		switch {
		case line == "\n":
			return cells
		case line[0] != ',':
			t.Fatalf("%q after a cell", line)
		}
		line = line[1:]
	}
}

func TestTheWireFormTellsHowFarAJobIs(t *testing.T) {
	s := newService(t, &pagedLake{})
	at := now.Add(-10 * time.Second)
	for _, c := range []struct {
		j    Job
		want string
	}{
		{Job{State: JobQueued, Total: rowsUnknown}, `null 0 null`},
		{Job{State: JobRunning, Total: 1000, Rows: 250, StartedAt: at}, `1000 25 30`},
		{Job{State: JobRunning, Total: 1000, Rows: 1000, StartedAt: at}, `1000 99.9 1`},
		{Job{State: JobDone, Total: 0, StartedAt: at}, `0 100 null`},
	} {
		v := s.jobView(c.j)
		total, _ := json.Marshal(v.RowsTotal)
		eta, _ := json.Marshal(v.EtaSeconds)
		if got := fmt.Sprintf("%s %v %s", total, v.Percent, eta); got != c.want {
			t.Errorf("%+v: %s, want %s", c.j, got, c.want)
		}
	}
}
