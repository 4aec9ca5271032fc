package incident

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

type taskOut struct{ Body IncidentTaskView }

func (s *Service) taskRoutes(api huma.API) {
	answer := func(ctx context.Context, t Task, err error) (*taskOut, error) {
		if err != nil {
			return nil, err
		}
		n, err := s.names(ctx, t.Owner)
		if err != nil {
			return nil, err
		}
		return &taskOut{s.taskView(n, &t, s.Now())}, nil
	}
	type incidentTasks struct {
		Body struct {
			Items []IncidentTaskView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-tasks", http.MethodGet, "/{id}/tasks", "What is to be done about an incident"),
		func(ctx context.Context, in *byID) (*incidentTasks, error) {
			found, err := s.Tasks(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			owners := make([]string, len(found))
			for i := range found {
				owners[i] = found[i].Owner
			}
			n, err := s.names(ctx, owners...)
			if err != nil {
				return nil, err
			}
			out, now := &incidentTasks{}, s.Now()
			out.Body.Items = make([]IncidentTaskView, len(found))
			for i := range found {
				out.Body.Items[i] = s.taskView(n, &found[i], now)
			}
			return out, nil
		})
	type myTasks struct {
		Body struct {
			Items []MyIncidentTaskView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-my-incident-tasks", http.MethodGet, "/tasks", "What the caller is to do about incidents, what is due first: his tasks, and those of nobody where he leads"),
		func(ctx context.Context, _ *struct{}) (*myTasks, error) {
			found, err := s.MyTasks(ctx)
			if err != nil {
				return nil, err
			}
			out, now, n := &myTasks{}, s.Now(), naming{module.PrincipalOf(ctx).ID: module.PrincipalOf(ctx).DisplayName}
			out.Body.Items = make([]MyIncidentTaskView, len(found))
			for i := range found {
				of := &found[i].Of
				out.Body.Items[i] = MyIncidentTaskView{s.taskView(n, &found[i].Task, now), IncidentOfTaskView{of.ID, of.Code, of.Title, of.Severity, of.Drill}}
			}
			return out, nil
		})
	type addIncidentTask struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Title     string       `json:"title" maxLength:"800"`
			Phase     string       `json:"phase" enum:"detect,preserve,isolate,analyse,recover,root-cause"`
			Unit      event.UnitID `json:"unit,omitempty" maxLength:"64" doc:"who does it; absent: the centre"`
			Owner     string       `json:"owner,omitempty" maxLength:"64"`
			DueAt     time.Time    `json:"dueAt,omitempty"`
			Checklist []string     `json:"checklist,omitempty" maxItems:"50"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "add-incident-task", http.MethodPost, "/{id}/tasks", "Add a task"),
		func(ctx context.Context, in *addIncidentTask) (*taskOut, error) {
			b := &in.Body
			t := Task{Title: b.Title, Phase: Phase(b.Phase), Unit: b.Unit, Owner: b.Owner, DueAt: b.DueAt, Checklist: []TaskLine{}}
			for _, line := range b.Checklist {
				t.Checklist = append(t.Checklist, TaskLine{Text: line})
			}
			t, err := s.AddTask(ctx, in.ID, t)
			return answer(ctx, t, err)
		})
	type changeIncidentTask struct {
		ID   string `path:"id" maxLength:"64"`
		Task string `path:"task" maxLength:"64"`
		Body struct {
			Version   int64         `json:"version"`
			Title     *string       `json:"title,omitempty" maxLength:"800"`
			Phase     *Phase        `json:"phase,omitempty"`
			Unit      *event.UnitID `json:"unit,omitempty" maxLength:"64"`
			Owner     *string       `json:"owner,omitempty" maxLength:"64"`
			DueAt     *time.Time    `json:"dueAt,omitempty"`
			State     *string       `json:"state,omitempty" enum:"open,done,dropped"`
			Note      *string       `json:"note,omitempty"`
			Checklist *[]TaskLine   `json:"checklist,omitempty" maxItems:"50"`
		}
	}
	huma.Register(api, op(module.ActionIncidentTask, "change-incident-task", http.MethodPatch, "/{id}/tasks/{task}", "Change a task, tick its lines, or say that it is done"),
		func(ctx context.Context, in *changeIncidentTask) (*taskOut, error) {
			t, err := s.ChangeTask(ctx, in.ID, in.Task, TaskChange(in.Body))
			return answer(ctx, t, err)
		})
	type applyPlaybook struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Playbook string `json:"playbook" maxLength:"64"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "apply-playbook", http.MethodPost, "/{id}/playbook", "Add the tasks of a playbook that are not there yet"),
		func(ctx context.Context, in *applyPlaybook) (*incidentOut, error) {
			i, err := s.Apply(ctx, in.ID, in.Body.Playbook)
			return s.answer(ctx, i, err)
		})
}

func (s *Service) timelineRoutes(api huma.API) {
	type incidentTimeline struct {
		Body struct {
			Items []IncidentEntryView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "incident-timeline", http.MethodGet, "/{id}/timeline", "What happened, in its order"),
		func(ctx context.Context, in *byID) (*incidentTimeline, error) {
			found, err := s.Timeline(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentTimeline{}
			out.Body.Items = make([]IncidentEntryView, len(found))
			for i := range found {
				out.Body.Items[i] = entryView(&found[i])
			}
			return out, nil
		})
	type writeIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Kind string    `json:"kind" enum:"note,comment" doc:"note: of the timeline; comment: of the talk about it"`
			Text string    `json:"text"`
			At   time.Time `json:"at,omitempty" doc:"when it happened; absent: now"`
			TLP  string    `json:"tlp,omitempty" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED" doc:"absent: as the incident"`
		}
	}
	type incidentEntry struct{ Body IncidentEntryView }
	huma.Register(api, op(module.ActionIncidentTask, "write-incident", http.MethodPost, "/{id}/timeline", "Comment, or add what happened"),
		func(ctx context.Context, in *writeIncident) (*incidentEntry, error) {
			b := &in.Body
			e, err := s.Write(ctx, in.ID, Entry{Kind: b.Kind, Text: b.Text, At: b.At, TLP: TLP(b.TLP)})
			if err != nil {
				return nil, err
			}
			return &incidentEntry{entryView(&e)}, nil
		})
	type strikeEntry struct {
		ID    string `path:"id" maxLength:"64"`
		Entry string `path:"entry" maxLength:"64"`
		Body  struct {
			Why string `json:"why" maxLength:"800"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "strike-incident-entry", http.MethodPost, "/{id}/timeline/{entry}/strike", "Mark an entry as one that does not hold; it stays readable"),
		func(ctx context.Context, in *strikeEntry) (*struct{}, error) {
			return nil, s.Strike(ctx, in.ID, in.Entry, in.Body.Why)
		})
}

func (s *Service) observableRoutes(api huma.API) {
	type incidentObservables struct {
		Body struct {
			Items []IncidentObservableView `json:"items" nullable:"false"`
			Types []string                 `json:"types" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-observables", http.MethodGet, "/{id}/observables", "What was seen in an incident"),
		func(ctx context.Context, in *byID) (*incidentObservables, error) {
			found, err := s.Observables(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentObservables{}
			out.Body.Items, out.Body.Types = module.ListOf(found, observableView).Items, observableTypes
			return out, nil
		})
	type addObservables struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Items []NewObservableView `json:"items" minItems:"1" maxItems:"1000" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "add-incident-observables", http.MethodPost, "/{id}/observables", "Note what was seen"),
		func(ctx context.Context, in *addObservables) (*incidentOut, error) {
			var items []Observable
			for _, o := range in.Body.Items {
				items = append(items, Observable{Type: o.Type, Value: o.Value, Note: o.Note, TLP: TLP(o.TLP), IOC: o.IOC})
			}
			i, err := s.Observe(ctx, in.ID, items)
			return s.answer(ctx, i, err)
		})
}

func (s *Service) shareRoutes(api huma.API) {
	type incidentShares struct {
		Body struct {
			Items []IncidentShareView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-shares", http.MethodGet, "/{id}/shares", "Whom an incident was shared with; for its own unit"),
		func(ctx context.Context, in *byID) (*incidentShares, error) {
			found, err := s.Shares(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentShares{}
			out.Body.Items = module.ListOf(found, s.shareView).Items
			return out, nil
		})
	type shareIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Unit event.UnitID `json:"unit" maxLength:"64"`
			Part string       `json:"part" enum:"all,summary"`
			TLP  string       `json:"tlp" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED" doc:"the most that is shown"`
			Note string       `json:"note,omitempty" maxLength:"4000"`
		}
	}
	huma.Register(api, op(module.ActionIncidentShare, "share-incident", http.MethodPost, "/{id}/shares", "Let a unit see an incident, or its summary"),
		func(ctx context.Context, in *shareIncident) (*incidentOut, error) {
			b := &in.Body
			i, err := s.Share(ctx, in.ID, Share{Unit: b.Unit, Part: Part(b.Part), TLP: TLP(b.TLP), Note: b.Note})
			return s.answer(ctx, i, err)
		})
	type endShare struct {
		ID    string `path:"id" maxLength:"64"`
		Share string `path:"share" maxLength:"64"`
	}
	huma.Register(api, op(module.ActionIncidentShare, "end-incident-share", http.MethodDelete, "/{id}/shares/{share}", "End a share; what was read stays read"),
		func(ctx context.Context, in *endShare) (*incidentOut, error) {
			i, err := s.Unshare(ctx, in.ID, in.Share)
			return s.answer(ctx, i, err)
		})
}
