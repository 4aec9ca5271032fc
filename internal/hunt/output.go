package hunt

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
)

// timeFormat is that of every time we write for machines.
const timeFormat = "2006-01-02T15:04:05.000000Z07:00"

// line is the NDJSON form, described in docs/format/finding.md.
type line struct {
	File       string   `json:"file"`
	Line       int64    `json:"line"`
	Record     string   `json:"record,omitempty"`
	Time       string   `json:"time"`
	Host       string   `json:"host"`
	RuleID     string   `json:"rule_id"`
	Title      string   `json:"title"`
	TitleVi    string   `json:"title_vi,omitempty"`
	Level      string   `json:"level"`
	Techniques []string `json:"techniques,omitempty"`
	Tactics    []string `json:"tactics,omitempty"`
	Pack       string   `json:"pack"`
	Fields     fields   `json:"fields"`
	Series     *series  `json:"series,omitempty"`
}

// series is the NDJSON form of Series.
type series struct {
	Value  float64 `json:"value"`
	First  string  `json:"first"`
	Last   string  `json:"last"`
	Events []place `json:"events"`
}

type place struct {
	File string `json:"file"`
	Line int64  `json:"line"`
}

func seriesOf(s *Series) *series {
	if s == nil {
		return nil
	}
	out := &series{Value: s.Value, First: s.First.UTC().Format(timeFormat), Last: s.Last.UTC().Format(timeFormat)}
	for _, e := range s.Events {
		out.Events = append(out.Events, place(e))
	}
	return out
}

// fields is an object; a name with several values has an array.
type fields []event.Field

// MarshalJSON keeps the order of the fields, and their numbers as logged.
func (f fields) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i := 0; i < len(f); {
		end := i + 1
		for end < len(f) && f[end].Name == f[i].Name {
			end++
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendText(out, f[i].Name), ':')
		if end > i+1 {
			out = append(out, '[')
		}
		for j := i; j < end; j++ {
			if j > i {
				out = append(out, ',')
			}
			out = appendValue(out, &f[j])
		}
		if end > i+1 {
			out = append(out, ']')
		}
		i = end
	}
	return append(out, '}'), nil
}

func appendValue(out []byte, f *event.Field) []byte {
	switch f.Kind {
	case event.Null:
		return append(out, "null"...)
	case event.Bool:
		return strconv.AppendBool(out, f.Value == "true")
	case event.Number:
		if json.Valid([]byte(f.Value)) {
			return append(out, f.Value...)
		}
	case event.String:
	}
	return appendText(out, f.Value)
}

func appendText(out []byte, s string) []byte {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always has a form
	return append(out, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// NDJSON returns a function that writes each finding as one line of JSON.
func NDJSON(w io.Writer) func(*Finding) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return func(f *Finding) error {
		return enc.Encode(line{
			File: f.File, Line: f.Line, Record: f.Record, Time: f.Time.UTC().Format(timeFormat), Host: f.Host,
			RuleID: f.Rule.ID, Title: f.Rule.Title, TitleVi: f.Rule.TitleVi, Level: f.Level.String(),
			Techniques: Techniques(f.Rule.Tags), Tactics: Tactics(f.Rule.Tags), Pack: f.Rule.Pack, Fields: f.Fields,
			Series: seriesOf(f.Series),
		})
	}
}

var csvHeader = []string{"time", "level", "host", "rule_id", "title", "techniques", "file", "line", "record", "fields", "events"}

// CSV writes the header and returns a function that writes each finding as a
// row. end flushes. Cells that a spreadsheet would run as a formula are disarmed
// by an apostrophe.
func CSV(w io.Writer) (row func(*Finding) error, end func() error, err error) {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader); err != nil {
		return nil, nil, fmt.Errorf("csv: %w", err)
	}
	row = func(f *Finding) error {
		cells := []string{
			f.Time.UTC().Format(timeFormat), f.Level.String(), f.Host, f.Rule.ID, f.Rule.Title,
			strings.Join(Techniques(f.Rule.Tags), " "), f.File, strconv.FormatInt(f.Line, 10), f.Record, flat(f.Fields), flatPlaces(f.Series),
		}
		for i, c := range cells {
			if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
				cells[i] = "'" + c
			}
		}
		return out.Write(cells)
	}
	return row, func() error { out.Flush(); return out.Error() }, nil
}

// flat writes fields on one line.
func flat(fields []event.Field) string {
	var b strings.Builder
	for i, f := range fields {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(f.Name + "=" + f.Value)
	}
	return b.String()
}

// flatPlaces writes the events of a series on one line.
func flatPlaces(s *Series) string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	for i, e := range s.Events {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(e.String())
	}
	return b.String()
}

// String writes the place as it is told everywhere: file:line.
func (p Place) String() string { return p.File + ":" + strconv.FormatInt(p.Line, 10) }

// visible replaces what is not seen where text of a log is shown to people:
// control characters, which a terminal obeys, and marks of writing direction,
// which make text look like another.
func visible(r rune) rune {
	if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r == 0x061c || r == 0x200e || r == 0x200f ||
		r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
		return '·'
	}
	return r
}

// oneLine makes any text fit for a terminal.
func oneLine(text string, width int) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > width {
			return strings.TrimSuffix(b.String(), lastRune(b.String())) + "…"
		}
		b.WriteRune(visible(r))
	}
	return b.String()
}

// shown makes any text fit for a page: its lines stay.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return visible(r)
	}, text)
}

func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}

// shortTime is a time for people.
func shortTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04:05")
}
