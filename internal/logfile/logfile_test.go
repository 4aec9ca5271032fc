package logfile_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
)

// one is the file at path, as Find gives it.
func one(t *testing.T, path string) logfile.File {
	t.Helper()
	files, err := logfile.Find([]string{path})
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files[0]
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(text))
	z.Close()
	return b.String()
}

func utf16le(text string) string {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return string(b)
}

func TestSourcesAreToldApart(t *testing.T) {
	long := strings.Repeat("x", event.MaxRecordBytes+10)
	for _, c := range []struct {
		name, file, content string
		hint                event.Hint
		want                []string
		problems            int
	}{
		{"NDJSON", "a.ndjson", "{\"a\":1}\n\n{\"a\":2}\r\n", event.HintJSON, []string{`{"a":1}`, `{"a":2}`}, 0},
		{"NDJSON behind gzip", "a.gz", gzipped("{\"a\":1}\n"), event.HintJSON, []string{`{"a":1}`}, 0},
		{"NDJSON with a byte order mark", "a.json", "\xef\xbb\xbf{\"a\":1}\n", event.HintJSON, []string{`{"a":1}`}, 0},
		{"a document laid out over lines", "a.json", "{\n  \"a\": [1, 2]\n}\n{\n \"b\": 2}", event.HintJSON, []string{`{"a":[1,2]}`, `{"b":2}`}, 0},
		{"an array", "a.json", "[\n {\"a\": 1},\n {\"a\": 2}\n]\n", event.HintJSON, []string{`{"a":1}`, `{"a":2}`}, 0},
		{"arrays one after another", "a.json", "[{\"a\": 1}]\n[]\n[{\"a\": 2}]\n", event.HintJSON, []string{`{"a":1}`, `{"a":2}`}, 0},
		{"records that a cloud delivers", "a.json", `{"Records":[{"a":1},{"a":2}]}`, event.HintJSON, []string{`{"a":1}`, `{"a":2}`}, 0},
		{"records laid out, with more around them", "a.json", "{ \"records\": [\n{\"a\": 1}], \"next\": {\"x\": []}}\n{\"n\": 1, \"records\": []}", event.HintJSON, []string{`{"a":1}`}, 0},
		{"an object that only begins like records", "a.json", `{"Recordset":[{"a":1}]}`, event.HintJSON, []string{`{"Recordset":[{"a":1}]}`}, 0},
		{"text", "a.log", "Jun 14 15:16:01 combo su: x\nlast line without end", event.HintText, []string{"Jun 14 15:16:01 combo su: x", "last line without end"}, 0},
		{"text that begins like an array", "a.log", "[Sun Dec 04 04:47:44 2005] [notice] ok\n", event.HintText, []string{"[Sun Dec 04 04:47:44 2005] [notice] ok"}, 0},
		{"a line too long", "a.log", long + "\nshort\n", event.HintText, []string{long[:event.MaxRecordBytes], "short"}, 1},
		{"UTF-16", "a.log", utf16le("{\"a\":\"ế\"}\r\n{\"a\":2}"), event.HintJSON, []string{`{"a":"ế"}`, `{"a":2}`}, 0},
		{"a line longer than a block", "a.log", "first\n" + long + long + long + "\nlast", event.HintText, []string{"first", long[:event.MaxRecordBytes], "last"}, 1},
		{"nothing", "a.log", "", event.HintText, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := logfile.Open(one(t, path))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			var got []string
			for {
				rec, err := s.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(rec))
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("records (-want +got):\n%s", d)
			}
			if s.Hint != c.hint || s.Problems != c.problems {
				t.Errorf("hint %v, problems %d; want %v, %d", s.Hint, s.Problems, c.hint, c.problems)
			}
			if s.Read() != s.Size {
				t.Errorf("read %d of %d bytes", s.Read(), s.Size)
			}
		})
	}
}

