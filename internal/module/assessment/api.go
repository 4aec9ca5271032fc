package assessment

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"inspections"}, Summary: summary})
}

func created(o huma.Operation) huma.Operation { o.DefaultStatus = http.StatusCreated; return o }

func (s *Service) routes(api huma.API) {
	s.planRoutes(api)
	s.visitRoutes(api)
	s.findingRoutes(api)
}

func (s *Service) planRoutes(api huma.API) {
	const path = "/assessment-plans"
	type list struct {
		Body module.List[AssessmentPlanView]
	}
	huma.Register(api, op(module.ActionAssessmentPlan, "list-assessment-plans", http.MethodGet, path, "Plans, the newest year first"),
		func(ctx context.Context, _ *struct{}) (*list, error) {
			found, err := s.Plans(ctx)
			return &list{module.ListOf(found, s.planView)}, err
		})
	type one struct{ Body AssessmentPlanView }
	shown := func(p Plan, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.planView(p)}, nil
	}
	type addAssessmentPlan struct {
		Body struct {
			Year  int64                `json:"year" minimum:"2000" maximum:"2200"`
			Items []AssessmentItemView `json:"items" nullable:"false" maxItems:"2000"`
		}
	}
	huma.Register(api, created(op(module.ActionAssessmentManage, "add-assessment-plan", http.MethodPost, path, "Begin the plan of a year")),
		func(ctx context.Context, in *addAssessmentPlan) (*one, error) {
			return shown(s.AddPlan(ctx, in.Body.Year, itemsOf(in.Body.Items)))
		})
	type changeAssessmentPlan struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Items   []AssessmentItemView `json:"items" nullable:"false" maxItems:"2000"`
			Version int64                `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionAssessmentManage, "change-assessment-plan", http.MethodPut, path+"/{id}", "Replace what a draft holds"),
		func(ctx context.Context, in *changeAssessmentPlan) (*one, error) {
			return shown(s.ChangePlan(ctx, in.ID, itemsOf(in.Body.Items), in.Body.Version))
		})
	type approveAssessmentPlan struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Decision string `json:"decision" maxLength:"200" doc:"its number"`
			Version  int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionAssessmentApprove, "approve-assessment-plan", http.MethodPost, path+"/{id}/approve", "Make a draft what is in force"),
		func(ctx context.Context, in *approveAssessmentPlan) (*one, error) {
			return shown(s.ApprovePlan(ctx, in.ID, in.Body.Decision, in.Body.Version))
		})
}

func (s *Service) visitRoutes(api huma.API) {
	const path = "/inspections"
	type catalogue struct{ Body InspectionCatalogueView }
	huma.Register(api, op(module.ActionAssessmentRead, "inspection-catalogue", http.MethodGet, "/inspection-catalogue", "What is asked, and how often a system is due"),
		func(context.Context, *struct{}) (*catalogue, error) { return &catalogue{s.catalogueView()}, nil })
	type ask struct {
		Unit  string `query:"unit" maxLength:"48"`
		State string `query:"state" enum:"planned,noticed,running,concluded,cancelled"`
		Kind  string `query:"kind" enum:"inspection,self,independent,pentest,device"`
		Year  int    `query:"year" minimum:"2000" maximum:"2200"`
		Limit int    `query:"limit" minimum:"1" maximum:"200"`
		After string `query:"after" maxLength:"128"`
	}
	type list struct{ Body InspectionListView }
	huma.Register(api, op(module.ActionAssessmentRead, "list-inspections", http.MethodGet, path, "Visits, those that begin last first"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, next, err := s.Visits(ctx, VisitFilter{Unit: event.UnitID(in.Unit), State: State(in.State), Kind: Kind(in.Kind), Year: in.Year, Limit: in.Limit, After: in.After})
			return &list{InspectionListView{module.ListOf(found, s.visitView).Items, next}}, err
		})
	type one struct{ Body InspectionView }
	shown := func(v Visit, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.visitView(v)}, nil
	}
	type add struct{ Body InspectionFields }
	huma.Register(api, created(op(module.ActionAssessmentSelf, "add-inspection", http.MethodPost, path, "Prepare a visit")),
		func(ctx context.Context, in *add) (*one, error) { return shown(s.Add(ctx, in.Body.facts())) })
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type detail struct{ Body InspectionDetailView }
	huma.Register(api, op(module.ActionAssessmentRead, "get-inspection", http.MethodGet, path+"/{id}", "A visit with its findings"),
		func(ctx context.Context, in *byID) (*detail, error) {
			v, found, err := s.Visit(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &detail{s.detailView(v, found)}, nil
		})
	type changeInspection struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			InspectionFields

			Version int64 `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionAssessmentSelf, "change-inspection", http.MethodPut, path+"/{id}", "Say it anew"),
		func(ctx context.Context, in *changeInspection) (*one, error) {
			return shown(s.Change(ctx, in.ID, in.Body.facts(), in.Body.Version))
		})
	type stepInspection struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb    string `json:"verb" enum:"notify,start,conclude,cancel"`
			Text    string `json:"text,omitempty" maxLength:"20000" doc:"the conclusion, or why it is cancelled"`
			Version int64  `json:"version"`
		}
	}
	step := op(module.ActionAssessmentSelf, "step-inspection", http.MethodPost, path+"/{id}/step", "Tell the unit, begin, conclude or cancel")
	step.Description = "A unit does this of its assessments of itself alone, which verify nothing. " +
		"422 assessment.too-early: the unit is told less than 12 hours (after an incident) or 72 hours (otherwise) before it begins, and no emergency is given. " +
		"409 assessment.before-start: it would begin before the time the unit was told of. 409 assessment.no-team and assessment.nothing-recorded: to conclude it, " +
		"say who was there, and fill in the checklist or name the minutes."
	huma.Register(api, step, func(ctx context.Context, in *stepInspection) (*one, error) {
		return shown(s.Step(ctx, in.ID, in.Body.Verb, in.Body.Text, in.Body.Version))
	})
	type answerInspection struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Answers map[string]InspectionAnswerView `json:"answers" doc:"by id of the checklist's item"`
			Version int64                           `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionAssessmentSelf, "answer-inspection", http.MethodPut, path+"/{id}/answers", "Write down what was found of what is asked"),
		func(ctx context.Context, in *answerInspection) (*one, error) {
			answers := make(map[string]Answer, len(in.Body.Answers))
			for item, a := range in.Body.Answers {
				answers[item] = Answer(a)
			}
			return shown(s.SetAnswers(ctx, in.ID, answers, in.Body.Version))
		})
}

func (s *Service) findingRoutes(api huma.API) {
	type ask struct {
		Unit  string `query:"unit" maxLength:"48"`
		State string `query:"state" enum:"open,answered,closed"`
		Limit int    `query:"limit" minimum:"1" maximum:"200"`
	}
	type list struct {
		Body module.List[InspectionFindingView]
	}
	huma.Register(api, op(module.ActionAssessmentRead, "list-inspection-findings", http.MethodGet, "/inspection-findings", "Findings, those due first before others"),
		func(ctx context.Context, in *ask) (*list, error) {
			found, err := s.Findings(ctx, FindingFilter{Unit: event.UnitID(in.Unit), State: FindingState(in.State), Limit: in.Limit})
			return &list{module.ListOf(found, s.findingView)}, err
		})
	type one struct{ Body InspectionFindingView }
	shown := func(f Finding, err error) (*one, error) {
		if err != nil {
			return nil, err
		}
		return &one{s.findingView(f)}, nil
	}
	type addInspectionFinding struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Title    string `json:"title" maxLength:"200"`
			Text     string `json:"text" maxLength:"20000"`
			Item     string `json:"item" maxLength:"160" doc:"of the checklist; empty: none"`
			Severity string `json:"severity" enum:"critical,high,medium,low"`
			Remedy   string `json:"remedy" maxLength:"20000"`
			Due      string `json:"due" maxLength:"10" example:"2026-12-31"`
		}
	}
	huma.Register(api, created(op(module.ActionAssessmentManage, "add-inspection-finding", http.MethodPost, "/inspections/{id}/findings", "Write down what is to be mended")),
		func(ctx context.Context, in *addInspectionFinding) (*one, error) {
			b := in.Body
			due, err := module.ParseDate(b.Due, "assessment.bad-field", "due")
			if err != nil {
				return nil, err
			}
			return shown(s.AddFinding(ctx, in.ID, Finding{Title: b.Title, Text: b.Text, Item: b.Item, Severity: b.Severity, Remedy: b.Remedy, Due: due}))
		})
	type answerInspectionFinding struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Text     string `json:"text" maxLength:"20000" doc:"what was done"`
			Evidence string `json:"evidence" maxLength:"20000" doc:"what shows it"`
			Version  int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionAssessmentAnswer, "answer-inspection-finding", http.MethodPost, "/inspection-findings/{id}/answer", "Say that it is mended, and what shows it"),
		func(ctx context.Context, in *answerInspectionFinding) (*one, error) {
			return shown(s.StepFinding(ctx, in.ID, StepAnswer, in.Body.Text, in.Body.Evidence, in.Body.Version))
		})
	type recheckInspectionFinding struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb    string `json:"verb" enum:"return,close"`
			Text    string `json:"text" maxLength:"20000" doc:"what was seen"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionAssessmentManage, "recheck-inspection-finding", http.MethodPost, "/inspection-findings/{id}/recheck", "Look again: close it, or give it back"),
		func(ctx context.Context, in *recheckInspectionFinding) (*one, error) {
			return shown(s.StepFinding(ctx, in.ID, in.Body.Verb, in.Body.Text, "", in.Body.Version))
		})
}
