package dossier

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// LevelCallView is something that calls for the level of a system to be looked at anew.
type LevelCallView struct {
	ID         string           `json:"id"`
	System     string           `json:"system"`
	SystemCode string           `json:"systemCode"`
	SystemName string           `json:"systemName"`
	Unit       event.UnitID     `json:"unit"`
	UnitName   string           `json:"unitName"`
	Trigger    LevelTriggerView `json:"trigger"`
	Reason     string           `json:"reason"`
	Object     string           `json:"object" doc:"what calls, such as incident:<id>; empty: nothing to open"`
	Code       string           `json:"code" doc:"of that"`
	At         module.Time      `json:"at"`
	State      string           `json:"state" enum:"open,started,dismissed"`
	Note       string           `json:"note" doc:"why it need not be"`
	By         string           `json:"by" doc:"who decided"`
	DecidedAt  *module.Time     `json:"decidedAt,omitempty"`
	Dossier    string           `json:"dossier" doc:"that was begun; empty: none"`
	MayDismiss bool             `json:"mayDismiss"`
	Version    int64            `json:"version"`
}

func (s *Service) callView(p module.Principal, c *Call) LevelCallView {
	v := LevelCallView{ID: c.ID, System: c.System, SystemCode: c.SystemCode, SystemName: c.SystemName, Unit: c.Unit, UnitName: s.Units.Name(c.Unit), Reason: c.Reason, Code: c.Subject.Code,
		At: module.Time{Time: c.At}, State: string(c.State), Note: c.Note, By: c.Decided.Name, DecidedAt: module.TimeOrNil(c.Decided.At), Dossier: c.Dossier, Version: c.Version,
		MayDismiss: c.State == CallOpen && p.Require(module.ActionDossierAppraise) == nil}
	if c.Subject.Kind != subjectChange && c.Subject.Kind != subjectOrder {
		v.Object = c.Subject.Kind + ":" + c.Subject.ID
	}
	if t := s.law.levels.Trigger(c.Trigger); t != nil {
		v.Trigger = LevelTriggerView{t.ID, t.Article, t.Verify, t.Vi, t.En}
	}
	return v
}

func (s *Service) callRoutes(api huma.API) {
	const path = "/level-calls"
	type ask struct {
		System string       `query:"system" maxLength:"64"`
		Unit   event.UnitID `query:"unit" maxLength:"64"`
		Any    bool         `query:"any" doc:"those that were decided, too"`
	}
	type list struct {
		Body module.List[LevelCallView]
	}
	huma.Register(api, op(module.ActionDossierRead, "list-level-calls", http.MethodGet, path, "What calls for levels to be determined anew, the newest first"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, err := s.Calls(ctx, CallFilter{in.System, in.Unit, in.Any})
			p := module.PrincipalOf(ctx)
			return &list{module.ListOf(found, func(c Call) LevelCallView { return s.callView(p, &c) })}, err
		})
	type one struct{ Body LevelCallView }
	shown := func(ctx context.Context, c Call, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.callView(module.PrincipalOf(ctx), &c)}, nil
	}
	type orderLevel struct {
		Body struct {
			System string `json:"system" minLength:"1" maxLength:"64"`
			Reason string `json:"reason" maxLength:"16000" doc:"who orders it, by which document"`
		}
	}
	order := op(module.ActionDossierWrite, "order-level", http.MethodPost, path, "Note that an authority orders the level of a system to be determined anew")
	order.DefaultStatus = http.StatusCreated
	huma.Register(api, order, func(ctx context.Context, in *orderLevel) (*one, error) {
		c, err := s.Order(ctx, in.Body.System, in.Body.Reason)
		return shown(ctx, c, err)
	})
	type dismissLevelCall struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Reason  string `json:"reason" maxLength:"16000"`
			Version int64  `json:"version" minimum:"1"`
		}
	}
	huma.Register(api, op(module.ActionDossierAppraise, "dismiss-level-call", http.MethodPost, path+"/{id}/dismiss", "Say why the level need not be determined anew"),
		func(ctx context.Context, in *dismissLevelCall) (*one, error) {
			c, err := s.Dismiss(ctx, in.ID, in.Body.Reason, in.Body.Version)
			return shown(ctx, c, err)
		})
}
