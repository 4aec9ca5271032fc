// Package warning writes early warnings (cảnh báo sớm) to the units they concern
// and follows each until it is settled.
//
// A warning is written from a template, with its source and how far that can be
// trusted, its TLP mark, what is affected and by what it is recognised. Its
// audience is computed from the register of units, the software lists and the
// stored events, and says of each unit why; people add and take off, with a
// reason. It goes out only when somebody else than those who wrote it publishes
// it. Each unit then has its own copy (copy.go), which it acknowledges and
// answers; reminders and escalation chase who does not (chase.go); what is said to
// be fixed is checked again over the stored events (recheck.go).
//
// Invariants. Who wrote any of it does not publish it, and what is published is
// what was reviewed: a change takes a warning back to draft. A unit sees its own
// copy, never the audience nor a copy of others. Numbers have neither gaps nor
// doubles: CB-2026-0001, DT-CB- for drills, given when it is published. A copy is
// settled only by a check that found nothing where events do come in, by a scan, or
// by a person of the centre who says why. A drill is counted apart and leaves by no
// outside channel.
//
// Start reading at Warning and Service; then audience.go and copy.go.
package warning

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// State is how far a warning is.
type State string

// The states.
const (
	Draft     State = "draft"
	Review    State = "review" // waits for somebody else to publish it
	Published State = "published"
	Closed    State = "closed" // every copy is settled
	Withdrawn State = "withdrawn"
)

// SourceGrade is how far a source and what it says can be trusted, after the Admiralty
// code (STANAG 2511).
type SourceGrade struct {
	Source      string `json:"source" maxLength:"400" doc:"who told"`
	Reliability string `json:"reliability" enum:"A,B,C,D,E,F" doc:"of the source: A completely reliable to E unreliable, F cannot be judged"`
	Credibility int    `json:"credibility" minimum:"1" maximum:"6" doc:"of what it says: 1 confirmed to 5 improbable, 6 cannot be judged"`
}

// WarningText is what the unit reads, under its headings.
type WarningText struct {
	Content  string `json:"content" doc:"nội dung"`
	Impact   string `json:"impact" doc:"ảnh hưởng"`
	Check    string `json:"check" doc:"cách kiểm tra"`
	Measures string `json:"measures" doc:"biện pháp"`
	Deadline string `json:"deadline" doc:"thời hạn"`
}

// AffectedProduct is software or a device that is affected.
type AffectedProduct struct {
	Vendor   string `json:"vendor"`
	Name     string `json:"name"`
	CPE      string `json:"cpe,omitempty"`
	Versions string `json:"versions,omitempty" doc:"as an official reads it: < 10.0.20348.2762"`
}

// AudienceChoice says whom a warning is for.
type AudienceChoice struct {
	All        bool           `json:"all" doc:"every unit"`
	Kinds      []string       `json:"kinds" nullable:"false" doc:"types of units"`
	Under      []event.UnitID `json:"under" nullable:"false" doc:"these units and those below them"`
	Software   bool           `json:"software" doc:"units that declared affected software"`
	Indicators bool           `json:"indicators" doc:"units whose stored events have an indicator"`
	Days       int            `json:"days" minimum:"0" maximum:"400" doc:"how far back the events are looked at"`
}

// WarningFacts are what people write of a warning.
type WarningFacts struct {
	Title      string             `json:"title"`
	Kind       string             `json:"kind" enum:"vulnerability,campaign,leak,malware,misconfiguration"`
	Severity   string             `json:"severity" enum:"critical,high,medium,low"`
	TLP        string             `json:"tlp" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED"`
	Grade      SourceGrade        `json:"grade"`
	Text       WarningText        `json:"text"`
	Products   []AffectedProduct  `json:"products" nullable:"false"`
	CVEs       []string           `json:"cves" nullable:"false"`
	Indicators []WarningIndicator `json:"indicators" nullable:"false"`
	// Query is what a re-check looks for; "": the indicators.
	Query      string         `json:"query"`
	AckHours   int            `json:"ackHours" minimum:"1" doc:"from publication, to acknowledge"`
	FixHours   int            `json:"fixHours" minimum:"1" doc:"from publication, to answer that it is fixed or does not apply"`
	WatchHours int            `json:"watchHours" doc:"after the answer fixed, before a re-check can settle the copy"`
	Reference  string         `json:"reference" doc:"what it was made from: advisory:<id>, incident:<id>"`
	Choice     AudienceChoice `json:"choice"`
}

