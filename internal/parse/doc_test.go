package parse

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var thoseOf = regexp.MustCompile("those of `([a-z0-9-]+)`")

// TestFieldsDocumented: docs/format/fields.md has a row for every format, and
// the row names every field the format can add.
func TestFieldsDocumented(t *testing.T) {
	data, err := os.ReadFile("../../docs/format/fields.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	lines := bufio.NewScanner(strings.NewReader(string(data)))
	for lines.Scan() {
		if cells := strings.Split(lines.Text(), " | "); len(cells) == 3 {
			rows[strings.Trim(cells[0], "| `")] = cells[2]
		}
	}
	for _, f := range Formats() {
		row, ok := rows[f.Name]
		if !ok {
			t.Errorf("format %s has no row", f.Name)
			continue
		}
		if strings.Contains(row, "as `evtx-flat`") {
			row += rows["evtx-flat"]
		}
		for _, of := range thoseOf.FindAllStringSubmatch(row, -1) {
			row += rows[of[1]]
		}
		for _, name := range f.Fields {
			if !strings.Contains(row, "`"+name+"`") {
				t.Errorf("format %s: field %s is not documented", f.Name, name)
			}
		}
	}
}

// TestFieldsDeclared: no format adds a field that it does not declare.
func TestFieldsDeclared(t *testing.T) {
	for _, f := range Formats() {
		if slices.Contains(f.Fields, "*") {
			continue
		}
		for _, g := range parseFile(t, filepath.Join("testdata", f.Name, f.Name+".log")) {
			for _, field := range g.Fields {
				name, _, _ := strings.Cut(field, " = ")
				if !slices.Contains(f.Fields, name) && !slices.Contains(envelopeFields, name) && !strings.HasPrefix(name, "sd.") {
					t.Errorf("format %s adds %s, which it does not declare", f.Name, name)
				}
			}
		}
	}
}
