package lake

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/parse"
)

// examples returns the code of a language in docs/format/segment.md, with the
// folder of a lake in place of its own.
func examples(t *testing.T, language, dir string) []string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/format/segment.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for i, part := range strings.Split(string(doc), "```") {
		if code, ok := strings.CutPrefix(part, language+"\n"); ok && i%2 == 1 {
			out = append(out, strings.ReplaceAll(code, "lake/*", dir+"/*"))
		}
	}
	return out
}

// documented is a lake with records of every sort: JSON in several ways to
// escape, arrays, text, bytes that are not UTF-8. It returns the records.
func documented(t *testing.T) (*Lake, [][]byte) {
	t.Helper()
	b := event.Batch{ID: event.NewBatchID(epoch), Unit: "so-noi-vu", Input: "http", Received: epoch}
	add := func(hint event.Hint, format string, args ...any) {
		b.Records = append(b.Records, event.Record{Data: fmt.Appendf(nil, format, args...), Hint: hint})
	}
	for i := range 60 {
		at := fmt.Sprintf("2026-11-20T01:%02d:%02dZ", i%60, i*7%60)
		add(event.HintJSON, `{"EventID":4625,"TargetUserName":"user%d","@timestamp":"%s","Image":"C:\\Windows\\%d.exe","tags":["a","b\\%d",true,null]}`, i%3, at, i, i)
		add(event.HintJSON, `{"EventID":4625,"TargetUserName":"Đặng %d","note":"%s <b> / \n\u0001","@timestamp":"%s"}`, i%2, "\u2028", at)
		add(event.HintJSON, `{"EventID":"1","note":"\u0110\u1eb7ng \ud83d\ude00 %d","_time":"x","user":"a","USER":"b%d"}`, i, i)
		add(event.HintJSON, `{"EventID":1,"note":"\u003cscript\u003e \u0026 %d"}`, i)
		add(event.HintJSON, `{"EventID":1,"url":"http:\/\/example.vn\/%d"}`, i)
		add(event.HintSyslog, `<34>Nov 20 01:%02d:11 web01 sshd[%d]: Failed password for root from 192.0.2.%d port 22 ssh2`, i%60, i, i)
		add(event.HintText, "bytes \xff %d", i)
	}
	l := openLake(t, openSQLite(t), later)
	p := parse.New(parse.Options{})
	var raws [][]byte
	for _, half := range []int{0, 1} {
		s := l.NewSegment()
		var ev event.Event
		for i := range b.Records {
			if i%2 == half {
				p.Parse(&b, i, &ev)
				ev.Skewed = false
				s.Add(&ev, nil)
				raws = append(raws, b.Records[i].Data)
			}
		}
		if err := l.Commit(context.Background(), s, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	return l, raws
}

// DuckDB without any of our code answers the example of the document, and sees
// every column as the document describes it.
func TestDuckDBReadsSegmentsAsDocumented(t *testing.T) {
	l, _ := documented(t)
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	code := examples(t, "sql", l.dir)
	if len(code) == 0 {
		t.Fatal("the document has no example for DuckDB")
	}
	for range 2 { // as flushed, and merged
		for _, text := range code {
			if got, want := counts(t, db, text), "[Đặng 0 30 Đặng 1 30 user0 20 user1 20 user2 20]"; got != want {
				t.Errorf("%s\ngot %s; want %s", text, got, want)
			}
		}
		var shapes, raws, all int
		if err := db.QueryRow(`SELECT count(_shape), count(_raw), count(*) FROM read_parquet('`+filepath.Join(l.dir, "*", "*.parquet")+`', union_by_name = true)`).Scan(&shapes, &raws, &all); err != nil {
			t.Fatal(err)
		}
		if shapes == 0 || raws == 0 || shapes+raws != all || all != 420 {
			t.Errorf("%d shapes and %d raw records for %d events", shapes, raws, all)
		}
		compactAll(t, l)
	}
}

// counts runs a query of texts and counts.
func counts(t *testing.T, db *sql.DB, text string) string {
	t.Helper()
	rows, err := db.Query(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var v string
		var n int
		if err := rows.Scan(&v, &n); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(v, " ", n))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(got)
}

// pandas rebuilds every record to the byte with the code in the document.
func TestPandasReadsSegmentsAsDocumented(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("python3 is not installed")
	}
	if out, err := exec.Command(python, "-c", "import pandas, pyarrow.parquet").CombinedOutput(); err != nil {
		t.Skipf("python3 has no pandas with pyarrow: %s", out)
	}
	l, want := documented(t)
	code := examples(t, "python", l.dir)
	if len(code) != 2 {
		t.Fatalf("the document has %d examples for pandas, not 2", len(code))
	}
	slices.SortFunc(want, bytes.Compare)
	for range 2 {
		out := runPython(t, python, code[0])
		for _, user := range []string{"user0", "user1", "user2", "Đặng 0", "Đặng 1"} {
			if !strings.Contains(out, user) {
				t.Errorf("%s is not among\n%s", user, out)
			}
		}
		script := code[1] + `
import base64, glob
for path in glob.glob("` + l.dir + `/*/*.parquet"):
    for record in records(path):
        print(base64.b64encode(record).decode())
`
		var got [][]byte
		for line := range strings.Lines(runPython(t, python, script)) {
			b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, b)
		}
		slices.SortFunc(got, bytes.Compare)
		if len(got) != len(want) {
			t.Fatalf("%d records of %d", len(got), len(want))
		}
		for i := range got {
			if !bytes.Equal(got[i], want[i]) {
				t.Fatalf("got  %q\nwant %q", got[i], want[i])
			}
		}
		compactAll(t, l)
	}
}

func runPython(t *testing.T, python, script string) string {
	t.Helper()
	cmd := exec.Command(python, "-")
	cmd.Stdin = strings.NewReader(script)
	cmd.Env = append(os.Environ(), "PYTHONIOENCODING=utf-8")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, script, stderr.Bytes())
	}
	return string(out)
}
