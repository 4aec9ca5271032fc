package agenda

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// AgendaView is what falls due in a range.
type AgendaView struct {
	Items []AgendaDateView `json:"items" nullable:"false" doc:"in order of time"`
	Kinds []string         `json:"kinds" nullable:"false" doc:"what the caller may be shown"`
	More  []string         `json:"more" nullable:"false" doc:"kinds of which there is more than is shown; ask for fewer days"`
}

// AgendaDateView is something that falls due.
type AgendaDateView struct {
	Day      module.Date  `json:"day" doc:"in Vietnam"`
	At       *module.Time `json:"at,omitempty" doc:"absent: the day as a whole"`
	Kind     string       `json:"kind"`
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	Vi       string       `json:"vi"`
	Name     string       `json:"name"`
	Object   string       `json:"object" doc:"what is opened, such as obligation:<id>"`
	Code     string       `json:"code" doc:"what people call it by"`
	State    State        `json:"state" enum:"waiting,late,done"`
}

func (s *Service) routes(api huma.API) {
	type input struct {
		From string       `query:"from" required:"true" format:"date" doc:"first day, 2026-11-01"`
		To   string       `query:"to" required:"true" format:"date" doc:"last day"`
		Unit event.UnitID `query:"unit" maxLength:"64"`
		Kind string       `query:"kind" maxLength:"200" doc:"one or more, by commas"`
	}
	type output struct{ Body AgendaView }
	huma.Register(api, module.Op(module.ActionAgendaRead, huma.Operation{
		OperationID: "agenda", Method: http.MethodGet, Path: "/agenda", Tags: []string{"agenda"}, Summary: "What falls due from one day to another",
	}), func(ctx context.Context, in *input) (*output, error) {
		from, err := day(in.From, "from")
		if err != nil {
			return nil, err
		}
		to, err := day(in.To, "to")
		if err != nil {
			return nil, err
		}
		var kinds []string
		if in.Kind != "" {
			kinds = strings.Split(in.Kind, ",")
		}
		a, err := s.Between(ctx, from, to, in.Unit, kinds)
		if err != nil {
			return nil, err
		}
		return &output{s.view(&a)}, nil
	})
}

func day(text, field string) (module.Date, error) {
	d, err := module.ParseDate(text, "agenda.day", field)
	if err != nil || d == "" {
		return "", fault.New(fault.Invalid, "%s: a day such as 2026-11-01", field).WithCode("agenda.day").OnField("query." + field)
	}
	return d, nil
}

func (s *Service) view(a *Agenda) AgendaView {
	v := AgendaView{Items: make([]AgendaDateView, len(a.Dates)), Kinds: append([]string{}, a.Kinds...), More: append([]string{}, a.More...)}
	for n, d := range a.Dates {
		v.Items[n] = AgendaDateView{Day: d.Day, Kind: d.Kind, Unit: d.Unit, UnitName: s.Units.Name(d.Unit), Vi: d.Vi, Name: d.En,
			Object: d.Subject.Kind + ":" + d.Subject.ID, Code: d.Subject.Code, State: d.State}
		if !d.At.IsZero() {
			v.Items[n].At = &module.Time{Time: d.At}
		}
	}
	return v
}
