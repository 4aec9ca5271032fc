package app

import (
	"context"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/requirement"
	"github.com/lachan-vn/lachan/internal/module/system"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/paper"
)

// dossierCase is what is known of a dossier for a draft in the number book.
func (x documentCases) dossier(ctx context.Context, id string) (documents.Case, error) {
	d, values, err := x.dossiers().PaperValues(ctx, id)
	if err != nil {
		return documents.Case{}, err
	}
	return caseOfDossier(&d, values), nil
}

func caseOfDossier(d *dossier.Dossier, values paper.Values) documents.Case {
	return documents.Case{Subject: module.Subject{Kind: "dossier", ID: d.ID, Code: d.Code, Title: d.SystemName}, Unit: d.Unit, Fields: values}
}

// dossierPapers draws the papers of dossiers with the templates of module document.
type dossierPapers struct{ papers *documents.Service }

// Form implements [dossier.Papers].
func (x dossierPapers) Form(ctx context.Context, id string) (dossier.FormName, error) {
	f, err := x.papers.Form(ctx, id)
	return dossier.FormName{Words: level.Words{Vi: f.Vi, En: f.En}, Verify: f.Verify, Own: f.Own}, err
}

// Fill implements [dossier.Papers].
func (x dossierPapers) Fill(ctx context.Context, id string, issuer event.UnitID, d *dossier.Dossier, values paper.Values) (dossier.Filled, error) {
	v, err := x.papers.Fill(ctx, id, issuer, caseOfDossier(d, values))
	return dossier.Filled{Paper: v.Paper, Missing: dossierGaps(v.Missing)}, err
}

// Word implements [dossier.Papers].
func (x dossierPapers) Word(ctx context.Context, id string, issuer event.UnitID, d *dossier.Dossier, values paper.Values) (dossier.Worded, bool, error) {
	w, ok, err := x.papers.Word(ctx, id, issuer, caseOfDossier(d, values))
	return dossier.Worded{Data: w.Data, Missing: dossierGaps(w.Missing)}, ok, err
}

// Head is the letterhead of Form 08.
func (x dossierPapers) Head(ctx context.Context, issuer event.UnitID) (dossier.Head, error) {
	h, err := x.papers.Head(ctx, issuer)
	return dossier.Head{Parent: h.Parent, Agency: h.Agency, Short: h.Short, Place: h.Place, SignLines: h.SignLines, Signer: h.Signer, Archive: h.Archive}, err
}

func dossierGaps(missing []documents.Missing) []dossier.Gap {
	var gaps []dossier.Gap
	for _, m := range missing {
		gaps = append(gaps, dossier.Gap(m))
	}
	return gaps
}

// dossierRegister tells module dossier what papers say of a system.
type dossierRegister struct {
	systems      *system.Service
	units        *unit.Service
	requirements *requirement.Service
}

var (
	systemTypeWords = map[string]string{"internal": "Phục vụ hoạt động nội bộ", "public": "Phục vụ người dân, doanh nghiệp", "infrastructure": "Cơ sở hạ tầng thông tin",
		"industrial": "Điều khiển công nghiệp", "other": "Loại hình khác"}
	assetKindWords = map[string]string{"host": "Máy chủ, máy tính", "device": "Thiết bị"}
)

// Overview implements [dossier.Describer].
func (x dossierRegister) Overview(ctx context.Context, id string) (dossier.Overview, error) {
	s, err := x.systems.Get(ctx, id)
	if err != nil {
		return dossier.Overview{}, err
	}
	o := dossier.Overview{Purpose: s.Purpose, Serves: s.Serves, Type: systemTypeWords[s.Type], Extent: s.Extent, Scale: s.Scale, DataCentre: s.DataCentre, Domains: s.Domains,
		Owner: x.party(s.Unit), Operator: dossier.Party(s.Operator)}
	// The people of a unit that operates a system are those of the unit, unless the
	// register names others for this system. Where nobody else is named, the owner does.
	operates := s.OperatorUnit
	if operates == "" && s.Operator.Name == "" {
		operates = s.Unit
	}
	of := x.party(operates)
	for to, otherwise := range map[*string]string{&o.Operator.Head: of.Head, &o.Operator.Title: of.Title, &o.Operator.Address: of.Address, &o.Operator.Phone: of.Phone, &o.Operator.Mail: of.Mail} {
		if *to == "" {
			*to = otherwise
		}
	}
	for _, z := range s.Zones {
		o.Zones = append(o.Zones, dossier.Zone{Name: z.Name, Private: strings.Join(z.Private, ", "), Public: strings.Join(z.Public, ", ")})
	}
	for _, v := range s.Services {
		o.Services = append(o.Services, dossier.Served(v))
	}
	o.Devices, err = x.devices(ctx, id)
	return o, err
}

// devices are the hosts and devices of a system, as far as a paper holds them.
func (x dossierRegister) devices(ctx context.Context, id string) ([]dossier.Device, error) {
	var list []dossier.Device
	f := system.AssetFilter{System: id, Limit: 200}
	for {
		found, next, err := x.systems.Assets(ctx, f)
		if err != nil {
			return nil, err
		}
		for i := range found {
			a := &found[i]
			kind, ok := assetKindWords[a.Kind]
			if !ok {
				continue // services and software are not devices
			}
			name := a.Name
			for _, other := range []string{a.Hostname, a.Product, a.Address} {
				if name == "" {
					name = other
				}
			}
			if made := strings.TrimSpace(a.Vendor + " " + a.Product + " " + a.Release); made != "" {
				kind += " (" + made + ")"
			}
			list = append(list, dossier.Device{Name: name, Type: kind, Place: a.Place, Purpose: a.Note})
			if len(list) == rowsInDocument*5 {
				return list, nil
			}
		}
		if next == "" {
			return list, nil
		}
		f.After = next
	}
}

// party is a unit as papers name it. Whom to write to is no secret of a unit.
func (x dossierRegister) party(id event.UnitID) dossier.Party {
	if id == "" {
		return dossier.Party{}
	}
	u, err := x.units.Get(module.WithPrincipal(context.Background(), module.System()), id)
	if err != nil {
		return dossier.Party{}
	}
	c := &u.Contacts
	p := dossier.Party{Name: u.Name, Head: c.Head.Name, Title: c.Head.Title, Address: u.Address, Phone: c.Head.Phone, Mail: c.Head.Mail}
	if p.Phone == "" {
		p.Phone = c.DutyPhone
	}
	if p.Mail == "" {
		p.Mail = c.DutyMail
	}
	return p
}

// Declared implements [dossier.Describer].
func (x dossierRegister) Declared(ctx context.Context, id string, level int) ([]dossier.Declared, error) {
	sheet, err := x.requirements.Sheet(ctx, id, "", level)
	if k := fault.KindOf(err); err != nil && (k == fault.NotFound || k == fault.Denied) {
		return nil, nil // what one may not see is not written into a paper
	}
	if err != nil {
		return nil, err
	}
	groups := map[string]string{}
	for _, g := range sheet.Standard.Groups {
		groups[g.ID] = g.Vi
	}
	list := []dossier.Declared{}
	for _, it := range sheet.Standard.At(sheet.AskedAt()) {
		d := dossier.Declared{Plan: it.Plan, Group: groups[it.Group], Text: it.Vi}
		if a := sheet.Answers[it.ID]; a != nil {
			d.State, d.Owner, d.Note, d.Due, d.Exempt = string(a.State), a.Owner, module.OneLine(a.Reason), a.Due, a.Exception.Until
		}
		list = append(list, d)
	}
	return list, nil
}
