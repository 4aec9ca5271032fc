package requirement

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// RequirementGroupView is a group of basic requirements.
type RequirementGroupView struct {
	ID     string   `json:"id"`
	Vi     string   `json:"vi"`
	Name   string   `json:"name"`
	Levels []string `json:"levels" nullable:"false" doc:"item of the standard at security levels 1 to 5; empty where nothing is asked"`
}

// RequirementCatalogueView is the groups of requirements.
type RequirementCatalogueView struct {
	Source string                 `json:"source"`
	Verify string                 `json:"verify" doc:"what is to be checked against the published text"`
	Groups []RequirementGroupView `json:"groups" nullable:"false"`
}

// RequirementFindingView is a group of requirements a unit was seen not to meet.
type RequirementFindingView struct {
	ID        string                 `json:"id"`
	Unit      event.UnitID           `json:"unit"`
	UnitName  string                 `json:"unitName"`
	Group     string                 `json:"group"`
	GroupVi   string                 `json:"groupVi"`
	GroupName string                 `json:"groupName"`
	Code      string                 `json:"code" doc:"item of the standard at the level; empty if the level is not known"`
	Level     int                    `json:"level" doc:"security level; 0 not known"`
	Systems   []string               `json:"systems" nullable:"false"`
	Subject   RequirementSubjectView `json:"subject" doc:"the matter that speaks against it"`
	Drill     bool                   `json:"drill"`
	State     string                 `json:"state" enum:"failing,recheck,met,withdrawn"`
	Since     module.Time            `json:"since"`
	EndedAt   *module.Time           `json:"endedAt,omitempty"`
	MayVerify bool                   `json:"mayVerify"`
	Version   int64                  `json:"version" doc:"send it back with a step"`
}

// RequirementSubjectView is what a finding comes from.
type RequirementSubjectView struct {
	Kind  string `json:"kind" doc:"incident"`
	ID    string `json:"id"`
	Code  string `json:"code"`
	Title string `json:"title"`
}

// RequirementListView is findings.
type RequirementListView struct {
	Items []RequirementFindingView `json:"items" nullable:"false"`
	Total int64                    `json:"total" doc:"also those beyond the limit"`
}

// RequirementStepView is one thing that happened to a finding.
type RequirementStepView struct {
	ID   string            `json:"id"`
	Verb string            `json:"verb" enum:"verify,reopen,withdraw,note"`
	From string            `json:"from"`
	To   string            `json:"to"`
	Note string            `json:"note"`
	By   module.PersonView `json:"by" doc:"empty: it followed from the matter"`
	At   module.Time       `json:"at"`
}

// RequirementDetailView is a finding with its history.
type RequirementDetailView struct {
	RequirementFindingView
	Steps []RequirementStepView `json:"steps" nullable:"false"`
}

// RequirementUnitView is how many open findings a unit has.
type RequirementUnitView struct {
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	Open     int          `json:"open"`
	First    module.Time  `json:"first" doc:"since when the oldest stands"`
}

func (s *Service) view(p module.Principal, f *Finding) RequirementFindingView {
	v := RequirementFindingView{
		ID: f.ID, Unit: f.Unit, UnitName: s.Units.Name(f.Unit), Group: f.Group, Code: f.Code, Level: f.Level, Systems: module.OrEmpty(f.Systems),
		Subject: RequirementSubjectView(f.Subject), Drill: f.Drill, State: string(f.State), Since: module.Time{Time: f.Since},
		EndedAt: module.TimeOrNil(f.EndedAt), MayVerify: p.Can(module.ActionRequirementVerify, f.Unit), Version: f.Version,
	}
	if g := s.catalogue.groups[f.Group]; g != nil {
		v.GroupVi, v.GroupName = g.Vi, g.En
	}
	return v
}

func (s *Service) detail(ctx context.Context, f *Finding, steps []Step) RequirementDetailView {
	v := RequirementDetailView{s.view(module.PrincipalOf(ctx), f), make([]RequirementStepView, len(steps))}
	for i, x := range steps {
		v.Steps[i] = RequirementStepView{ID: x.ID, Verb: string(x.Verb), From: string(x.From), To: string(x.To), Note: x.Note,
			By: module.PersonView{ID: x.ByID, DisplayName: x.By}, At: module.Time{Time: x.At}}
	}
	return v
}

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"requirements"}, Summary: summary})
}

