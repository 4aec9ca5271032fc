package retro

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Limits of a list.
const (
	MaxIndicators = 200_000
	MaxListBytes  = 64 << 20
	maxProblems   = 1000 // that are told
)

// list is a list being read.
type list struct {
	found    []*Indicator
	seen     map[string]bool
	problems []Problem
	more     int // problems that are not told
}

// ParseIndicators reads a list: one indicator a line, comments behind # or //; or a
// table whose first line names a column indicator, ioc or value; or a STIX bundle.
// Which it is, its beginning tells. Lines that are no indicators come back as
// problems and the others count; an indicator twice in the list counts once.
// Errors: Invalid for a list that is too long, cannot be read or has no indicator.
func ParseIndicators(text []byte) (*Indicators, []Problem, error) {
	if len(text) > MaxListBytes {
		return nil, nil, fault.New(fault.Invalid, "the list has more than %d bytes; split it", MaxListBytes)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	l := &list{seen: map[string]bool{}}
	var err error
	switch first := bytes.TrimSpace(text); {
	case bytes.HasPrefix(first, []byte("{")):
		err = l.stix(first)
	default:
		if table, columns := tableOf(text); table != nil {
			err = l.table(table, columns)
		} else {
			err = l.lines(text)
		}
	}
	if err != nil {
		return nil, l.problems, err
	}
	if len(l.found) == 0 {
		why := "it is empty"
		if len(l.problems) > 0 {
			why = l.problems[0].Error()
		}
		return nil, l.problems, fault.New(fault.Invalid, "the list has no indicator: %s", why)
	}
	if l.more > 0 {
		l.problems = append(l.problems, Problem{Reason: fmt.Sprintf("%d more lines are no indicators", l.more), Remedy: "is this a list of indicators?"})
	}
	return newIndicators(l.found), l.problems, nil
}

func (l *list) add(line int, text string, hint Kind, note string) error {
	in, err := newIndicator(text, hint)
	if err != nil {
		l.problem(line, text, err)
		return nil
	}
	key := string(in.Kind) + ":" + in.Value
	if l.seen[key] {
		return nil
	}
	if len(l.found) == MaxIndicators {
		return fault.New(fault.Invalid, "line %d: the list has more than %d indicators; split it", line, MaxIndicators)
	}
	l.seen[key] = true
	in.Line, in.Note = line, strings.TrimSpace(note)
	l.found = append(l.found, &in)
	return nil
}

func (l *list) problem(line int, text string, err error) {
	if len(l.problems) >= maxProblems {
		l.more++
		return
	}
	if len(text) > 100 {
		text = strings.ToValidUTF8(text[:100], "") + "…"
	}
	reason, remedy, _ := strings.Cut(err.Error(), "; ")
	l.problems = append(l.problems, Problem{line, text, reason, remedy})
}

// lines reads one indicator a line.
func (l *list) lines(text []byte) error {
	for n := 1; len(text) > 0; n++ {
		var line []byte
		line, text, _ = bytes.Cut(text, []byte("\n"))
		s := strings.TrimSpace(string(line))
		if s == "" || s[0] == '#' || s[0] == ';' || strings.HasPrefix(s, "//") {
			continue
		}
		if s[0] == '[' && strings.Contains(s, "=") {
			if err := l.pattern(n, s, ""); err != nil {
				return err
			}
			continue
		}
		value, note := s, ""
		for _, mark := range []string{" #", "\t#", " //", "\t//"} {
			if at := strings.Index(value, mark); at > 0 {
				value, note = value[:at], value[at+len(mark):]
			}
		}
		if err := l.add(n, value, "", note); err != nil {
			return err
		}
	}
	return nil
}

// columns are the places of a table's columns; -1: there is none.
type columns struct{ value, kind, note int }

// tableOf returns a reader behind the header of a table, nil if text is none.
func tableOf(text []byte) (*csv.Reader, columns) {
	lines := bufio.NewReader(bytes.NewReader(text))
	first, err := lines.ReadString('\n')
	if err != nil || !strings.ContainsAny(first, ",;\t") {
		return nil, columns{}
	}
	comma := ','
	for _, c := range ";\t" {
		if strings.Count(first, string(c)) > strings.Count(first, string(comma)) {
			comma = c
		}
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.Comment, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = comma, '#', true, -1, true
	header, err := r.Read()
	if err != nil {
		return nil, columns{}
	}
	find := func(names ...string) int {
		return slices.IndexFunc(header, func(h string) bool {
			return slices.Contains(names, strings.ToLower(strings.Trim(strings.TrimSpace(h), `"`)))
		})
	}
	c := columns{find("indicator", "ioc", "value", "observable", "indicator_value", "chi_bao"), find("type", "kind", "indicator_type", "ioc_type"),
		find("note", "comment", "description", "mo_ta", "title")}
	if c.value < 0 {
		return nil, columns{}
	}
	return r, c
}

// stated are the names that tables have for kinds.
var stated = map[string]Kind{
	"ip": Address, "ipv4": Address, "ipv6": Address, "ip-src": Address, "ip-dst": Address, "address": Address, "ipv4-addr": Address, "ipv6-addr": Address,
	"cidr": Network, "network": Network, "domain": Domain, "domain-name": Domain, "hostname": Domain, "fqdn": Domain, "url": URL, "uri": URL,
	"hash": Hash, "md5": Hash, "sha1": Hash, "sha256": Hash, "filehash-md5": Hash, "filehash-sha1": Hash, "filehash-sha256": Hash,
	"filename": FileName, "file": FileName, "filepath": FilePath, "path": FilePath,
}

func (l *list) table(r *csv.Reader, c columns) error {
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.New(fault.Invalid, "the table of indicators: %w", err)
		}
		line, _ := r.FieldPos(0)
		cell := func(i int) string {
			if i < 0 || i >= len(row) {
				return ""
			}
			return strings.TrimSpace(row[i])
		}
		if cell(c.value) == "" {
			continue
		}
		if err := l.add(line, cell(c.value), stated[strings.ToLower(cell(c.kind))], cell(c.note)); err != nil {
			return err
		}
	}
}

