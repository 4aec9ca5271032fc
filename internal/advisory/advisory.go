// Package advisory reads what the world publishes about vulnerabilities: CSAF 2.0
// documents, CVE records (JSON 5), CISA's catalogue of known exploited
// vulnerabilities (KEV) and the scores of EPSS. It also says whether a piece of
// software that somebody declared is among what an advisory calls affected.
//
// It keeps nothing and fetches nothing; module/advisory does.
//
// Publishers write vendors, products and versions in many ways, so an answer has
// three values: affected, unaffected, unknown. Unknown means that a person has to
// look, and the reason says why; a version that cannot be compared is never
// guessed to be safe.
//
// Everything is bounded: bytes, nesting, products, ranges. A file that is not
// what it should be gives a fault.Invalid that names the file, the place in it
// (JSON path and line, or line) and what to do. What is odd in a file that can be
// read, such as a reference to a product that is not there, is listed in
// [Document.Problems].
//
// Sources: CSAF 2.0 (OASIS standard), CVE Record Format 5.1, CPE 2.3 (NIST IR
// 7695), the KEV catalogue's schema, the EPSS data page of FIRST.
//
// Start reading at [Document] and [Affected.Judge].
package advisory

import (
	"time"
)

// Format is what a file is.
type Format string

// The formats.
const (
	FormatCSAF Format = "csaf"
	FormatCVE  Format = "cve"
	FormatKEV  Format = "kev"
	FormatEPSS Format = "epss"
)

// Bounds of one file.
const (
	MaxBytes = 32 << 20 // of a file, unpacked

	maxDepth           = 64 // of nested JSON
	maxBranchDepth     = 30 // of a product tree
	maxProducts        = 50_000
	maxVulnerabilities = 2_000
	maxAffected        = 5_000 // products of a vulnerability
	maxRanges          = 2_000 // of a product
	maxChanges         = 200   // within a range
	maxRemedies        = 200
	maxReferences      = 100
	maxProblems        = 50
	maxTitle           = 500    // bytes
	maxText            = 20_000 // bytes
	maxName            = 200    // bytes, of a vendor, a product, a version
)

// Document is one advisory: of a publisher (CSAF), or one CVE record.
type Document struct {
	Format    Format    `json:"format"`
	ID        string    `json:"id"` // the publisher's, or the CVE's
	Title     string    `json:"title"`
	Summary   string    `json:"summary"`
	Publisher string    `json:"publisher"`
	Lang      string    `json:"lang"`
	TLP       string    `json:"tlp"` // WHITE, CLEAR, GREEN, AMBER, AMBER+STRICT, RED; "" for none
	Severity  string    `json:"severity"`
	URL       string    `json:"url"` // of the document itself
	Revision  string    `json:"revision"`
	Published time.Time `json:"published"`
	Updated   time.Time `json:"updated"`

	Vulnerabilities []Vulnerability `json:"vulnerabilities"`
	// Problems are what was odd: a place and what is wrong there.
	Problems []string `json:"problems,omitempty"`
}

// Vulnerability is one weakness and what it is in.
type Vulnerability struct {
	ID          string      `json:"id"` // CVE-2026-12345, else the publisher's own
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Weakness    string      `json:"weakness"` // CWE-79
	CVSS        CVSS        `json:"cvss"`
	Rejected    bool        `json:"rejected,omitempty"` // the number was taken back
	Published   time.Time   `json:"published"`
	Updated     time.Time   `json:"updated"`
	Affected    []Affected  `json:"affected"`
	Remedies    []Remedy    `json:"remedies"`
	References  []Reference `json:"references"`
}

// CVSS is how grave a vulnerability is; the zero for not scored.
type CVSS struct {
	Version  string  `json:"version"` // 2.0, 3.0, 3.1, 4.0
	Score    float64 `json:"score"`   // 0 to 10
	Severity string  `json:"severity"`
	Vector   string  `json:"vector"`
}

// Remedy is what can be done.
type Remedy struct {
	Kind string `json:"kind"` // as in CSAF: vendor_fix, mitigation, workaround, none_available, no_fix_planned
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

// Reference is where more is written.
type Reference struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Product names a piece of software or a device.
type Product struct {
	Vendor string `json:"vendor"`
	Name   string `json:"name"`
	CPE    string `json:"cpe,omitempty"`  // 2.3, as published
	PURL   string `json:"purl,omitempty"` // of a package; of an advisory without a version
}

// Affected is one product of a vulnerability and which of its versions are how.
type Affected struct {
	Product

	Platform string  `json:"platform,omitempty"` // only there, "" for everywhere
	Ranges   []Range `json:"ranges"`
	// Default is the status of versions within none of the ranges.
	Default Status `json:"default"`
}

// Status is how a version stands.
type Status string

// The states.
const (
	StatusAffected   Status = "affected"
	StatusUnaffected Status = "unaffected"
	StatusUnknown    Status = "unknown"
)

// Known is one entry of the KEV catalogue.
type Known struct {
	CVE        string
	Vendor     string
	Product    string
	Name       string
	Added      time.Time
	Due        time.Time
	Text       string
	Action     string
	Ransomware bool // known to be used in ransomware campaigns
	Weakness   string
}

// Catalogue is the head of the KEV catalogue.
type Catalogue struct {
	Version  string
	Released time.Time
	Count    int // of entries, as read
}

// Score is the EPSS score of one CVE: how likely it is to be exploited within 30
// days, and the share of CVEs that are less likely. Both 0 to 1.
type Score struct {
	CVE        string
	Score      float64
	Percentile float64
}

// Scores is the head of an EPSS file.
type Scores struct {
	Model string
	Date  time.Time
	Count int
}
