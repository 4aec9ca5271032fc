package document

import (
	"context"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Form is a shipped template as another module offers it.
type Form struct {
	ID     string
	Vi     string
	En     string
	Verify bool // its wording is to be compared with the official form
}

// Form returns a shipped template. Errors: NotFound.
func (s *Service) Form(id string) (Form, error) {
	t, ok := s.book.byID[id]
	if !ok {
		return Form{}, templateUnknown(id)
	}
	return Form{t.ID, t.Vi, t.En, t.Verify}, nil
}

// Fill draws a shipped template with what is known of a case, under the letterhead of
// the principal's unit; nothing is kept, and it takes no number. Whoever asks has
// checked that the principal may know of the case. Errors: NotFound (the template),
// Invalid (the case is no matter of it, or too much).
func (s *Service) Fill(ctx context.Context, id string, c Case) (Preview, error) {
	t, ok := s.book.byID[id]
	if !ok {
		return Preview{}, templateUnknown(id)
	}
	if t.Subject != c.Subject.Kind {
		return Preview{}, fault.New(fault.Invalid, "the template %s is for a matter of the kind %s", id, t.Subject).WithCode("document.subject")
	}
	p := module.PrincipalOf(ctx)
	head, err := s.letterheadOf(ctx, p.Unit)
	if err != nil {
		return Preview{}, err
	}
	d := Document{Template: id, Form: id, Issuer: p.Unit, Unit: c.Unit, Subject: c.Subject, Drill: c.Drill, DraftedName: p.DisplayName, Content: t.content(head)}
	r, err := s.render(ctx, &d, c, Owed{})
	return Preview{Paper: r.doc, Missing: s.missing(r.missing)}, err
}
