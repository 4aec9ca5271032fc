package document

import (
	"context"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/paper"
)

// DocumentView is a document in a list.
type DocumentView struct {
	ID         string              `json:"id"`
	Form       string              `json:"form" doc:"template it is made from"`
	Own        bool                `json:"own" doc:"made from an administrator's Word file"`
	Title      string              `json:"title"`
	Code       string              `json:"code" doc:"05/BC-TTANM; empty: no number yet"`
	State      string              `json:"state" enum:"draft,submitted,approved,sent,acknowledged,withdrawn"`
	Drill      bool                `json:"drill"`
	Issuer     event.UnitID        `json:"issuer"`
	IssuerName string              `json:"issuerName"`
	Unit       event.UnitID        `json:"unit" doc:"of what it is about"`
	Subject    DocumentSubjectView `json:"subject"`
	Obligation string              `json:"obligation" doc:"id of the obligation it discharges"`
	To         []string            `json:"to" nullable:"false"`
	DraftedBy  module.PersonView   `json:"draftedBy"`
	DraftedAt  module.Time         `json:"draftedAt"`
	ApprovedBy *module.PersonView  `json:"approvedBy,omitempty"`
	ApprovedAt *module.Time        `json:"approvedAt,omitempty"`
	SentAt     *module.Time        `json:"sentAt,omitempty"`
	ChangedAt  module.Time         `json:"changedAt"`
	Version    int64               `json:"version" doc:"send it back with a change"`
}

// DocumentSubjectView is what a document is about.
type DocumentSubjectView struct {
	Kind  string `json:"kind"`
	ID    string `json:"id"`
	Code  string `json:"code"`
	Title string `json:"title"`
}

// DocumentDetailView is a document with its text.
type DocumentDetailView struct {
	DocumentView
	Content    Content            `json:"content"`
	Recipients []SentTo           `json:"recipients" nullable:"false" doc:"with the addresses they are reached at now"`
	File       string             `json:"file"`
	Hash       string             `json:"hash" doc:"SHA-256 of the Word file, once approved"`
	Size       int64              `json:"size"`
	Steps      []DocumentStepView `json:"steps" nullable:"false"`
	May        []string           `json:"may" nullable:"false" doc:"steps the caller may take now, and edit"`
}

// DocumentStepView is one thing that was done about a document.
type DocumentStepView struct {
	ID       string            `json:"id"`
	Verb     string            `json:"verb"`
	At       module.Time       `json:"at"`
	By       module.PersonView `json:"by"`
	Note     string            `json:"note"`
	Channel  string            `json:"channel"`
	Receiver string            `json:"receiver"`
	Receipt  string            `json:"receipt"`
	Hash     string            `json:"hash"`
}

// DocumentVersionView is a text the document had.
type DocumentVersionView struct {
	Version int64             `json:"version"`
	By      module.PersonView `json:"by"`
	At      module.Time       `json:"at"`
	Content Content           `json:"content"`
}

// DocumentListView is a page of documents.
type DocumentListView struct {
	Items []DocumentView `json:"items" nullable:"false"`
	Next  string         `json:"next" doc:"cursor of the next page; empty: this is the last"`
}

// DocumentPreviewView is how a document looks.
type DocumentPreviewView struct {
	Code       string              `json:"code"`
	Parent     string              `json:"parent"`
	Agency     string              `json:"agency"`
	PlaceDate  string              `json:"placeDate"`
	Kind       string              `json:"kind"`
	Abstract   string              `json:"abstract"`
	To         []string            `json:"to" nullable:"false"`
	Basis      []string            `json:"basis" nullable:"false"`
	Body       []PaperBlockView    `json:"body" nullable:"false"`
	Signers    []PaperSignerView   `json:"signers" nullable:"false"`
	Copies     []string            `json:"copies" nullable:"false"`
	Archive    string              `json:"archive"`
	Urgency    string              `json:"urgency"`
	Internal   bool                `json:"internal"`
	Watermark  string              `json:"watermark"`
	Appendices []PaperAppendixView `json:"appendices" nullable:"false"`
	Texts      []string            `json:"texts" nullable:"false" doc:"paragraphs of a Word template, whose layout is shown by Word alone"`
	Missing    []Missing           `json:"missing" nullable:"false" doc:"what is not known yet"`
}

// PaperBlockView is a piece of a body.
type PaperBlockView struct {
	Kind  string            `json:"kind" enum:"paragraph,heading,bullet,table"`
	Level int               `json:"level"`
	Head  bool              `json:"head"`
	Runs  []paper.Run       `json:"runs" nullable:"false"`
	Rows  [][]PaperCellView `json:"rows" nullable:"false"`
}

// PaperCellView is a cell of a table.
type PaperCellView struct {
	Runs []paper.Run `json:"runs" nullable:"false"`
}

