// Package scan reads what vulnerability scanners and tools that list software write:
// nmap XML, Nessus v2 XML, reports of OpenVAS and Greenbone, Nuclei's JSON lines, JSON of
// Trivy and Grype, SARIF 2.1, CycloneDX and SPDX as JSON, and reports of Lynis. All of
// them give the same [Finding] and [Component]; [Read] recognises the format by its
// content, never by the name of the file.
//
// It keeps nothing and judges nothing: what was found before, what is due and what is
// exploited is module/vulnerability's to say.
//
// Files are read as streams: what is held at once is one item of a few megabytes. Formats
// that name things only after they refer to them (SARIF's rules, the components of
// CycloneDX) are held as far as needed, within bounds. XML has no entities but those of
// XML itself. A file that is not what it should be gives a fault.Invalid that names the
// file, the line and what to do; what is odd in a file that can be read is listed in
// [Report.Problems].
//
// A report says what it looked at: [Report.Hosts], [Report.Ports] and [Report.Checks].
// Only what lies within can be told to be gone because it is missing.
//
// Start reading at [Finding], then formats in read.go.
package scan

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of one file.
const (
	MaxBytes    = 512 << 20 // of a file
	MaxFindings = 200_000   // of a file, one for each CVE
	maxItem     = 4 << 20   // bytes of one item in it
	maxDepth    = 200       // of nested XML
	maxHosts    = 100_000
	maxHeld     = 200_000 // rules, components by reference
	maxProblems = 50
	maxCVEs     = 300 // of one item
	maxName     = 200 // bytes
	maxTitle    = 300 // bytes
	maxText     = 1500
)

// Severity is how grave a finding is, as the scanner says.
type Severity int

// The severities; the zero is one that says nothing of a weakness.
const (
	Info Severity = iota
	Low
	Medium
	High
	Critical
)

// Finding is one weakness, or one thing worth knowing, at one place.
type Finding struct {
	Address  string // IP address
	Host     string // name of a machine, an image, a repository; "" with Address: not known
	Port     int    // 0: none
	Protocol string // tcp, udp; "" without a port
	Place    string // where in the host, if it is no port: a file and line
	Service  string // http, ssh
	Package  string // product or package that has it
	Version  string
	Fixed    string // first version without it
	// CVE is the one it is; an item that names several gives a Finding for each.
	CVE      string
	Rule     string // id of the plugin, template or rule; with the tool's name before it
	Title    string
	Severity Severity
	CVSS     float64 // 0: not said
	Evidence string  // what was seen, cut short
	Remedy   string
	Seen     time.Time // zero: as the report
	Check    string    // one of Report.Checks
}

// Code is what the finding is called by whichever tool saw it: its CVE, else its rule.
func (f *Finding) Code() string {
	if f.CVE != "" {
		return f.CVE
	}
	return f.Rule
}

// Component is a piece of software that a report lists.
type Component struct {
	Name    string
	Vendor  string
	Version string
	CPE     string
	PURL    string
}

// Report is what a file says of itself.
type Report struct {
	Format  Format
	Tool    string // nmap, Nessus, the driver of SARIF
	Release string // of the tool
	// Target is what findings without a host are of; "" if the file does not say.
	Target  string
	Started time.Time
	Ended   time.Time
	Hosts   []string // what was looked at: addresses, or names where there is none
	// Ports are what was looked at of each host; nil: not known, so all.
	Ports *Ports
	// Checks are the sorts of checks that were made; findings of another sort that are
	// missing tell nothing.
	Checks     []string
	Findings   int
	Components int
	Problems   []string
}

// Sink takes what is read. An error ends the reading and is returned.
type Sink struct {
	Finding   func(*Finding) error
	Component func(*Component) error
}

var cvePattern = regexp.MustCompile(`(?i)^CVE-[0-9]{4}-[0-9]{4,10}$`)

// cves returns the CVE numbers among ids, each once.
func cves(ids []string) []string {
	var out []string
	for _, id := range ids {
		id = strings.ToUpper(strings.TrimPrefix(strings.TrimSpace(id), "CVE:"))
		if cvePattern.MatchString(id) && !slices.Contains(out, id) && len(out) < maxCVEs {
			out = append(out, id)
		}
	}
	return out
}

// clip makes text fit: valid, without control characters but line ends, and short.
func clip(s string, most int) string {
	if len(s) > 4*most {
		s = s[:4*most]
	}
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ReplaceAll(s, "\r\n", "\n"))
	s = strings.TrimSpace(s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most-len("…")], "") + "…"
	}
	return s
}

func line(s string, most int) string { return clip(strings.Join(strings.Fields(s), " "), most) }

// address returns text as an IP address is written, "" if it is none.
func address(text string) string {
	text = strings.Trim(strings.TrimSpace(text), "[]")
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return ""
	}
	return a.Unmap().String()
}

// name returns a machine's name as it is compared.
func name(text string) string {
	text = strings.ToLower(line(text, maxName))
	return strings.TrimSuffix(text, ".")
}

// place sets what was looked at from one text: an address or a name.
func (f *Finding) at(text string) {
	if a := address(text); a != "" {
		f.Address = a
	} else if f.Host == "" {
		f.Host = name(text)
	}
}

func (f *Finding) tidy() {
	f.Host, f.Package, f.Version, f.Fixed = name(f.Host), line(f.Package, maxName), line(f.Version, maxName), line(f.Fixed, maxName)
	f.Place, f.Service, f.Rule, f.Title = line(f.Place, maxTitle), line(f.Service, maxName), line(f.Rule, maxName), line(f.Title, maxTitle)
	f.Evidence, f.Remedy, f.Check = clip(f.Evidence, maxText), clip(f.Remedy, maxText), line(f.Check, maxName)
	f.Protocol = strings.ToLower(line(f.Protocol, 8))
	if f.Port < 0 || f.Port > 65535 {
		f.Port = 0
	}
	if f.Port == 0 {
		f.Protocol = ""
	}
	if !(f.CVSS > 0 && f.CVSS <= 10) {
		f.CVSS = 0
	}
	if y := f.Seen.Year(); y < 1990 || y > 2200 {
		f.Seen = time.Time{}
	}
}

// severityOf reads the word of a tool; what it does not know is judged by the score.
func severityOf(word string, cvss float64) Severity {
	switch strings.ToLower(strings.TrimSpace(word)) {
	case "critical":
		return Critical
	case "high", "important", "error":
		return High
	case "medium", "moderate", "warning":
		return Medium
	case "low", "minor", "note":
		return Low
	case "info", "informational", "negligible", "none", "log", "false positive", "debug":
		return Info
	}
	return severityOfScore(cvss)
}

// severityOfScore is the scale of CVSS 3.
func severityOfScore(cvss float64) Severity {
	switch {
	case cvss >= 9:
		return Critical
	case cvss >= 7:
		return High
	case cvss >= 4:
		return Medium
	case cvss > 0:
		return Low
	}
	return Info
}
