package module

import (
	"context"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Principal is who acts: a signed-in person or the holder of a token. The zero
// Principal may do nothing.
type Principal struct {
	ID          string // user id, or token id for a token
	Name        string // user name or "token:<name>", for the audit trail
	DisplayName string
	Role        Role
	Unit        event.UnitID
	// Below are the units under Unit in the tree, as they were when p was made.
	Below   []event.UnitID
	below   *unitSet // the same, made by WithPrincipal where they are many
	Session string   // id of the session, "" for a token
	Address string   // network address the request came from
	// Pending leaves p only its own session until it is done.
	Pending Pending
	// Only narrows p to some of its role's actions; empty: all of them.
	Only []Action
}

// Pending is what a person who began to sign in has still to do.
type Pending string

// What may be pending; the empty Pending is nothing.
const (
	PendingPassword Pending = "password"     // replace the one-time password
	PendingFactor   Pending = "factor"       // show the second factor
	PendingEnrol    Pending = "enrol-factor" // set up a second factor, which the role needs
)

// Refusal is the answer to who asks for more than that.
func (p Pending) Refusal() error {
	switch p {
	case PendingPassword:
		return fault.New(fault.Denied, "change the one-time password first").WithCode("session.must-change-password")
	case PendingEnrol:
		return fault.New(fault.Denied, "set up a second factor first").WithCode("session.must-enrol-factor")
	}
	return fault.New(fault.Denied, "show your second factor first").WithCode("session.second-factor-required")
}

// AllUnits tells whether p belongs to the centre and so sees every unit.
func (p Principal) AllUnits() bool { return p.Role != "" && p.Unit == event.CentreUnit }

// Sees tells whether objects of unit are inside p's scope.
func (p Principal) Sees(unit event.UnitID) bool {
	return p.Role != "" && (p.AllUnits() || unit != "" && (p.Unit == unit || p.isBelow(unit)))
}

func (p Principal) isBelow(unit event.UnitID) bool {
	if p.below.is(p.Below) {
		_, ok := p.below.units[unit]
		return ok
	}
	return slices.Contains(p.Below, unit)
}

// unitSet is a list of units as a set. It remembers which list: a principal that
// was narrowed by another Below must not see by the old one.
type unitSet struct {
	list  []event.UnitID
	units map[event.UnitID]struct{}
}

func (s *unitSet) is(list []event.UnitID) bool {
	return s != nil && len(s.list) == len(list) && &s.list[0] == &list[0]
}

// fewBelow is up to how many units looking through them is as quick as a set.
const fewBelow = 8

// Reach returns the units p sees, its own first; nil if it sees all of them
// ([Principal.AllUnits]) or none.
func (p Principal) Reach() []event.UnitID {
	if p.Role == "" || p.Unit == "" || p.AllUnits() {
		return nil
	}
	return append([]event.UnitID{p.Unit}, p.Below...)
}

// Scoped narrows q to the rows whose unit, in column or in an expression of SQL in
// parentheses, p sees.
func Scoped(q *bun.SelectQuery, p Principal, column string) *bun.SelectQuery {
	if p.AllUnits() {
		return q
	}
	reach := p.Reach()
	if len(reach) == 0 {
		return q.Where("1 = 0")
	}
	if strings.HasPrefix(column, "(") {
		return q.Where("? IN (?)", bun.Safe(column), bun.List(reach))
	}
	return q.Where("? IN (?)", bun.Ident(column), bun.List(reach))
}

// manyUnits is from how many units on an index of units leads astray, see Unled.
const manyUnits = 5

// Unled is column as Scoped takes it where a list is in the order of something else
// than units. An index of units does not lead to the first rows of many units, but
// databases believe it does: an expression keeps them from it.
func Unled(p Principal, column string) string {
	if len(p.Reach()) < manyUnits {
		return column
	}
	return "(" + column + " || '')"
}

// Can tells whether p may do a on something of unit.
func (p Principal) Can(a Action, unit event.UnitID) bool { return p.Require(a) == nil && p.Sees(unit) }

// Require returns nil if p may do a somewhere, else fault.Unauthenticated for
// nobody and fault.Denied for somebody.
func (p Principal) Require(a Action) error {
	if p.Role == "" {
		return fault.New(fault.Unauthenticated, "sign in first").WithCode("session.required")
	}
	if p.Pending != "" && a != ActionSession {
		return p.Pending.Refusal()
	}
	if !allowed(p.Role, a) || (permissions[a].centre && !p.AllUnits()) || len(p.Only) > 0 && !slices.Contains(p.Only, a) {
		return fault.New(fault.Denied, "the role %s of unit %s may not do this (%s)", p.Role, p.Unit, a).WithCode("permission.denied")
	}
	return nil
}

// Covers tells whether p may give the role at unit to an account or a token: an
// administrator any, in the units that p sees; others none that may more than they.
func (p Principal) Covers(r Role, unit event.UnitID) bool {
	if !p.Sees(unit) || len(p.Only) > 0 {
		return false
	}
	if p.Role == RoleAdministrator {
		return true
	}
	given := Principal{Role: r, Unit: unit}
	return !slices.ContainsFunc(AllActions(), func(a Action) bool { return given.Require(a) == nil && p.Require(a) != nil })
}

type principalKey struct{}

// WithPrincipal returns a context in which p acts. Its Below is not changed after.
func WithPrincipal(ctx context.Context, p Principal) context.Context {
	if len(p.Below) > fewBelow && !p.below.is(p.Below) {
		set := &unitSet{p.Below, make(map[event.UnitID]struct{}, len(p.Below))}
		for _, id := range p.Below {
			set.units[id] = struct{}{}
		}
		p.below = set
	}
	return context.WithValue(ctx, principalKey{}, p)
}

// PrincipalOf returns who acts in ctx, the zero Principal for nobody.
func PrincipalOf(ctx context.Context) Principal {
	p, _ := ctx.Value(principalKey{}).(Principal)
	return p
}

// System is the principal of the product's own work (start-up, deadlines). It
// never comes from a request.
func System() Principal {
	return Principal{ID: "system", Name: "system", DisplayName: "system", Role: RoleAdministrator, Unit: event.CentreUnit}
}
