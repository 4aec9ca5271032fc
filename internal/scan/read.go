package scan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Format is what wrote a file.
type Format string

// A format: how it is told by what stands in it, and who reads it.
type format struct {
	id   Format
	root []string // names of the root element of XML
	keys []string // a member of the outermost object of JSON that only it has
	head []string // what the first lines of text hold
	read func(*reader) error
}

// formats is the one list.
func formats() []format {
	return []format{
		{id: "nmap", root: []string{"nmaprun"}, read: readNmap},
		{id: "nessus", root: []string{"NessusClientData_v2"}, read: readNessus},
		{id: "openvas", root: []string{"report", "get_reports_response"}, read: readOpenVAS},
		{id: "nuclei", keys: []string{"template-id", "template"}, read: readNuclei},
		{id: "trivy", keys: []string{"ArtifactName", "Results", "SchemaVersion"}, read: readTrivy},
		{id: "grype", keys: []string{"matches"}, read: readGrype},
		{id: "sarif", keys: []string{"runs"}, read: readSARIF},
		{id: "cyclonedx", keys: []string{"bomFormat"}, read: readCycloneDX},
		{id: "spdx", keys: []string{"spdxVersion", "SPDXID"}, read: readSPDX},
		{id: "lynis", head: []string{"# Lynis Report", "lynis_version="}, read: readLynis},
	}
}

// Formats lists what Read reads.
func Formats() []Format {
	var out []Format
	for _, f := range formats() {
		out = append(out, f.id)
	}
	return out
}

// Read reads a file of any of the formats; file is its name, for errors. Errors: Invalid
// naming file, line and remedy, TooLarge, and those of the sink.
func Read(file string, in io.ReadSeeker, sink Sink) (*Report, error) {
	r := &reader{file: file, in: in, sink: sink, report: &Report{Checks: []string{}}, hosts: map[string]bool{}}
	f, err := r.recognise()
	if err != nil {
		return nil, err
	}
	if err := r.rewind(); err != nil {
		return nil, err
	}
	r.report.Format = f.id
	if err := f.read(r); err != nil {
		return nil, r.explain(err)
	}
	if len(r.report.Checks) == 0 && !r.silent {
		r.report.Checks = []string{""}
	}
	r.report.Tool, r.report.Release, r.report.Target = line(r.report.Tool, maxName), line(r.report.Release, maxName), name(r.report.Target)
	if r.targeted {
		if err := r.looked(r.report.Target); err != nil {
			return nil, err
		}
	}
	slices.Sort(r.report.Hosts)
	return r.report, nil
}

// reader is one file that is being read.
type reader struct {
	file     string
	in       io.ReadSeeker
	sink     Sink
	report   *Report
	hosts    map[string]bool
	targeted bool // the report is of its target
	silent   bool // it looked for no weakness: that one is missing tells nothing
	src      *meter
	dec      *json.Decoder
	xml      *xml.Decoder
	depth    int
	base     int64 // where dec began
	line     int   // of a format of lines
}

func bad(format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("scan.bad-file")
}

