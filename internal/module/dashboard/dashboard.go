// Package dashboard shows what happens in figures: to the leaders, on the wall of
// the centre, to a unit about itself.
//
// A board is a list of widgets; a widget is a kind of the catalogue (catalogue.go)
// with a size and settings. Three boards are built in; people copy and change
// them and share what they made. Each kind has one function that makes its
// [Figure]: a headline with that of the period before, and the table that chart,
// CSV and PDF all show. What each figure means is defined in
// docs/operate/dashboards.md.
//
// It owns the boards only. Alerts, sources and events belong to other parts, which
// count for the principal in the context, so a figure never counts what its reader
// may not see.
//
// Invariants. A figure holds no person: work is told for all people together, and
// accounts are in no ranking. One slow figure delays no other: each has its own
// time and its own error. However many consoles show a board, each figure is made
// once per scope and time (cache.go).
//
// Start reading at Service.Figures, then catalogue.go.
package dashboard

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Words is text in both languages.
type Words struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// In returns the text in a language, "vi" or "en".
func (w Words) In(language string) string {
	if language == "en" {
		return w.En
	}
	return w.Vi
}

// Visibility says who else sees a board.
type Visibility string

// The visibilities. A board of a unit is for the unit, those below it, and those
// above it.
const (
	Private  Visibility = "private"
	OfUnit   Visibility = "unit"
	Everyone Visibility = "everyone"
)

// Widget is one figure on a board.
type Widget struct {
	ID      string   `json:"id" maxLength:"40" doc:"distinct on its board"`
	Kind    string   `json:"kind" maxLength:"40" doc:"of the catalogue"`
	W       int      `json:"w" minimum:"2" maximum:"12" doc:"columns of twelve"`
	H       int      `json:"h" minimum:"1" maximum:"6" doc:"rows"`
	Title   string   `json:"title,omitempty" maxLength:"480" doc:"absent: the kind's name"`
	Limit   int      `json:"limit,omitempty" minimum:"0" maximum:"50" doc:"lines of a ranking; absent: as usual for the kind"`
	Levels  []string `json:"levels,omitempty" maxItems:"5" enum:"critical,high,medium,low,informational" doc:"absent: all"`
	Display string   `json:"display,omitempty" enum:"chart,table" doc:"absent: chart"`
	Range   string   `json:"range,omitempty" maxLength:"8" doc:"a time of its own, as 30d; absent: the board's"`
}

// Board is one dashboard.
type Board struct {
	ID         string
	BuiltIn    bool
	OwnerID    string
	Unit       event.UnitID // the owner's when it was made
	Visibility Visibility
	Name       Words // of a saved board the same in both
	About      Words
	Range      string // the time it shows first, as 7d
	Widgets    []Widget
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Limits of one board and of what one person makes.
const (
	maxName     = 120 // characters
	maxAbout    = 500
	maxWidgets  = 24
	maxLimit    = 50
	maxPerOwner = 50
	maxListed   = 500
	columns     = 12
	maxRows     = 6
)

// ranges are the times a board may show.
var ranges = map[string]time.Duration{
	"1h": time.Hour, "6h": 6 * time.Hour, "24h": 24 * time.Hour, "7d": 7 * 24 * time.Hour,
	"30d": 30 * 24 * time.Hour, "90d": 90 * 24 * time.Hour, "365d": 365 * 24 * time.Hour,
}

var levels = []string{"critical", "high", "medium", "low", "informational"}

func bad(field, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("dashboard.invalid").OnField("body." + field)
}

// check mends harmless differences and refuses what cannot be stored or shown.
func (b *Board) check() error {
	name := strings.TrimSpace(b.Name.Vi)
	about := strings.TrimSpace(b.About.Vi)
	b.Name, b.About = Words{name, name}, Words{about, about}
	if name == "" || !isLine(name, maxName) {
		return bad("name", "name: 1 to %d characters on one line", maxName)
	}
	if !isLine(about, maxAbout) {
		return bad("about", "about: at most %d characters on one line", maxAbout)
	}
	switch b.Visibility {
	case Private, OfUnit, Everyone:
	default:
		return bad("visibility", "visibility: use private, unit or everyone")
	}
	if ranges[b.Range] == 0 {
		return bad("range", "range: use 1h, 6h, 24h, 7d, 30d, 90d or 365d")
	}
	return checkWidgets(b.Widgets)
}

func checkWidgets(list []Widget) error {
	if len(list) > maxWidgets {
		return fault.New(fault.Invalid, "widgets: at most %d on a board; remove some, or make a second board", maxWidgets).WithCode("dashboard.too-many-widgets").OnField("body.widgets")
	}
	seen := make(map[string]bool, len(list))
	for i := range list {
		if err := list[i].check(); err != nil {
			return err
		}
		if seen[list[i].ID] {
			return bad("widgets", "widgets: two of them are called %q", list[i].ID)
		}
		seen[list[i].ID] = true
	}
	return nil
}

func (w *Widget) check() error {
	if w.ID == "" || len(w.ID) > 40 || strings.ContainsFunc(w.ID, func(r rune) bool {
		return r != '-' && (r > 'z' || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) {
		return bad("widgets", "widgets: an id is 1 to 40 letters, digits and -")
	}
	if kinds[w.Kind] == nil {
		return fault.New(fault.Invalid, "widgets: %q is no kind of the catalogue", w.Kind).WithCode("dashboard.unknown-kind").OnField("body.widgets")
	}
	if w.W < 2 || w.W > columns || w.H < 1 || w.H > maxRows {
		return bad("widgets", "widgets: 2 to %d columns and 1 to %d rows", columns, maxRows)
	}
	if w.Title = strings.TrimSpace(w.Title); !isLine(w.Title, maxName) {
		return bad("widgets", "widgets: a title is at most %d characters on one line", maxName)
	}
	if w.Limit < 0 || w.Limit > maxLimit {
		return bad("widgets", "widgets: at most %d lines", maxLimit)
	}
	if w.Display != "" && w.Display != "chart" && w.Display != "table" {
		return bad("widgets", "widgets: display is chart or table")
	}
	if w.Range != "" && ranges[w.Range] == 0 {
		return bad("widgets", "widgets: range is 1h, 6h, 24h, 7d, 30d, 90d or 365d")
	}
	for _, l := range w.Levels {
		if !isLevel(l) {
			return bad("widgets", "widgets: %q is no level", l)
		}
	}
	if len(w.Levels) > len(levels) {
		return bad("widgets", "widgets: each level once")
	}
	return nil
}

func isLevel(l string) bool {
	for _, known := range levels {
		if l == known {
			return true
		}
	}
	return false
}

func isLine(s string, most int) bool {
	return len(s) <= 4*most && utf8.ValidString(s) && utf8.RuneCountInString(s) <= most && !strings.ContainsFunc(s, unicode.IsControl)
}

// visibleTo tells whether p, whose unit has the units of path above it, may know
// of b.
func (b *Board) visibleTo(p module.Principal, path []event.UnitID) bool {
	switch {
	case p.ID == "":
		return false
	case b.BuiltIn || b.OwnerID == p.ID || b.Visibility == Everyone:
		return true
	case b.Visibility != OfUnit:
		return false
	}
	for _, above := range path {
		if above == b.Unit {
			return true
		}
	}
	return p.Sees(b.Unit)
}

// editableBy tells whether p may change or remove b, which he sees.
func (b *Board) editableBy(p module.Principal) bool {
	return !b.BuiltIn && p.ID != "" && (b.OwnerID == p.ID || b.Visibility != Private && p.Role == module.RoleAdministrator && p.Sees(b.Unit))
}
