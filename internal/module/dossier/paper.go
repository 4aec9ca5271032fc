package dossier

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/paper"
)

// Papers draws official papers of templates, with their wording changeable by people.
type Papers interface {
	// Form returns what a form is called. Errors: NotFound.
	Form(ctx context.Context, id string) (FormName, error)
	// Fill draws a form under the letterhead of a unit, with values by field,
	// dossier.code, and names what is missing. The caller has checked who asks. Errors: NotFound, Invalid.
	Fill(ctx context.Context, id string, issuer event.UnitID, d *Dossier, values paper.Values) (Filled, error)
	// Word fills the Word file that an administrator put in place of a form; false:
	// there is none, and Fill draws it. Errors: NotFound, Invalid.
	Word(ctx context.Context, id string, issuer event.UnitID, d *Dossier, values paper.Values) (Worded, bool, error)
}

// FormName is what a form is called.
type FormName struct {
	level.Words
	Verify bool   // its wording is to be compared with the official form
	Own    string // name of the administrator's Word file in its place; "" none
}

// Filled is a paper with what is known.
type Filled struct {
	Paper   paper.Document
	Missing []Gap
}

// Worded is a Word file with what is known.
type Worded struct {
	Data    []byte
	Missing []Gap
}

// Gap is something a paper asks for and nobody has entered.
type Gap struct {
	Field, Name string
	Where       string // system, inventory, unit, letterhead, dossier; "" in the paper itself
}

// The templates of the dossier: the whole and its parts.
const (
	paperDossier       = "level-dossier"
	paperOverview      = "level-overview"
	paperJustification = "level-justification"
	paperPlan          = "level-plan"
)

// Offered is a paper that a dossier can have.
type Offered struct {
	ID string
	FormName
	Now     bool // written at this step
	Missing []Gap
}

// forms are the papers of the dossier's level, those of this step first; the dossier
// itself before all while it is written.
func (s *Service) forms(d *Dossier) []Form {
	list := []Form{{ID: paperDossier, At: []State{Draft, Sent}}}
	list = append(list, s.law.procedures[max(d.Level, 1)].Forms...)
	slices.SortStableFunc(list, func(a, b Form) int { return now(b, d) - now(a, d) })
	return list
}

// issuer is the unit whose paper a form is, whoever asks for it: the operator writes the
// dossier, the centre appraises, the owner decides on level 3 and above (Điều 18, Điều
// 20). Who operates a system without being a unit has the owner write.
func (s *Service) issuer(form string, d *Dossier) event.UnitID {
	forms := s.law.procedures[max(d.Level, 1)].Forms
	i := slices.IndexFunc(forms, func(f Form) bool { return f.ID == form })
	switch {
	case i >= 0 && forms[i].By == "appraiser":
		return event.CentreUnit
	case i >= 0 && forms[i].By == "owner":
		return d.Unit
	}
	return cmp.Or(d.Operator, d.Unit)
}

func now(f Form, d *Dossier) int {
	if slices.Contains(f.At, d.State) {
		return 1
	}
	return 0
}

// Forms returns the papers of a dossier and what each lacks. Errors: Denied, NotFound.
func (s *Service) Forms(ctx context.Context, id string) ([]Offered, error) {
	d, values, err := s.PaperValues(ctx, id)
	if err != nil {
		return nil, err
	}
	var list []Offered
	for _, f := range s.forms(&d) {
		name, err := s.Papers.Form(ctx, f.ID)
		if err != nil {
			return nil, err
		}
		p, err := s.write(ctx, f.ID, &d, values)
		if err != nil {
			return nil, err
		}
		list = append(list, Offered{f.ID, name, now(f, &d) == 1, p.missing})
	}
	return list, nil
}

// ready is a paper that can be handed out.
type ready struct {
	word    []byte // of an administrator; nil: the paper is drawn
	paper   paper.Document
	missing []Gap
}

// write fills the Word file in place of a paper, or draws the paper.
func (s *Service) write(ctx context.Context, form string, d *Dossier, values paper.Values) (ready, error) {
	w, ok, err := s.Papers.Word(ctx, form, s.issuer(form, d), d, values)
	if err != nil || ok {
		return ready{word: w.Data, missing: w.Missing}, err
	}
	f, err := s.fill(ctx, form, d, values)
	return ready{paper: f.Paper, missing: f.Missing}, err
}

// file is the paper as a file; format is docx or pdf. Errors: Conflict dossier.no-pdf.
func (r *ready) file(format string) ([]byte, error) {
	if r.word == nil {
		return drawn(&r.paper, format)
	}
	if format == "pdf" {
		return nil, fault.New(fault.Conflict, "a Word file of your own stands in place of this form, and has no PDF here; take the DOCX and export it").WithCode("dossier.no-pdf")
	}
	return r.word, nil
}

// fill draws a paper; the dossier with its parts as appendices, which stay drawn also
// where a Word file stands in place of one: it cannot be put into another document.
func (s *Service) fill(ctx context.Context, form string, d *Dossier, values paper.Values) (Filled, error) {
	out, err := s.Papers.Fill(ctx, form, s.issuer(form, d), d, values)
	if err != nil || form != paperDossier {
		return out, err
	}
	for _, id := range []string{paperOverview, paperJustification, paperPlan} {
		part, err := s.Papers.Fill(ctx, id, s.issuer(id, d), d, values)
		if err != nil {
			return out, err
		}
		name, err := s.Papers.Form(ctx, id)
		if err != nil {
			return out, err
		}
		out.Paper.Appendices = append(out.Paper.Appendices, paper.Appendix{Title: name.Vi, Body: part.Paper.Body})
		for _, g := range part.Missing {
			if !slices.Contains(out.Missing, g) {
				out.Missing = append(out.Missing, g)
			}
		}
	}
	return out, nil
}

// FormFile returns a paper of a dossier as a file; format is docx or pdf. Errors:
// Denied, NotFound, Invalid, Conflict dossier.no-pdf.
func (s *Service) FormFile(ctx context.Context, id, form, format string) (name string, data []byte, err error) {
	d, values, err := s.PaperValues(ctx, id)
	if err != nil {
		return "", nil, err
	}
	parts := []string{paperOverview, paperJustification, paperPlan}
	if !slices.Contains(parts, form) && !slices.ContainsFunc(s.forms(&d), func(f Form) bool { return f.ID == form }) {
		return "", nil, fault.New(fault.NotFound, "a dossier of this level has no such paper").WithCode("dossier.form")
	}
	p, err := s.write(ctx, form, &d, values)
	if err != nil {
		return "", nil, err
	}
	data, err = p.file(format)
	return d.Code + "-" + form + "." + format, data, err
}

func drawn(d *paper.Document, format string) ([]byte, error) {
	var out bytes.Buffer
	write := paper.WriteDOCX
	if format == "pdf" {
		write = paper.WritePDF
	}
	err := write(&out, d)
	return out.Bytes(), err
}
