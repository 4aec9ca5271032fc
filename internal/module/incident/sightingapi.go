package incident

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// IncidentSightingView is where and when an observable was seen.
type IncidentSightingView struct {
	ID       string            `json:"id"`
	Type     string            `json:"type" doc:"of the observable, as value is"`
	Value    string            `json:"value"`
	Unit     event.UnitID      `json:"unit"`
	UnitName string            `json:"unitName"`
	Host     string            `json:"host" doc:"empty: not known"`
	First    module.Time       `json:"first"`
	Last     module.Time       `json:"last"`
	Events   int64             `json:"events" doc:"that hold it; 0: noted by a person"`
	ByHand   bool              `json:"byHand" doc:"noted by a person, not found by a search"`
	Note     string            `json:"note"`
	At       module.Time       `json:"at" doc:"when it was found or noted"`
	By       module.PersonView `json:"by"`
	Struck   string            `json:"struck" doc:"why it does not hold; empty: it does"`
}

func (s *Service) sightingView(x Sighting) IncidentSightingView {
	return IncidentSightingView{x.ID, x.Type, x.Value, x.Unit, s.Units.Name(x.Unit), x.Host, module.Time{Time: x.First}, module.Time{Time: x.Last},
		x.Events, x.ByHand, x.Note, module.Time{Time: x.At}, module.PersonView{ID: x.ByID, DisplayName: x.By}, x.Struck}
}

func (s *Service) sightingRoutes(api huma.API) {
	type incidentSightings struct {
		Body struct {
			Items []IncidentSightingView `json:"items" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "list-incident-sightings", http.MethodGet, "/{id}/sightings", "Where and when its observables were seen, the latest first; in the units the caller sees"),
		func(ctx context.Context, in *byID) (*incidentSightings, error) {
			found, err := s.Sightings(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			out := &incidentSightings{}
			out.Body.Items = module.ListOf(found, s.sightingView).Items
			return out, nil
		})
	type searchObservable struct {
		ID         string `path:"id" maxLength:"64"`
		Observable string `path:"observable" maxLength:"64"`
		Body       struct {
			From time.Time `json:"from"`
			To   time.Time `json:"to"`
		}
	}
	type searchedObservable struct {
		Body struct {
			Places int   `json:"places" doc:"hosts on which it was found"`
			Events int64 `json:"events" doc:"that hold it"`
			Cut    bool  `json:"cut" doc:"there were more hosts than are kept; search a shorter time"`
		}
	}
	search := op(module.ActionIncidentHandle, "search-incident-observable", http.MethodPost, "/{id}/observables/{observable}/search", "Look for an observable in the stored events, and keep where it was found as sightings")
	search.Description = "It goes over the events the caller may read, so it needs event.read too."
	huma.Register(api, search, func(ctx context.Context, in *searchObservable) (*searchedObservable, error) {
		done, err := s.Search(ctx, in.ID, in.Observable, in.Body.From, in.Body.To)
		if err != nil {
			return nil, err
		}
		out := &searchedObservable{}
		out.Body.Places, out.Body.Events, out.Body.Cut = done.Places, done.Events, done.Cut
		return out, nil
	})
	type noteSighting struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Observable string       `json:"observable" maxLength:"64" doc:"id"`
			Unit       event.UnitID `json:"unit" maxLength:"64"`
			Host       string       `json:"host,omitempty" maxLength:"800"`
			First      time.Time    `json:"first"`
			Last       time.Time    `json:"last,omitempty" doc:"absent: it was seen once"`
			Note       string       `json:"note,omitempty" maxLength:"800"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "note-incident-sighting", http.MethodPost, "/{id}/sightings", "Note where and when an observable was seen"),
		func(ctx context.Context, in *noteSighting) (*incidentOut, error) {
			i, err := s.Sight(ctx, in.ID, NewSighting(in.Body))
			return s.answer(ctx, i, err)
		})
	type strikeSighting struct {
		ID       string `path:"id" maxLength:"64"`
		Sighting string `path:"sighting" maxLength:"64"`
		Body     struct {
			Why string `json:"why" maxLength:"800"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "strike-incident-sighting", http.MethodPost, "/{id}/sightings/{sighting}/strike", "Mark a sighting as one that does not hold"),
		func(ctx context.Context, in *strikeSighting) (*incidentOut, error) {
			i, err := s.StrikeSighting(ctx, in.ID, in.Sighting, in.Body.Why)
			return s.answer(ctx, i, err)
		})
}
