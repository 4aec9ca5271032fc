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
		})
	}
}

var csvHeader = []string{"time", "level", "host", "rule_id", "title", "techniques", "file", "line", "record", "fields"}

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
			strings.Join(Techniques(f.Rule.Tags), " "), f.File, strconv.FormatInt(f.Line, 10), f.Record, flat(f.Fields),
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

// oneLine makes any text fit for a terminal: no control character of a log may
// move the cursor or change colours there.
func oneLine(text string, width int) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > width {
			return strings.TrimSuffix(b.String(), lastRune(b.String())) + "…"
		}
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == utf8.RuneError || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			r = '·'
		}
		b.WriteRune(r)
	}
	return b.String()
}

func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}

// shortTime is a time for people.
func shortTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2006-01-02 15:04:05")
}
