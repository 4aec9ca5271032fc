package obligation

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// DutyView is a row of the catalogue on the wire.
type DutyView struct {
	Duty
	Enabled bool  `json:"enabled"`
	Own     bool  `json:"own" doc:"an administrator added it"`
	Changed bool  `json:"changed" doc:"it is other than it is shipped"`
	Version int64 `json:"version" doc:"send it back with a change"`
}

// AttributeView is a word that conditions are made of.
type AttributeView struct {
	ID     string   `json:"id"`
	Type   string   `json:"type" enum:"truth,number,text,texts"`
	Values []string `json:"values" nullable:"false"`
	Vi     string   `json:"vi"`
	Name   string   `json:"name"`
}

// DutyListView is the catalogue.
type DutyListView struct {
	Items      []DutyView      `json:"items" nullable:"false"`
	Attributes []AttributeView `json:"attributes" nullable:"false"`
	Recipients []RecipientView `json:"recipients" nullable:"false"`
	Stages     []string        `json:"stages" nullable:"false"`
	Moments    []string        `json:"moments" nullable:"false"`
}

// HolidaysView is the days off of a year on the wire.
type HolidaysView struct {
	Number   int      `json:"year"`
	Known    bool     `json:"known" doc:"false: nothing was entered, deadlines in working days count weekends alone"`
	Verified bool     `json:"verified" doc:"somebody compared it with the notice of the government"`
	Note     string   `json:"note"`
	Off      []string `json:"off" nullable:"false" doc:"MM-DD"`
	Swap     []string `json:"swap" nullable:"false" doc:"days of a weekend that are worked"`
	Version  int64    `json:"version"`
}

func dutyView(e entry) DutyView {
	d := e.Duty
	d.Enabled = nil
	return DutyView{Duty: d, Enabled: e.IsEnabled(), Own: e.Own, Changed: e.Changed, Version: e.Version}
}

func (s *Service) dutyRoutes(api huma.API) {
	type list struct{ Body DutyListView }
	huma.Register(api, op(module.ActionObligationRead, "list-duties", http.MethodGet, "/duties", "The catalogue of duties and the words it is made of"),
		func(ctx context.Context, _ *struct{}) (*list, error) {
			duties, err := s.Duties(ctx)
			if err != nil {
				return nil, err
			}
			b := s.book.Load()
			v := DutyListView{Items: make([]DutyView, len(duties)), Stages: stages, Moments: moments}
			for i, d := range duties {
				v.Items[i] = dutyView(d)
			}
			for _, a := range b.Words {
				values := a.Values
				if values == nil {
					values = []string{}
				}
				v.Attributes = append(v.Attributes, AttributeView{a.ID, a.Type, values, a.Vi, a.En})
			}
			for _, r := range b.Bodies {
				v.Recipients = append(v.Recipients, RecipientView{r.ID, r.Vi, r.En})
			}
			return &list{v}, nil
		})
	type saveDuty struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Duty
			Enabled bool  `json:"enabled"`
			Version int64 `json:"version" doc:"0 for a new one"`
		}
	}
	type one struct{ Body DutyView }
	huma.Register(api, op(module.ActionDutyManage, "save-duty", http.MethodPut, "/duties/{id}", "Change a duty or add one; what arose of it stays as it is"),
		func(ctx context.Context, in *saveDuty) (*one, error) {
			d := in.Body.Duty
			if d.ID != in.ID {
				return nil, fault.New(fault.Invalid, "the id of the row is %q, that of the address %q", d.ID, in.ID).WithCode("duty.id").OnField("body.id")
			}
			d.Enabled = &in.Body.Enabled
			e, err := s.SaveDuty(ctx, d, in.Body.Version)
			if err != nil {
				return nil, err
			}
			return &one{dutyView(e)}, nil
		})
	type restore struct {
		ID      string `path:"id" maxLength:"64"`
		Version int64  `query:"version"`
	}
	huma.Register(api, op(module.ActionDutyManage, "restore-duty", http.MethodDelete, "/duties/{id}", "Make a shipped duty as it was, or remove an added one"),
		func(ctx context.Context, in *restore) (*struct{}, error) {
			return nil, s.RestoreDuty(ctx, in.ID, in.Version)
		})
}

func (s *Service) calendarRoutes(api huma.API) {
	type holidayYears struct {
		Body struct {
			Years []HolidaysView `json:"years" nullable:"false"`
		}
	}
	huma.Register(api, op(module.ActionObligationRead, "list-holidays", http.MethodGet, "/holidays", "Public holidays by year"),
		func(ctx context.Context, _ *struct{}) (*holidayYears, error) {
			list, err := s.Calendar(ctx)
			if err != nil {
				return nil, err
			}
			out := &holidayYears{}
			for _, y := range list {
				out.Body.Years = append(out.Body.Years, HolidaysView{y.Number, y.Known, y.Verified, y.Note, orNone(y.Off), orNone(y.Swap), y.Version})
			}
			return out, nil
		})
	type saveHolidays struct {
		Year int `path:"year" minimum:"2020" maximum:"2100"`
		Body struct {
			Verified bool     `json:"verified"`
			Note     string   `json:"note,omitempty" maxLength:"1000"`
			Off      []string `json:"off" maxItems:"60" nullable:"false"`
			Swap     []string `json:"swap" maxItems:"60" nullable:"false"`
			Version  int64    `json:"version" doc:"0 where nothing was changed yet"`
		}
	}
	huma.Register(api, op(module.ActionDutyManage, "save-holidays", http.MethodPut, "/holidays/{year}", "Enter the public holidays of a year; deadlines that run keep theirs"),
		func(ctx context.Context, in *saveHolidays) (*struct{}, error) {
			b := &in.Body
			return nil, s.SaveYear(ctx, in.Year, Year{Verified: b.Verified, Note: b.Note, Off: b.Off, Swap: b.Swap}, b.Version)
		})
}

func orNone(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
