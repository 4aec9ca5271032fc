package evidence

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// ClassView is a class of retention on the wire.
type ClassView struct {
	ID          string `json:"id" example:"level-3"`
	Level       int    `json:"level" doc:"security level of the system; 0: not by level"`
	MinimumDays int    `json:"minimumDays"`
	NameVi      string `json:"nameVi"`
	NameEn      string `json:"nameEn"`
	Basis       string `json:"basis" doc:"article of law"`
	Verify      bool   `json:"verify" doc:"the basis is still to be verified in the instrument itself"`
}

// RetentionRuleView is a rule of retention on the wire.
type RetentionRuleView struct {
	Unit     event.UnitID `json:"unit" doc:"empty: any"`
	UnitName string       `json:"unitName"`
	Format   string       `json:"format" doc:"empty: any"`
	Input    string       `json:"input" doc:"empty: any"`
	Class    string       `json:"class"`
	KeepDays int          `json:"keepDays" doc:"0: as the general limit of age, but never less than the class's minimum"`
	Note     string       `json:"note"`
	By       string       `json:"by"`
	At       module.Time  `json:"at"`
}

// RetentionView is the policy of retention.
type RetentionView struct {
	Classes     []ClassView         `json:"classes" nullable:"false"`
	Rules       []RetentionRuleView `json:"rules" nullable:"false"`
	GeneralDays float64             `json:"generalDays" doc:"lake.maxAge in days; 0: everything is kept"`
	Alarm       string              `json:"alarm,omitempty" doc:"why retention could not keep its rules in the last 24 hours"`
}

// DeletionView is what retention deleted of one segment.
type DeletionView struct {
	At      module.Time        `json:"at"`
	Reason  string             `json:"reason" enum:"age,size,size-below-minimum"`
	Segment string             `json:"segment"`
	Events  int64              `json:"events"`
	Bytes   int64              `json:"bytes"`
	From    module.Time        `json:"from"`
	To      module.Time        `json:"to"`
	Units   []DeletionUnitView `json:"units" nullable:"false"`
}

// DeletionUnitView is a unit's part of a deletion.
type DeletionUnitView struct {
	Unit   event.UnitID `json:"unit"`
	Name   string       `json:"name"`
	Events int64        `json:"events" doc:"0: not known"`
}

// HoldView is a legal hold on the wire.
type HoldView struct {
	ID            string         `json:"id"`
	Reason        string         `json:"reason"`
	By            string         `json:"by"`
	At            module.Time    `json:"at"`
	Units         []event.UnitID `json:"units" nullable:"false" doc:"empty: all"`
	Hosts         []string       `json:"hosts" nullable:"false" doc:"empty: all"`
	From          *module.Time   `json:"from,omitempty"`
	To            *module.Time   `json:"to,omitempty"`
	Query         string         `json:"query"`
	ReleasedAt    *module.Time   `json:"releasedAt,omitempty"`
	ReleasedBy    string         `json:"releasedBy,omitempty"`
	ReleaseReason string         `json:"releaseReason,omitempty"`
}

// HeadView is an entry of the hash chain.
type HeadView struct {
	Seq    int64        `json:"seq"`
	SHA256 string       `json:"sha256"`
	At     *module.Time `json:"at,omitempty"`
}

// FindingView is something that is not as the hash chain says.
type FindingView struct {
	Kind    string `json:"kind"`
	Entry   int64  `json:"entry,omitempty"`
	Segment string `json:"segment,omitempty"`
	File    string `json:"file,omitempty"`
	Detail  string `json:"detail"`
}

// VerificationView is the outcome of a verification.
type VerificationView struct {
	At          module.Time   `json:"at"`
	TookSeconds float64       `json:"tookSeconds"`
	Entries     int64         `json:"entries"`
	Segments    int           `json:"segments"`
	Bytes       int64         `json:"bytes"`
	Head        string        `json:"head"`
	Total       int           `json:"total" doc:"findings, also those not listed"`
	Findings    []FindingView `json:"findings" nullable:"false" maxItems:"100"`
}

// EvidenceView is how the evidence is.
type EvidenceView struct {
	Head         HeadView                        `json:"head"`
	Anchored     HeadView                        `json:"anchored" doc:"the head as last noted in the audit trail"`
	Verification module.OrNull[VerificationView] `json:"verification" doc:"the server's own last one, null: none yet"`
}