// explain names the file and the line in what went wrong.
func (r *reader) explain(err error) error {
	var known *fault.Error
	if errors.As(err, &known) {
		if known.Code != "scan.bad-file" {
			return err // of the sink, or a bound
		}
		return bad("%s: line %d: %w", r.file, r.at(), err)
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var broken *xml.SyntaxError
	var number *strconv.NumError
	switch {
	case errors.As(err, &kind):
		return bad("%s: line %d: %s holds a %s where something else belongs; export the report again", r.file, r.at(), kind.Field, kind.Value)
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return bad("%s: line %d: broken JSON: %w; export the report again, the whole file", r.file, r.at(), err)
	case errors.As(err, &number):
		return bad("%s: line %d: %q is no number; export the report again", r.file, r.at(), line(number.Num, 40))
	case errors.As(err, &broken):
		return bad("%s: line %d: broken XML: %s; export the report again, the whole file", r.file, broken.Line, broken.Msg)
	}
	var of xml.UnmarshalError
	if errors.As(err, &of) {
		return bad("%s: line %d: %s; export the report again", r.file, r.at(), string(of))
	}
	return err
}

// at is the line that is being read, from 1.
func (r *reader) at() int {
	switch {
	case r.xml != nil:
		n, _ := r.xml.InputPos()
		return n
	case r.dec == nil || r.line > 0:
		return max(r.line, 1)
	}
	to := r.base + r.dec.InputOffset()
	if _, err := r.in.Seek(0, io.SeekStart); err != nil {
		return 1
	}
	n, buffer := 1, make([]byte, 64<<10)
	for in := io.LimitReader(r.in, to); ; {
		k, err := in.Read(buffer)
		n += bytes.Count(buffer[:k], []byte{'\n'})
		if err != nil {
			return n
		}
	}
}

// meter counts what is read: in all, and since the last mark.
type meter struct {
	in          io.Reader
	all, marked int64
}

func (m *meter) Read(p []byte) (int, error) {
	if m.all > MaxBytes {
		return 0, fault.New(fault.TooLarge, "more than %d MB; export the report in parts", MaxBytes>>20).WithCode("scan.too-large")
	}
	if m.marked > maxItem {
		return 0, bad("an item of more than %d MB; a report has none", maxItem>>20)
	}
	n, err := m.in.Read(p[:min(len(p), 64<<10)])
	m.all, m.marked = m.all+int64(n), m.marked+int64(n)
	return n, err
}

var bom = []byte("\xef\xbb\xbf")

func (r *reader) rewind() error {
	head := make([]byte, len(bom))
	if _, err := r.in.Seek(0, io.SeekStart); err != nil {
		return err
	}
	n, err := io.ReadFull(r.in, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	r.base = 0
	if bytes.Equal(head[:n], bom) {
		r.base = int64(len(bom))
	}
	_, err = r.in.Seek(r.base, io.SeekStart)
	r.src = &meter{in: r.in}
	r.dec, r.xml, r.depth, r.line = nil, nil, 0, 0
	return err
}

const sniffed = 1 << 20 // bytes within which a file says what it is

// recognise tells the format by the content.
func (r *reader) recognise() (format, error) {
	if err := r.rewind(); err != nil {
		return format{}, err
	}
	head := bufio.NewReaderSize(io.LimitReader(r.src, sniffed), 4096)
	first, err := head.Peek(4096)
	if err != nil && !errors.Is(err, io.EOF) {
		return format{}, err
	}
	text := bytes.TrimLeft(first, " \t\r\n")
	switch {
	case len(text) == 0:
		return format{}, bad("%s: the file is empty", r.file)
	case text[0] == '<':
		d := xml.NewDecoder(head)
		d.CharsetReader = latin
		for {
			t, err := d.Token()
			if err != nil {
				break
			}
			if root, ok := t.(xml.StartElement); ok {
				return r.which(func(f format) bool { return slices.Contains(f.root, root.Name.Local) }, "XML with the root "+line(root.Name.Local, 40))
			}
		}
	case text[0] == '{' || text[0] == '[':
		return r.recogniseJSON(json.NewDecoder(head))
	}
	return r.which(func(f format) bool {
		return slices.ContainsFunc(f.head, func(h string) bool { return bytes.Contains(first, []byte(h)) })
	}, "text")
}

func (r *reader) recogniseJSON(d *json.Decoder) (format, error) {
	depth, key := 0, true
	var keys []string
	for {
		t, err := d.Token()
		if err != nil {
			break
		}
		switch x := t.(type) {
		case json.Delim:
			switch x {
			case '{':
				depth++
				key = true
			case '[':
				if depth > 0 {
					depth++
				}
			case '}', ']':
				depth--
				key = depth == 1
			}
			if depth <= 0 && x == '}' {
				return r.unknown("JSON with the members " + strings.Join(keys, ", "))
			}
			continue
		case string:
			if depth == 1 && key {
				for _, f := range formats() {
					if slices.Contains(f.keys, x) {
						return f, nil
					}
				}
				if len(keys) < 8 {
					keys = append(keys, line(x, 40))
				}
				key = false
				continue
			}
		}
		key = depth == 1
	}
	return r.unknown("JSON with the members " + strings.Join(keys, ", "))
}

func (r *reader) which(is func(format) bool, what string) (format, error) {
	for _, f := range formats() {
		if is(f) {
			return f, nil
		}
	}
	return r.unknown(what)
}

func (r *reader) unknown(what string) (format, error) {
	return format{}, bad("%s: not a report that can be read (%s); give nmap XML (-oX), .nessus, the XML report of OpenVAS or Greenbone, Nuclei's -jsonl, JSON of Trivy or Grype, SARIF, CycloneDX or SPDX as JSON, or lynis-report.dat", r.file, what)
}

// latin reads the encodings that reports are declared in.
func latin(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "utf-8", "utf8", "us-ascii", "ascii":
		return in, nil
	}
	return nil, bad("the encoding %s is not read; export the report as UTF-8", line(charset, 40))
}

// found hands a finding on, one for each CVE of ids.
func (r *reader) found(f *Finding, ids []string) error {
	numbers := cves(ids)
	f.tidy()
	if f.Address != "" || f.Host != "" {
		if err := r.looked(hostOf(f)); err != nil {
			return err
		}
	}
	if len(numbers) == 0 {
		numbers = []string{""}
	}
	for _, n := range numbers {
		x := *f
		x.CVE = n
		if x.Code() == "" {
			r.problem("an item without an id is left out: %s", x.Title)
			return nil
		}
		if x.Title == "" {
			x.Title = x.Code()
		}
		if r.report.Findings++; r.report.Findings > MaxFindings {
			return fault.New(fault.TooLarge, "%s: more than %d findings; export the report in parts", r.file, MaxFindings).WithCode("scan.too-large")
		}
		if r.sink.Finding == nil {
			continue
		}
		if err := r.sink.Finding(&x); err != nil {
			return err
		}
	}
	return nil
}

func hostOf(f *Finding) string {
	if f.Address != "" {
		return f.Address
	}
	return f.Host
}

func (r *reader) component(c *Component) error {
	c.Name, c.Vendor, c.Version, c.CPE, c.PURL = line(c.Name, maxName), line(c.Vendor, maxName), line(c.Version, maxName), line(c.CPE, maxTitle), line(c.PURL, maxTitle)
	if c.Name == "" {
		r.problem("a component without a name is left out")
		return nil
	}
	if r.report.Components++; r.report.Components > maxHeld {
		return fault.New(fault.TooLarge, "%s: more than %d components", r.file, maxHeld).WithCode("scan.too-large")
	}
	if r.sink.Component == nil {
		return nil
	}
	return r.sink.Component(c)
}

// looked notes a host that was looked at.
func (r *reader) looked(host string) error {
	if host == "" || r.hosts[host] {
		return nil
	}
	if len(r.hosts) >= maxHosts {
		return fault.New(fault.TooLarge, "%s: more than %d hosts; export the report in parts", r.file, maxHosts).WithCode("scan.too-large")
	}
	r.hosts[host] = true
	r.report.Hosts = append(r.report.Hosts, host)
	return nil
}

func (r *reader) problem(format string, args ...any) {
	if len(r.report.Problems) < maxProblems {
		r.report.Problems = append(r.report.Problems, clip(fmt.Sprintf(format, args...), maxTitle))
	}
}

// unixTime reads seconds since 1970.
func unixTime(text string) time.Time {
	var n int64
	if _, err := fmt.Sscanf(strings.TrimSpace(text), "%d", &n); err != nil || n <= 0 || n > 1<<33 {
		return time.Time{}
	}
	return time.Unix(n, 0).UTC()
}

// stamp reads the moments tools write.
func stamp(text string) time.Time {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339Nano, time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", time.ANSIC, "Mon Jan _2 15:04:05 2006 MST", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1990 && t.Year() <= 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}