// Warning is one warning.
type Warning struct {
	ID    string
	Code  string // "" before it is published
	Drill bool
	WarningFacts
	State         State
	Writers       []string // ids of the users who wrote any of what it says
	CreatedAt     time.Time
	CreatedBy     string // user id
	CreatedName   string
	ChangedAt     time.Time
	ReviewedAt    time.Time // when it was handed in
	ReviewedName  string
	PublishedAt   time.Time
	PublishedBy   string
	PublishedName string
	AckBy, FixBy  time.Time
	EndedAt       time.Time
	Reason        string // of its withdrawal, or of its return to draft
	Audience      Computation
	Version       int64
}

// Computation is how far the audience is.
type Computation struct {
	State   string    `json:"state"` // "", waiting, running, done
	Done    int       `json:"done"`  // indicators looked for
	Of      int       `json:"of"`
	At      time.Time `json:"at"`
	Missing []string  `json:"missing"` // indicators that could not be looked for
	// SoftwareUnknown says that no software list could be asked.
	SoftwareUnknown bool `json:"softwareUnknown"`
}

func (c *Computation) busy() bool { return c.State == "waiting" || c.State == "running" }

// The words a warning is described by.
var (
	Kinds      = []string{"vulnerability", "campaign", "leak", "malware", "misconfiguration"}
	severities = []string{"critical", "high", "medium", "low"}
	marks      = []string{"CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"}
	grades     = []string{"A", "B", "C", "D", "E", "F"}
)

// Limits of what a warning holds.
const (
	maxTitle      = 200
	maxText       = 10_000
	maxProducts   = 100
	maxCVEs       = 100
	maxIndicators = 200
	maxHours      = 90 * 24
	maxWatch      = 30 * 24
	maxChosen     = 500
	defaultDays   = 30
)

var cveShape = regexp.MustCompile(`^CVE-(19|20)\d\d-\d{4,7}$`)

func bad(field, code, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("warning." + code).OnField("body." + field)
}

func letters(s string) int { return len([]rune(s)) }

// clean brings the facts into the form they are kept in and refuses what cannot be.
// A draft may be unfinished; see [WarningFacts.ready]. Errors: Invalid.
func (f *WarningFacts) clean() error {
	f.Title = strings.TrimSpace(f.Title)
	if n := letters(f.Title); n == 0 || n > maxTitle {
		return bad("facts.title", "title", "a warning needs a title of at most %d letters", maxTitle)
	}
	for _, x := range []struct {
		field, value string
		of           []string
	}{{"kind", f.Kind, Kinds}, {"severity", f.Severity, severities}, {"tlp", f.TLP, marks}, {"grade.reliability", f.Grade.Reliability, grades}} {
		if !slices.Contains(x.of, x.value) {
			return bad("facts."+x.field, "word", "%s: no %q; one of %v", x.field, x.value, x.of)
		}
	}
	if f.Grade.Credibility < 1 || f.Grade.Credibility > 6 {
		return bad("facts.grade.credibility", "word", "credibility is 1 to 6")
	}
	for field, text := range map[string]*string{
		"text.content": &f.Text.Content, "text.impact": &f.Text.Impact, "text.check": &f.Text.Check, "text.measures": &f.Text.Measures,
		"text.deadline": &f.Text.Deadline, "grade.source": &f.Grade.Source, "reference": &f.Reference,
	} {
		limit := maxText
		if field == "grade.source" || field == "reference" {
			limit = maxTitle
		}
		if *text = strings.TrimSpace(*text); letters(*text) > limit || strings.Contains(*text, "\x00") {
			return bad("facts."+field, "long", "%s: at most %d letters", field, limit)
		}
	}
	if err := f.cleanLists(); err != nil {
		return err
	}
	return f.cleanTimes()
}

