package module

import (
	"bytes"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lachan-vn/lachan/internal/fault"
)

func TestAShelfKeepsWhatIsWholeAndNothingElse(t *testing.T) {
	s := Shelf{Dir: t.TempDir() + "/files", Code: "paper", Max: 8, Tip: "split it"}
	if err := s.Load(nil); err != nil {
		t.Fatal(err)
	}
	size, sum, err := s.Receive("a", strings.NewReader("12345678"))
	if err != nil || size != 8 || sum != "ef797c8118f02dfb649607dd5d3f8c7623048c9c063d532cc95c5ed7a898a64f" {
		t.Errorf("%d bytes, %s, %v", size, sum, err)
	}
	for code, body := range map[string]io.Reader{
		"paper.file-large":  strings.NewReader("123456789"),
		"paper.file-empty":  strings.NewReader(""),
		"paper.file-broken": io.MultiReader(strings.NewReader("123"), iotest.ErrReader(errors.New("unplugged"))),
	} {
		var f *fault.Error
		if _, _, err := s.Receive("b", body); !errors.As(err, &f) || f.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	if left := names(t, s.Dir); !slices.Equal(left, []string{"a"}) {
		t.Errorf("on the shelf: %q", left)
	}
	in, err := s.Open("a")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(in); err != nil || !bytes.Equal(got, []byte("12345678")) {
		t.Errorf("%q, %v", got, err)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if in, err := s.Open("b"); in != nil || err == nil {
		t.Error("a file that is not there was opened")
	}
}

func TestAShelfForgetsWhatNoRowNames(t *testing.T) {
	s := Shelf{Dir: t.TempDir(), Code: "paper", Max: 8}
	for _, name := range []string{"a", "b", "c.part"} {
		if err := os.WriteFile(s.path(name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Load([]string{"b", "gone"}); err != nil {
		t.Fatal(err)
	}
	if left := names(t, s.Dir); !slices.Equal(left, []string{"b"}) {
		t.Errorf("on the shelf: %q", left)
	}
	if err := errors.Join(s.Remove("b"), s.Remove("b")); err != nil {
		t.Error(err)
	}
}

func TestAFileNameIsItsLastPartOnOneLine(t *testing.T) {
	for given, want := range map[string]string{
		`C:\ho-so\thiet-ke.pdf`: "thiet-ke.pdf", "../../etc/passwd": "passwd", "a\r\nb\x00.txt": "ab.txt", "\u202efdp.exe": "fdp.exe",
		"..": "tep", "": "tep", "dir/": "tep", strings.Repeat("x", 300) + ".pdf": strings.Repeat("x", 196) + ".pdf",
	} {
		if got := FileName(given); got != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		out = append(out, f.Name())
	}
	return out
}