// PaperSignerView is one who signs.
type PaperSignerView struct {
	Lines []string `json:"lines" nullable:"false"`
	Name  string   `json:"name"`
}

// PaperAppendixView is an appendix.
type PaperAppendixView struct {
	Title string           `json:"title"`
	Body  []PaperBlockView `json:"body" nullable:"false"`
}

// NumberBookView is the number book of a year.
type NumberBookView struct {
	Year  int                `json:"year"`
	Books []NumberSeriesView `json:"books" nullable:"false"`
}

// NumberSeriesView is a series of the number book.
type NumberSeriesView struct {
	Series string         `json:"series" doc:"issuer, kind and year; of drills with drill/ before it"`
	Items  []DocumentView `json:"items" nullable:"false"`
	Gaps   []int64        `json:"gaps" nullable:"false" doc:"numbers no document has: there should be none"`
}

// DocumentTemplatesView is what drafts can be begun with.
type DocumentTemplatesView struct {
	Items  []DocumentTemplateView `json:"items" nullable:"false"`
	Fields []DocumentFieldView    `json:"fields" nullable:"false"`
}

// DocumentTemplateView is a template.
type DocumentTemplateView struct {
	ID       string       `json:"id"`
	Vi       string       `json:"vi"`
	Name     string       `json:"name"`
	Subject  string       `json:"subject" doc:"kind of matter it is about; empty: any"`
	Symbol   string       `json:"symbol" doc:"empty: a letter"`
	Verify   bool         `json:"verify" doc:"the official wording of the form is to be compared"`
	Own      bool         `json:"own"`
	Replaces string       `json:"replaces" doc:"of an own one: id of the shipped template in whose place it stands; empty: none"`
	Version  int64        `json:"version"`
	By       string       `json:"by"`
	At       *module.Time `json:"at,omitempty"`
}

// DocumentFieldView is a field of templates.
type DocumentFieldView struct {
	ID      string   `json:"id"`
	Vi      string   `json:"vi"`
	Columns []string `json:"columns" nullable:"false" doc:"of a list"`
}

// UploadedTemplateView is what became of an uploaded template.
type UploadedTemplateView struct {
	ID       string                `json:"id"`
	Version  int64                 `json:"version" doc:"0: it was not kept"`
	Problems []TemplateProblemView `json:"problems" nullable:"false"`
}

// TemplateProblemView is something wrong with a template.
type TemplateProblemView struct {
	Field   string   `json:"field"`
	Line    int      `json:"line" doc:"the paragraph"`
	Nearest []string `json:"nearest" nullable:"false" doc:"fields that exist and look like it"`
	Text    string   `json:"text"`
}

func problemViews(list []paper.Problem) []TemplateProblemView {
	views := make([]TemplateProblemView, len(list))
	for i, p := range list {
		views[i] = TemplateProblemView{p.Field, p.Line, module.OrEmpty(p.Nearest), p.Text}
	}
	return views
}

// LetterheadView is how the documents of a unit begin and end.
type LetterheadView struct {
	Letterhead
	Version int64 `json:"version" doc:"0: nobody has said so yet"`
}

func (s *Service) view(_ module.Principal, d *Document) DocumentView {
	v := DocumentView{
		ID: d.ID, Form: d.Form, Own: d.Own(), Title: d.Title, Code: d.Code, State: string(d.State), Drill: d.Drill, Issuer: d.Issuer, IssuerName: s.Units.Name(d.Issuer),
		Unit: d.Unit, Subject: DocumentSubjectView(d.Subject), Obligation: d.Obligation, To: []string{}, DraftedBy: module.PersonView{ID: d.DraftedBy, DisplayName: d.DraftedName},
		DraftedAt: module.Time{Time: d.DraftedAt}, ApprovedAt: module.TimeOrNil(d.ApprovedAt), SentAt: module.TimeOrNil(d.SentAt), ChangedAt: module.Time{Time: d.ChangedAt}, Version: d.Version,
	}
	if d.ApprovedBy != "" {
		v.ApprovedBy = &module.PersonView{ID: d.ApprovedBy, DisplayName: d.ApprovedName}
	}
	for _, r := range d.Content.To {
		v.To = append(v.To, r.Name)
	}
	return v
}

