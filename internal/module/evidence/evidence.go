// Package evidence keeps what the centre has to answer for: how long the events
// of each unit and kind of source are kept, what an incident holds beyond that,
// what was deleted, whether the stored events are as they were stored, and the
// bundles handed over.
//
// The lake does the work (retention, holds, hash chain, bundles); this module
// adds who may do it, the rules as an administrator sets them, the audit trail,
// and the daily note of the chain's head. Classes of retention with their legal
// basis are data: classes.json.
//
// Invariants. A rule never keeps shorter than its class's legal minimum. Every
// change, release and export is audited in its own transaction.
//
// Start reading at Service.
package evidence

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
)

//go:embed classes.json
var classData []byte

// Class is a class of retention: how long the law wants logs kept at least.
type Class struct {
	ID          string `json:"id"`
	Level       int    `json:"level"` // security level of the system, 1 to 5; 0: not by level
	MinimumDays int    `json:"minimumDays"`
	NameVi      string `json:"nameVi"`
	NameEn      string `json:"nameEn"`
	Basis       string `json:"basis"`  // the article
	Verify      bool   `json:"verify"` // the basis was not read in the instrument itself
}

// parseClasses reads classes.json, by ID and in its order.
func parseClasses(text []byte) ([]Class, error) {
	var classes []Class
	if err := json.Unmarshal(text, &classes); err != nil {
		return nil, fmt.Errorf("retention classes: %w", err)
	}
	seen := map[string]bool{}
	for _, c := range classes {
		if c.ID == "" || seen[c.ID] || c.MinimumDays < 0 || c.NameVi == "" || c.NameEn == "" || c.MinimumDays > 0 && c.Basis == "" {
			return nil, fmt.Errorf("retention classes: %q is not whole", c.ID)
		}
		seen[c.ID] = true
	}
	return classes, nil
}

// Rule says how long events are kept. What it leaves empty is any.
type Rule struct {
	Unit     event.UnitID
	Format   string
	Input    string
	Class    string
	KeepDays int // 0: as lake.maxAge says, and never less than the class's minimum
	Note     string
	By       string
	At       time.Time
}

// Limits of a rule.
const (
	maxKeepDays = 100 * 366
	maxName     = 100
	maxNote     = 1000
	maxRules    = 10_000
)

func (r *Rule) object() string {
	return fmt.Sprintf("retention:%s/%s/%s", r.Unit, r.Format, r.Input)
}

// check refuses a rule that cannot be.
func (r *Rule) check(c Class) error {
	switch {
	case len(r.Format) > maxName || len(r.Input) > maxName:
		return fault.New(fault.Invalid, "format, input: at most %d characters", maxName).WithCode("retention.name").OnField("body.format")
	case len(r.Note) > maxNote:
		return fault.New(fault.Invalid, "note: at most %d characters", maxNote).WithCode("retention.note").OnField("body.note")
	case r.KeepDays < 0 || r.KeepDays > maxKeepDays:
		return fault.New(fault.Invalid, "keepDays: 0 to %d", maxKeepDays).WithCode("retention.days").OnField("body.keepDays")
	case r.KeepDays > 0 && r.KeepDays < c.MinimumDays:
		return fault.New(fault.Invalid, "keepDays: %d days are less than the %d that the class asks for (%s)", r.KeepDays, c.MinimumDays, c.Basis).
			WithCode("retention.below-minimum").OnField("body.keepDays")
	}
	return nil
}

const oneDay = 24 * time.Hour

// forLake puts the rule in the lake's words.
func (r *Rule) forLake(c Class) lake.RetentionRule {
	return lake.RetentionRule{
		Unit: r.Unit, Format: r.Format, Input: r.Input,
		Age: time.Duration(r.KeepDays) * oneDay, Minimum: time.Duration(c.MinimumDays) * oneDay,
	}
}
