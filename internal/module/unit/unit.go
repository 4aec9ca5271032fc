// Package unit keeps the register of agencies (đơn vị) whose systems the centre
// watches. A unit is the tenant: every event, alert, token and user belongs to
// one.
//
// It does not hold contacts, hierarchy or mergers yet; those extend this folder.
// Invariants: an id never changes and is never given out twice, since stored
// events carry it; the centre's own unit always exists.
//
// Start reading at Service.
package unit

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Kind is a type of agency.
type Kind string

// The kinds of units.
const (
	KindCentre     Kind = "centre"     // trung tâm
	KindDepartment Kind = "department" // sở, ban, ngành
	KindCommune    Kind = "commune"    // xã, phường, đặc khu
	KindEnterprise Kind = "enterprise" // doanh nghiệp
	KindOther      Kind = "other"
)

// Unit is one agency.
type Unit struct {
	ID        event.UnitID
	Name      string
	Kind      Kind
	CreatedAt time.Time
}

// Centre is the unit every installation begins with.
func Centre() Unit {
	return Unit{ID: event.CentreUnit, Name: "Trung tâm An ninh mạng tỉnh", Kind: KindCentre}
}

const (
	maxIDLength   = 48
	maxNameLength = 200 // characters
)

var idPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// check mends harmless differences and refuses what cannot be stored.
func (u *Unit) check() error {
	u.Name = strings.TrimSpace(u.Name)
	switch {
	case len(u.ID) > maxIDLength || !idPattern.MatchString(string(u.ID)):
		return fault.New(fault.Invalid, "id: small letters without marks, digits and single hyphens, at most %d, like so-noi-vu", maxIDLength).
			WithCode("unit.bad-id").OnField("body.id")
	case u.Name == "" || utf8.RuneCountInString(u.Name) > maxNameLength || !utf8.ValidString(u.Name):
		return fault.New(fault.Invalid, "name: 1 to %d characters", maxNameLength).WithCode("unit.bad-name").OnField("body.name")
	}
	switch u.Kind {
	case "":
		u.Kind = KindOther
	case KindCentre, KindDepartment, KindCommune, KindEnterprise, KindOther:
	default:
		return fault.New(fault.Invalid, "kind: use department, commune, enterprise or other").OnField("body.kind")
	}
	return nil
}
