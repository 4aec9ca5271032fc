package document

import (
	"context"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// Form is a shipped template as another module offers it.
type Form struct {
	ID     string
	Vi     string
	En     string
	Verify bool   // its wording is to be compared with the official form
	Own    string // name of the administrator's Word file in its place; "" none
}

// Form returns a shipped template. Errors: NotFound.
func (s *Service) Form(ctx context.Context, id string) (Form, error) {
	t, ok := s.book.byID[id]
	if !ok {
		return Form{}, templateUnknown(id)
	}
	r, own, err := s.store.inPlaceOf(ctx, s.DB, id)
	return Form{t.ID, t.Vi, t.En, t.Verify && !own, r.Name}, err
}

// Head returns the letterhead of an issuer for a paper that another module draws.
// Whoever asks has checked that the principal may know of the issuer.
func (s *Service) Head(ctx context.Context, issuer event.UnitID) (Letterhead, error) {
	return s.letterheadOf(ctx, issuer)
}

// formOf is the shipped template with an id, for a case. Errors: NotFound, Invalid.
func (s *Service) formOf(id string, c Case) (Template, error) {
	t, ok := s.book.byID[id]
	if !ok {
		return t, templateUnknown(id)
	}
	if t.Subject != c.Subject.Kind {
		return t, fault.New(fault.Invalid, "the template %s is for a matter of the kind %s", id, t.Subject).WithCode("document.subject")
	}
	return t, nil
}

// Fill draws a shipped template with what is known of a case, under the letterhead of
// the issuer, whether or not a Word file stands in its place; nothing is
// kept, and it takes no number. Whoever asks has
// checked that the principal may know of the case. Errors: NotFound (the template),
// Invalid (the case is no matter of it, or too much).
func (s *Service) Fill(ctx context.Context, id string, issuer event.UnitID, c Case) (Preview, error) {
	t, err := s.formOf(id, c)
	if err != nil {
		return Preview{}, err
	}
	d, err := s.unkept(ctx, &origin{form: id, shipped: &t}, issuer, c)
	if err != nil {
		return Preview{}, err
	}
	r, err := s.render(ctx, &d, c, Owed{})
	return Preview{Paper: r.doc, Missing: s.missing(r.missing)}, err
}