func (s *Service) detail(ctx context.Context, d *Document, steps []Step) (DocumentDetailView, error) {
	p := module.PrincipalOf(ctx)
	to, err := s.Resolve(ctx, d.Content.To)
	if err != nil {
		return DocumentDetailView{}, err
	}
	v := DocumentDetailView{DocumentView: s.view(p, d), Content: d.Content, Recipients: module.OrEmpty(to), File: d.File, Hash: d.Hash, Size: d.Size,
		Steps: make([]DocumentStepView, len(steps)), May: []string{}}
	c := &v.Content
	c.To, c.Basis, c.SignLines, c.SignLeft, c.Copies = module.OrEmpty(c.To), module.OrEmpty(c.Basis), module.OrEmpty(c.SignLines), module.OrEmpty(c.SignLeft), module.OrEmpty(c.Copies)
	for i, x := range steps {
		v.Steps[i] = DocumentStepView{x.ID, string(x.Verb), module.Time{Time: x.At}, module.PersonView{ID: x.ByID, DisplayName: x.By}, x.Note, x.Channel, x.Receiver, x.Receipt, x.Hash}
	}
	wrote, err := s.store.wrote(ctx, s.DB, d.ID, p.ID)
	if err != nil {
		return v, err
	}
	if d.State.Editable() && p.Require(module.ActionDocumentDraft) == nil {
		v.May = append(v.May, "edit")
	}
	for _, verb := range []Verb{Submit, Return, Approve, Send, Acknowledge, Withdraw} {
		need := verb.needs()
		if verb == Withdraw && !d.State.Editable() {
			need = module.ActionDocumentApprove
		}
		probe := Do{Verb: verb, At: s.Now(), Note: "0123456789", Receipt: "x", Channel: "other"}
		if d.Drill {
			probe.Channel = "exercise"
		}
		if _, err := d.step(probe, s.Now()); err == nil && p.Require(need) == nil && (verb != Approve || !wrote) {
			v.May = append(v.May, string(verb))
		}
	}
	return v, nil
}

func blockViews(blocks []paper.Block) []PaperBlockView {
	list := make([]PaperBlockView, len(blocks))
	for i, b := range blocks {
		v := PaperBlockView{Kind: string(b.Kind), Level: b.Level, Head: b.Head, Runs: module.OrEmpty(b.Runs), Rows: make([][]PaperCellView, len(b.Rows))}
		for j, row := range b.Rows {
			v.Rows[j] = make([]PaperCellView, len(row))
			for k, c := range row {
				v.Rows[j][k] = PaperCellView{module.OrEmpty([]paper.Run(c))}
			}
		}
		list[i] = v
	}
	return list
}

func previewView(v Preview) DocumentPreviewView {
	d := &v.Paper
	out := DocumentPreviewView{
		Code: d.Code(), Parent: d.Parent, Agency: d.Agency, PlaceDate: d.PlaceDate(), Kind: d.Kind, Abstract: d.Abstract, To: module.OrEmpty(d.To), Basis: module.OrEmpty(d.Basis),
		Body: blockViews(d.Body), Signers: []PaperSignerView{}, Copies: module.OrEmpty(d.Copies), Archive: d.Archive, Urgency: d.Urgency, Internal: d.Internal,
		Watermark: d.Watermark, Appendices: []PaperAppendixView{}, Texts: module.OrEmpty(v.Texts), Missing: module.OrEmpty(v.Missing),
	}
	for _, x := range d.Signers {
		out.Signers = append(out.Signers, PaperSignerView{module.OrEmpty(x.Lines), x.Name})
	}
	for _, a := range d.Appendices {
		out.Appendices = append(out.Appendices, PaperAppendixView{a.Title, blockViews(a.Body)})
	}
	return out
}

func (s *Service) bookView(p module.Principal, year int, books []Book) NumberBookView {
	v := NumberBookView{Year: year, Books: make([]NumberSeriesView, len(books))}
	for i, b := range books {
		x := NumberSeriesView{Series: b.Series, Items: make([]DocumentView, len(b.Documents)), Gaps: module.OrEmpty(b.Gaps)}
		for j := range b.Documents {
			x.Items[j] = s.view(p, &b.Documents[j])
		}
		v.Books[i] = x
	}
	return v
}

func (s *Service) templatesView(own []OwnTemplate) DocumentTemplatesView {
	v := DocumentTemplatesView{Items: []DocumentTemplateView{}, Fields: make([]DocumentFieldView, len(s.book.fields))}
	for _, t := range s.book.templates {
		v.Items = append(v.Items, DocumentTemplateView{ID: t.ID, Vi: t.Vi, Name: t.En, Subject: t.Subject, Symbol: t.Type, Verify: t.Verify})
	}
	for _, t := range own {
		v.Items = append(v.Items, DocumentTemplateView{ID: t.ID, Vi: t.Name, Name: t.Name, Subject: s.book.byID[t.Replaces].Subject, Symbol: t.Symbol, Own: true, Replaces: t.Replaces, Version: t.Version, By: t.By, At: module.TimeOrNil(t.At)})
	}
	for i, f := range s.book.fields {
		v.Fields[i] = DocumentFieldView{f.ID, f.Vi, module.OrEmpty(f.Columns)}
	}
	return v
}
