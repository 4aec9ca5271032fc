package document

import (
	"context"
	"embed"
	"io"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

//go:embed migrations
var migrations embed.FS

// Case is what is known of a matter that documents are written about.
type Case struct {
	Subject module.Subject
	Unit    event.UnitID
	Drill   bool
	Secrecy string       // its papers bear this mark of state secrecy, and are kept elsewhere; "" none
	Fields  paper.Values // by field of data/fields.yaml; a missing one is not known yet
	To      []SentTo     // whom a draft of a template that is for the matter begins with
	// Greeting stands after "Kính gửi" of such a draft where the recipients are not
	// to read of each other; "" their names.
	Greeting string
	Internal bool // such a draft bears the stamp LƯU HÀNH NỘI BỘ
}

// Source tells of the matters. It goes by the principal in ctx: a matter he does
// not see, or sees in part only, is fault.NotFound.
type Source interface {
	Case(ctx context.Context, kind, id string) (Case, error)
}

// Owed is an obligation that a document discharges.
type Owed struct {
	ID        string
	Form      string
	Recipient string // of the catalogue
	Subject   module.Subject
	Unit      event.UnitID
	Drill     bool
	Title     string
	Basis     string
	DueAt     time.Time
}

// Addressee is a recipient of the catalogue.
type Addressee struct {
	ID      string
	Vi      string
	Address string
	Channel string
}

// Duties knows the obligations and whom they are owed to. It goes by the principal
// in ctx.
type Duties interface {
	Owed(ctx context.Context, id string) (Owed, error)
	Addressees(ctx context.Context) ([]Addressee, error)
}

// Units knows the units.
type Units interface {
	Name(event.UnitID) string
	Below(event.UnitID) []event.UnitID
	// Reached is where a unit is reached: its mail address, or the street; "" not entered.
	Reached(event.UnitID) string
}

// Options is what the service needs.
type Options struct {
	DB     *bun.DB
	Trail  *module.Trail
	Units  Units
	Cases  Source
	Duties Duties
	Zone   *time.Location
	Log    *slog.Logger
	Now    func() time.Time
	Wake   func() // after a commit that told facts; nil: they wait
}

// Service keeps the documents.
type Service struct {
	Options
	store store
	book  *book
}

// New makes the service.
func New(o Options) *Service {
	if o.Wake == nil {
		o.Wake = func() {}
	}
	b, err := shipped()
	if err != nil {
		panic(err) // the files are embedded, and tested
	}
	return &Service{Options: o, store: store{o.DB}, book: b}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "document", Migrations: sub, Routes: s.routes}
}

// FieldNames are the fields that a [Case] may tell of.
func (s *Service) FieldNames() []string { return s.book.known.Names() }

func unknown() error {
	return fault.New(fault.NotFound, "no such document").WithCode("document.unknown")
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed the document; read it again").WithCode("document.changed")
}

// List returns the documents the principal sees, the last changed first, and the
// cursor of the next page. Errors: Denied, Invalid (the cursor).
func (s *Service) List(ctx context.Context, f Filter) ([]Document, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return nil, "", err
	}
	f.Text = strings.TrimSpace(f.Text)
	return s.store.list(ctx, p, f)
}

func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, id string) (Document, error) {
	d, ok, err := s.store.one(ctx, db, id)
	if err == nil && (!ok || !p.Sees(d.Issuer)) {
		err = unknown()
	}
	return d, err
}

// Get returns a document and what was done about it. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Document, []Step, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return Document{}, nil, err
	}
	d, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return d, nil, err
	}
	steps, err := s.store.steps(ctx, s.DB, id)
	return d, steps, err
}

// Versions returns the texts the document had, the last first. Errors: Denied,
// NotFound.
func (s *Service) Versions(ctx context.Context, id string) ([]Version, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentRead); err != nil {
		return nil, err
	}
	if _, err := s.get(ctx, s.DB, p, id); err != nil {
		return nil, err
	}
	return s.store.versions(ctx, s.DB, id)
}

// Drafting is what a draft begins with.
type Drafting struct {
	Template   string // "" the template of the obligation's form
	Subject    module.Subject
	Obligation string
}

