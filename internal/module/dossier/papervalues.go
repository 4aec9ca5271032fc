package dossier

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

// PaperValues returns a dossier and what is known of it by field of papers, as a
// principal who sees it knows it. Errors: Denied, NotFound.
func (s *Service) PaperValues(ctx context.Context, id string) (Dossier, paper.Values, error) {
	d, err := s.Get(ctx, id)
	if err != nil {
		return d, nil, err
	}
	values := s.ofDossier(&d)
	if err := s.ofCriteria(&d, values); err != nil {
		return d, nil, err
	}
	files, err := s.store.files(ctx, s.DB, d.ID)
	if err != nil {
		return d, nil, err
	}
	s.ofFiles(files, values)
	system, err := s.Systems.System(ctx, d.System)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return d, nil, err
	}
	values["dossier.regulation"] = inWords("Văn bản", &system.Regulation)
	var o Overview
	var declared []Declared
	if s.Register != nil {
		if o, err = s.Register.Overview(ctx, d.System); err != nil && fault.KindOf(err) != fault.NotFound {
			return d, nil, err
		}
		if declared, err = s.Register.Declared(ctx, d.System, d.Level); err != nil {
			return d, nil, err
		}
	}
	ofSystem(&o, values)
	ofPlan(declared, s.today(), values)
	x, err := s.store.inspection(ctx, s.DB, d.System)
	if err != nil {
		return d, nil, err
	}
	values["dossier.inspected"] = x.sentence(s.today())
	return d, values, nil
}

// needed is what completeness is judged by; nil where nobody describes systems.
func (s *Service) needed(ctx context.Context, id string) (paper.Values, error) {
	if s.Register == nil {
		return nil, nil
	}
	_, values, err := s.PaperValues(ctx, id)
	return values, err
}

// inWords is a paper as another cites it; "" none.
func inWords(kind string, d *Decision) string {
	if d.IsZero() {
		return ""
	}
	return kind + " số " + d.Number + " ngày " + vnDay(d.Date) + " của " + d.Issuer
}

func (s *Service) ofDossier(d *Dossier) paper.Values {
	p := s.law.procedures[max(d.Level, 1)]
	values := paper.Values{
		"dossier.code": d.Code, "dossier.name": d.SystemName, "dossier.subject": subject(d.SystemName), "dossier.systemCode": d.SystemCode, "dossier.owner": s.Units.Name(d.Unit), "dossier.operator": s.operator(d),
		"dossier.appraiser": p.Address.Appraiser, "dossier.approver": p.Address.Approver, "dossier.article": p.Article, "dossier.expert": slices.Contains(p.Parts, "opinion"),
		"dossier.appraiseDays": "không quy định", "dossier.level": "", "dossier.redetermined": "", "dossier.reason": d.Reason, "dossier.sentAt": "",
		"dossier.council": inWords("Quyết định", &d.Council), "dossier.opinion": inWords("Văn bản", &d.Opinion), "dossier.decision": inWords("Quyết định", &d.Decision),
	}
	if p.Address.Approver == "" {
		values["dossier.approver"] = s.Units.Name(d.Unit)
	}
	if p.Days.Appraise > 0 {
		values["dossier.appraiseDays"] = fmt.Sprintf("%d ngày làm việc", p.Days.Appraise)
	}
	if d.Level > 0 {
		values["dossier.level"] = strconv.Itoa(d.Level)
	}
	if !d.Sender.At.IsZero() {
		values["dossier.sentAt"] = paper.Day(d.Sender.At.In(s.Zone))
	}
	for _, t := range s.law.levels.Triggers {
		if t.ID == d.Trigger && d.Trigger != "" {
			values["dossier.redetermined"] = t.Vi + " (" + t.Article + ")"
		}
	}
	return values
}

// subject is a system in a sentence: its kind before its name, unless the name says it.
func subject(name string) string {
	if !strings.HasPrefix(module.Fold(name), "he thong") {
		return "hệ thống thông tin " + name
	}
	return inSentence(name)
}

// inSentence is text with a small first letter.
func inSentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToLower(first)) + text[size:]
}

