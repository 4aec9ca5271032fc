// Package system is the register of information systems: what each unit owns or
// operates, with all that the overview of a dossier asks for (NĐ 331/2026 Đ22.3).
//
// A system has one owner (Đ8.1.a) and one operator, which is a unit or a party
// outside the register. The people of both see it, and those above them; anybody
// else is told that there is no such system. People write its [Facts]; its level is
// set by a decision ([Service.SetLevel]) and its state by a step of its own
// ([Service.SetState]), which may be gated.
//
// Every change is kept by field with who made it, goes into the audit trail, and is
// told to the other modules as a [module.Registered] in the same transaction.
//
// It does not decide levels, keep dossiers or judge requirements.
//
// Start at [System], then service.go.
package system

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// System is one information system of the register.
type System struct {
	ID       string
	Number   int64
	Level    int // as approved; 0: not yet
	Proposed int // as last proposed; 0: never
	State    string
	Facts

	CreatedAt time.Time
	UpdatedAt time.Time
	UpdatedBy string
	Version   int64
}

// Code names the system on papers; no other ever has it.
func (x *System) Code() string { return fmt.Sprintf("HT-%04d", x.Number) }

// Registered is the system as other modules know it.
func (x *System) Registered(units Units) module.Registered {
	return module.Registered{
		ID: x.ID, Code: x.Code(), Name: x.Name, Unit: x.Unit, Operator: x.OperatorUnit, OperatorName: x.operatorName(units),
		Level: x.Level, Proposed: x.Proposed, State: x.State, Critical: x.Critical,
	}
}

func (x *System) operatorName(units Units) string {
	if x.OperatorUnit != "" {
		return units.Name(x.OperatorUnit)
	}
	return x.Operator.Name
}

// Facts are what people write of a system.
type Facts struct {
	Name         string       `json:"name" minLength:"1" maxLength:"300"`
	Purpose      string       `json:"purpose" maxLength:"4000"`
	Serves       string       `json:"serves" maxLength:"2000" doc:"who uses it"`
	Type         string       `json:"type" enum:"internal,public,infrastructure,industrial,other" doc:"as NĐ 331/2026 Đ9.2 a to đ"`
	Unit         event.UnitID `json:"unit" maxLength:"64" doc:"the owner"`
	OperatorUnit event.UnitID `json:"operatorUnit" maxLength:"64" doc:"the unit that operates it; empty: a party outside the register does"`
	Operator     Party        `json:"operator" doc:"the operator as the overview of the dossier asks for it; its name where it is no unit"`
	Extent       string       `json:"extent" maxLength:"4000" doc:"its scope"`
	Scale        string       `json:"scale" maxLength:"4000"`
	Zones        []Zone       `json:"zones" nullable:"false" maxItems:"100"`
	Domains      []string     `json:"domains" nullable:"false" maxItems:"200"`
	Services     []Served     `json:"services" nullable:"false" maxItems:"200"`
	Data         Data         `json:"data"`
	DataCentre   string       `json:"dataCentre" maxLength:"1000"`
	Staff        []Staff      `json:"staff" nullable:"false" maxItems:"50" doc:"who administers it"`
	Regulation   Paper        `json:"regulation" doc:"the internal regulation, issued before the level is approved (Đ30.7)"`
	Deployment   string       `json:"deployment" enum:"none,partly,full" doc:"of the security plan, as Form 08 words it"`

	PlannedApproval   module.Date `json:"plannedApproval" maxLength:"10"`
	PlannedDeployment module.Date `json:"plannedDeployment" maxLength:"10"`

	Critical   bool   `json:"critical" doc:"on the list of systems critical to national security; it follows the list and is left as it is"`
	Transition string `json:"transition" enum:"none,kept,building,unlevelled" doc:"kept: the level was set under the law of 2015; building: it was under construction before 01/07/2026; unlevelled: it ran without a level"`
}