// Create begins a draft. Errors: Denied, NotFound (the template, the matter, the
// obligation), Invalid, Conflict document.secret.
func (s *Service) Create(ctx context.Context, n Drafting) (Document, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentDraft); err != nil {
		return Document{}, err
	}
	var owed Owed
	if n.Obligation != "" {
		var err error
		if owed, err = s.Duties.Owed(ctx, n.Obligation); err != nil {
			return Document{}, err
		}
		if n.Subject.ID == "" || owed.Subject.Kind == "date" {
			n.Subject = owed.Subject
		}
		if n.Template == "" {
			n.Template = owed.Form
		}
	}
	from, err := s.origin(ctx, n.Template)
	if err != nil {
		return Document{}, err
	}
	t := from.shipped
	if t != nil && t.Subject == "date" && n.Subject.ID == "" {
		n.Subject = module.Subject{Kind: "date", ID: s.Now().In(s.Zone).Format(time.DateOnly)}
	}
	of := p.Unit
	if owed.Subject.Kind == "date" {
		of = owed.Unit
	}
	c, err := s.caseOf(ctx, of, n.Subject)
	if err != nil {
		return Document{}, err
	}
	if owed.ID != "" && owed.Subject.Kind != "date" && (owed.Subject.ID != c.Subject.ID || owed.Subject.Kind != c.Subject.Kind) {
		return Document{}, bad("obligation", "obligation", "the obligation is about %s, the document about another matter", owed.Subject.Code)
	}
	if owed.ID != "" && owed.Subject.Kind == "date" {
		c.Subject, c.Unit, c.Drill = owed.Subject, owed.Unit, owed.Drill
	}
	head, err := s.letterheadOf(ctx, p.Unit)
	if err != nil {
		return Document{}, err
	}
	d := Document{ID: module.NewID(), Issuer: p.Unit, Unit: c.Unit, Subject: c.Subject, Obligation: n.Obligation,
		Drill: c.Drill, State: Draft, DraftedBy: p.ID, DraftedName: p.DisplayName, DraftedAt: s.Now(), ChangedAt: s.Now(), Version: 1}
	from.begin(&d, head)
	if t != nil && t.Subject != "" {
		if t.Subject != c.Subject.Kind {
			return Document{}, bad("template", "subject", "the template %s is for a matter of the kind %s; begin the document from one", t.ID, t.Subject)
		}
		d.Content.To, d.Content.Internal = append(d.Content.To, c.To...), c.Internal
		if c.Greeting != "" {
			d.Content.Greeting = c.Greeting
		}
	}
	if owed.Recipient != "" {
		list, err := s.Duties.Addressees(ctx)
		if err != nil {
			return Document{}, err
		}
		for _, a := range list {
			if a.ID == owed.Recipient {
				d.Content.To = append(d.Content.To, SentTo{Kind: ToCatalogue, ID: a.ID, Name: a.Vi})
			}
		}
	}
	if d.Title, err = s.title(ctx, &d, c, owed); err != nil {
		return Document{}, err
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.insert(ctx, tx, &d); err != nil {
			return err
		}
		if err := s.store.addVersion(ctx, tx, d.ID, &Version{Number: 1, Content: d.Content, ByID: p.ID, By: p.DisplayName, At: d.ChangedAt}); err != nil {
			return err
		}
		return s.trail(ctx, tx, "document.draft", &d, nil)
	})
	return d, err
}

func (s *Service) trail(ctx context.Context, tx bun.Tx, action string, d *Document, more map[string]string) error {
	detail := map[string]string{"title": module.Text(d.Title, 400), "form": d.Form, "issuer": string(d.Issuer), "subject": d.Subject.Code, "code": d.Code}
	for k, v := range more {
		detail[k] = v
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: action, Object: "document:" + d.ID, Detail: detail})
}

// caseOf is what is known of a matter; of none, that the document is unit's. What is
// known of a day is known of a unit: whoever looks, a report shows the figures of
// the unit it is about.
func (s *Service) caseOf(ctx context.Context, unit event.UnitID, subject module.Subject) (Case, error) {
	if subject.ID == "" {
		return Case{Subject: subject, Unit: unit, Fields: paper.Values{}}, nil
	}
	if p := module.PrincipalOf(ctx); subject.Kind == "date" && unit != p.Unit && p.Sees(unit) {
		p.Unit, p.Below = unit, s.Units.Below(unit)
		ctx = module.WithPrincipal(ctx, p)
	}
	c, err := s.Cases.Case(ctx, subject.Kind, subject.ID)
	if err != nil {
		return c, err
	}
	if c.Secrecy != "" {
		return c, fault.New(fault.Conflict, "papers of %s bear a mark of state secrecy: they are written and kept on the system that is meant for them, not here", c.Subject.Code).
			WithCode("document.secret")
	}
	return c, nil
}

