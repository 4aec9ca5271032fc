package incident

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// IncidentTimesView is how long something took.
type IncidentTimesView struct {
	Count         int64   `json:"count" doc:"incidents in which it happened"`
	MedianSeconds float64 `json:"medianSeconds"`
	P90Seconds    float64 `json:"p90Seconds"`
}

// IncidentFigureView is how long a group of incidents took, from detection.
type IncidentFigureView struct {
	Key         string            `json:"key" doc:"unit, category or severity; empty: all of them"`
	Name        string            `json:"name" doc:"of a unit or a category, in Vietnamese"`
	Incidents   int64             `json:"incidents"`
	Open        int64             `json:"open"`
	Acknowledge IncidentTimesView `json:"acknowledge" doc:"until a person confirmed it, or opened it himself"`
	Contain     IncidentTimesView `json:"contain"`
	Recover     IncidentTimesView `json:"recover"`
}

func timesView(d module.Durations) IncidentTimesView {
	return IncidentTimesView{d.Count, d.Median.Seconds(), d.P90.Seconds()}
}

func (s *Service) figureView(f Figure, by By) IncidentFigureView {
	v := IncidentFigureView{Key: f.Key, Name: f.Key, Incidents: f.Incidents, Open: f.Open, Acknowledge: timesView(f.Acknowledge), Contain: timesView(f.Contain), Recover: timesView(f.Recover)}
	switch {
	case f.Key == "":
	case by == ByUnit:
		v.Name = s.Units.Name(event.UnitID(f.Key))
	case by == ByCategory:
		v.Name = s.book().categories[f.Key].Vi
	}
	return v
}

func (s *Service) figureRoutes(api huma.API) {
	type ask struct {
		From  time.Time    `query:"from" required:"true" doc:"detected from"`
		To    time.Time    `query:"to" required:"true" doc:"detected before"`
		By    string       `query:"by" enum:"unit,category,severity" default:"unit"`
		Drill bool         `query:"drill" doc:"drills instead of what is real"`
		Unit  event.UnitID `query:"unit" maxLength:"64" doc:"absent: all that the caller sees"`
	}
	type incidentFigures struct {
		Body struct {
			All   IncidentFigureView   `json:"all"`
			Items []IncidentFigureView `json:"items" nullable:"false" doc:"the largest group first"`
		}
	}
	huma.Register(api, op(module.ActionIncidentRead, "incident-figures", http.MethodGet, "/figures", "How long it took to acknowledge, contain and recover"),
		func(ctx context.Context, in *ask) (*incidentFigures, error) {
			all, groups, err := s.Figures(ctx, FigureAsk{From: in.From, To: in.To, By: By(in.By), Drill: in.Drill, Unit: in.Unit})
			if err != nil {
				return nil, err
			}
			out := &incidentFigures{}
			out.Body.All = s.figureView(all, By(in.By))
			out.Body.Items = make([]IncidentFigureView, len(groups))
			for i, g := range groups {
				out.Body.Items[i] = s.figureView(g, By(in.By))
			}
			return out, nil
		})
	type leadIncidents struct {
		Body struct {
			IDs  []string `json:"ids" minItems:"1" maxItems:"200" nullable:"false"`
			Lead string   `json:"lead" maxLength:"64" doc:"user id; empty: nobody"`
		}
	}
	type ledIncidents struct {
		Body struct {
			Changed int `json:"changed" doc:"incidents whose lead is another than before"`
		}
	}
	huma.Register(api, op(module.ActionIncidentHandle, "lead-incidents", http.MethodPost, "/lead", "Give several incidents to somebody to lead; all of them or none"),
		func(ctx context.Context, in *leadIncidents) (*ledIncidents, error) {
			n, err := s.LeadAll(ctx, in.Body.IDs, in.Body.Lead)
			if err != nil {
				return nil, err
			}
			out := &ledIncidents{}
			out.Body.Changed = n
			return out, nil
		})
}
