// Package savedsearch keeps searches under a name: the query, its range of
// time, the columns and the state of the page that shows them.
//
// It never runs one. A saved search is text; whoever runs it sees the events of
// his own scope, so sharing one shares no event. What a person asked without
// saving it is the history, which package search keeps.
//
// Invariants. A private search is its owner's alone: nobody else, an
// administrator neither, can list, read, copy, change or remove it. One of a
// unit is for those who see the unit; one for everyone is for everyone.
// Changing and removing are the owner's, and an administrator's for what he
// sees. A copy is private and its maker's own. Every change is audited.
//
// Start reading at Service.
package savedsearch

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Visibility says who else sees a saved search.
type Visibility string

// The visibilities.
const (
	Private  Visibility = "private"
	OfUnit   Visibility = "unit"
	Everyone Visibility = "everyone"
)

// Saved is one saved search.
type Saved struct {
	ID          string
	OwnerID     string
	Unit        event.UnitID // the owner's when it was saved
	Visibility  Visibility
	Name        string
	Description string
	Query       string
	From, To    string // see module.ParsePoint
	Columns     []string
	View        json.RawMessage // a JSON object of the page's own, or nil
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Limits of one saved search and of what one person saves.
const (
	maxName        = 120  // characters
	maxDescription = 1000 // characters
	maxColumns     = 64
	maxColumn      = 255     // bytes
	maxView        = 8 << 10 // bytes
	maxViewDepth   = 16
	maxPerOwner    = 500
	maxList        = 1000
)

// visibleTo tells whether p may know of s.
func (s *Saved) visibleTo(p module.Principal) bool {
	switch {
	case p.ID == "":
		return false
	case s.OwnerID == p.ID || s.Visibility == Everyone:
		return true
	}
	return s.Visibility == OfUnit && p.Sees(s.Unit)
}

// editableBy tells whether p may change or remove s.
func (s *Saved) editableBy(p module.Principal) bool {
	return s.visibleTo(p) && (s.OwnerID == p.ID || p.Role == module.RoleAdministrator && p.Sees(s.Unit))
}

// check mends harmless differences and refuses what cannot be stored or shown.
func (s *Saved) check() error {
	s.Name, s.Description = strings.TrimSpace(s.Name), strings.TrimSpace(s.Description)
	if !module.IsText(s.Name, maxName) || s.Name == "" || strings.ContainsAny(s.Name, "\r\n\t") {
		return bad("name", "name: 1 to %d characters on one line", maxName)
	}
	if !module.IsText(s.Description, maxDescription) {
		return bad("description", "description: at most %d characters", maxDescription)
	}
	switch s.Visibility {
	case Private, OfUnit, Everyone:
	default:
		return bad("visibility", "visibility: use private, unit or everyone")
	}
	if err := s.checkRange(); err != nil {
		return err
	}
	if len(s.Columns) > maxColumns {
		return bad("columns", "columns: at most %d", maxColumns)
	}
	for _, c := range s.Columns {
		if c == "" || len(c) > maxColumn || !module.IsText(c, maxColumn) {
			return bad("columns", "columns: each 1 to %d bytes of text", maxColumn)
		}
	}
	if s.Columns == nil {
		s.Columns = []string{}
	}
	return s.checkView()
}

func (s *Saved) checkRange() error {
	now := time.Now()
	from, err := module.ParsePoint(s.From, now)
	if err != nil {
		return bad("range.from", "range.from: %w", err)
	}
	to, err := module.ParsePoint(s.To, now)
	if err != nil {
		return bad("range.to", "range.to: %w", err)
	}
	return module.CheckRange(from, to, "body.range")
}

// checkQuery refuses a query that cannot be run.
func checkQuery(text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return bad("query", "query: a zero byte")
	}
	if _, err := query.ParsePipeline(text); err != nil {
		return fault.New(fault.Invalid, "%w", err).WithCode("query.syntax").OnField("body.query")
	}
	return nil
}

// checkView lets only a JSON object through, bounded in size and depth, since it
// is handed to other people's pages.
func (s *Saved) checkView() error {
	if len(s.View) == 0 || string(s.View) == "null" {
		s.View = nil
		return nil
	}
	var b bytes.Buffer
	if len(s.View) > 4*maxView || json.Compact(&b, s.View) != nil || b.Len() > maxView || b.Bytes()[0] != '{' || !utf8.Valid(b.Bytes()) || bytes.Contains(b.Bytes(), []byte(`\u0000`)) {
		return bad("view", "view: a JSON object of at most %d bytes", maxView)
	}
	if depth(b.Bytes()) > maxViewDepth {
		return bad("view", "view: at most %d levels deep", maxViewDepth)
	}
	s.View = slices.Clone(b.Bytes())
	return nil
}

// depth counts the levels of JSON that is well-formed.
func depth(text []byte) (most int) {
	level, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			level++
			most = max(most, level)
		case c == '}' || c == ']':
			level--
		}
	}
	return most
}

func bad(field, format string, args ...any) error {
	return fault.New(fault.Invalid, format, args...).WithCode("saved.invalid").OnField("body." + field)
}