func (s *Service) ruleView(r Rule) RetentionRuleView {
	v := RetentionRuleView{Unit: r.Unit, Format: r.Format, Input: r.Input, Class: r.Class, KeepDays: r.KeepDays, Note: r.Note, By: r.By, At: module.Time{Time: r.At}}
	if r.Unit != "" {
		v.UnitName = s.Units.Name(r.Unit)
	}
	return v
}

func (s *Service) deletionView(d lake.Deletion) DeletionView {
	v := DeletionView{At: module.Time{Time: d.At}, Reason: d.Reason, Segment: d.SegmentID, Events: d.Events, Bytes: d.Bytes,
		From: module.Time{Time: d.From}, To: module.Time{Time: d.To}, Units: []DeletionUnitView{}}
	for _, u := range d.Units {
		v.Units = append(v.Units, DeletionUnitView{u, s.Units.Name(u), d.UnitEvents[u]})
	}
	return v
}

func holdView(h lake.Hold) HoldView {
	v := HoldView{
		ID: h.ID, Reason: h.Reason, By: h.By, At: module.Time{Time: h.At}, Units: h.Units, Hosts: h.Hosts, Query: h.Query,
		From: module.TimeOrNil(h.From), To: module.TimeOrNil(h.To),
		ReleasedAt: module.TimeOrNil(h.ReleasedAt), ReleasedBy: h.ReleasedBy, ReleaseReason: h.ReleaseReason,
	}
	if v.Units == nil {
		v.Units = []event.UnitID{}
	}
	if v.Hosts == nil {
		v.Hosts = []string{}
	}
	return v
}

func headView(h lake.ChainHead) HeadView { return HeadView{h.Seq, h.Hash, module.TimeOrNil(h.At)} }

const shownFindings = 100

func verificationView(r *lake.EvidenceReport) *VerificationView {
	if r == nil {
		return nil
	}
	v := &VerificationView{At: module.Time{Time: r.At}, TookSeconds: r.Took.Seconds(), Entries: r.Entries, Segments: r.Segments, Bytes: r.Bytes,
		Head: r.Head, Total: len(r.Findings) + r.More, Findings: []FindingView{}}
	for _, f := range r.Findings[:min(len(r.Findings), shownFindings)] {
		v.Findings = append(v.Findings, FindingView(f))
	}
	return v
}

var tags = []string{"evidence"}

func (s *Service) routes(api huma.API) {
	s.retentionRoutes(api)
	s.holdRoutes(api)
	s.evidenceRoutes(api)
}

