package obligation

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Duty is a row of law: what somebody owes to whom by when.
type Duty struct {
	ID    string     `yaml:"id" json:"id"`
	Vi    string     `yaml:"vi" json:"vi"`
	En    string     `yaml:"en" json:"en"`
	Stage string     `yaml:"stage" json:"stage"` // one of stages
	Basis LegalBasis `yaml:"basis" json:"basis"`

	On   Trigger     `yaml:"on" json:"on"`
	When []Condition `yaml:"when" json:"when"` // of a matter: any of them
	From string      `yaml:"from" json:"from"` // the moment of the matter

	Hours       int    `yaml:"hours" json:"hours"`
	WorkingDays int    `yaml:"workingDays" json:"workingDays"`
	Before      string `yaml:"before" json:"before"` // of a date: MM-DD each year or YYYY-MM-DD once

	Of        Owed     `yaml:"of" json:"of"`
	Recipient string   `yaml:"recipient" json:"recipient"`
	Instead   *Instead `yaml:"instead" json:"instead,omitempty"`
	Form      string   `yaml:"form" json:"form"`
	Verify    string   `yaml:"verify" json:"verify"` // what is to be checked before it is relied on; "" nothing
	Enabled   *bool    `yaml:"enabled" json:"enabled,omitempty"`
}

// LegalBasis is where the law says so.
type LegalBasis struct {
	Text    string `yaml:"text" json:"text"`
	Article string `yaml:"article" json:"article"`
}

// Instead names another recipient for some matters.
type Instead struct {
	When      Condition `yaml:"when" json:"when"`
	Recipient string    `yaml:"recipient" json:"recipient"`
}

// Trigger is what starts a duty's clock.
type Trigger string

// The triggers.
const (
	OnMatter Trigger = "matter"
	OnDate   Trigger = "date"
)

// Owed says who owes the duty.
type Owed string

// Who owes. A duty about a matter is owed by the unit whose matter it is.
const (
	OfCentre Owed = "centre"
	OfUnits  Owed = "units"
)

// stages order the duties about one matter.
var stages = []string{"at-once", "initial", "report", "personal-data", "final", "yearly", "once"}

// moments are what a duty's time may run from.
var moments = []string{"detectedAt", "confirmedAt", "containedAt", "recoveredAt", "closedAt", "selfCheckFrom"}

// IsEnabled tells whether the duty starts clocks; rows of the file do unless they
// say otherwise.
func (d *Duty) IsEnabled() bool { return d.Enabled == nil || *d.Enabled }

// RecipientOf returns to whom the duty about a matter of these traits is owed.
func (d *Duty) RecipientOf(traits map[string]any) string {
	if d.Instead != nil && d.Instead.When.Holds(traits) {
		return d.Instead.Recipient
	}
	return d.Recipient
}

// Arises tells whether a matter brings the duty.
func (d *Duty) Arises(traits map[string]any) bool {
	for _, c := range d.When {
		if c.Holds(traits) {
			return true
		}
	}
	return false
}

// Recipient is to whom duties are discharged.
type Recipient struct {
	ID string `yaml:"id" json:"id"`
	Vi string `yaml:"vi" json:"vi"`
	En string `yaml:"en" json:"en"`
}

//go:embed data
var files embed.FS

// Catalogue is everything the duties are made of.
type Catalogue struct {
	Duties     map[string]Duty
	Order      []string // of the duties, as the files have them
	Attributes map[string]Attribute
	Words      []Attribute
	Recipients map[string]Recipient
	Bodies     []Recipient
	Years      map[int]Year
}

// shipped reads the files of this package, which its tests hold to be sound.
func shipped() (*Catalogue, error) {
	c := &Catalogue{Duties: map[string]Duty{}, Attributes: map[string]Attribute{}, Recipients: map[string]Recipient{}}
	var duties []Duty
	for name, into := range map[string]any{"duties": &duties, "attributes": &c.Words, "recipients": &c.Bodies, "holidays": &c.Years} {
		text, err := files.ReadFile("data/" + name + ".yaml")
		if err == nil {
			err = strict(text, into)
		}
		if err != nil {
			return nil, fmt.Errorf("data/%s.yaml: %w", name, err)
		}
	}
	for _, a := range c.Words {
		c.Attributes[a.ID] = a
	}
	for _, r := range c.Bodies {
		c.Recipients[r.ID] = r
	}
	for i := range duties {
		d := &duties[i]
		if d.Of == "" {
			d.Of = OfCentre
		}
		if err := d.check(c); err != nil {
			return nil, fmt.Errorf("data/duties.yaml: %s: %w", d.ID, err)
		}
		c.Duties[d.ID] = *d
		c.Order = append(c.Order, d.ID)
	}
	for year, y := range c.Years {
		if err := y.check(year); err != nil {
			return nil, fmt.Errorf("data/holidays.yaml: %d: %w", year, err)
		}
	}
	return c, nil
}

