// Package savedview keeps how somebody narrows a list, under a name: the state of the
// page as its address has it.
//
// A view holds no record and runs nothing: whoever opens one sees what his own scope
// holds. It is its owner's alone, or shared with those who see the owner's unit. Its
// owner removes it; a view is changed by saving another of the same name.
//
// Searches over events are package savedsearch's; they have a query, a range and columns.
package savedview

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// View is one saved view.
type View struct {
	ID        string
	OwnerID   string
	OwnerName string
	Unit      event.UnitID
	Shared    bool
	Page      string
	Name      string
	Address   string // state=operating&level=3
	CreatedAt time.Time
}

// pages are those that have views.
var pages = []string{"systems", "assets", "dossiers"}

const (
	maxName     = 120  // letters
	maxAddress  = 2000 // bytes
	maxPerOwner = 200
	maxList     = 500
)

func bad(field, format string, args ...any) error {
	return fault.New(fault.Invalid, field+": "+format, args...).WithCode("view.bad-" + field).OnField("body." + field)
}

// check settles a view and refuses what cannot be kept. An address comes out in one
// order, so that the same choices are the same text.
func (v *View) check() error {
	if v.Name = module.OneLine(v.Name); v.Name == "" || !module.IsText(v.Name, maxName) {
		return bad("name", "1 to %d letters", maxName)
	}
	if !slices.Contains(pages, v.Page) {
		return bad("page", "one of %s", strings.Join(pages, ", "))
	}
	values, err := url.ParseQuery(v.Address)
	if err != nil || len(v.Address) > maxAddress {
		return bad("address", "what stands after the question mark, at most %d bytes", maxAddress)
	}
	for name, list := range values {
		for _, text := range append(list, name) {
			if !module.IsText(text, maxAddress) {
				return bad("address", "%s is no text", module.Text(name, 40))
			}
		}
	}
	v.Address = values.Encode()
	return nil
}

// visibleTo tells whether p may know of v.
func (v *View) visibleTo(p module.Principal) bool {
	return p.ID != "" && (v.OwnerID == p.ID || v.Shared && p.Sees(v.Unit))
}

// removableBy tells whether p may remove v.
func (v *View) removableBy(p module.Principal) bool {
	return v.visibleTo(p) && (v.OwnerID == p.ID || p.Role == module.RoleAdministrator && p.Sees(v.Unit))
}
