// Package entity gathers what is known about one machine, account, address,
// domain, file or program: its alerts, its events over time, who and what stands
// in the same events, and one line of time through all of it.
//
// An entity is nothing but a value that alerts and events speak of; nobody
// registers it, and this package keeps nothing about it. Which fields hold the
// values of a type is the table in fields.go.
//
// Responsible use: the product watches systems, not persons. An entity of type
// user is an account on enrolled systems. Each look at one leaves a record in the
// audit trail, entity.read, as does every other read of sensitive data.
//
// Invariants. Everything is of the units the principal sees; of an entity nobody
// has seen there is an empty page and no error, so that nobody learns from an
// answer what other units have. Ranges are bounded, and so is the work: what is
// asked of the lake has its time and its turn, and co-occurrence is judged from the
// newest events.
//
// Start reading at Service.Look.
package entity

import (
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Type is a sort of entity.
type Type string

// The types.
const (
	Host    Type = "host"
	User    Type = "user" // an account
	Address Type = "address"
	Domain  Type = "domain"
	Hash    Type = "hash"
	Process Type = "process"
)

// Types lists them.
var Types = []Type{Host, User, Address, Domain, Hash, Process}

// Entity is one value of a type.
type Entity struct {
	Type  Type
	Value string
}

const maxValue = 512 // bytes, as alerts keep

// Parse checks an entity somebody asks for. Errors: Invalid.
func Parse(t, value string) (Entity, error) {
	e := Entity{Type(t), strings.TrimSpace(value)}
	switch {
	case !slices.Contains(Types, e.Type):
		return e, fault.New(fault.Invalid, "type: %q is none; use host, user, address, domain, hash or process", t).WithCode("entity.type").OnField("path.type")
	case e.Value == "":
		return e, fault.New(fault.Invalid, "value: say which one").WithCode("entity.value").OnField("query.value")
	case len(e.Value) > maxValue:
		return e, fault.New(fault.Invalid, "value: at most %d bytes", maxValue).WithCode("entity.value").OnField("query.value")
	case !utf8.ValidString(e.Value) || strings.ContainsRune(e.Value, 0):
		return e, fault.New(fault.Invalid, "value: not a text").WithCode("entity.value").OnField("query.value")
	}
	return e, nil
}

// spellings returns the ways the value may be written in a field that holds it
// whole.
func (e Entity) spellings() []string {
	out := []string{e.Value}
	if e.Type == Address {
		if a, err := netip.ParseAddr(strings.Trim(e.Value, "[]")); err == nil {
			out = append(out, a.String(), a.Unmap().String(), "::ffff:"+a.Unmap().String())
			if a.Unmap().Is6() {
				out = out[:3]
				out = append(out, a.StringExpanded())
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// account parts a Windows account DOMAIN\name.
func (e Entity) account() (domain, name string, ok bool) {
	if e.Type != User {
		return "", "", false
	}
	domain, name, ok = strings.Cut(e.Value, `\`)
	return domain, name, ok && domain != "" && name != ""
}

// Query returns the search that finds the entity's events.
func (e Entity) Query() string {
	var terms []string
	for _, v := range e.spellings() {
		for _, f := range fields[e.Type] {
			terms = append(terms, f+":"+query.Quote(v))
		}
	}
	if domain, name, ok := e.account(); ok {
		for _, pair := range accountPairs {
			terms = append(terms, "("+pair.name+":"+query.Quote(name)+" AND "+pair.domain+":"+query.Quote(domain)+")")
		}
	}
	switch {
	case e.Type == Hash:
		// Sysmon writes all hashes of a file into one field: "MD5=…,SHA256=…".
		terms = append(terms, "Hashes:*"+wild(e.Value)+"*")
	case e.Type == Process && !strings.ContainsAny(e.Value, `\/`):
		for _, f := range []string{"Image", "NewProcessName", "exe"} {
			terms = append(terms, f+`:*\\`+wild(e.Value), f+":*/"+wild(e.Value))
		}
	}
	return strings.Join(terms, " OR ")
}

// wild writes a value as part of a word of the query language, between wildcards.
func wild(v string) string {
	var out strings.Builder
	for _, r := range v {
		if strings.ContainsRune("*?\"()[]{}:\\<>!-+&|~/ ", r) && r != '/' {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

// same tells whether a value found in an event is the entity itself.
func (e Entity) same(v string) bool {
	return slices.ContainsFunc(e.spellings(), func(s string) bool { return strings.EqualFold(s, v) })
}
