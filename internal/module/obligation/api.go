package obligation

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"obligations"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	s.readRoutes(api)
	s.stepRoutes(api)
	s.dutyRoutes(api)
	s.calendarRoutes(api)
	s.recipientRoutes(api)
}

func (s *Service) readRoutes(api huma.API) {
	type ask struct {
		State   string       `query:"state" enum:"pending,prepared,sent,acknowledged,withdrawn,any" doc:"absent: those that are open"`
		Late    bool         `query:"late"`
		Unit    event.UnitID `query:"unit" maxLength:"64"`
		Duty    string       `query:"duty" maxLength:"64"`
		Kind    string       `query:"subjectKind" maxLength:"32"`
		Subject string       `query:"subject" maxLength:"64" doc:"id of what it is about"`
		System  string       `query:"system" maxLength:"64" doc:"id in the register: of incidents, inspections and checks that concern it"`
		Drill   bool         `query:"drill" doc:"those of drills instead of the real ones"`
		Q       string       `query:"q" maxLength:"200" doc:"text in the title, the subject or the law, without marks"`
		From    time.Time    `query:"from" doc:"due at it or later"`
		Before  time.Time    `query:"before" doc:"due before it"`
		Limit   int          `query:"limit" minimum:"1" maximum:"500"`
		After   string       `query:"after" maxLength:"100" doc:"cursor"`
	}
	type list struct{ Body ObligationListView }
	huma.Register(api, op(module.ActionObligationRead, "list-obligations", http.MethodGet, "/obligations", "Obligations, those due first at the top"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, next, err := s.List(ctx, Filter{
				State: State(in.State), Late: in.Late, Unit: in.Unit, Duty: in.Duty, Subject: module.Subject{Kind: in.Kind, ID: in.Subject}, System: in.System,
				Drill: in.Drill, Text: in.Q, From: in.From, Before: in.Before, Limit: in.Limit, After: in.After,
			})
			if err != nil {
				return nil, err
			}
			out := &list{ObligationListView{Items: make([]ObligationView, len(found)), Next: next, MissingYears: s.missingYears()}}
			p, now := module.PrincipalOf(ctx), s.Now()
			for i := range found {
				out.Body.Items[i] = s.view(p, &found[i], now)
			}
			return out, nil
		})
	type which struct {
		Drill bool `query:"drill"`
	}
	type wall struct{ Body ObligationWallView }
	huma.Register(api, op(module.ActionObligationRead, "obligation-wall", http.MethodGet, "/obligations/wall", "Who owes what, the latest first"),
		func(ctx context.Context, in *which) (*wall, error) {
			rows, err := s.Wall(ctx, in.Drill)
			if err != nil {
				return nil, err
			}
			out := &wall{ObligationWallView{Units: make([]ObligationUnitView, len(rows)), MissingYears: s.missingYears()}}
			for i, r := range rows {
				out.Body.Units[i] = ObligationUnitView{r.Unit, s.Units.Name(r.Unit), r.Open, r.Late, r.Soon, module.Time{Time: r.First}}
				out.Body.Open += r.Open
				out.Body.Late += r.Late
				out.Body.Soon += r.Soon
			}
			return out, nil
		})
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type one struct{ Body ObligationDetailView }
	huma.Register(api, op(module.ActionObligationRead, "get-obligation", http.MethodGet, "/obligations/{id}", "One obligation with what was done about it"),
		func(ctx context.Context, in *byID) (*one, error) {
			o, steps, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &one{s.detail(ctx, &o, steps)}, nil
		})
}

func (s *Service) stepRoutes(api huma.API) {
	type stepObligation struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb    string         `json:"verb" enum:"prepare,send,acknowledge,withdraw,back,note"`
			Version int64          `json:"version"`
			At      time.Time      `json:"at,omitempty" doc:"when it happened; absent: now"`
			Note    string         `json:"note,omitempty" maxLength:"4000"`
			Proof   ProofOfSending `json:"proof,omitempty" required:"false"`
		}
	}
	type one struct{ Body ObligationDetailView }
	huma.Register(api, op(module.ActionObligationHandle, "step-obligation", http.MethodPost, "/obligations/{id}/steps", "Note that it was prepared, sent with proof, acknowledged, withdrawn, or take the last step back"),
		func(ctx context.Context, in *stepObligation) (*one, error) {
			b := &in.Body
			o, steps, err := s.Take(ctx, in.ID, Do{Verb: Verb(b.Verb), Version: b.Version, At: b.At, Note: b.Note, Proof: b.Proof})
			if err != nil {
				return nil, err
			}
			return &one{s.detail(ctx, &o, steps)}, nil
		})
}
