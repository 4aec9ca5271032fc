package cli

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/lachan-vn/lachan/internal/query"
)

func TestColumnsOfATerminal(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "Đường dẫn": 9, norm.NFD.String("Đường dẫn"): 9, "日本": 4, "😀": 2, "a\u200bb": 2,
	} {
		if got := columns(text); got != want {
			t.Errorf("%q takes %d columns, want %d", text, got, want)
		}
	}
}

// The mark stands under the place, however the query is written.
func TestASyntaxErrorIsMarkedWhereItIs(t *testing.T) {
	for _, c := range []struct{ text, under string }{
		{`user:`, "       ^"},
		{"tài_khoản:[1 TO", "            ^^^^^"},
		{norm.NFD.String("tài_khoản") + ":[1 TO", "            ^^^^^"},
		{"日本:x )", "         ^"},
		{"a\tb )", "      ^"},
	} {
		_, err := query.Parse(c.text)
		lines := strings.Split(explainQuery(c.text, err).Error(), "\n")
		if len(lines) < 3 || lines[2] != c.under {
			t.Errorf("%q:\n%s\nwant the mark at\n%s", c.text, strings.Join(lines, "\n"), c.under)
		}
		if len(lines) > 1 && strings.ContainsAny(lines[1], "\t\x1b") {
			t.Errorf("%q reaches the terminal as it is", lines[1])
		}
	}
}

func TestTablesLineUpWhateverTheLetters(t *testing.T) {
	var out bytes.Buffer
	w := bufio.NewWriter(&out)
	table := &query.Table{
		Columns: []query.Column{{Name: "máy", Kind: query.TextColumn}, {Name: "count", Kind: query.NumberColumn}},
		Rows:    [][]query.Cell{{{Text: norm.NFD.String("Sở Y tế")}, {Number: 1}}, {{Text: "日本"}, {Number: 22}}},
	}
	alignTable(w, table)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		if columns(line) != 14 {
			t.Errorf("%q takes %d columns", line, columns(line))
		}
	}
}
