package drill

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: path, Tags: []string{"drills"}, Summary: summary})
}

// DrillPlan is the plan of an exercise.
type DrillPlan struct {
	Name     string             `json:"name" maxLength:"200"`
	Scenario string             `json:"scenario" maxLength:"20000"`
	Units    []event.UnitID     `json:"units" nullable:"false" maxItems:"500" doc:"who takes part"`
	Targets  []string           `json:"targets,omitempty" maxItems:"200" doc:"machines, accounts or addresses, as alerts name them: while it runs, alerts about them are of the exercise"`
	From     module.Time        `json:"from"`
	To       module.Time        `json:"to"`
	Goals    DrillGoalsView     `json:"goals"`
	Injects  []DrillInjectDraft `json:"injects,omitempty" maxItems:"200"`
}

// DrillGoalsView is how fast it should go, in minutes from the inject.
type DrillGoalsView struct {
	Detect      int `json:"detect" minimum:"0" doc:"0: not asked"`
	Acknowledge int `json:"acknowledge" minimum:"0"`
	Contain     int `json:"contain" minimum:"0"`
	Recover     int `json:"recover" minimum:"0"`
}

// DrillInjectDraft is a moment at which something is put in.
type DrillInjectDraft struct {
	ID     string `json:"id,omitempty" maxLength:"64" doc:"of one that is there already"`
	Minute int    `json:"minute" minimum:"0" doc:"after the start"`
	Text   string `json:"text" maxLength:"1000"`
	Detect bool   `json:"detect,omitempty" doc:"the units are to notice it"`
}

func (b *DrillPlan) plan() Plan {
	p := Plan{Name: b.Name, Scenario: b.Scenario, Units: b.Units, Targets: b.Targets, From: b.From.Time, To: b.To.Time, Goals: Goals(b.Goals)}
	for _, i := range b.Injects {
		p.Injects = append(p.Injects, Inject{ID: i.ID, Minute: i.Minute, Text: i.Text, Detect: i.Detect})
	}
	return p
}

func (s *Service) routes(api huma.API) {
	type listDrills struct {
		State string `query:"state" enum:"planned,running,ended,cancelled"`
		Limit int    `query:"limit" minimum:"1" maximum:"200"`
		After string `query:"after" maxLength:"128"`
	}
	type list struct{ Body DrillListView }
	huma.Register(api, op(module.ActionDrillRead, "list-drills", http.MethodGet, "/drills", "Exercises, the newest first"),
		func(ctx context.Context, in *listDrills) (*list, error) {
			found, next, err := s.List(ctx, State(in.State), in.Limit, in.After)
			if err != nil {
				return nil, err
			}
			out := &list{DrillListView{Items: make([]DrillView, len(found)), Next: next}}
			for i := range found {
				out.Body.Items[i] = s.view(&found[i])
			}
			return out, nil
		})
	type detail struct{ Body DrillView }
	type addDrill struct{ Body DrillPlan }
	add := op(module.ActionDrillManage, "add-drill", http.MethodPost, "/drills", "Plan an exercise")
	add.DefaultStatus = http.StatusCreated
	huma.Register(api, add, func(ctx context.Context, in *addDrill) (*detail, error) {
		x, err := s.Add(ctx, in.Body.plan())
		if err != nil {
			return nil, err
		}
		return &detail{s.view(&x)}, nil
	})
	s.oneRoutes(api)
}

func (s *Service) oneRoutes(api huma.API) {
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type detail struct{ Body DrillView }
	huma.Register(api, op(module.ActionDrillRead, "get-drill", http.MethodGet, "/drills/{id}", "One exercise"),
		func(ctx context.Context, in *byID) (*detail, error) {
			x, err := s.Get(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &detail{s.view(&x)}, nil
		})
	type changeDrill struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64     `json:"version"`
			Plan    DrillPlan `json:"plan"`
		}
	}
	huma.Register(api, op(module.ActionDrillManage, "change-drill", http.MethodPut, "/drills/{id}", "Change the plan of an exercise that has not begun"),
		func(ctx context.Context, in *changeDrill) (*detail, error) {
			x, err := s.Change(ctx, in.ID, in.Body.Plan.plan(), in.Body.Version)
			if err != nil {
				return nil, err
			}
			return &detail{s.view(&x)}, nil
		})
	type stepDrill struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Verb    string       `json:"verb" enum:"start,inject,end,cancel"`
			Inject  string       `json:"inject,omitempty" maxLength:"64" doc:"id of the inject that was done"`
			At      *module.Time `json:"at,omitempty" doc:"when it was really done; absent: now"`
			Note    string       `json:"note,omitempty" maxLength:"1000"`
			Version int64        `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionDrillManage, "step-drill", http.MethodPost, "/drills/{id}/steps", "Start or end an exercise, say that an inject was done, or cancel one that has not begun"),
		func(ctx context.Context, in *stepDrill) (*detail, error) {
			do := Do{Verb: Verb(in.Body.Verb), Inject: in.Body.Inject, Note: in.Body.Note, Version: in.Body.Version}
			if in.Body.At != nil {
				do.At = in.Body.At.Time
			}
			x, err := s.Take(ctx, in.ID, do)
			if err != nil {
				return nil, err
			}
			return &detail{s.view(&x)}, nil
		})
	s.feedRoute(api)
	type report struct{ Body DrillReportView }
	huma.Register(api, op(module.ActionDrillRead, "report-drill", http.MethodGet, "/drills/{id}/report", "What an exercise comes to: live while it runs, the after-action report once it is over"),
		func(ctx context.Context, in *byID) (*report, error) {
			x, log, r, err := s.Review(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return &report{s.reportView(&x, log, &r)}, nil
		})
	type table struct {
		ID   string `path:"id" maxLength:"64"`
		Lang string `query:"lang" enum:"vi,en" default:"vi"`
	}
	type csvOut struct {
		Type        string `header:"Content-Type"`
		Disposition string `header:"Content-Disposition"`
		Body        []byte
	}
	sheet := op(module.ActionDrillRead, "report-drill-csv", http.MethodGet, "/drills/{id}/report.csv", "The after-action report as a table")
	sheet.Responses = map[string]*huma.Response{"200": {
		Description: "OK", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}}
	huma.Register(api, sheet, func(ctx context.Context, in *table) (*csvOut, error) {
		x, _, r, err := s.Review(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		text, err := s.csv(&x, &r, in.Lang)
		return &csvOut{"text/csv; charset=utf-8", `attachment; filename="drill-report.csv"`, text}, err
	})
}
