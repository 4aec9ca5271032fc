package document

import (
	"context"
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// OwnTemplate is an administrator's Word file with fields.
type OwnTemplate struct {
	ID       string
	Version  int64
	Name     string
	Symbol   string // BC; "" a letter, or that of the template it replaces
	Replaces string // shipped template in whose place it stands; "" none
	By       string
	At       time.Time
}

var templateID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,47}$`)

// The fields that a document has once it is approved.
const (
	fieldCode = "document.code"
	fieldDate = "document.date"
)

// known are the fields of a Word template: those of every template, and the
// number and date, which others have in their layout.
func (s *Service) known() paper.Fields {
	f := maps.Clone(s.book.known)
	f[fieldCode], f[fieldDate] = nil, nil
	return f
}

// Templates returns the Word files of administrators that are in use. Errors:
// Denied.
func (s *Service) Templates(ctx context.Context) ([]OwnTemplate, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionDocumentRead); err != nil {
		return nil, err
	}
	rows, err := s.store.templates(ctx)
	var list []OwnTemplate
	for _, r := range rows {
		if r.Data != "" {
			list = append(list, OwnTemplate{r.ID, r.Version, r.Name, r.Symbol, r.Replaces, r.ByName, r.At.Time()})
		}
	}
	return list, err
}

// Upload keeps a Word file as a template, or a new version of one. With problems,
// nothing is kept. Errors: Denied, Invalid, Conflict document.replaced.
func (s *Service) Upload(ctx context.Context, t OwnTemplate, data []byte) (OwnTemplate, []paper.Problem, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentManage); err != nil {
		return t, nil, err
	}
	t.Name = strings.TrimSpace(t.Name)
	if _, taken := s.book.byID[t.ID]; taken || !templateID.MatchString(t.ID) {
		return t, nil, fault.New(fault.Invalid, "the id %q is that of a shipped template, or not of small letters, digits and dashes", t.ID).WithCode("document.template-id").OnField("path.id")
	}
	if n := utf8.RuneCountInString(t.Name); n == 0 || n > maxName || strings.ContainsAny(t.Symbol, " /") || utf8.RuneCountInString(t.Symbol) > 10 {
		return t, nil, fault.New(fault.Invalid, "a template needs a name of at most %d letters, and a symbol like BC or none", maxName).WithCode("document.template-name").OnField("query.name")
	}
	if t.Replaces != "" {
		r, ok := s.book.byID[t.Replaces]
		if !ok {
			return t, nil, fault.New(fault.Invalid, "no shipped template %q whose place a Word file could take; the list of templates names those there are", t.Replaces).
				WithCode("document.replaces").OnField("query.replaces")
		}
		if t.Symbol == "" {
			t.Symbol = r.Type
		}
	}
	_, problems, err := paper.ParseWord(t.Name, data, s.known())
	if err != nil || len(problems) > 0 {
		return t, problems, err
	}
	t.By, t.At = p.DisplayName, s.Now()
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		// The head of the trail is one row: with it held, nobody else takes the same place.
		if err := s.Trail.Append(ctx, tx, module.Entry{Action: "document.template", Object: "document-template:" + t.ID, Detail: map[string]string{"name": t.Name, "replaces": t.Replaces}}); err != nil {
			return err
		}
		if err := s.replaceable(ctx, tx, &t); err != nil {
			return err
		}
		last, _, err := s.store.template(ctx, tx, t.ID, 0)
		if err != nil {
			return err
		}
		t.Version = last.Version + 1
		return s.store.addTemplate(ctx, tx, &templateRow{ID: t.ID, Version: t.Version, Name: t.Name, Form: t.ID, Symbol: t.Symbol, Replaces: t.Replaces,
			Data: base64.StdEncoding.EncodeToString(data), ByName: t.By, At: sqldb.MicrosOf(t.At)})
	})
	return t, nil, err
}

// Drop takes a Word template out of use; documents made of it keep theirs, and the
// shipped template it stood for is back.
// Errors: Denied, NotFound.
func (s *Service) Drop(ctx context.Context, id string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentManage); err != nil {
		return err
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		last, ok, err := s.store.template(ctx, tx, id, 0)
		if err != nil {
			return err
		}
		if !ok || last.Data == "" {
			return templateUnknown(id)
		}
		last.Version++
		last.Data, last.ByName, last.At = "", p.DisplayName, sqldb.MicrosOf(s.Now())
		if err := s.store.addTemplate(ctx, tx, &last); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "document.template-drop", Object: "document-template:" + id})
	})
}

func templateUnknown(id string) error {
	return fault.New(fault.NotFound, "no template %q", id).WithCode("document.template-unknown")
}

// word reads the version of the Word template that d was begun with.
func (s *Service) word(ctx context.Context, d *Document) (*paper.WordTemplate, error) {
	r, ok, err := s.store.template(ctx, s.DB, d.Template, d.TemplateVersion)
	if err == nil && !ok {
		err = templateUnknown(d.Template)
	}
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(r.Data)
	if err != nil {
		return nil, err
	}
	t, _, err := paper.ParseWord(r.Name, data, s.known())
	return t, err
}

func unitID(id string) event.UnitID { return event.UnitID(id) }

// Letterhead returns how the documents of a unit begin and end, and the version of
// it; 0: nobody has said so yet. Errors: Denied, NotFound.
func (s *Service) Letterhead(ctx context.Context, unit event.UnitID) (Letterhead, int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return Letterhead{}, 0, err
	}
	if !p.Sees(unit) {
		return Letterhead{}, 0, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown")
	}
	h, version, err := s.store.letterhead(ctx, s.DB, unit)
	if err != nil || version > 0 {
		return h, version, err
	}
	h, err = s.letterheadOf(ctx, unit)
	return h, 0, err
}

// letterheadOf is the letterhead of a unit, made of its name where nobody has said
// otherwise.
func (s *Service) letterheadOf(ctx context.Context, unit event.UnitID) (Letterhead, error) {
	h, version, err := s.store.letterhead(ctx, s.DB, unit)
	if err != nil || version > 0 {
		return h, err
	}
	name := s.Units.Name(unit)
	var short strings.Builder
	for _, w := range strings.Fields(name) {
		for _, r := range strings.ToUpper(w) {
			short.WriteRune(r)
			break
		}
	}
	h = Letterhead{Agency: name, Short: short.String(), Place: "…", SignLines: []string{"Thủ trưởng đơn vị"}, Archive: "VT"}
	if unit == event.CentreUnit {
		h.Short, h.SignLines, h.Archive = "TTANM", []string{"Giám đốc"}, "VT, TTANM"
	}
	return h, nil
}

// SaveLetterhead says how the documents of a unit begin and end. Errors: Denied,
// NotFound, Conflict, Invalid.
func (s *Service) SaveLetterhead(ctx context.Context, unit event.UnitID, h Letterhead, version int64) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentManage); err != nil {
		return err
	}
	if !p.Sees(unit) || s.Units.Name(unit) == "" {
		return fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown")
	}
	for _, text := range slices.Concat(h.SignLines, []string{h.Parent, h.Agency, h.Short, h.Place, h.Signer, h.Archive}) {
		if utf8.RuneCountInString(text) > maxName || strings.ContainsAny(text, "\r\n") {
			return bad("agency", "long", "one line of at most %d letters each", maxName)
		}
	}
	if strings.TrimSpace(h.Agency) == "" {
		return bad("agency", "agency", "say which agency issues the documents")
	}
	if h.Short == "" || strings.ContainsAny(h.Short, " /") {
		return bad("short", "symbol", "the short name of symbols is like TTANM, without spaces")
	}
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		ok, err := s.store.saveLetterhead(ctx, tx, unit, h, version+1)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "somebody else changed the letterhead; read it again").WithCode("document.changed")
		}
		if err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "document.letterhead", Object: "unit:" + string(unit), Detail: map[string]string{"agency": h.Agency, "short": h.Short}})
	})
}

// Book is a series of the number book.
type Book struct {
	Series    string
	Documents []Document
	Gaps      []int64 // numbers below the last that no document has; there should be none
}

// Numbers returns the number book of a year. Errors: Denied.
func (s *Service) Numbers(ctx context.Context, year int) ([]Book, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return nil, err
	}
	list, err := s.store.numbered(ctx, p, year)
	if err != nil {
		return nil, err
	}
	var books []Book
	for _, d := range list {
		if len(books) == 0 || books[len(books)-1].Series != d.Series {
			books = append(books, Book{Series: d.Series})
		}
		b := &books[len(books)-1]
		if n := len(b.Documents); n > 0 {
			for missing := b.Documents[n-1].Number - 1; missing > d.Number; missing-- {
				b.Gaps = append(b.Gaps, missing)
			}
		}
		b.Documents = append(b.Documents, d)
	}
	return books, nil
}