// Party is who operates a system, as the overview of its dossier names it.
type Party struct {
	Name    string `json:"name" maxLength:"300"`
	Mandate string `json:"mandate" maxLength:"500" doc:"the document that charges it with it"`
	Head    string `json:"head" maxLength:"200"`
	Title   string `json:"title" maxLength:"200"`
	Address string `json:"address" maxLength:"500"`
	Phone   string `json:"phone" maxLength:"50"`
	Mail    string `json:"mail" maxLength:"200"`
}

// Zone is a network zone.
type Zone struct {
	Name    string   `json:"name" maxLength:"200"`
	Private []string `json:"private" nullable:"false" maxItems:"100" doc:"addresses and networks: 10.1.2.0/24"`
	Public  []string `json:"public" nullable:"false" maxItems:"100"`
}

// Served is a service that the system runs.
type Served struct {
	Name    string `json:"name" maxLength:"200"`
	Server  string `json:"server" maxLength:"200"`
	OS      string `json:"os" maxLength:"200"`
	Purpose string `json:"purpose" maxLength:"1000"`
}

// Data is what kinds of data the system holds.
type Data struct {
	Basic     int64 `json:"basic" minimum:"0" maximum:"10000000000" doc:"persons of whom it holds basic personal data"`
	Sensitive int64 `json:"sensitive" minimum:"0" maximum:"10000000000" doc:"persons of whom it holds sensitive personal data"`
	Important bool  `json:"important" doc:"important data as the law on data has it"`
	Core      bool  `json:"core" doc:"core data"`
	Secret    bool  `json:"secret" doc:"state secrets; never enter one here"`
}

// Staff is somebody who administers a system. From level 3 on the law asks for a
// certificate (Luật 116 Đ34.2).
type Staff struct {
	Name        string      `json:"name" maxLength:"200"`
	Title       string      `json:"title" maxLength:"200"`
	Phone       string      `json:"phone" maxLength:"50"`
	Mail        string      `json:"mail" maxLength:"200"`
	Certificate string      `json:"certificate" maxLength:"300"`
	Issued      module.Date `json:"issued" maxLength:"10"`
	Ends        module.Date `json:"ends" maxLength:"10"`
}

// Paper is a document that was issued.
type Paper struct {
	Number string      `json:"number" maxLength:"100"`
	Date   module.Date `json:"date" maxLength:"10"`
	Issuer string      `json:"issuer" maxLength:"300"`
}

// The types of a system (loại hình), in the order of NĐ 331/2026 Đ9.2.
var systemTypes = []string{"internal", "public", "infrastructure", "industrial", "other"}

// How far the security plan is carried out, in the order of Form 08.
var deployments = []string{"none", "partly", "full"}

// How a system came under the law of 2025.
var transitions = []string{"none", "kept", "building", "unlevelled"}

const (
	maxName    = 300
	maxAddress = 100
	maxDomain  = 253
)

// settle makes what was typed one way of writing and fills in what was left out.
func (f *Facts) settle() {
	f.Name, f.DataCentre = module.OneLine(f.Name), module.OneLine(f.DataCentre)
	f.Purpose, f.Serves = strings.TrimSpace(f.Purpose), strings.TrimSpace(f.Serves)
	f.Extent, f.Scale = strings.TrimSpace(f.Extent), strings.TrimSpace(f.Scale)
	f.Zones, f.Services, f.Staff = module.OrEmpty(f.Zones), module.OrEmpty(f.Services), module.OrEmpty(f.Staff)
	f.Domains = words(f.Domains)
	for i := range f.Zones {
		z := &f.Zones[i]
		z.Name, z.Private, z.Public = module.OneLine(z.Name), words(z.Private), words(z.Public)
	}
	for _, x := range []*string{&f.Operator.Name, &f.Operator.Mandate, &f.Operator.Head, &f.Operator.Title, &f.Operator.Address, &f.Operator.Phone, &f.Operator.Mail, &f.Regulation.Number, &f.Regulation.Issuer} {
		*x = module.OneLine(*x)
	}
	if f.OperatorUnit != "" {
		f.Operator.Name = "" // the unit has one
	}
	for to, otherwise := range map[*string]string{&f.Type: "other", &f.Deployment: deployments[0], &f.Transition: transitions[0]} {
		if *to == "" {
			*to = otherwise
		}
	}
}

