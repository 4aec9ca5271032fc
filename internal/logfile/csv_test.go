package logfile_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
)

// readAs reads a stream whole.
func readAs(text string, as logfile.As) (s *logfile.Source, records []string, err error) {
	s, err = logfile.OpenAs(logfile.Stdin(strings.NewReader(text), time.Unix(0, 0)), as)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close()
	for {
		rec, err := s.Next()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return s, records, err
		}
		records = append(records, string(rec))
	}
}

func TestTables(t *testing.T) {
	long := strings.Repeat("x", event.MaxRecordBytes)
	for name, c := range map[string]struct {
		text  string
		want  []string
		codes []string // of problems, with their line
	}{
		"commas":             {"time,user,ip\n2026-11-22,an,10.0.0.1\r\n2026-11-23,bình,\n", []string{`{"time":"2026-11-22","user":"an","ip":"10.0.0.1"}`, `{"time":"2026-11-23","user":"bình","ip":""}`}, nil},
		"semicolons":         {"a;b\n1;2,5\n3;4", []string{`{"a":"1","b":"2,5"}`, `{"a":"3","b":"4"}`}, nil},
		"tabs":               {"a\tb\n1\t2\n", []string{`{"a":"1","b":"2"}`}, nil},
		"a spreadsheet's":    {"sep=;\na;b\n1;2\n", []string{`{"a":"1","b":"2"}`}, nil},
		"quotes":             {"a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\n", []string{`{"a":"x, \"y\"","b":"two\u000alines"}`}, nil},
		"a mark":             {"\xef\xbb\xbfa,b\n1,2\n", []string{`{"a":"1","b":"2"}`}, nil},
		"UTF-16":             {"\xff\xfea\x00,\x00b\x00\n\x001\x00,\x002\x00\n\x00", []string{`{"a":"1","b":"2"}`}, nil},
		"headings":           {"Tên, ,Tên\n1,2,3\n", []string{`{"Tên":"1","column2":"2","Tên_2":"3"}`}, nil},
		"empty lines":        {"a,b\n\n1,2\n\r\n", []string{`{"a":"1","b":"2"}`}, nil},
		"short and long":     {"a,b\n1,2\n1\n1,2,3\n4,5\n", []string{`{"a":"1","b":"2"}`, `1`, `1,2,3`, `{"a":"4","b":"5"}`}, []string{"3 csv.columns", "4 csv.columns"}},
		"an open quote":      {"a,b\n1,2\n\"x,2\n3,4\n", []string{`{"a":"1","b":"2"}`, `"x,2`, `{"a":"3","b":"4"}`}, []string{"3 csv.quote"}},
		"a quote inside":     {"a,b\n\"x\"y,2\n3,4\n", []string{`"x"y,2`, `{"a":"3","b":"4"}`}, []string{"2 csv.quote"}},
		"lines after quotes": {"a,b\n\"1\n2\",3\nx\n", []string{`{"a":"1\u000a2","b":"3"}`, `x`}, []string{"4 csv.columns"}},
		"a very long row":    {"a,b\n1," + long + "y\n3,4\n", []string{"1," + long[:len(long)-2], `{"a":"3","b":"4"}`}, []string{"2 record.cut"}},
		"bytes":              {"a,b\n\xff,\x01\n", []string{"{\"a\":\"\ufffd\",\"b\":\"\\u0001\"}"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, got, err := readAs(c.text, logfile.AsCSV)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("(-want +got):\n%.3000s", d)
			}
			var codes []string
			for _, p := range s.Details {
				codes = append(codes, string(rune('0'+p.At))+" "+p.Code)
			}
			if d := cmp.Diff(c.codes, codes); d != "" || s.Problems != len(c.codes) || s.Kind != logfile.KindCSV {
				t.Errorf("%s, %d problems (-want +got):\n%s", s.Kind, s.Problems, d)
			}
		})
	}
}

