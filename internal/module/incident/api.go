package incident

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func op(a module.Action, id, method, path, summary string) huma.Operation {
	return module.Op(a, huma.Operation{OperationID: id, Method: method, Path: "/incidents" + path, Tags: []string{"incidents"}, Summary: summary})
}

type byID struct {
	ID string `path:"id" maxLength:"64"`
}

type incidentOut struct{ Body IncidentDetailView }

func (s *Service) routes(api huma.API) {
	s.readRoutes(api)
	s.changeRoutes(api)
	s.alertRoutes(api)
	s.taskRoutes(api)
	s.timelineRoutes(api)
	s.observableRoutes(api)
	s.sightingRoutes(api)
	s.shareRoutes(api)
	s.guestRoutes(api)
	s.visitRoutes(api)
	s.fileRoutes(api)
	s.relationRoutes(api)
	s.figureRoutes(api)
	s.dossierRoutes(api)
	s.catalogueRoutes(api)
}

// naming names users by their ids; "" is nobody.
type naming map[string]string

func (n naming) person(id string) *module.PersonView {
	if id == "" {
		return nil
	}
	return &module.PersonView{ID: id, DisplayName: n[id]}
}

// names asks for the names of users at once.
func (s *Service) names(ctx context.Context, ids ...string) (naming, error) {
	slices.Sort(ids)
	ids = slices.Compact(ids)
	return s.People.DisplayNames(ctx, slices.DeleteFunc(ids, func(id string) bool { return id == "" }))
}

// views puts incidents into a list.
func (s *Service) views(ctx context.Context, list []Incident) ([]IncidentView, error) {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].Lead
	}
	n, err := s.names(ctx, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]IncidentView, len(list))
	for i := range list {
		out[i] = s.view(n, &list[i])
		out[i].Shared = !module.PrincipalOf(ctx).Sees(list[i].Unit)
	}
	return out, nil
}

// answer shows an incident as the caller sees it now.
func (s *Service) answer(ctx context.Context, i Incident, err error) (*incidentOut, error) {
	if err != nil {
		return nil, err
	}
	shown, sight, err := s.Get(ctx, i.ID)
	if err != nil {
		return nil, err
	}
	n, err := s.names(ctx, shown.Lead)
	if err != nil {
		return nil, err
	}
	return &incidentOut{s.detail(module.PrincipalOf(ctx), n, &shown, sight)}, nil
}

// ListIncidentsInput chooses incidents.
type ListIncidentsInput struct {
	Status   string       `query:"status" enum:"closed,any" doc:"absent: those that are open"`
	Phase    string       `query:"phase" enum:"detect,preserve,isolate,analyse,recover,root-cause,closed"`
	Severity string       `query:"severity" maxLength:"60" doc:"one or more, by commas"`
	Category string       `query:"category" maxLength:"64"`
	Unit     event.UnitID `query:"unit" maxLength:"64" doc:"its own, or affected"`
	System   string       `query:"system" maxLength:"64" doc:"an affected system of the register"`
	Lead     string       `query:"lead" maxLength:"64" doc:"user id, me, or none"`
	Grave    bool         `query:"grave"`
	Drill    bool         `query:"drill" doc:"drills instead of what is real"`
	Alert    string       `query:"alert" maxLength:"64" doc:"id of an alert that is part of it"`
	Value    string       `query:"value" maxLength:"2000" doc:"an observable that was seen in it"`
	Shared   bool         `query:"shared" doc:"those of others that were shared with one of the caller's units; for the centre: those that were shared"`
	Q        string       `query:"q" maxLength:"200" doc:"text in number, title or summary, without marks"`
	Since    time.Time    `query:"changedSince"`
	Counted  bool         `query:"counted" doc:"those that the figures of incidents count: of the caller's own units, the unit its own, and none that was merged"`
	Reached  string       `query:"reached" enum:"acknowledged,contained,recovered" doc:"in which it happened"`
	From     time.Time    `query:"from" doc:"opened from"`
	To       time.Time    `query:"to" doc:"opened before"`
	DetFrom  time.Time    `query:"detectedFrom"`
	DetTo    time.Time    `query:"detectedTo" doc:"detected before"`
	Sort     string       `query:"sort" enum:"opened,changed,severity,urgent" doc:"urgent: what is grave, then what is severe, then what waits longest"`
	Limit    int          `query:"limit" minimum:"1" maximum:"200"`
	After    string       `query:"after" maxLength:"100" doc:"cursor"`
}