// stix reads the indicators of a bundle; other objects are passed over.
func (l *list) stix(text []byte) error {
	type object struct {
		Type    string `json:"type"`
		ID      string `json:"id"`
		Name    string `json:"name"`
		Pattern string `json:"pattern"`
		Lang    string `json:"pattern_type"`
	}
	var bundle struct {
		object
		Objects []object `json:"objects"`
	}
	if err := json.Unmarshal(text, &bundle); err != nil {
		return fault.New(fault.Invalid, "the list begins like a STIX bundle and is no JSON: %w", err)
	}
	objects := bundle.Objects
	if bundle.Type == "indicator" {
		objects = append(objects, bundle.object)
	}
	for i, o := range objects {
		switch {
		case o.Type != "indicator":
		case o.Lang != "" && o.Lang != "stix":
			l.problem(i+1, o.ID, fmt.Errorf("a pattern in the language %q; only stix is understood", o.Lang))
		default:
			if err := l.pattern(i+1, o.Pattern, o.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// comparison is what is understood of STIX patterns: an equality. How they are
// joined does not matter, each is an indicator.
var comparison = regexp.MustCompile(`([a-z0-9-]+):([A-Za-z0-9_.'-]+)\s*=\s*'((?:[^'\\]|\\.)*)'`)

func (l *list) pattern(line int, text, note string) error {
	found := false
	for _, m := range comparison.FindAllStringSubmatch(text, -1) {
		object, path, value := m[1], m[2], strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(m[3])
		var kind Kind
		switch {
		case strings.HasPrefix(path, "hashes"):
			kind = Hash
		case object == "file" && path == "name":
			kind = FileName
		case object == "domain-name" && path == "value":
			kind = Domain
		case object == "url" && path == "value":
			kind = URL
		case (object == "ipv4-addr" || object == "ipv6-addr") && path == "value", object == "network-traffic" && strings.HasSuffix(path, "_ref.value"):
		default:
			continue
		}
		found = true
		if err := l.add(line, value, kind, note); err != nil {
			return err
		}
	}
	if !found {
		l.problem(line, text, errors.New("a STIX pattern without an address, domain, URL, hash or file name to compare with by =; simplify it"))
	}
	return nil
}
