package incident

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// IncidentRelationView is an incident that has to do with another.
type IncidentRelationView struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind" enum:"duplicate-of,caused-by,related,split,merged"`
	Inverse  bool         `json:"inverse" doc:"it is the other that is a duplicate of, or caused by, this one"`
	Incident IncidentView `json:"incident"`
	Reason   string       `json:"reason"`
	At       module.Time  `json:"at"`
	By       string       `json:"by"`
}

// IncidentAudienceView is somebody who may be mentioned.
type IncidentAudienceView struct {
	module.PersonView
	Username string `json:"username" doc:"mentioned as @username"`
}

func (s *Service) relationRoutes(api huma.API) {
	type incidentRelations struct {
		Body struct {
			Items []IncidentRelationView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-relations", http.MethodGet, "/{id}/relations", "Incidents that have to do with one"),
		func(ctx context.Context, in *byID) (*incidentRelations, error) {
			found, err := s.Relations(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			others := make([]Incident, len(found))
			for i := range found {
				others[i] = found[i].Other
			}
			views, err := s.views(ctx, others)
			if err != nil {
				return nil, err
			}
			out := &incidentRelations{}
			out.Body.Items = make([]IncidentRelationView, len(found))
			for i, r := range found {
				out.Body.Items[i] = IncidentRelationView{r.ID, r.Kind, r.Inverse, views[i], r.Reason, module.Time{Time: r.At}, r.By}
			}
			return out, nil
		})
	type relateIncident struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			With   string `json:"with" maxLength:"64" doc:"id of the other incident"`
			Kind   string `json:"kind" enum:"related,duplicate-of,caused-by"`
			Reason string `json:"reason" maxLength:"800"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "relate-incident", http.MethodPost, "/{id}/relations", "State that an incident has to do with another"),
		func(ctx context.Context, in *relateIncident) (*incidentOut, error) {
			i, err := s.Relate(ctx, in.ID, in.Body.With, in.Body.Kind, in.Body.Reason)
			return s.answer(ctx, i, err)
		})
	type endRelation struct {
		ID       string `path:"id" maxLength:"64"`
		Relation string `path:"relation" maxLength:"200"`
		Body     struct {
			Why string `json:"why" maxLength:"800"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "unrelate-incident", http.MethodPost, "/{id}/relations/{relation}/end", "Say that a relation does not hold"),
		func(ctx context.Context, in *endRelation) (*incidentOut, error) {
			i, err := s.Unrelate(ctx, in.ID, in.Relation, in.Body.Why)
			return s.answer(ctx, i, err)
		})
	type incidentAudience struct {
		Body struct {
			Items []IncidentAudienceView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentTask, "list-incident-audience", http.MethodGet, "/{id}/audience", "Who may be mentioned in the talk about an incident"),
		func(ctx context.Context, in *byID) (*incidentAudience, error) {
			found, err := s.Audience(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentAudience{}
			out.Body.Items = make([]IncidentAudienceView, len(found))
			for i, p := range found {
				out.Body.Items[i] = IncidentAudienceView{module.PersonView{ID: p.ID, DisplayName: p.DisplayName}, p.Name}
			}
			return out, nil
		})
}