// words are the texts without those that are empty.
func words(list []string) []string {
	out := []string{}
	for _, x := range list {
		if x = strings.TrimSpace(x); x != "" {
			out = append(out, x)
		}
	}
	return out
}

func bad(field, format string, args ...any) error {
	return fault.New(fault.Invalid, field+": "+format, args...).WithCode("system.bad-" + codeOf(field)).OnField("body." + field)
}

// codeOf names the sort of field: zones.2.private is zones.
func codeOf(field string) string {
	head, _, _ := strings.Cut(field, ".")
	return strings.ToLower(head)
}

// check settles the facts and refuses what cannot be so.
func (f *Facts) check() error {
	f.settle()
	if f.Name == "" || !module.IsText(f.Name, maxName) {
		return bad("name", "say what the system is called, in at most %d letters", maxName)
	}
	for _, x := range []struct {
		field, value string
		of           []string
	}{{"type", f.Type, systemTypes}, {"deployment", f.Deployment, deployments}, {"transition", f.Transition, transitions}} {
		if !has(x.of, x.value) {
			return bad(x.field, "one of %s", strings.Join(x.of, ", "))
		}
	}
	if err := f.checkPlaces(); err != nil {
		return err
	}
	if f.Data.Basic < 0 || f.Data.Sensitive < 0 {
		return bad("data", "a number of persons is never below zero")
	}
	return f.checkDays()
}

func has(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

func (f *Facts) checkPlaces() error {
	for i, z := range f.Zones {
		for field, list := range map[string][]string{"private": z.Private, "public": z.Public} {
			for j, a := range list {
				if _, _, ok := rangeOf(a); !ok || len(a) > maxAddress {
					return bad(fmt.Sprintf("zones.%d.%s.%d", i, field, j), "%q is no address; write 10.1.2.3, 10.1.2.0/24 or 10.1.2.3-10.1.2.9", module.Text(a, maxAddress))
				}
			}
		}
	}
	for i, d := range f.Domains {
		if len(d) > maxDomain || strings.ContainsAny(d, " \t\n/\\") || !module.IsText(d, maxDomain) {
			return bad(fmt.Sprintf("domains.%d", i), "%q is no name of a domain; write motcua.tinh.gov.vn", module.Text(d, maxDomain))
		}
	}
	return nil
}

// rangeOf reads an address, a network, or two addresses with a dash.
func rangeOf(text string) (first, last netip.Addr, ok bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Masked().Addr(), lastOf(p), true
	}
	from, to, dash := strings.Cut(text, "-")
	a, err := netip.ParseAddr(strings.TrimSpace(from))
	if err != nil || !dash {
		return a, a, err == nil
	}
	b, err := netip.ParseAddr(strings.TrimSpace(to))
	return a, b, err == nil && a.BitLen() == b.BitLen() && !b.Less(a)
}

// lastOf is the last address of a network.
func lastOf(p netip.Prefix) netip.Addr {
	bytes := p.Masked().Addr().AsSlice()
	for i := p.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(bytes)
	return a
}

func (f *Facts) checkDays() error {
	days := []struct {
		field string
		at    *module.Date
	}{{"regulation.date", &f.Regulation.Date}, {"plannedApproval", &f.PlannedApproval}, {"plannedDeployment", &f.PlannedDeployment}}
	for i := range f.Staff {
		days = append(days, struct {
			field string
			at    *module.Date
		}{fmt.Sprintf("staff.%d.issued", i), &f.Staff[i].Issued}, struct {
			field string
			at    *module.Date
		}{fmt.Sprintf("staff.%d.ends", i), &f.Staff[i].Ends})
	}
	for _, x := range days {
		if _, err := module.ParseDate(string(*x.at), "system.bad-date", x.field); err != nil {
			return err
		}
	}
	return nil
}

// steps are the states that follow a state.
var steps = map[string][]string{
	module.SystemPlanned:   {module.SystemOperating, module.SystemRetired},
	module.SystemOperating: {module.SystemPlanned, module.SystemRetired},
	module.SystemRetired:   {module.SystemPlanned},
}
