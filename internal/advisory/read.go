package advisory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/fault"
)

// bad refuses a file.
func bad(file, place, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	if place != "" {
		text = place + ": " + text
	}
	return fault.New(fault.Invalid, "%s: %s", clip(file, maxName), text).WithCode("advisory.bad-file")
}

// Sniff tells what a file is, "" if it is none of the formats. Of JSON it wants
// the whole file: the member that tells may stand at its end. A packed file is taken for EPSS, the only format that is published so.
func Sniff(data []byte) Format {
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return FormatEPSS
	}
	data = bytes.TrimLeft(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), " \t\r\n")
	has := func(s string) bool { return bytes.Contains(data, []byte(s)) }
	switch {
	case bytes.HasPrefix(data, []byte("#model_version")) || bytes.HasPrefix(data, []byte("cve,epss")):
		return FormatEPSS
	case !bytes.HasPrefix(data, []byte("{")):
		return ""
	case has(`"csaf_version"`):
		return FormatCSAF
	case has(`"CVE_RECORD"`):
		return FormatCVE
	case has(`"catalogVersion"`) || has(`"cveID"`):
		return FormatKEV
	}
	return ""
}

// Read reads a CSAF document or a CVE record. Errors: fault.Invalid, TooLarge.
func Read(file string, data []byte) (*Document, error) {
	if err := checkJSON(file, data); err != nil {
		return nil, err
	}
	switch Sniff(data) {
	case FormatCSAF:
		return readCSAF(file, data)
	case FormatCVE:
		return readCVE(file, data)
	case FormatKEV:
		return nil, bad(file, "", "this is a KEV catalogue, not an advisory")
	}
	return nil, bad(file, "$", "neither a CSAF 2.0 document (document.csaf_version) nor a CVE record (dataType: CVE_RECORD); save the JSON file as its publisher offers it")
}

// checkJSON refuses what is too large or too deep before anything is built of it.
func checkJSON(file string, data []byte) error {
	if len(data) > MaxBytes {
		return fault.New(fault.TooLarge, "%s: a file of at most %d MB", clip(file, maxName), MaxBytes>>20).WithCode("advisory.too-large")
	}
	if !utf8.Valid(data) {
		return bad(file, "", "not in UTF-8; save it again in that encoding")
	}
	depth, text := 0, false
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return bad(file, lineOf(data, int64(i)), "nested deeper than %d levels, which no advisory is", maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// decode reads JSON into a structure and says where it does not fit.
func decode(file string, data []byte, into any) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	err := json.Unmarshal(data, into)
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return bad(file, lineOf(data, e.Offset), "broken JSON (%s); download the file again", e)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return bad(file, e.Field+" ("+lineOf(data, e.Offset)+")", "a %s where %s belongs; ask its publisher for a valid file", e.Value, kindName(e.Type.Kind().String()))
	}
	return bad(file, "", "%v", err)
}

func kindName(kind string) string {
	switch kind {
	case "string":
		return "text"
	case "slice":
		return "a list"
	case "struct", "map":
		return "an object"
	case "float64", "int":
		return "a number"
	}
	return "a " + kind
}

func lineOf(data []byte, offset int64) string {
	offset = min(max(offset, 0), int64(len(data)))
	return fmt.Sprintf("line %d", 1+bytes.Count(data[:offset], []byte("\n")))
}

var (
	cvePattern = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,12}$`)
	cwePattern = regexp.MustCompile(`CWE-[0-9]{1,6}`)
)

// IsCVE tells whether id is the number of a CVE.
func IsCVE(id string) bool { return cvePattern.MatchString(id) }

// clip makes text fit: one valid line of at most n bytes.
func clip(s string, n int) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	return cut(s, n)
}

// paragraph keeps line breaks.
func paragraph(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	return cut(strings.TrimSpace(s), n)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// link keeps an address only if a browser may be sent there.
func link(s string) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(s) > 2000 {
		return ""
	}
	return s
}

// moment reads the dates publishers write; zero for what is none.
func moment(s string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil && t.Year() >= 1980 && t.Year() < 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}

func severityOf(text string, score float64) string {
	switch s := strings.ToLower(strings.TrimSpace(text)); s {
	case "critical", "high", "medium", "low", "none":
		return s
	case "important":
		return "high"
	case "moderate":
		return "medium"
	}
	switch {
	case score >= 9:
		return "critical"
	case score >= 7:
		return "high"
	case score >= 4:
		return "medium"
	case score > 0:
		return "low"
	}
	return ""
}

// cvss is a score as both CSAF and CVE write it.
type cvss struct {
	Version  string  `json:"version"`
	Score    float64 `json:"baseScore"`
	Severity string  `json:"baseSeverity"`
	Vector   string  `json:"vectorString"`
}

func (c *cvss) cvss(version string) (CVSS, bool) {
	if c == nil || !(c.Score >= 0 && c.Score <= 10) || c.Score == 0 && c.Vector == "" {
		return CVSS{}, false
	}
	return CVSS{Version: version, Score: c.Score, Severity: severityOf(c.Severity, c.Score), Vector: clip(c.Vector, maxTitle)}, true
}

// newest takes the score of the newest version of CVSS, the highest of several.
func newest(old, c CVSS) CVSS {
	if c.Version > old.Version || c.Version == old.Version && c.Score > old.Score {
		return c
	}
	return old
}

// problem notes what is odd.
func (d *Document) problem(format string, args ...any) {
	if len(d.Problems) < maxProblems {
		d.Problems = append(d.Problems, clip(fmt.Sprintf(format, args...), maxTitle))
	}
}