func (s *Service) retentionRoutes(api huma.API) {
	type policy struct{ Body RetentionView }
	huma.Register(api, module.Op(module.ActionRetentionRead, huma.Operation{
		OperationID: "get-retention", Method: http.MethodGet, Path: "/retention", Tags: tags, Summary: "How long events are kept: classes and rules",
	}), func(ctx context.Context, _ *struct{}) (*policy, error) {
		classes, rules, err := s.Retention(ctx)
		if err != nil {
			return nil, err
		}
		out := &policy{RetentionView{Classes: make([]ClassView, len(classes)), Rules: make([]RetentionRuleView, len(rules)),
			GeneralDays: s.MaxAge.Hours() / 24, Alarm: s.Lake.RetentionAlarm()}}
		for i, c := range classes {
			out.Body.Classes[i] = ClassView(c)
		}
		for i, r := range rules {
			out.Body.Rules[i] = s.ruleView(r)
		}
		return out, nil
	})

	type setRule struct {
		Body struct {
			Unit     string `json:"unit,omitempty" maxLength:"48"`
			Format   string `json:"format,omitempty" maxLength:"100"`
			Input    string `json:"input,omitempty" maxLength:"100"`
			Class    string `json:"class" maxLength:"48" example:"level-3"`
			KeepDays int    `json:"keepDays,omitempty" minimum:"0" maximum:"36600"`
			Note     string `json:"note,omitempty" maxLength:"1000"`
		}
	}
	type rule struct{ Body RetentionRuleView }
	huma.Register(api, module.Op(module.ActionRetentionManage, huma.Operation{
		OperationID: "set-retention-rule", Method: http.MethodPut, Path: "/retention/rules", Tags: tags,
		Summary: "Set how long the events of a unit, format and input are kept", Description: "Replaces the rule for the same three. 422 retention.below-minimum: fewer days than the class asks for.",
	}), func(ctx context.Context, in *setRule) (*rule, error) {
		b := in.Body
		r, err := s.SetRule(ctx, Rule{Unit: event.UnitID(b.Unit), Format: b.Format, Input: b.Input, Class: b.Class, KeepDays: b.KeepDays, Note: b.Note})
		if err != nil {
			return nil, err
		}
		return &rule{s.ruleView(r)}, nil
	})

	type removeRule struct {
		Unit   string `query:"unit" maxLength:"48"`
		Format string `query:"format" maxLength:"100"`
		Input  string `query:"input" maxLength:"100"`
	}
	huma.Register(api, module.Op(module.ActionRetentionManage, huma.Operation{
		OperationID: "remove-retention-rule", Method: http.MethodDelete, Path: "/retention/rules", Tags: tags, Summary: "Remove a rule of retention",
	}), func(ctx context.Context, in *removeRule) (*struct{}, error) {
		return nil, s.RemoveRule(ctx, Rule{Unit: event.UnitID(in.Unit), Format: in.Format, Input: in.Input})
	})

	type listDeletions struct {
		Limit int `query:"limit" minimum:"1" maximum:"1000" default:"100"`
	}
	type deletions struct{ Body module.List[DeletionView] }
	huma.Register(api, module.Op(module.ActionRetentionRead, huma.Operation{
		OperationID: "list-deletions", Method: http.MethodGet, Path: "/retention/deletions", Tags: tags, Summary: "What retention deleted, newest first",
	}), func(ctx context.Context, in *listDeletions) (*deletions, error) {
		list, err := s.Deletions(ctx, in.Limit)
		if err != nil {
			return nil, err
		}
		return &deletions{module.ListOf(list, s.deletionView)}, nil
	})
}

func (s *Service) holdRoutes(api huma.API) {
	type listHolds struct {
		All bool `query:"all" doc:"released ones, too"`
	}
	type holds struct{ Body module.List[HoldView] }
	huma.Register(api, module.Op(module.ActionRetentionRead, huma.Operation{
		OperationID: "list-holds", Method: http.MethodGet, Path: "/holds", Tags: tags, Summary: "Legal holds, newest first",
	}), func(ctx context.Context, in *listHolds) (*holds, error) {
		list, err := s.Holds(ctx, in.All)
		if err != nil {
			return nil, err
		}
		return &holds{module.ListOf(list, holdView)}, nil
	})

	type addHold struct {
		Body struct {
			Reason string         `json:"reason" maxLength:"4096"`
			Units  []event.UnitID `json:"units,omitempty" maxItems:"1000" doc:"empty: all"`
			Hosts  []string       `json:"hosts,omitempty" maxItems:"1000" doc:"empty: all"`
			From   time.Time      `json:"from,omitempty"`
			To     time.Time      `json:"to,omitempty"`
			Query  string         `json:"query,omitempty" maxLength:"4096"`
		}
	}
	type hold struct{ Body HoldView }
	huma.Register(api, module.Op(module.ActionHoldAdd, huma.Operation{
		OperationID: "add-hold", Method: http.MethodPost, Path: "/holds", Tags: tags,
		Summary: "Keep events from being deleted until the hold is released",
	}), func(ctx context.Context, in *addHold) (*hold, error) {
		b := in.Body
		h, err := s.AddHold(ctx, lake.Hold{Reason: b.Reason, Units: b.Units, Hosts: b.Hosts, From: b.From, To: b.To, Query: b.Query})
		if err != nil {
			return nil, err
		}
		return &hold{holdView(h)}, nil
	})

	type releaseHold struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Reason string `json:"reason" maxLength:"4096"`
		}
	}
	huma.Register(api, module.Op(module.ActionHoldRelease, huma.Operation{
		OperationID: "release-hold", Method: http.MethodPost, Path: "/holds/{id}/release", Tags: tags, Summary: "End a legal hold",
	}), func(ctx context.Context, in *releaseHold) (*hold, error) {
		h, err := s.ReleaseHold(ctx, in.ID, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &hold{holdView(h)}, nil
	})
}

