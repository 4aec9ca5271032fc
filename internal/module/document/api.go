package document

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"documents"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	s.readRoutes(api)
	s.writeRoutes(api)
	s.fileRoutes(api)
	s.templateRoutes(api)
}

type documentID struct {
	ID string `path:"id" maxLength:"64"`
}

type documentOut struct{ Body DocumentDetailView }

func (s *Service) readRoutes(api huma.API) {
	type ask struct {
		State   string `query:"state" enum:"draft,submitted,approved,sent,acknowledged,withdrawn"`
		Form    string `query:"form" maxLength:"64"`
		Kind    string `query:"subjectKind" maxLength:"32"`
		Subject string `query:"subject" maxLength:"128" doc:"id of what it is about"`
		Q       string `query:"q" maxLength:"200" doc:"text in the title, the number, the subject or the recipients, without marks"`
		Limit   int    `query:"limit" minimum:"1" maximum:"200"`
		After   string `query:"after" maxLength:"100" doc:"cursor"`
	}
	type documentList struct{ Body DocumentListView }
	huma.Register(api, op(module.ActionDocumentRead, "list-documents", http.MethodGet, "/documents", "Official documents, the last changed first"),
		func(ctx context.Context, in *ask) (*documentList, error) {
			found, next, err := s.List(ctx, Filter{State: State(in.State), Form: in.Form, Subject: module.Subject{Kind: in.Kind, ID: in.Subject}, Text: in.Q, Limit: int64(in.Limit), After: in.After})
			if err != nil {
				return nil, err
			}
			out := &documentList{DocumentListView{Items: make([]DocumentView, len(found)), Next: next}}
			for i := range found {
				out.Body.Items[i] = s.view(module.PrincipalOf(ctx), &found[i])
			}
			return out, nil
		})
	huma.Register(api, op(module.ActionDocumentRead, "get-document", http.MethodGet, "/documents/{id}", "One document with its text and what was done about it"),
		func(ctx context.Context, in *documentID) (*documentOut, error) {
			d, steps, err := s.Get(ctx, in.ID)
			return s.answer(ctx, d, steps, err)
		})
	type documentVersions struct {
		Body struct {
			Items []DocumentVersionView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionDocumentRead, "list-document-versions", http.MethodGet, "/documents/{id}/versions", "The texts a document had, the last first"),
		func(ctx context.Context, in *documentID) (*documentVersions, error) {
			found, err := s.Versions(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &documentVersions{}
			out.Body.Items = make([]DocumentVersionView, len(found))
			for i, v := range found {
				out.Body.Items[i] = DocumentVersionView{v.Number, module.PersonView{ID: v.ByID, DisplayName: v.By}, module.Time{Time: v.At}, v.Content}
			}
			return out, nil
		})
	type documentPreview struct{ Body DocumentPreviewView }
	huma.Register(api, op(module.ActionDocumentRead, "preview-document", http.MethodGet, "/documents/{id}/preview", "How a document looks, as its content; and what is not known yet"),
		func(ctx context.Context, in *documentID) (*documentPreview, error) {
			v, err := s.Look(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &documentPreview{previewView(v)}, nil
		})
	type bookYear struct {
		Year int `query:"year" minimum:"2020" maximum:"2100" doc:"absent: this year"`
	}
	type numberBook struct{ Body NumberBookView }
	huma.Register(api, op(module.ActionDocumentRead, "get-number-book", http.MethodGet, "/number-book", "The number book of a year: each kind's documents, the last number first"),
		func(ctx context.Context, in *bookYear) (*numberBook, error) {
			year := in.Year
			if year == 0 {
				year = s.Now().In(s.Zone).Year()
			}
			books, err := s.Numbers(ctx, year)
			if err != nil {
				return nil, err
			}
			return &numberBook{s.bookView(module.PrincipalOf(ctx), year, books)}, nil
		})
}

func (s *Service) answer(ctx context.Context, d Document, steps []Step, err error) (*documentOut, error) {
	if err != nil {
		return nil, err
	}
	v, err := s.detail(ctx, &d, steps)
	if err != nil {
		return nil, err
	}
	return &documentOut{v}, nil
}

func (s *Service) writeRoutes(api huma.API) {
	type draftDocument struct {
		Body struct {
			Template    string `json:"template,omitempty" maxLength:"64" doc:"absent: that of the obligation's form"`
			SubjectKind string `json:"subjectKind,omitempty" maxLength:"32"`
			Subject     string `json:"subject,omitempty" maxLength:"128" doc:"id of what it is about"`
			Obligation  string `json:"obligation,omitempty" maxLength:"64" doc:"id of the obligation it discharges"`
		}
	}
	create := op(module.ActionDocumentDraft, "draft-document", http.MethodPost, "/documents", "Begin a draft from a template, with what is known of the case")
	create.DefaultStatus = http.StatusCreated
	huma.Register(api, create, func(ctx context.Context, in *draftDocument) (*documentOut, error) {
		b := &in.Body
		d, err := s.Create(ctx, Drafting{Template: b.Template, Subject: module.Subject{Kind: b.SubjectKind, ID: b.Subject}, Obligation: b.Obligation})
		return s.answer(ctx, d, nil, err)
	})
	type editDocument struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64   `json:"version"`
			Content Content `json:"content"`
		}
	}
	huma.Register(api, op(module.ActionDocumentDraft, "edit-document", http.MethodPut, "/documents/{id}", "Change the text of a draft"),
		func(ctx context.Context, in *editDocument) (*documentOut, error) {
			d, err := s.Edit(ctx, in.ID, in.Body.Content, in.Body.Version)
			if err != nil {
				return nil, err
			}
			steps, err := s.store.steps(ctx, s.DB, in.ID)
			return s.answer(ctx, d, steps, err)
		})
	type stepDocument struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb     string    `json:"verb" enum:"submit,return,approve,send,acknowledge,withdraw"`
			Version  int64     `json:"version"`
			At       time.Time `json:"at,omitempty" doc:"when it happened; absent: now"`
			Note     string    `json:"note,omitempty" maxLength:"4000"`
			Channel  string    `json:"channel,omitempty" maxLength:"32" doc:"of sending"`
			Receiver string    `json:"receiver,omitempty" maxLength:"200" doc:"who took it; absent: the addresses of the recipients"`
			Receipt  string    `json:"receipt,omitempty" maxLength:"200" doc:"what the recipient gave back"`
			Gaps     bool      `json:"gaps,omitempty" doc:"approve although something is not known yet"`
		}
	}
	huma.Register(api, op(module.ActionDocumentRead, "step-document", http.MethodPost, "/documents/{id}/steps", "Submit, return, approve, send, acknowledge or withdraw; each needs its own permission"),
		func(ctx context.Context, in *stepDocument) (*documentOut, error) {
			b := &in.Body
			d, steps, err := s.Take(ctx, in.ID, Do{Verb: Verb(b.Verb), Version: b.Version, At: b.At, Note: b.Note, Channel: b.Channel, Receiver: b.Receiver, Receipt: b.Receipt, Gaps: b.Gaps})
			return s.answer(ctx, d, steps, err)
		})
}

