package audit

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// AuditRecordView is an audit record on the wire.
type AuditRecordView struct {
	Seq    int64             `json:"seq"`
	At     module.Time       `json:"at"`
	Actor  string            `json:"actor"`
	Action string            `json:"action"`
	Object string            `json:"object"`
	Detail map[string]string `json:"detail"`
	IP     string            `json:"ip"`
	Hash   string            `json:"hash" doc:"SHA-256 over the hash of the record before and this record"`
}

// AuditPageView is one page of the trail.
type AuditPageView struct {
	Items      []AuditRecordView `json:"items" nullable:"false"`
	NextCursor string            `json:"nextCursor,omitempty"`
}

// AuditCountView is a value and in how many records it stands.
type AuditCountView struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// AuditFacetsView is what a reader can choose from.
type AuditFacetsView struct {
	Actors  []AuditCountView `json:"actors" nullable:"false"`
	Actions []AuditCountView `json:"actions" nullable:"false"`
}

// AuditProofView is what a verification found.
type AuditProofView struct {
	Intact  bool              `json:"intact"`
	Records int64             `json:"records" doc:"good records, from the first on"`
	Head    string            `json:"head" doc:"hash of the last good record, to be noted elsewhere"`
	HeadAt  *module.Time      `json:"headAt,omitempty"`
	Broken  string            `json:"broken,omitempty" doc:"the first record that does not fit"`
	Seconds float64           `json:"seconds"`
	Forward *AuditForwardView `json:"forward,omitempty"`
}

// AuditForwardView is how far the trail is forwarded.
type AuditForwardView struct {
	Target  string `json:"target"`
	Pending int64  `json:"pending" doc:"records not yet forwarded"`
	Error   string `json:"error,omitempty"`
}

// FilterInput is the filter in the query string. It is exported because huma
// reads parameters only of exported embedded structs.
type FilterInput struct {
	From    time.Time `query:"from" doc:"no older records"`
	To      time.Time `query:"to" doc:"only records before"`
	Actor   string    `query:"actor" doc:"exactly"`
	Action  []string  `query:"action" maxItems:"50" doc:"exactly, or all of an area: user.*"`
	Object  string    `query:"object" doc:"exactly, such as user:ID"`
	IP      string    `query:"ip" doc:"exactly"`
	Q       string    `query:"q" doc:"text anywhere in the record"`
	Refused bool      `query:"refused" doc:"only attempts that were refused"`
}

func (in *FilterInput) filter() Filter {
	return Filter{
		RecordFilter: module.RecordFilter{From: in.From, To: in.To, Actor: in.Actor, Actions: in.Action, Object: in.Object, Addr: in.IP, Text: in.Q},
		Refused:      in.Refused,
	}
}

func view(r *module.Record) AuditRecordView {
	return AuditRecordView{Seq: r.Seq, At: module.Time{Time: r.At}, Actor: r.Actor, Action: r.Action, Object: r.Object, Detail: r.Detail, IP: r.Addr, Hash: r.Hash}
}

func counts(all []module.Counted) []AuditCountView {
	out := make([]AuditCountView, len(all))
	for i, c := range all {
		out[i] = AuditCountView(c)
	}
	return out
}

func (s *Service) routes(api huma.API) {
	tags := []string{"administration"}

	type list struct {
		FilterInput
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
		Cursor string `query:"cursor"`
	}
	type page struct{ Body AuditPageView }
	huma.Register(api, module.Op(module.ActionAuditRead, huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: "/audit", Tags: tags,
		Summary: "Audit trail, newest first",
	}), func(ctx context.Context, in *list) (*page, error) {
		f := in.filter()
		if in.Cursor != "" {
			n, err := strconv.ParseInt(in.Cursor, 10, 64)
			if err != nil || n < 1 {
				return nil, fault.New(fault.Invalid, "cursor: not one this list gave out").OnField("query.cursor")
			}
			f.Before = n
		}
		records, err := s.List(ctx, f, in.Limit)
		if err != nil {
			return nil, err
		}
		out := AuditPageView{Items: make([]AuditRecordView, len(records))}
		for i := range records {
			out.Items[i] = view(&records[i])
		}
		if n := len(records); n == in.Limit && records[n-1].Seq > 1 {
			out.NextCursor = strconv.FormatInt(records[n-1].Seq, 10)
		}
		return &page{out}, nil
	})

	type span struct {
		From time.Time `query:"from"`
		To   time.Time `query:"to"`
	}
	type facets struct{ Body AuditFacetsView }
	huma.Register(api, module.Op(module.ActionAuditRead, huma.Operation{
		OperationID: "audit-facets", Method: http.MethodGet, Path: "/audit/facets", Tags: tags,
		Summary: "Who stands in the audit trail, and what was done", Description: "The 200 most frequent of each.",
	}), func(ctx context.Context, in *span) (*facets, error) {
		found, err := s.Facets(ctx, in.From, in.To)
		if err != nil {
			return nil, err
		}
		return &facets{AuditFacetsView{Actors: counts(found.Actors), Actions: counts(found.Actions)}}, nil
	})

	type proof struct{ Body AuditProofView }
	huma.Register(api, module.Op(module.ActionAuditRead, huma.Operation{
		OperationID: "verify-audit", Method: http.MethodPost, Path: "/audit/verify", Tags: tags,
		Summary: "Verify the hash chain of the audit trail",
	}), func(ctx context.Context, _ *struct{}) (*proof, error) {
		p, err := s.Verify(ctx)
		if err != nil {
			return nil, err
		}
		v := AuditProofView{Intact: p.Broken == "", Records: p.Head.Seq, Head: p.Head.Hash, HeadAt: module.TimeOrNil(p.Head.At), Broken: p.Broken, Seconds: p.Took.Seconds()}
		if s.forward != nil {
			if v.Forward, err = s.forward.state(ctx); err != nil {
				return nil, err
			}
		}
		return &proof{v}, nil
	})

	type export struct {
		FilterInput
		Format string `query:"format" enum:"ndjson,csv" default:"ndjson"`
	}
	huma.Register(api, module.Op(module.ActionAuditExport, huma.Operation{
		OperationID: "export-audit", Method: http.MethodGet, Path: "/audit/export", Tags: tags,
		Summary:     "Audit trail as a file, oldest first",
		Description: "NDJSON holds all that the hash of each record was made of: `lachan audit verify --file` proves it without this server. CSV is for a spreadsheet.",
		Responses: map[string]*huma.Response{"200": {Description: "the file", Content: map[string]*huma.MediaType{
			"application/x-ndjson": {Schema: &huma.Schema{Type: huma.TypeString}}, "text/csv": {Schema: &huma.Schema{Type: huma.TypeString}},
		}}},
	}), func(ctx context.Context, in *export) (*huma.StreamResponse, error) {
		write, err := s.Export(ctx, in.filter(), in.Format)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			hc.SetHeader("Content-Type", map[string]string{"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}[in.Format])
			hc.SetHeader("Content-Disposition", `attachment; filename="lachan-audit-`+s.Now().UTC().Format("20060102-150405")+"."+in.Format+`"`)
			if err := write(hc.BodyWriter()); err != nil {
				// The answer has begun: a connection cut short is the only way to say it.
				s.Log.WarnContext(ctx, "audit export broken off", "error", err)
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}
