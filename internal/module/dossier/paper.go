package dossier

import (
	"bytes"
	"context"
	"slices"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/paper"
)

// Papers draws official papers of templates, with their wording changeable by people.
type Papers interface {
	// Form returns what a form is called. Errors: NotFound.
	Form(id string) (FormName, error)
	// Fill draws a form with values by field, dossier.code, and names what is missing.
	// The caller has checked who asks. Errors: NotFound, Invalid.
	Fill(ctx context.Context, id string, d *Dossier, values paper.Values) (Filled, error)
}

// FormName is what a form is called.
type FormName struct {
	level.Words
	Verify bool // its wording is to be compared with the official form
}

// Filled is a paper with what is known.
type Filled struct {
	Paper   paper.Document
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
	list := []Form{{paperDossier, []State{Draft, Sent}}}
	list = append(list, s.law.procedures[max(d.Level, 1)].Forms...)
	slices.SortStableFunc(list, func(a, b Form) int { return now(b, d) - now(a, d) })
	return list
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
		name, err := s.Papers.Form(f.ID)
		if err != nil {
			return nil, err
		}
		p, err := s.fill(ctx, f.ID, &d, values)
		if err != nil {
			return nil, err
		}
		list = append(list, Offered{f.ID, name, now(f, &d) == 1, p.Missing})
	}
	return list, nil
}

// fill draws a paper; the dossier with its parts as appendices.
func (s *Service) fill(ctx context.Context, form string, d *Dossier, values paper.Values) (Filled, error) {
	out, err := s.Papers.Fill(ctx, form, d, values)
	if err != nil || form != paperDossier {
		return out, err
	}
	for _, id := range []string{paperOverview, paperJustification, paperPlan} {
		part, err := s.Papers.Fill(ctx, id, d, values)
		if err != nil {
			return out, err
		}
		name, err := s.Papers.Form(id)
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
// Denied, NotFound, Invalid.
func (s *Service) FormFile(ctx context.Context, id, form, format string) (name string, data []byte, err error) {
	d, values, err := s.PaperValues(ctx, id)
	if err != nil {
		return "", nil, err
	}
	parts := []string{paperOverview, paperJustification, paperPlan}
	if !slices.Contains(parts, form) && !slices.ContainsFunc(s.forms(&d), func(f Form) bool { return f.ID == form }) {
		return "", nil, fault.New(fault.NotFound, "a dossier of this level has no such paper").WithCode("dossier.form")
	}
	p, err := s.fill(ctx, form, &d, values)
	if err != nil {
		return "", nil, err
	}
	data, err = drawn(&p.Paper, format)
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
