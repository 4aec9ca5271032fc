package rule

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// RuleSwitchView says that a rule is off for a unit and those below it.
type RuleSwitchView struct {
	Unit     event.UnitID `json:"unit" doc:"the centre's: for everybody"`
	UnitName string       `json:"unitName"`
	Reason   string       `json:"reason"`
	By       string       `json:"by"`
	At       module.Time  `json:"at"`
}

// RuleVersionView is a text that a rule was loaded with.
type RuleVersionView struct {
	Hash     string      `json:"hash" doc:"SHA-256 of the text"`
	LoadedAt module.Time `json:"loadedAt"`
	By       string      `json:"by" doc:"who had the rules read again; system: the centre itself, which saw that files changed"`
	Pack     string      `json:"pack"`
	File     string      `json:"file"`
	Title    string      `json:"title"`
	Text     string      `json:"text" doc:"empty: too long to keep"`
}

// SwitchedRulesView is the outcome of switching rules.
type SwitchedRulesView struct {
	Changed int `json:"changed" doc:"the others were so already"`
}

func (s *Service) switchViews(off []Switch) []RuleSwitchView {
	out := []RuleSwitchView{}
	for _, x := range off {
		out = append(out, RuleSwitchView{x.Unit, s.units.Name(x.Unit), x.Reason, x.By, module.Time{Time: x.At}})
	}
	return out
}

func (s *Service) changeRoutes(api huma.API) {
	tags := []string{"rules"}
	type switchRules struct {
		Body struct {
			IDs     []string     `json:"ids" nullable:"false" minItems:"1" maxItems:"500"`
			Enabled bool         `json:"enabled"`
			Unit    event.UnitID `json:"unit,omitempty" maxLength:"64" doc:"for it and the units below; default: the caller's, which at the centre is everybody"`
			Reason  string       `json:"reason" maxLength:"500"`
		}
	}
	type done struct{ Body SwitchedRulesView }
	huma.Register(api, module.Op(module.ActionRuleSwitch, huma.Operation{
		OperationID: "switch-rules", Method: http.MethodPost, Path: "/rules/switch", Tags: tags,
		Summary:     "Switch rules off or on again, all or none",
		Description: "A rule that is off raises no alert. Its id is still stored with the events it fires on, and correlation rules go on counting them.",
	}), func(ctx context.Context, in *switchRules) (*done, error) {
		n, err := s.Switch(ctx, SwitchRequest{IDs: in.Body.IDs, Enabled: in.Body.Enabled, Unit: in.Body.Unit, Reason: in.Body.Reason})
		if err != nil {
			return nil, err
		}
		return &done{SwitchedRulesView{n}}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"200"`
	}
	type versions struct {
		Body module.List[RuleVersionView]
	}
	huma.Register(api, module.Op(module.ActionRuleRead, huma.Operation{
		OperationID: "rule-versions", Method: http.MethodGet, Path: "/rules/{id}/versions", Tags: tags,
		Summary: "The texts a rule was loaded with, the newest first, at most 20",
	}), func(ctx context.Context, in *byID) (*versions, error) {
		found, err := s.Versions(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &versions{module.ListOf(found, func(v Version) RuleVersionView {
			return RuleVersionView{v.Hash, module.Time{Time: v.LoadedAt}, v.By, v.Pack, v.File, v.Title, v.Text}
		})}, nil
	})
}