// packTime is how long a piece of a bundle may take to be read by the client,
// makeTime how long a bundle may take to be made.
const (
	packTime = 2 * time.Minute
	makeTime = 10 * time.Minute
)

func (s *Service) evidenceRoutes(api huma.API) {
	type status struct{ Body EvidenceView }
	huma.Register(api, module.Op(module.ActionEvidenceRead, huma.Operation{
		OperationID: "get-evidence", Method: http.MethodGet, Path: "/evidence", Tags: tags, Summary: "The head of the hash chain and the last verification",
	}), func(ctx context.Context, _ *struct{}) (*status, error) {
		st, err := s.Status(ctx)
		if err != nil {
			return nil, err
		}
		return &status{EvidenceView{headView(st.Head), headView(st.Anchored), module.OrNull[VerificationView]{Value: verificationView(st.Verification)}}}, nil
	})

	type export struct {
		Body struct {
			Case   string         `json:"case" maxLength:"4096"`
			Reason string         `json:"reason" maxLength:"4096"`
			Query  string         `json:"query,omitempty" maxLength:"16384"`
			From   time.Time      `json:"from,omitempty"`
			To     time.Time      `json:"to,omitempty"`
			Units  []event.UnitID `json:"units,omitempty" maxItems:"1000" doc:"empty: all that the caller sees"`
			IDs    []string       `json:"ids,omitempty" maxItems:"1000" doc:"events; empty: all that match"`
			Format string         `json:"format,omitempty" enum:"zip,tar.zst" default:"zip"`
		}
	}
	binary := &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	huma.Register(api, module.Op(module.ActionEvidenceExport, huma.Operation{
		OperationID: "export-evidence", Method: http.MethodPost, Path: "/evidence/export", Tags: tags,
		Summary:     "A bundle of evidence: events, the proof of the hash chain, and how to verify it",
		Description: "The header Lachan-Evidence-Sums is the SHA-256 of SHA256SUMS: note it in the minutes of the handover. If the answer breaks off, the connection is cut.",
		Responses:   map[string]*huma.Response{"200": {Description: "OK", Content: map[string]*huma.MediaType{"application/zip": binary, "application/zstd": binary}}},
	}), func(ctx context.Context, in *export) (*huma.StreamResponse, error) {
		b := in.Body
		r := lake.BundleRequest{Case: b.Case, Reason: b.Reason, Query: b.Query, From: b.From, To: b.To, Units: b.Units}
		for _, text := range b.IDs {
			id, err := event.ParseID(text)
			if err != nil {
				return nil, fault.New(fault.Invalid, "ids: %q is no event", text).WithCode("evidence.ids").OnField("body.ids")
			}
			r.IDs = append(r.IDs, id)
		}
		ctx, cancel := context.WithTimeout(ctx, makeTime)
		defer cancel()
		bundle, err := s.Make(ctx, r)
		if err != nil {
			return nil, err
		}
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			defer s.drop(bundle)
			contentType := "application/zip"
			if b.Format == "tar.zst" {
				contentType = "application/zstd"
			}
			hc.SetHeader("Content-Type", contentType)
			hc.SetHeader("Content-Disposition", fmt.Sprintf(`attachment; filename="evidence-%s.%s"`, bundle.ID, b.Format))
			hc.SetHeader("Lachan-Evidence-Sums", bundle.Sums)
			hc.SetHeader("Cache-Control", "private, no-store")
			hc.SetStatus(http.StatusOK)
			if err := bundle.Pack(b.Format, patient(hc.BodyWriter())); err != nil {
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}

func (s *Service) drop(b *Bundle) {
	if err := b.Close(); err != nil {
		s.Log.Warn("a bundle's folder stays until the next start", "error", err)
	}
}

// patient moves the deadline of the connection on with every piece.
func patient(w io.Writer) io.Writer {
	rw, ok := w.(http.ResponseWriter)
	if !ok {
		return w
	}
	rc := http.NewResponseController(rw)
	return writerFunc(func(b []byte) (int, error) {
		_ = rc.SetWriteDeadline(time.Now().Add(packTime)) // a writer without deadlines has none
		return w.Write(b)
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