// Edit changes the text of a draft. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Edit(ctx context.Context, id string, c Content, version int64) (Document, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionDocumentDraft); err != nil {
		return Document{}, err
	}
	if err := c.check(); err != nil {
		return Document{}, err
	}
	if problems := c.problems("", s.book.known); len(problems) > 0 {
		pr := problems[0]
		return Document{}, bad("content", "field", "%s", strings.TrimSpace(pr.String()))
	}
	for name := range c.Fields {
		if columns, ok := s.book.known[name]; !ok || columns != nil {
			return Document{}, bad("content.fields", "field", "no field %q that could be written over", name)
		}
	}
	d, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return d, err
	}
	now := s.Now()
	d.Content, d.ChangedAt = c, now
	r, err := s.rendered(ctx, &d)
	if err != nil {
		return d, err
	}
	title := r.doc.Title()
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if d, err = s.get(ctx, tx, p, id); err != nil {
			return err
		}
		switch {
		case d.Version != version:
			return changed()
		case !d.State.Editable():
			return fault.New(fault.Conflict, "a document that is %s is not changed; withdraw it and write another", d.State).WithCode("document.state")
		}
		d.Content, d.Title, d.ChangedAt, d.Version, d.State = c, module.Text(title, maxTitle), now, version+1, Draft
		if ok, err := s.store.update(ctx, tx, &d); err != nil || !ok {
			if err == nil {
				err = changed()
			}
			return err
		}
		if err := s.store.addVersion(ctx, tx, id, &Version{Number: d.Version, Content: c, ByID: p.ID, By: p.DisplayName, At: now}); err != nil {
			return err
		}
		return s.trail(ctx, tx, "document.edit", &d, nil)
	})
	return d, err
}

const maxTitle = 1_000

// rendering is a document as it would go out now.
type rendering struct {
	drawn
	values paper.Values
	own    *paper.WordTemplate
	texts  []string // paragraphs of a Word template
}

// rendered fills what is known of the case into the document.
func (s *Service) rendered(ctx context.Context, d *Document) (rendering, error) {
	c, err := s.caseOf(ctx, d.Unit, d.Subject)
	if err != nil {
		return rendering{}, err
	}
	var owed Owed
	if d.Obligation != "" {
		// An obligation that is gone leaves its fields empty.
		if owed, err = s.Duties.Owed(ctx, d.Obligation); err != nil && fault.KindOf(err) != fault.NotFound {
			return rendering{}, err
		}
	}
	return s.render(ctx, d, c, owed)
}

// values are what is known for the fields of d.
func (s *Service) values(d *Document, c Case, owed Owed) paper.Values {
	values := paper.Values{}
	for name := range s.book.known {
		if v, ok := c.Fields[name]; ok {
			values[name] = v
		}
	}
	values["agency.parent"], values["agency.name"], values["agency.place"] = d.Content.Parent, d.Content.Agency, d.Content.Place
	values["today"], values["drafter.name"] = paper.Day(s.Now().In(s.Zone)), d.DraftedName
	values["obligation.title"], values["obligation.basis"] = owed.Title, owed.Basis
	if !owed.DueAt.IsZero() {
		values["obligation.due"] = Moment(owed.DueAt.In(s.Zone))
	}
	for name, text := range d.Content.Fields {
		if strings.TrimSpace(text) != "" {
			values[name] = text
		}
	}
	return values
}

func (s *Service) render(ctx context.Context, d *Document, c Case, owed Owed) (rendering, error) {
	out := rendering{values: s.values(d, c, owed)}
	var err error
	if out.drawn, err = d.Content.draw(d.Template, s.book.known, out.values); err != nil {
		return out, err
	}
	out.doc.Number = int(d.Number)
	if !d.ApprovedAt.IsZero() {
		out.doc.Date = d.ApprovedAt.In(s.Zone)
	}
	if d.Drill {
		out.doc.Watermark = "DIỄN TẬP"
	}
	if d.Own() {
		if out.own, err = s.word(ctx, d); err != nil {
			return out, err
		}
		missing, err := fillWord(io.Discard, out.own, out.values)
		if err != nil {
			return out, err
		}
		out.texts = out.own.Texts(out.values)
		out.missing = append(out.missing, missing...)
		slices.Sort(out.missing)
		out.missing = slices.Compact(out.missing)
	}
	return out, nil
}

func (s *Service) title(ctx context.Context, d *Document, c Case, owed Owed) (string, error) {
	r, err := s.render(ctx, d, c, owed)
	return module.Text(r.doc.Title(), maxTitle), err
}

// Moment is a time as a document says it.
func Moment(t time.Time) string {
	return t.Format("15 giờ 04 phút, ") + paper.Day(t)
}
