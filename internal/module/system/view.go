package system

import (
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// SystemLineView is a system in a list.
type SystemLineView struct {
	ID           string       `json:"id"`
	Code         string       `json:"code" example:"HT-0001"`
	Name         string       `json:"name"`
	Type         string       `json:"type" enum:"internal,public,infrastructure,industrial,other"`
	Unit         event.UnitID `json:"unit"`
	UnitName     string       `json:"unitName"`
	OperatorUnit event.UnitID `json:"operatorUnit" doc:"empty: a party outside the register operates it"`
	OperatorName string       `json:"operatorName"`
	Level        int          `json:"level" doc:"1 to 5 as approved; 0: not yet"`
	Proposed     int          `json:"proposedLevel" doc:"1 to 5 as last proposed; 0: never"`
	State        string       `json:"state" enum:"planned,operating,retired"`
	Critical     bool         `json:"critical"`
	Deployment   string       `json:"deployment" enum:"none,partly,full"`
	UpdatedAt    module.Time  `json:"updatedAt"`
}

// SystemListView is a page of systems.
type SystemListView struct {
	Items []SystemLineView `json:"items" nullable:"false"`
	Next  string           `json:"next" doc:"cursor of the next page; empty: the last"`
}

// SystemView is all of a system.
type SystemView struct {
	SystemLineView

	Facts     Facts       `json:"facts"`
	CreatedAt module.Time `json:"createdAt"`
	UpdatedBy string      `json:"updatedBy"`
	Steps     []string    `json:"steps" nullable:"false" doc:"states that may follow"`
	MayManage bool        `json:"mayManage"`
	Version   int64       `json:"version" doc:"send it back with a change"`
}

// SystemChangeView is one field that became something else.
type SystemChangeView struct {
	ID    string            `json:"id"`
	At    module.Time       `json:"at"`
	By    module.PersonView `json:"by"`
	Field string            `json:"field" doc:"name of the fact, level, proposedLevel or state"`
	From  string            `json:"from"`
	To    string            `json:"to"`
}

func (s *Service) line(x *System) SystemLineView {
	return SystemLineView{
		ID: x.ID, Code: x.Code(), Name: x.Name, Type: x.Type, Unit: x.Unit, UnitName: s.Units.Name(x.Unit), OperatorUnit: x.OperatorUnit, OperatorName: x.operatorName(s.Units),
		Level: x.Level, Proposed: x.Proposed, State: x.State, Critical: x.Critical, Deployment: x.Deployment, UpdatedAt: module.Time{Time: x.UpdatedAt},
	}
}

func (s *Service) view(p module.Principal, x *System) SystemView {
	return SystemView{
		SystemLineView: s.line(x), Facts: x.Facts, CreatedAt: module.Time{Time: x.CreatedAt}, UpdatedBy: x.UpdatedBy,
		Steps: module.OrEmpty(steps[x.State]), MayManage: p.Require(module.ActionSystemManage) == nil && sees(p, x), Version: x.Version,
	}
}

func changeView(c Change) SystemChangeView {
	return SystemChangeView{ID: c.ID, At: module.Time{Time: c.At}, By: module.PersonView{ID: c.ByID, DisplayName: c.By}, Field: c.Field, From: c.From, To: c.To}
}
