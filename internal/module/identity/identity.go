// Package identity knows who calls: local accounts with sessions, and tokens
// for machines.
//
// What a caller may do is not decided here but in module/permission.go, the one
// table; this package only says who it is, as a module.Principal.
//
// Invariants. Passwords are stored as argon2id (password.go), session and token
// secrets as SHA-256 of 128 random bits or more; none can be read back. A wrong
// name costs a caller the same time and gets the same answer as a wrong
// password. Guessing is slowed per account and per address (attempts.go).
// Disabling an account, resetting its password and revoking a token work at
// once. No secret reaches a log, an error or the audit trail.
//
// Start reading at Service.Authenticate.
package identity

import (
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// User is an account.
type User struct {
	ID          string
	Username    string // small letters
	DisplayName string
	Mail        string // how to reach the person; "" if nobody wrote it down
	Role        module.Role
	Unit        event.UnitID
	Disabled    bool
	MustChange  bool // has a one-time password
	CreatedAt   time.Time
	LastSignIn  time.Time // zero: never
	LastAddr    string    // where that came from
	Kind        Kind
}

// Kind is what sort of account it is.
type Kind string

// The sorts of accounts.
const (
	KindPerson     Kind = ""
	KindBreakGlass Kind = "break-glass" // for emergencies; see breakglass.go
)

var usernamePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{1,31}$`)

const (
	maxDisplayName = 100
	maxMail        = 254
)

// normalUsername is how a name is stored and looked up.
func normalUsername(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

func personalRoles() string {
	var names []string
	for _, r := range module.Roles() {
		if r.Personal() {
			names = append(names, string(r))
		}
	}
	return strings.Join(names, ", ")
}

func (u *User) check(unitActive func(event.UnitID) bool) error {
	u.Username = normalUsername(u.Username)
	u.DisplayName, u.Mail = strings.TrimSpace(u.DisplayName), strings.TrimSpace(u.Mail)
	if u.DisplayName == "" {
		u.DisplayName = u.Username
	}
	switch {
	case !usernamePattern.MatchString(u.Username):
		return fault.New(fault.Invalid, "username: 2 to 32 small letters, digits, dots, hyphens or underscores, beginning with a letter or digit").
			WithCode("user.bad-username").OnField("body.username")
	case utf8.RuneCountInString(u.DisplayName) > maxDisplayName:
		return fault.New(fault.Invalid, "displayName: at most %d characters", maxDisplayName).OnField("body.displayName")
	case u.Mail != "" && !mailAddress(u.Mail):
		return fault.New(fault.Invalid, "mail: an address such as lan@so.tinh.example").WithCode("user.bad-mail").OnField("body.mail")
	case !u.Role.Personal():
		return fault.New(fault.Invalid, "role: one of %s", personalRoles()).OnField("body.role")
	case !unitActive(u.Unit):
		return fault.New(fault.Invalid, "unit: there is no unit %q, or it has ended", string(u.Unit)).WithCode("unit.unknown").OnField("body.unit")
	}
	return nil
}

func mailAddress(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Name == "" && a.Address == text && len(text) <= maxMail
}