func (in *ListIncidentsInput) filter(ctx context.Context) Filter {
	f := Filter{Status: in.Status, Phase: Phase(in.Phase), Category: in.Category, Unit: in.Unit, System: in.System, Lead: in.Lead, Grave: in.Grave, Drill: in.Drill,
		Alert: in.Alert, Value: in.Value, Shared: in.Shared, Text: in.Q, Since: in.Since, From: in.From, To: in.To,
		Counted: in.Counted, Reached: in.Reached, DetectedFrom: in.DetFrom, DetectedTo: in.DetTo, Sort: in.Sort, Limit: in.Limit, After: in.After}
	if in.Severity != "" {
		f.Severity = strings.Split(in.Severity, ",")
	}
	if f.Lead == "me" {
		f.Lead = module.PrincipalOf(ctx).ID
	}
	return f
}

func (s *Service) readRoutes(api huma.API) {
	type incidentList struct {
		Body struct {
			Items []IncidentView `json:"items" nullable:"false"`
			Next  string         `json:"next" doc:"cursor of the next page; empty: this is the last"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incidents", http.MethodGet, "", "Incidents, the newest first"),
		func(ctx context.Context, in *ListIncidentsInput) (*incidentList, error) {
			found, next, err := s.List(ctx, in.filter(ctx))
			if err != nil {
				return nil, err
			}
			out := &incidentList{}
			out.Body.Next = next
			out.Body.Items, err = s.views(ctx, found)
			return out, err
		})
	huma.Register(api, op(module.ActionIncidentRead, "get-incident", http.MethodGet, "/{id}", "One incident"),
		func(ctx context.Context, in *byID) (*incidentOut, error) {
			i, _, err := s.Get(ctx, in.ID)
			return s.answer(ctx, i, err)
		})
	type similarIncidents struct {
		Body struct {
			Items []IncidentSimilarView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "similar-incidents", http.MethodGet, "/{id}/similar", "Incidents that saw the same, the closest first"),
		func(ctx context.Context, in *byID) (*similarIncidents, error) {
			found, err := s.Similar(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			incidents := make([]Incident, len(found))
			for i := range found {
				incidents[i] = found[i].Incident
			}
			views, err := s.views(ctx, incidents)
			if err != nil {
				return nil, err
			}
			out := &similarIncidents{}
			out.Body.Items = make([]IncidentSimilarView, len(found))
			for i := range found {
				out.Body.Items[i] = IncidentSimilarView{views[i], found[i].Values}
			}
			return out, nil
		})
}

func (s *Service) changeRoutes(api huma.API) {
	type openIncident struct {
		Body struct {
			Facts     map[string]any `json:"facts" doc:"what is known; from alerts what is missing is taken"`
			Origin    string         `json:"origin" enum:"alert,unit,citizen,manual,api"`
			Reference string         `json:"reference,omitempty" maxLength:"200"`
			Drill     bool           `json:"drill,omitempty"`
			Alerts    []string       `json:"alerts,omitempty" maxItems:"2000"`
			Playbook  string         `json:"playbook,omitempty" maxLength:"64" doc:"absent: that of the category; none: no tasks"`
		}
	}
	huma.Register(api, op(module.ActionIncidentOpen, "open-incident", http.MethodPost, "", "Open an incident: from alerts, from a report, or by hand"),
		func(ctx context.Context, in *openIncident) (*incidentOut, error) {
			b := &in.Body
			facts, err := factsFrom(b.Facts)
			if err != nil {
				return nil, err
			}
			i, err := s.Open(ctx, Opening{Facts: facts, Origin: Origin(b.Origin), Reference: b.Reference, Drill: b.Drill, Alerts: b.Alerts, Playbook: b.Playbook})
			return s.answer(ctx, i, err)
		})
	type changeIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Version int64          `json:"version" minimum:"1" doc:"the version the change was made on"`
			Facts   map[string]any `json:"facts" doc:"the fields that changed"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "change-incident", http.MethodPatch, "/{id}", "Change fields; those that nobody else changed meanwhile are merged"),
		func(ctx context.Context, in *changeIncident) (*incidentOut, error) {
			patch, err := patchFrom(in.Body.Facts)
			if err != nil {
				return nil, err
			}
			i, err := s.Change(ctx, in.ID, patch, in.Body.Version)
			return s.answer(ctx, i, err)
		})
	type moveIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Phase   string `json:"phase" enum:"detect,preserve,isolate,analyse,recover,root-cause,closed"`
			Version int64  `json:"version"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "move-incident", http.MethodPost, "/{id}/phase", "Take an incident into another phase"),
		func(ctx context.Context, in *moveIncident) (*incidentOut, error) {
			i, err := s.Move(ctx, in.ID, Phase(in.Body.Phase), in.Body.Version)
			return s.answer(ctx, i, err)
		})
	type mergeIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Into string `json:"into" maxLength:"64"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "merge-incident", http.MethodPost, "/{id}/merge", "Make an incident part of another"),
		func(ctx context.Context, in *mergeIncident) (*incidentOut, error) {
			i, err := s.Merge(ctx, in.ID, in.Body.Into)
			return s.answer(ctx, i, err)
		})
}

