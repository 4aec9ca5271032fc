package document

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

// origin is what a document is made of: a shipped template, an administrator's Word
// file, or such a file in place of the template. One of the two is there.
type origin struct {
	form    string // the shipped template also where a Word file stands in its place
	shipped *Template
	word    *templateRow
}

// origin finds what the id of a template stands for now. Errors: NotFound.
func (s *Service) origin(ctx context.Context, id string) (origin, error) {
	if t, ok := s.book.byID[id]; ok {
		o := origin{form: id, shipped: &t}
		r, ok, err := s.store.inPlaceOf(ctx, s.DB, id)
		if ok {
			o.word = &r
		}
		return o, err
	}
	r, ok, err := s.store.template(ctx, s.DB, id, 0)
	if err == nil && (!ok || r.Data == "") {
		err = templateUnknown(id)
	}
	if err != nil {
		return origin{}, err
	}
	o := origin{form: id, word: &r}
	if t, ok := s.book.byID[r.Replaces]; ok {
		o.form, o.shipped = t.ID, &t
	}
	return o, nil
}

// begin gives d the template, and what its text begins with.
func (o *origin) begin(d *Document, h Letterhead) {
	d.Template, d.Form = o.form, o.form
	if o.word == nil {
		d.Content = o.shipped.content(h)
		return
	}
	t := Template{Type: o.word.Symbol, Kind: o.word.Name, Abstract: d.Subject.Code}
	if o.shipped != nil {
		// It stays in the series of the number book; the rest of the text is in the file.
		t.Kind, t.Abstract, t.Urgency = o.shipped.Kind, o.shipped.Abstract, o.shipped.Urgency
	}
	if strings.TrimSpace(t.Abstract) == "" {
		t.Abstract = o.word.Name
	}
	d.Template, d.TemplateVersion, d.Content = o.word.ID, o.word.Version, t.content(h)
}

// replaceable refuses that t takes a place that is none, or is taken by another.
func (s *Service) replaceable(ctx context.Context, tx bun.Tx, t *OwnTemplate) error {
	if t.Replaces == "" {
		return nil
	}
	other, ok, err := s.store.inPlaceOf(ctx, tx, t.Replaces)
	if err == nil && ok && other.ID != t.ID {
		err = fault.New(fault.Conflict, "%s (%s) already stands in place of %s; take it out of use first, or upload the file as its next version, with the id %s",
			other.Name, other.ID, t.Replaces, other.ID).WithCode("document.replaced").OnField("query.replaces")
	}
	return err
}

// Worded is a Word file of an administrator, filled.
type Worded struct {
	Data    []byte
	Missing []Missing
}

// Word fills the Word file that stands in place of a shipped template with what is
// known of a case; false where none does. Like [Service.Fill] it keeps nothing, takes
// no number, and leaves it to the caller who may know of the case. Errors: NotFound
// (the template), Invalid (the case is no matter of it).
func (s *Service) Word(ctx context.Context, id string, issuer event.UnitID, c Case) (Worded, bool, error) {
	if _, err := s.formOf(id, c); err != nil {
		return Worded{}, false, err
	}
	o, err := s.origin(ctx, id)
	if err != nil || o.word == nil {
		return Worded{}, false, err
	}
	d, err := s.unkept(ctx, &o, issuer, c)
	if err != nil {
		return Worded{}, false, err
	}
	t, err := s.word(ctx, &d)
	if err != nil {
		return Worded{}, false, err
	}
	var out bytes.Buffer
	missing, err := fillWord(&out, t, s.values(&d, c, Owed{}))
	return Worded{out.Bytes(), s.missing(missing)}, err == nil, err
}

// unkept is a document of a unit that is drawn and never stored.
func (s *Service) unkept(ctx context.Context, o *origin, issuer event.UnitID, c Case) (Document, error) {
	p := module.PrincipalOf(ctx)
	head, err := s.letterheadOf(ctx, issuer)
	d := Document{Issuer: issuer, Unit: c.Unit, Subject: c.Subject, Drill: c.Drill, DraftedName: p.DisplayName}
	o.begin(&d, head)
	return d, err
}

// fillWord fills a Word file and names what is missing. Its number and date are not:
// they come when it is approved.
func fillWord(out io.Writer, t *paper.WordTemplate, values paper.Values) ([]string, error) {
	missing, err := t.Fill(out, values)
	return slices.DeleteFunc(missing, func(field string) bool { return field == fieldCode || field == fieldDate }), err
}