func TestBrokenSourcesSayWhere(t *testing.T) {
	for name, c := range map[string]struct{ file, content, want string }{
		"broken document": {"a.json", "{\n \"a\": 1\n}\n{\n \"a\": }\n", "a.json: byte"},
		"cut array":       {"a.json", "[{\"a\":1},\n{\"a\":2}", "a.json: byte 17: the file ends in the middle"},
		"cut in an array": {"a.json", "[{\"a\":1},\n", "the file ends in the middle"},
		"behind an array": {"a.json", "[{\"a\":1}]\n{\"a\":2}", "stands behind an array"},
		"cut records":     {"a.json", "{\"Records\":[{\"a\":1},{\"a\":", "the file ends in the middle"},
		"records cut off": {"a.json", "{\"Records\":[{\"a\":1}]", "the file ends in the middle"},
		"no records":      {"a.json", "{\"Records\":[{\"a\":1}]}\n{\"Records\":1}", "array of records"},
		"cut document":    {"a.json", "{\n\"a\":1}\n{\"a\"", "the file ends in the middle"},
		"cut gzip header": {"a.gz", gzipped("line\n")[:5], "unexpected EOF"},
		"cut gzip":        {"a.gz", gzipped(strings.Repeat("line\n", 1000))[:40], "unexpected EOF"},
		"not an evtx":     {"a.evtx", "hello", "not a Windows event log"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := logfile.Open(one(t, path))
			for err == nil {
				_, err = s.Next()
			}
			if s != nil {
				s.Close()
			}
			if !strings.Contains(err.Error(), c.want) || fault.KindOf(err) != fault.Invalid {
				t.Errorf("got %v (%v), want %q", err, fault.KindOf(err), c.want)
			}
		})
	}
}

// People keep evidence on other disks, behind a link.
func TestALinkToAFolderIsTheFolder(t *testing.T) {
	dir, link := t.TempDir(), filepath.Join(t.TempDir(), "link")
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "a.log"), []byte("x"), 0o600), os.Symlink(dir, link)); err != nil {
		t.Fatal(err)
	}
	files, err := logfile.Find([]string{link})
	if err != nil || len(files) != 1 || files[0].Name() != filepath.Join(link, "a.log") {
		t.Errorf("got %v, %v", files, err)
	}
}

func TestFindFilesPassesOverHiddenOnes(t *testing.T) {
	dir := t.TempDir()
	for _, f := range []string{"b.log", "sub/a.evtx", ".git/config", "sub/.hidden"} {
		p := filepath.Join(dir, f)
		os.MkdirAll(filepath.Dir(p), 0o700)
		os.WriteFile(p, nil, 0o600)
	}
	found, err := logfile.Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		got = append(got, f.Name())
	}
	want := []string{filepath.Join(dir, "b.log"), filepath.Join(dir, "sub", "a.evtx")}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := logfile.Find([]string{filepath.Join(dir, "none")}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a missing path: %v", err)
	}
}

func TestStandardInputIsReadLikeAFile(t *testing.T) {
	for name, text := range map[string]string{"plain": "{\"a\":1}\n{\"a\":2}\n", "behind gzip": gzipped("{\"a\":1}\n{\"a\":2}\n")} {
		t.Run(name, func(t *testing.T) {
			s, err := logfile.Open(logfile.Stdin(strings.NewReader(text), time.Now()))
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			var got []string
			for {
				rec, err := s.Next()
				if err != nil {
					break
				}
				got = append(got, string(rec))
			}
			if d := cmp.Diff([]string{`{"a":1}`, `{"a":2}`}, got); d != "" || s.Name() != "-" || s.Hint != event.HintJSON {
				t.Errorf("%s, hint %v, records (-want +got):\n%s", s.Name(), s.Hint, d)
			}
		})
	}
}

// An archive may hold one name twice, folders, and files that are hidden.
func TestEveryEntryOfAnArchiveIsAFile(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range [][2]string{{"a.log", "first"}, {"folder/", ""}, {"folder/deep/b.log", "second"}, {"a.log", "third"}, {"folder/.c.log", "hidden"}, {"empty.log", ""}} {
		w, err := z.Create(e[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "logs.ZIP")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	files, err := logfile.Find([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		s, err := logfile.Open(f)
		if err != nil {
			t.Fatal(err)
		}
		rec, _ := s.Next()
		got = append(got, strings.TrimPrefix(f.Name(), path)+" "+string(rec))
		s.Close()
	}
	if d := cmp.Diff([]string{"/a.log first", "/folder/deep/b.log second", "/a.log third", "/empty.log "}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAFileThatIsGoneIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := one(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := logfile.Open(f); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestAFolderThatCannotBeReadIsNamedAndTheRestIsRead(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("the administrator may read every folder")
	}
	dir := t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "closed"), 0), os.WriteFile(filepath.Join(dir, "open.log"), []byte("x"), 0o600)); err != nil {
		t.Fatal(err)
	}
	files, err := logfile.Find([]string{dir})
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	if _, err := logfile.Open(files[0]); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "closed") {
		t.Errorf("got %v", err)
	}
}