type documentFile struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

const wordType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

func (s *Service) fileRoutes(api huma.API) {
	type ask struct {
		ID     string `path:"id" maxLength:"64"`
		Format string `query:"format" enum:"docx,pdf" default:"docx"`
	}
	o := op(module.ActionDocumentRead, "get-document-file", http.MethodGet, "/documents/{id}/file", "The document as a Word file or PDF")
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	o.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{wordType: binary, "application/pdf": binary}}}
	huma.Register(api, o, func(ctx context.Context, in *ask) (*documentFile, error) {
		name, data, err := s.File(ctx, in.ID, in.Format)
		if err != nil {
			return nil, err
		}
		kind := wordType
		if in.Format == "pdf" {
			kind = "application/pdf"
		}
		return &documentFile{kind, `attachment; filename="` + name + `"`, data}, nil
	})
}

func (s *Service) templateRoutes(api huma.API) {
	type templateList struct{ Body DocumentTemplatesView }
	huma.Register(api, op(module.ActionDocumentRead, "list-document-templates", http.MethodGet, "/document-templates", "The templates there are, and the fields they may have"),
		func(ctx context.Context, _ *struct{}) (*templateList, error) {
			own, err := s.Templates(ctx)
			if err != nil {
				return nil, err
			}
			return &templateList{s.templatesView(own)}, nil
		})
	type upload struct {
		ID       string `path:"id" maxLength:"64"`
		Name     string `query:"name" required:"true" maxLength:"200"`
		Symbol   string `query:"symbol" maxLength:"10" doc:"BC; empty: a letter"`
		Replaces string `query:"replaces" maxLength:"64" doc:"shipped template in whose place it stands wherever that is drafted or handed out; empty: none"`
		RawBody  []byte `contentType:"application/vnd.openxmlformats-officedocument.wordprocessingml.document"`
	}
	type uploaded struct{ Body UploadedTemplateView }
	o := op(module.ActionDocumentManage, "upload-document-template", http.MethodPut, "/document-templates/{id}", "Keep a Word file with fields as a template; with problems nothing is kept")
	o.MaxBodyBytes = 5 << 20
	huma.Register(api, o, func(ctx context.Context, in *upload) (*uploaded, error) {
		t, problems, err := s.Upload(ctx, OwnTemplate{ID: in.ID, Name: in.Name, Symbol: in.Symbol, Replaces: in.Replaces}, in.RawBody)
		if err != nil {
			return nil, err
		}
		return &uploaded{UploadedTemplateView{ID: t.ID, Version: t.Version, Problems: problemViews(problems)}}, nil
	})
	type dropTemplate struct {
		ID string `path:"id" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionDocumentManage, "drop-document-template", http.MethodDelete, "/document-templates/{id}", "Take a Word template out of use"),
		func(ctx context.Context, in *dropTemplate) (*struct{}, error) { return nil, s.Drop(ctx, in.ID) })
	type unitOf struct {
		Unit event.UnitID `path:"unit" maxLength:"64"`
	}
	type letterhead struct{ Body LetterheadView }
	huma.Register(api, op(module.ActionDocumentRead, "get-letterhead", http.MethodGet, "/document-letterheads/{unit}", "How the documents of a unit begin and end"),
		func(ctx context.Context, in *unitOf) (*letterhead, error) {
			h, version, err := s.Letterhead(ctx, in.Unit)
			if err != nil {
				return nil, err
			}
			h.SignLines = orNone(h.SignLines)
			return &letterhead{LetterheadView{h, version}}, nil
		})
	type saveLetterhead struct {
		Unit event.UnitID `path:"unit" maxLength:"64"`
		Body LetterheadView
	}
	huma.Register(api, op(module.ActionDocumentManage, "save-letterhead", http.MethodPut, "/document-letterheads/{unit}", "Say how the documents of a unit begin and end"),
		func(ctx context.Context, in *saveLetterhead) (*struct{}, error) {
			return nil, s.SaveLetterhead(ctx, in.Unit, in.Body.Letterhead, in.Body.Version)
		})
}