func (s *Service) routes(api huma.API) {
	type groups struct{ Body RequirementCatalogueView }
	huma.Register(api, op(module.ActionRequirementRead, "list-requirements", http.MethodGet, "/requirements", "Groups of basic requirements by security level"),
		func(ctx context.Context, _ *struct{}) (*groups, error) {
			if err := module.PrincipalOf(ctx).Require(module.ActionRequirementRead); err != nil {
				return nil, err
			}
			out := &groups{RequirementCatalogueView{Source: s.catalogue.Source, Verify: s.catalogue.Verify}}
			for i := range s.catalogue.Groups {
				out.Body.Groups = append(out.Body.Groups, s.catalogue.Groups[i].view())
			}
			return out, nil
		})
	type ask struct {
		State   string       `query:"state" enum:"failing,recheck,met,withdrawn,any" doc:"absent: failing and to be checked again"`
		Unit    event.UnitID `query:"unit" maxLength:"64"`
		Group   string       `query:"group" maxLength:"64"`
		Kind    string       `query:"subjectKind" maxLength:"32"`
		Subject string       `query:"subject" maxLength:"64" doc:"id of the matter"`
		Drill   bool         `query:"drill" doc:"those of drills instead of the real ones"`
		Limit   int          `query:"limit" minimum:"1" maximum:"1000"`
	}
	type list struct{ Body RequirementListView }
	huma.Register(api, op(module.ActionRequirementRead, "list-requirement-findings", http.MethodGet, "/requirement-findings", "Requirements units were seen not to meet, the newest first"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, total, err := s.List(ctx, Filter{State: State(in.State), Unit: in.Unit, Group: in.Group,
				Subject: module.Subject{Kind: in.Kind, ID: in.Subject}, Drill: in.Drill, Limit: in.Limit})
			if err != nil {
				return nil, err
			}
			out := &list{RequirementListView{Items: make([]RequirementFindingView, len(found)), Total: total}}
			for i := range found {
				out.Body.Items[i] = s.view(module.PrincipalOf(ctx), &found[i])
			}
			return out, nil
		})
	type units struct {
		Body struct {
			Items []RequirementUnitView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionRequirementRead, "count-requirement-findings", http.MethodGet, "/requirement-findings/units", "Units with open findings, those with most first"),
		func(ctx context.Context, _ *struct{}) (*units, error) {
			p := module.PrincipalOf(ctx)
			if err := p.Require(module.ActionRequirementRead); err != nil {
				return nil, err
			}
			rows, err := s.store.byUnit(ctx, p)
			out := &units{}
			out.Body.Items = make([]RequirementUnitView, len(rows))
			for i, r := range rows {
				out.Body.Items[i] = RequirementUnitView{event.UnitID(r.Unit), s.Units.Name(event.UnitID(r.Unit)), r.Open, module.Time{Time: r.First.Time()}}
			}
			return out, err
		})
	s.stepRoutes(api)
	s.standingRoutes(api)
}

func (s *Service) stepRoutes(api huma.API) {
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type detail struct{ Body RequirementDetailView }
	huma.Register(api, op(module.ActionRequirementRead, "get-requirement-finding", http.MethodGet, "/requirement-findings/{id}", "One finding with what happened to it"),
		func(ctx context.Context, in *byID) (*detail, error) {
			f, steps, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &detail{s.detail(ctx, &f, steps)}, nil
		})
	type stepRequirement struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb    string `json:"verb" enum:"verify,reopen,withdraw,note"`
			Note    string `json:"note" maxLength:"4000"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionRequirementVerify, "step-requirement-finding", http.MethodPost, "/requirement-findings/{id}/steps", "Verify that the requirement is met, open the finding again, withdraw it, or note something"),
		func(ctx context.Context, in *stepRequirement) (*detail, error) {
			f, steps, err := s.Take(ctx, in.ID, Verb(in.Body.Verb), in.Body.Note, in.Body.Version)
			if err != nil {
				return nil, err
			}
			return &detail{s.detail(ctx, &f, steps)}, nil
		})
}