func (s *Service) alertRoutes(api huma.API) {
	type incidentAlerts struct {
		Body struct {
			Items []IncidentAlertView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-alerts", http.MethodGet, "/{id}/alerts", "The alerts of an incident"),
		func(ctx context.Context, in *byID) (*incidentAlerts, error) {
			found, err := s.Joined(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentAlerts{}
			out.Body.Items = module.ListOf(found, joinedView).Items
			return out, nil
		})
	type addIncidentAlerts struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Alerts []string `json:"alerts" minItems:"1" maxItems:"2000" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "add-incident-alerts", http.MethodPost, "/{id}/alerts", "Make alerts part of an incident"),
		func(ctx context.Context, in *addIncidentAlerts) (*incidentOut, error) {
			i, err := s.Add(ctx, in.ID, in.Body.Alerts)
			return s.answer(ctx, i, err)
		})
	type splitIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Alerts []string `json:"alerts" minItems:"1" maxItems:"2000" nullable:"false"`
			Title  string   `json:"title" maxLength:"800"`
		}
	}
	huma.Register(api, op(module.ActionIncidentOpen, "split-incident", http.MethodPost, "/{id}/split", "Take alerts out into an incident of their own"),
		func(ctx context.Context, in *splitIncident) (*incidentOut, error) {
			i, err := s.Split(ctx, in.ID, in.Body.Alerts, in.Body.Title)
			return s.answer(ctx, i, err)
		})
}

func (s *Service) catalogueRoutes(api huma.API) {
	type incidentCatalogue struct {
		Body struct {
			Schemes   []Taxonomy `json:"schemes" nullable:"false"`
			Playbooks []Playbook `json:"playbooks" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "incident-catalogue", http.MethodGet, "/catalogue", "Taxonomies and playbooks"),
		func(ctx context.Context, _ *struct{}) (*incidentCatalogue, error) {
			if err := module.PrincipalOf(ctx).Require(module.ActionIncidentRead); err != nil {
				return nil, err
			}
			out := &incidentCatalogue{}
			out.Body.Schemes, out.Body.Playbooks = s.book().Schemes, s.book().Playbooks
			return out, nil
		})
	s.pieceRoutes(api, PiecePlaybook, "playbooks", "playbook")
	s.pieceRoutes(api, PieceScheme, "schemes", "taxonomy")
}
