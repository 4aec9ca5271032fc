package system

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/module"
)

// Change is one field that became something else.
type Change struct {
	ID    string
	At    time.Time
	ByID  string
	By    string
	Field string
	From  string
	To    string
}

// field is one thing that is known of a system, as text for people.
type field struct {
	key  string
	text func(*System) string
}

// fields are all of them, in the order they are shown in.
var fields = []field{
	{"name", func(x *System) string { return x.Name }},
	{"type", func(x *System) string { return x.Type }},
	{"unit", func(x *System) string { return string(x.Unit) }},
	{"operatorUnit", func(x *System) string { return string(x.OperatorUnit) }},
	{"operator", func(x *System) string {
		return line(x.Operator.Name, x.Operator.Mandate, x.Operator.Head, x.Operator.Title, x.Operator.Address, x.Operator.Phone, x.Operator.Mail)
	}},
	{"purpose", func(x *System) string { return x.Purpose }},
	{"serves", func(x *System) string { return x.Serves }},
	{"extent", func(x *System) string { return x.Extent }},
	{"scale", func(x *System) string { return x.Scale }},
	{"zones", func(x *System) string {
		return lines(x.Zones, func(z Zone) string { return line(z.Name, strings.Join(z.Private, ", "), strings.Join(z.Public, ", ")) })
	}},
	{"domains", func(x *System) string { return strings.Join(x.Domains, "\n") }},
	{"services", func(x *System) string {
		return lines(x.Services, func(s Served) string { return line(s.Name, s.Server, s.OS, s.Purpose) })
	}},
	{"data", func(x *System) string {
		d := x.Data
		return fmt.Sprintf("basic %d, sensitive %d, important %v, core %v, secret %v", d.Basic, d.Sensitive, d.Important, d.Core, d.Secret)
	}},
	{"dataCentre", func(x *System) string { return x.DataCentre }},
	{"staff", func(x *System) string {
		return lines(x.Staff, func(p Staff) string {
			return line(p.Name, p.Title, p.Phone, p.Mail, p.Certificate, string(p.Issued), string(p.Ends))
		})
	}},
	{"regulation", func(x *System) string {
		return line(x.Regulation.Number, string(x.Regulation.Date), x.Regulation.Issuer)
	}},
	{"deployment", func(x *System) string { return x.Deployment }},
	{"plannedApproval", func(x *System) string { return string(x.PlannedApproval) }},
	{"plannedDeployment", func(x *System) string { return string(x.PlannedDeployment) }},
	{"critical", func(x *System) string { return strconv.FormatBool(x.Critical) }},
	{"transition", func(x *System) string { return x.Transition }},
	{"proposedLevel", func(x *System) string { return levelText(x.Proposed) }},
	{"level", func(x *System) string { return levelText(x.Level) }},
	{"state", func(x *System) string { return x.State }},
}

func levelText(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// line joins what is there.
func line(parts ...string) string { return strings.Join(words(parts), " · ") }

func lines[T any](list []T, text func(T) string) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = text(x)
	}
	return strings.Join(out, "\n")
}

const maxKept = 4000 // bytes of a value in the history

// diff tells what is different in x; old is nil for one that is new.
func diff(old, x *System) []Change {
	var list []Change
	for _, f := range fields {
		from, to := "", f.text(x)
		if old != nil {
			from = f.text(old)
		}
		if from != to {
			list = append(list, Change{Field: f.key, From: module.Text(from, maxKept), To: module.Text(to, maxKept)})
		}
	}
	return list
}