// ofCriteria says which clauses make the level.
func (s *Service) ofCriteria(d *Dossier, values paper.Values) error {
	c := s.law.levels.Of(d.Criteria)
	if c == nil {
		return fmt.Errorf("dossier %s: no criteria %q", d.ID, d.Criteria)
	}
	r, err := c.Judge(d.Answers)
	if err != nil {
		return err
	}
	rows := func(list []level.Match) paper.Rows {
		out := paper.Rows{}
		for _, m := range list {
			out = append(out, numbered(len(out), map[string]string{"text": m.Vi, "article": m.Article, "level": strconv.Itoa(m.Level)}))
		}
		return out
	}
	values["dossier.becauseText"] = clauses(r.Because)
	values["dossier.criteria"], values["dossier.complete"] = c.Vi, r.Complete()
	values["dossier.because"], values["dossier.matches"] = rows(r.Because), rows(r.Matches[min(len(r.Because), len(r.Matches)):])
	return nil
}

// clauses are the matches in one text, for a Word file, which holds no list.
func clauses(list []level.Match) string {
	texts := make([]string, len(list))
	for i, m := range list {
		texts[i] = m.Vi + " (" + m.Article + ")"
	}
	return strings.Join(texts, "; ")
}

func numbered(n int, cells map[string]string) map[string]string {
	cells["number"] = strconv.Itoa(n + 1)
	return cells
}

func (s *Service) ofFiles(files []File, values paper.Values) {
	rows, names, all := paper.Rows{}, map[string][]string{}, []string{}
	for _, f := range files {
		name := f.Part
		if i := slices.IndexFunc(s.law.parts, func(p Part) bool { return p.ID == f.Part }); i >= 0 {
			name = s.law.parts[i].Vi
		}
		rows = append(rows, numbered(len(rows), map[string]string{"part": name, "name": f.Name, "hash": f.SHA256}))
		names[f.Part] = append(names[f.Part], f.Name)
		all = append(all, name+": "+f.Name)
	}
	values["dossier.files"], values["dossier.fileNames"] = rows, strings.Join(all, "; ")
	for field, part := range map[string]string{"dossier.designFiles": "design", "dossier.planFiles": "plan", "dossier.opinionFiles": "opinion"} {
		values[field] = strings.Join(names[part], "; ")
	}
}

// operator is who operates the system, as papers name it.
func (s *Service) operator(d *Dossier) string {
	if d.operatedByOwner() {
		return s.Units.Name(d.Unit)
	}
	return d.OperatorName
}

// described are the fields that the register fills in.
func described() paper.Values {
	values := paper.Values{"dossier.owner": "", "dossier.operator": ""}
	ofSystem(&Overview{}, values)
	return values
}

// ofSystem says what the register knows.
func ofSystem(o *Overview, values paper.Values) {
	for field, text := range map[string]string{
		"purpose": o.Purpose, "serves": o.Serves, "type": o.Type, "extent": o.Extent, "scale": o.Scale, "dataCentre": o.DataCentre, "domains": strings.Join(o.Domains, ", "),
		"ownerHead": o.Owner.Head, "ownerTitle": o.Owner.Title, "ownerAddress": o.Owner.Address, "ownerPhone": o.Owner.Phone, "ownerMail": o.Owner.Mail,
		"operatorMandate": o.Operator.Mandate, "operatorHead": o.Operator.Head, "operatorTitle": o.Operator.Title, "operatorAddress": o.Operator.Address,
		"operatorPhone": o.Operator.Phone, "operatorMail": o.Operator.Mail,
	} {
		values["dossier."+field] = strings.TrimRight(module.OneLine(text), ".;")
	}
	zones, services, devices := paper.Rows{}, paper.Rows{}, paper.Rows{}
	for n, x := range o.Zones {
		// A zone may well have no public address, so that is no gap.
		zones = append(zones, numbered(n, map[string]string{"name": x.Name, "private": orNone(x.Private), "public": orNone(x.Public)}))
	}
	for n, x := range o.Services {
		services = append(services, numbered(n, map[string]string{"name": x.Name, "server": x.Server, "os": x.OS, "purpose": x.Purpose}))
	}
	for n, x := range o.Devices {
		devices = append(devices, numbered(n, map[string]string{"name": x.Name, "type": x.Type, "place": x.Place, "purpose": x.Purpose}))
	}
	values["dossier.zones"], values["dossier.services"], values["dossier.devices"] = zones, services, devices
}

func orNone(text string) string {
	if text == "" {
		return "Không"
	}
	return text
}
