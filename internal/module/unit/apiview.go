package unit

import (
	"context"
	"strings"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// UnitView is a unit on the wire, as lists hold it; the OpenAPI document calls it
// Unit.
type UnitView struct {
	ID          event.UnitID   `json:"id" example:"so-noi-vu"`
	Name        string         `json:"name" example:"Sở Nội vụ"`
	ShortName   string         `json:"shortName" example:"SNV"`
	Kind        string         `json:"kind" example:"department" doc:"a type of GET /unit-types"`
	Parent      *event.UnitID  `json:"parent" doc:"null: the centre, or a parent the caller does not see"`
	Code        string         `json:"code" doc:"of the administrative unit or agency, as the authorities write it"`
	Province    string         `json:"province" doc:"code of the province"`
	ValidFrom   *string        `json:"validFrom" example:"2025-07-01" doc:"null: since ever"`
	ValidTo     *string        `json:"validTo" doc:"its last day; null: no end known"`
	Status      string         `json:"status" enum:"active,planned,ended"`
	Successors  []event.UnitID `json:"successors" nullable:"false" doc:"those the caller sees"`
	DutyPhone   string         `json:"dutyPhone" doc:"answered at any hour"`
	Head        string         `json:"head" doc:"name of the head"`
	FocalPoints int            `json:"focalPoints" doc:"how many"`
	Children    int            `json:"children" doc:"directly under it and not ended"`
	Version     int64          `json:"version" doc:"send it back with a change"`
	CreatedAt   module.Time    `json:"createdAt"`
	UpdatedAt   module.Time    `json:"updatedAt"`
}

// PersonInOfficeView is somebody whom a unit is reached by.
type PersonInOfficeView struct {
	Name  string `json:"name,omitempty" maxLength:"400"`
	Title string `json:"title,omitempty" maxLength:"400"`
	Phone string `json:"phone,omitempty" maxLength:"64"`
	Mail  string `json:"mail,omitempty" maxLength:"254"`
}

// UnitContactsView is whom to reach in a unit.
type UnitContactsView struct {
	DutyPhone   string               `json:"dutyPhone,omitempty" maxLength:"64" doc:"answered at any hour"`
	DutyMail    string               `json:"dutyMail,omitempty" maxLength:"254"`
	Head        PersonInOfficeView   `json:"head"`
	FocalPoints []PersonInOfficeView `json:"focalPoints" maxItems:"20" nullable:"false" doc:"in the order to call them"`
}

// UnitRefView names a unit to others.
type UnitRefView struct {
	ID   event.UnitID `json:"id"`
	Name string       `json:"name"`
}

// UnitDetailView is everything of one unit.
type UnitDetailView struct {
	Unit         UnitView         `json:"unit"`
	Address      string           `json:"address"`
	Note         string           `json:"note"`
	Contacts     UnitContactsView `json:"contacts"`
	Path         []UnitRefView    `json:"path" nullable:"false" doc:"from the topmost unit the caller sees down to this one"`
	Successors   []UnitRefView    `json:"successors" nullable:"false"`
	Predecessors []UnitRefView    `json:"predecessors" nullable:"false" doc:"ended units whose things are this one's now"`
	Below        int              `json:"below" doc:"how many units it answers for besides itself"`
}

func textOrNil(d module.Date) *string {
	if d == "" {
		return nil
	}
	text := string(d)
	return &text
}

// viewer puts units on the wire for one principal, as they stand in one tree.
type viewer struct {
	sees func(event.UnitID) bool
	t    *tree
}

func (s *Service) viewer(ctx context.Context) viewer {
	return viewer{sight(module.PrincipalOf(ctx)), s.today()}
}

func (v viewer) unit(u Unit) UnitView {
	out := UnitView{
		ID: u.ID, Name: u.Name, ShortName: u.ShortName, Kind: string(u.Kind), Code: u.Code, Province: u.Province,
		ValidFrom: textOrNil(u.ValidFrom), ValidTo: textOrNil(u.ValidTo), Status: string(u.status(v.t.day)), Successors: []event.UnitID{},
		DutyPhone: u.Contacts.DutyPhone, Head: u.Contacts.Head.Name, FocalPoints: len(u.Contacts.FocalPoints), Version: u.Version,
		CreatedAt: module.Time{Time: u.CreatedAt}, UpdatedAt: module.Time{Time: u.UpdatedAt},
	}
	if u.Parent != "" && v.sees(u.Parent) {
		out.Parent = &u.Parent
	}
	for _, id := range u.Successors {
		if v.sees(id) {
			out.Successors = append(out.Successors, id)
		}
	}
	for _, id := range v.t.children[u.ID] {
		if !v.t.units[id].Ended(v.t.day) {
			out.Children++
		}
	}
	return out
}

func (v viewer) refs(ids []event.UnitID) []UnitRefView {
	refs := []UnitRefView{}
	for _, id := range ids {
		if u := v.t.units[id]; u != nil && v.sees(id) {
			refs = append(refs, UnitRefView{u.ID, u.Name})
		}
	}
	return refs
}

func (v viewer) detail(u Unit) UnitDetailView {
	var path []event.UnitID
	for _, at := range v.t.path(u.ID) {
		path = append(path, at.ID)
	}
	return UnitDetailView{
		Unit: v.unit(u), Address: u.Address, Note: u.Note, Contacts: viewOfContacts(u.Contacts), Path: v.refs(path),
		Successors: v.refs(u.Successors), Predecessors: v.refs(v.t.predecessors[u.ID]), Below: len(v.t.beneath(u.ID)),
	}
}

func viewOfContacts(c Contacts) UnitContactsView {
	v := UnitContactsView{
		DutyPhone: c.DutyPhone, DutyMail: c.DutyMail, Head: PersonInOfficeView(c.Head), FocalPoints: make([]PersonInOfficeView, len(c.FocalPoints)),
	}
	for i, p := range c.FocalPoints {
		v.FocalPoints[i] = PersonInOfficeView(p)
	}
	return v
}

func (v *UnitContactsView) contacts() Contacts {
	c := Contacts{DutyPhone: v.DutyPhone, DutyMail: v.DutyMail, Head: Person(v.Head), FocalPoints: make([]Person, len(v.FocalPoints))}
	for i, p := range v.FocalPoints {
		c.FocalPoints[i] = Person(p)
	}
	return c
}

// UnitFieldChangeView is what became of one field of a unit.
type UnitFieldChangeView struct {
	Field string `json:"field" example:"name"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// UnitDecisionView is a reorganisation that was carried out.
type UnitDecisionView struct {
	ID       string `json:"id"`
	Kind     string `json:"kind" enum:"merge,split,rename,end"`
	Day      string `json:"day" doc:"from which it counts"`
	Decision string `json:"decision" doc:"number and title of the paper"`
	Undone   bool   `json:"undone"`
	Undoable bool   `json:"undoable" doc:"by now: none of its units has changed since"`
}

// UnitHappeningView is one thing that happened to a unit.
type UnitHappeningView struct {
	ID             string                          `json:"id"`
	At             module.Time                     `json:"at"`
	Actor          string                          `json:"actor"`
	Action         string                          `json:"action" enum:"create,update,contacts,move,import,merge,split,rename,end,undo"`
	Changes        []UnitFieldChangeView           `json:"changes" nullable:"false"`
	Reorganisation module.OrNull[UnitDecisionView] `json:"reorganisation"`
}

func (v viewer) happening(h Happening) UnitHappeningView {
	out := UnitHappeningView{ID: h.ID, At: module.Time{Time: h.At}, Actor: h.Actor, Action: h.Action, Changes: []UnitFieldChangeView{}}
	for _, c := range h.Changes {
		if c.Field == "parent" || c.Field == "successors" {
			c.From, c.To = v.seen(c.From), v.seen(c.To)
		}
		if c.From != c.To {
			out.Changes = append(out.Changes, UnitFieldChangeView(c))
		}
	}
	if d := h.Reorganisation; d != nil {
		out.Reorganisation.Value = &UnitDecisionView{
			ID: d.ID, Kind: string(d.Kind), Day: string(d.Day), Decision: d.Decision, Undone: d.Undone, Undoable: d.Undoable,
		}
	}
	return out
}

// seen leaves of ids as joinIDs writes them those that the caller may know of.
func (v viewer) seen(text string) string {
	var kept []event.UnitID
	for _, id := range strings.Split(text, ", ") {
		if v.sees(event.UnitID(id)) {
			kept = append(kept, event.UnitID(id))
		}
	}
	return joinIDs(kept)
}