func (f *WarningFacts) cleanLists() error {
	if len(f.Products) > maxProducts || len(f.CVEs) > maxCVEs || len(f.Indicators) > maxIndicators {
		return bad("facts", "too-many", "at most %d products, %d CVEs and %d indicators; write another warning for the rest", maxProducts, maxCVEs, maxIndicators)
	}
	for i := range f.Products {
		p := &f.Products[i]
		p.Vendor, p.Name, p.CPE, p.Versions = strings.TrimSpace(p.Vendor), strings.TrimSpace(p.Name), strings.TrimSpace(p.CPE), strings.TrimSpace(p.Versions)
		if p.Name == "" && p.CPE == "" || max(letters(p.Vendor), letters(p.Name), letters(p.Versions), letters(p.CPE)) > maxTitle {
			return bad("facts.products", "product", "product %d: a name or a CPE is needed, each at most %d letters", i+1, maxTitle)
		}
	}
	for i, c := range f.CVEs {
		f.CVEs[i] = strings.ToUpper(strings.TrimSpace(c))
		if !cveShape.MatchString(f.CVEs[i]) {
			return bad("facts.cves", "cve", "%.40q is no number of a CVE; they look like CVE-2026-12345", c)
		}
	}
	slices.Sort(f.CVEs)
	f.CVEs = slices.Compact(f.CVEs)
	kept := f.Indicators[:0]
	for _, x := range f.Indicators {
		if err := x.clean(); err != nil {
			return err
		}
		if !slices.ContainsFunc(kept, func(y WarningIndicator) bool { return x.Type == y.Type && x.Value == y.Value }) {
			kept = append(kept, x)
		}
	}
	f.Indicators = kept
	if f.Query = strings.TrimSpace(f.Query); f.Query != "" {
		if _, err := query.Parse(f.Query); err != nil {
			return bad("facts.query", "query", "the query of the re-check cannot be read: %v", err)
		}
	}
	c := &f.Choice
	if len(c.Kinds) > maxChosen || len(c.Under) > maxChosen || c.Days < 0 || c.Days > 400 {
		return bad("facts.choice", "choice", "at most %d types and units, and 400 days", maxChosen)
	}
	if c.Days == 0 {
		c.Days = defaultDays
	}
	return nil
}

func (f *WarningFacts) cleanTimes() error {
	switch {
	case f.AckHours < 1 || f.AckHours > maxHours:
		return bad("facts.ackHours", "hours", "give 1 hour to 90 days to acknowledge")
	case f.FixHours < f.AckHours || f.FixHours > maxHours:
		return bad("facts.fixHours", "hours", "the time to fix is at most 90 days and not shorter than the time to acknowledge")
	case f.WatchHours < 0 || f.WatchHours > maxWatch:
		return bad("facts.watchHours", "hours", "a re-check waits at most 30 days")
	}
	return nil
}

// gap is a place a template leaves for people: […].
var gap = regexp.MustCompile(`\[(\.\.\.|…)[^\]]{0,200}\]`)

// ready tells what is missing before somebody else can look at it. Errors:
// Invalid naming the field.
func (f *WarningFacts) ready() error {
	for _, x := range []struct{ field, text string }{
		{"content", f.Text.Content}, {"impact", f.Text.Impact}, {"check", f.Text.Check}, {"measures", f.Text.Measures}, {"deadline", f.Text.Deadline},
	} {
		if x.text == "" {
			return bad("facts.text."+x.field, "empty", "the part %s is empty; write it, or say that it does not apply", x.field)
		}
		if g := gap.FindString(x.text); g != "" {
			return bad("facts.text."+x.field, "gap", "the part %s still has %.60q of the template; write what belongs there", x.field, g)
		}
	}
	if f.Grade.Source == "" {
		return bad("facts.grade.source", "source", "say where the warning comes from")
	}
	return nil
}