// strict reads YAML and refuses keys nobody knows.
func strict(text []byte, into any) error {
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

var (
	idShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,63}$`)
	yearly  = regexp.MustCompile(`^\d\d-\d\d$`)
)

const (
	maxName  = 200
	maxText  = 1000
	maxHours = 24 * 366
)

// check returns what is wrong with a duty, naming the field. Errors: Invalid.
func (d *Duty) check(c *Catalogue) error {
	bad := func(field, code, format string, args ...any) error {
		return fault.New(fault.Invalid, format, args...).WithCode("duty." + code).OnField("body." + field)
	}
	if !idShape.MatchString(d.ID) {
		return bad("id", "id", "an id is 2 to 64 small letters, digits and hyphens")
	}
	for field, text := range map[string]string{"vi": d.Vi, "en": d.En} {
		if n := len([]rune(strings.TrimSpace(text))); n == 0 && field == "vi" || n > maxName {
			return bad(field, "name", "a duty needs a name of at most %d letters", maxName)
		}
	}
	if len(d.Basis.Text) > maxText || len(d.Basis.Article) > maxText || len(d.Verify) > maxText {
		return bad("basis", "long", "write at most %d letters", maxText)
	}
	if strings.TrimSpace(d.Basis.Text) == "" {
		return bad("basis.text", "basis", "say which law it is by")
	}
	if !slices.Contains(stages, d.Stage) {
		return bad("stage", "stage", "no stage %q; there are: %v", d.Stage, stages)
	}
	if _, ok := c.Recipients[d.Recipient]; !ok {
		return bad("recipient", "recipient", "no recipient %q", d.Recipient)
	}
	if d.Instead != nil {
		if _, ok := c.Recipients[d.Instead.Recipient]; !ok {
			return bad("instead.recipient", "recipient", "no recipient %q", d.Instead.Recipient)
		}
		if err := d.Instead.When.check(c.Attributes, "body.instead.when"); err != nil {
			return err
		}
	}
	if d.Of != OfCentre && d.Of != OfUnits {
		return bad("of", "of", "a duty is owed by the centre or by the units, not by %q", d.Of)
	}
	switch d.On {
	case OnMatter:
		return d.checkMatter(c, bad)
	case OnDate:
		return d.checkDate(bad)
	}
	return bad("on", "on", "a duty begins with a matter or on a date, not on %q", d.On)
}

func (d *Duty) checkMatter(c *Catalogue, bad func(field, code, format string, args ...any) error) error {
	if len(d.When) == 0 || len(d.When) > 20 {
		return bad("when", "condition", "say when the duty arises, by 1 to 20 conditions")
	}
	for i, w := range d.When {
		if err := w.check(c.Attributes, fmt.Sprintf("body.when[%d]", i)); err != nil {
			return err
		}
	}
	if !slices.Contains(moments, d.From) {
		return bad("from", "from", "no moment %q to count from; there are: %v", d.From, moments)
	}
	if d.Before != "" {
		return bad("before", "time", "a duty about a matter has hours or working days, no date")
	}
	if (d.Hours > 0) == (d.WorkingDays > 0) || d.Hours < 0 || d.WorkingDays < 0 {
		return bad("hours", "time", "give either hours or working days")
	}
	if d.Hours > maxHours || d.WorkingDays > maxWorkingDays {
		return bad("hours", "time", "at most %d hours or %d working days", maxHours, maxWorkingDays)
	}
	return nil
}

func (d *Duty) checkDate(bad func(field, code, format string, args ...any) error) error {
	if len(d.When) > 0 || d.From != "" || d.Hours != 0 || d.WorkingDays != 0 {
		return bad("before", "time", "a duty of a date has no condition, hours or working days")
	}
	layout, text := time.DateOnly, d.Before
	if yearly.MatchString(text) {
		text = "2024-" + text // a leap year
	}
	if _, err := time.Parse(layout, text); err != nil {
		return bad("before", "time", "%q is no date; write MM-DD for every year, or YYYY-MM-DD", d.Before)
	}
	return nil
}

// Due returns when a duty about a matter is due whose clock started then, and the
// years of the calendar that are missing for it.
func (d *Duty) Due(start time.Time, c *Calendar) (due time.Time, missing []int) {
	if d.WorkingDays > 0 {
		return c.After(start, d.WorkingDays)
	}
	return start.Add(time.Duration(d.Hours) * time.Hour), nil
}

// Next returns when a duty of a date is due next after now; ok is false when that
// is over.
func (d *Duty) Next(now time.Time, c *Calendar) (due time.Time, ok bool) {
	if !yearly.MatchString(d.Before) {
		t, err := time.ParseInLocation(time.DateOnly, d.Before, c.zone)
		return t, err == nil && t.After(now)
	}
	year := now.In(c.zone).Year()
	for _, y := range []int{year, year + 1} {
		if t, err := time.ParseInLocation(time.DateOnly, fmt.Sprintf("%d-%s", y, d.Before), c.zone); err == nil && t.After(now) {
			return t, true
		}
	}
	return time.Time{}, false
}