// A table is recognised only where that is asked for, and text is not taken for
// one.
func TestWhatIsATable(t *testing.T) {
	for text, want := range map[string]logfile.Kind{
		"time,user\n1,an\n2,bình\n":      logfile.KindCSV,
		"Date;Source;Message\n1;2;3\n":   logfile.KindCSV,
		"a\tb\n1\t2\n":                   logfile.KindCSV,
		"time,user\n":                    logfile.KindLines, // headings alone are a line
		"one line\nand another\n":        logfile.KindLines,
		"hello, world\nthis is, a log\n": logfile.KindCSV, // nobody could tell
		"Nov 22 10:00:00 a sshd[1]: x, y\nNov 22 10:00:01 a sshd[1]: x, y, z\n": logfile.KindLines,
		"{\"a\":1,\"b\":2}\n{\"a\":1,\"b\":2}\n":                                logfile.KindNDJSON,
		"[{\"a\":1},{\"a\":2}]":                                                 logfile.KindJSON,
		"date=2026-11-22,time=1\ndate=2026-11-22,time=2\n":                      logfile.KindLines,
		"10.0.0.1,x\n10.0.0.2,y\n":                                              logfile.KindLines,
		"":                                                                      logfile.KindLines,
	} {
		if s, _, err := readAs(text, logfile.AsAuto); err != nil || s.Kind != want {
			t.Errorf("%q is %v, %v; want %s", text, s, err, want)
		}
		if s, _, err := readAs(text, logfile.AsFound); err != nil || s.Kind == logfile.KindCSV {
			t.Errorf("%q: a table though nobody asked, %v", text, err)
		}
		if s, _, err := readAs(text, logfile.AsLines); err != nil || s.Kind != logfile.KindLines {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, _, err := readAs("", logfile.AsCSV); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an empty table: %v", err)
	}
	if _, _, err := readAs(strings.Repeat("a,", 2000)+"\n1\n", logfile.AsCSV); fault.KindOf(err) != fault.Invalid {
		t.Errorf("2,001 columns: %v", err)
	}
}

// The same file gives the same runs, within the limits, and every record.
func TestBatchesAreTheSameEveryTime(t *testing.T) {
	text := strings.Repeat(strings.Repeat("x", 700)+"\n", 5000) + strings.Repeat("y\n", 10_000)
	run := func() (sizes []int, n int) {
		s, err := logfile.Open(logfile.Stdin(strings.NewReader(text), time.Unix(0, 0)))
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for b := s.Batches(func(_ []byte, h event.Hint) event.Hint { n++; return h }); ; {
			records, err := b.Next()
			if err != nil {
				return sizes, n
			}
			batch := event.Batch{Records: records}
			if batch.Bytes() > event.MaxBatchBytes || len(records) > event.MaxBatchRecords || len(records) == 0 {
				t.Errorf("%d records, %d bytes", len(records), batch.Bytes())
			}
			sizes = append(sizes, len(records))
		}
	}
	first, n := run()
	again, _ := run()
	if d := cmp.Diff(first, again); d != "" || n != 15_000 || len(first) < 5 {
		t.Errorf("%d records in %d runs; %s", n, len(first), d)
	}
}

// FuzzTable compares with the standard library where that finds no fault, and
// otherwise asks that no line is lost.
func FuzzTable(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\n\"x\"\"y\",2\r\n3", "a,b\n\"x,2\n3,4\n", "a,b\n1\n1,2,3\n", "\"a\nb\",c\n1,2\n", "a,b\n\"x\"y,2\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, got, err := readAs(string(data), logfile.AsCSV)
		if err != nil {
			return
		}
		for _, p := range s.Details {
			if p.Code == "" || p.Detail == "" || !p.Stored {
				t.Errorf("%+v", p)
			}
		}
		for _, r := range got {
			if len(r) > event.MaxRecordBytes || r == "" {
				t.Errorf("a record of %d bytes", len(r))
			}
		}
		if s.Kind != logfile.KindCSV || s.Problems > 0 || bytes.HasPrefix(data, []byte("sep=")) || bytes.ContainsAny(data, ";\t|") || bytes.Contains(data, []byte("\r")) || bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || bytes.HasPrefix(data, []byte("\x1f\x8b")) {
			return
		}
		r := csv.NewReader(bytes.NewReader(data))
		r.LazyQuotes = true
		rows, err := r.ReadAll()
		if err != nil || len(rows) == 0 || len(rows[0]) < 2 {
			return
		}
		var want [][]string
		for _, row := range rows[1:] {
			if len(strings.TrimSpace(strings.Join(row, ""))) > 0 || len(row) > 1 {
				want = append(want, row)
			}
		}
		if len(want) != len(got) {
			t.Fatalf("%q: %d rows, the library finds %d: %q", data, len(got), len(want), want)
		}
		for i, row := range want {
			values := map[string]string{}
			if err := json.Unmarshal([]byte(got[i]), &values); err != nil {
				t.Fatalf("%q: %v", got[i], err)
			}
			if len(values) != len(row) {
				t.Fatalf("%q: %d values, want %q", got[i], len(values), row)
			}
		}
	})
}
