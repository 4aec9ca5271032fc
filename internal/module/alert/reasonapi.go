package alert

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// CloseReasonView is a reason for closing on the wire.
type CloseReasonView struct {
	ID         string `json:"id" doc:"what alerts and their history hold; never changes"`
	Kind       string `json:"kind" enum:"true_positive,false_positive,benign,duplicate,other,settled" doc:"what it comes to in figures"`
	TextVi     string `json:"textVi"`
	Text       string `json:"text"`
	Builtin    bool   `json:"builtin" doc:"the product brings it"`
	Retired    bool   `json:"retired" doc:"closes no more alerts; those closed with it keep it"`
	ForSignals bool   `json:"forSignals" doc:"only for what the centre reports about itself"`
	Position   int    `json:"position"`
	Version    int64  `json:"version" doc:"send it back with a change"`
}

func reasonView(r CloseReason) CloseReasonView {
	return CloseReasonView{
		ID: string(r.ID), Kind: string(r.Kind), TextVi: r.Vi, Text: r.En, Builtin: r.Builtin, Retired: !r.Retired.IsZero(),
		ForSignals: r.ForSignals, Position: r.Position, Version: r.Version,
	}
}

func (s *Service) reasonRoutes(api huma.API) {
	type list struct{ Body module.List[CloseReasonView] }
	huma.Register(api, module.Op(module.ActionAlertRead, huma.Operation{
		OperationID: "list-alert-reasons", Method: http.MethodGet, Path: "/alert-reasons", Tags: tags,
		Summary: "The reasons for closing an alert, in the order to offer them; retired ones too, for history",
	}), func(ctx context.Context, _ *struct{}) (*list, error) {
		found, err := s.Reasons(ctx)
		if err != nil {
			return nil, err
		}
		return &list{module.ListOf(found, reasonView)}, nil
	})

	type one struct{ Body CloseReasonView }
	type addReason struct {
		Body struct {
			Kind   string `json:"kind" enum:"true_positive,false_positive,benign,duplicate,other"`
			TextVi string `json:"textVi" minLength:"1" maxLength:"400"`
			Text   string `json:"text" minLength:"1" maxLength:"400"`
		}
	}
	huma.Register(api, module.Op(module.ActionAlertReasons, huma.Operation{
		OperationID: "add-alert-reason", Method: http.MethodPost, Path: "/alert-reasons", Tags: tags,
		Summary: "Add a reason for closing; its id is made from its text", Description: "409 alert.reason-exists, alert.reason-too-many.",
	}), func(ctx context.Context, in *addReason) (*one, error) {
		r, err := s.AddReason(ctx, ReasonKind(in.Body.Kind), in.Body.TextVi, in.Body.Text)
		if err != nil {
			return nil, err
		}
		return &one{reasonView(r)}, nil
	})

	type changeReason struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version  int64   `json:"version" doc:"the version the caller has seen"`
			TextVi   *string `json:"textVi,omitempty" maxLength:"400"`
			Text     *string `json:"text,omitempty" maxLength:"400"`
			Retired  *bool   `json:"retired,omitempty"`
			Position *int    `json:"position,omitempty" minimum:"0" maximum:"100000" doc:"the lower, the earlier it is offered"`
		}
	}
	huma.Register(api, module.Op(module.ActionAlertReasons, huma.Operation{
		OperationID: "change-alert-reason", Method: http.MethodPatch, Path: "/alert-reasons/{id}", Tags: tags,
		Summary: "Rename, move, retire or take up again a reason for closing", Description: "409 alert.reason-changed, alert.reason-last.",
	}), func(ctx context.Context, in *changeReason) (*one, error) {
		b := &in.Body
		r, err := s.ChangeReason(ctx, Reason(in.ID), b.Version, ReasonChange{Vi: b.TextVi, En: b.Text, Retired: b.Retired, Position: b.Position})
		if err != nil {
			return nil, err
		}
		return &one{reasonView(r)}, nil
	})
}
