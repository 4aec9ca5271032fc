package coordination

import (
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// ForceView is one of the four forces and whom to reach there.
type ForceView struct {
	ID     string          `json:"id"`
	Vi     string          `json:"vi"`
	Name   string          `json:"name"`
	RoleVi string          `json:"roleVi"`
	Role   string          `json:"role"`
	At     ContactCardView `json:"at"`
}

// ContactCardView is whom to reach somewhere.
type ContactCardView struct {
	Person  string `json:"person"`
	Address string `json:"address"`
	Phone   string `json:"phone"`
	Mail    string `json:"mail"`
	Note    string `json:"note"`
	Version int64  `json:"version" doc:"send it back with a change; 0: nothing was entered"`
}

// ResponderView is somebody of a response team.
type ResponderView struct {
	Responder
	UnitName  string `json:"unitName"`
	MayManage bool   `json:"mayManage"`
}

// NetworkContactView is a member of the network, an owner or operator of a system.
type NetworkContactView struct {
	Contact
	UnitName  string `json:"unitName"`
	MayManage bool   `json:"mayManage"`
}

// ShiftView is who is on call for a while.
type ShiftView struct {
	ID      string          `json:"id"`
	Unit    event.UnitID    `json:"unit"`
	From    module.Time     `json:"from"`
	Until   module.Time     `json:"until"`
	Primary OnCallPartyView `json:"primary"`
	Backup  OnCallPartyView `json:"backup"`
	Note    string          `json:"note"`
	Version int64           `json:"version"`
}

// OnCallPartyView is somebody on call.
type OnCallPartyView struct {
	ID    string `json:"id" doc:"empty: nobody"`
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Mail  string `json:"mail"`
}

// OnCallGapView is a time in which nobody is on call.
type OnCallGapView struct {
	From  module.Time `json:"from"`
	Until module.Time `json:"until"`
}

// OnCallView is the calendar of a unit.
type OnCallView struct {
	Unit      event.UnitID    `json:"unit"`
	Shifts    []ShiftView     `json:"shifts" nullable:"false" doc:"the latest first"`
	Now       []ShiftView     `json:"now" nullable:"false" doc:"empty: nobody is on call now"`
	Gaps      []OnCallGapView `json:"gaps" nullable:"false" doc:"from now on"`
	MayManage bool            `json:"mayManage"`
}

// CoordinationSubjectView is what people are brought together about.
type CoordinationSubjectView struct {
	Kind  string `json:"kind"`
	ID    string `json:"id" doc:"empty for who is asked only"`
	Code  string `json:"code"`
	Title string `json:"title"`
}

// CalledView is one person in the line of a call-up.
type CalledView struct {
	Person    string       `json:"person"`
	Name      string       `json:"name"`
	Phone     string       `json:"phone"`
	Own       bool         `json:"own" doc:"it is the caller of the API"`
	CalledAt  *module.Time `json:"calledAt,omitempty" doc:"absent: not called yet"`
	Passed    bool         `json:"passed" doc:"did not acknowledge in time; the next one was called"`
	Answer    string       `json:"answer" enum:",comes,declines"`
	RepliedAt *module.Time `json:"repliedAt,omitempty"`
	Via       string       `json:"via" enum:",console,phone"`
	Noted     string       `json:"noted" doc:"who noted it, where it was by telephone"`
	Note      string       `json:"note"`
}

// CallUpView is a call-up on the wire.
type CallUpView struct {
	ID       string                  `json:"id"`
	Subject  CoordinationSubjectView `json:"subject"`
	Unit     event.UnitID            `json:"unit"`
	UnitName string                  `json:"unitName"`
	Drill    bool                    `json:"drill"`
	Message  string                  `json:"message"`
	By       module.Time             `json:"by"`
	Needed   int                     `json:"needed" doc:"0 for who was called from another unit"`
	Come     int                     `json:"come"`
	Short    bool                    `json:"short" doc:"too few come and nobody is left to call"`
	Minutes  int                     `json:"minutes"`
	Line     []CalledView            `json:"line" nullable:"false"`
	At       module.Time             `json:"at"`
	Caller   string                  `json:"caller"`
	ClosedAt *module.Time            `json:"closedAt,omitempty"`
	MayCall  bool                    `json:"mayCall"`
}

// AskView is an ask on the wire.
type AskView struct {
	ID        string                  `json:"id"`
	Subject   CoordinationSubjectView `json:"subject"`
	Unit      event.UnitID            `json:"unit"`
	UnitName  string                  `json:"unitName"`
	Drill     bool                    `json:"drill"`
	To        Side                    `json:"to"`
	Question  string                  `json:"question"`
	By        module.Time             `json:"by"`
	State     string                  `json:"state" enum:"sent,seen,answered,refused,withdrawn"`
	Steps     []AskStepView           `json:"steps" nullable:"false"`
	At        module.Time             `json:"at"`
	Asker     string                  `json:"asker"`
	MayAnswer bool                    `json:"mayAnswer" doc:"for a force or a member: note what they said"`
	MayTake   bool                    `json:"mayWithdraw"`
	Version   int64                   `json:"version"`
}

// AskStepView is one thing that happened to an ask.
type AskStepView struct {
	State string      `json:"state" enum:"seen,answered,refused,withdrawn"`
	At    module.Time `json:"at"`
	By    string      `json:"by"`
	Text  string      `json:"text"`
}

// HandoverView is a hand-over on the wire.
type HandoverView struct {
	ID        string                  `json:"id"`
	Subject   CoordinationSubjectView `json:"subject"`
	Unit      event.UnitID            `json:"unit"`
	Drill     bool                    `json:"drill"`
	From      Side                    `json:"from"`
	To        Side                    `json:"to"`
	Reason    string                  `json:"reason"`
	State     string                  `json:"state" enum:"proposed,accepted,refused,withdrawn"`
	At        module.Time             `json:"at"`
	Proposer  string                  `json:"proposer"`
	DecidedAt *module.Time            `json:"decidedAt,omitempty"`
	DecidedBy string                  `json:"decidedBy"`
	Note      string                  `json:"note"`
	MayDecide bool                    `json:"mayDecide"`
	MayTake   bool                    `json:"mayWithdraw"`
	Version   int64                   `json:"version"`
}

func (s *Service) callView(p module.Principal, c *CallUp) CallUpView {
	come, _ := c.counted()
	v := CallUpView{ID: c.ID, Subject: CoordinationSubjectView(c.Subject), Unit: c.Unit, UnitName: s.Units.Name(c.Unit), Drill: c.Drill, Message: c.Message,
		By: module.Time{Time: c.By}, Needed: c.Needed, Come: come, Short: c.Needed > 0 && c.short(), Minutes: c.Minutes, Line: make([]CalledView, len(c.Line)), At: module.Time{Time: c.At},
		Caller: c.Name, ClosedAt: module.TimeOrNil(c.ClosedAt), MayCall: p.Can(module.ActionCoordinationCall, c.Unit)}
	for i, x := range c.Line {
		v.Line[i] = CalledView{Person: x.Person, Name: x.Name, Phone: x.Phone, Own: x.User != "" && x.User == p.ID, CalledAt: module.TimeOrNil(x.At), Passed: x.Passed,
			Answer: string(x.Answer), RepliedAt: module.TimeOrNil(x.Replied), Via: x.Via, Noted: x.Noted, Note: x.Note}
	}
	return v
}

func (s *Service) askView(p module.Principal, a *Ask) AskView {
	side := a.To.other()
	if side == "" {
		side = a.Unit
	}
	v := AskView{ID: a.ID, Subject: CoordinationSubjectView(a.Subject), Unit: a.Unit, UnitName: s.Units.Name(a.Unit), Drill: a.Drill, To: a.To, Question: a.Question,
		By: module.Time{Time: a.By}, State: string(a.State), Steps: make([]AskStepView, len(a.Steps)), At: module.Time{Time: a.At}, Asker: a.Name,
		MayAnswer: a.State.Open() && p.Can(module.ActionCoordinationAnswer, side), MayTake: a.State.Open() && p.Can(module.ActionCoordinationAsk, a.Unit), Version: a.Version}
	for i, x := range a.Steps {
		v.Steps[i] = AskStepView{string(x.State), module.Time{Time: x.At}, x.By, x.Text}
	}
	return v
}

func (s *Service) handoverView(p module.Principal, h *Handover) HandoverView {
	side, open := h.To.other(), h.State == HandoverProposed
	if side == "" {
		side = h.Unit
	}
	own := h.To.Kind == SideUnit && h.Proposer == p.ID && p.Unit != side
	return HandoverView{ID: h.ID, Subject: CoordinationSubjectView(h.Subject), Unit: h.Unit, Drill: h.Drill, From: h.From, To: h.To, Reason: h.Reason, State: string(h.State),
		At: module.Time{Time: h.At}, Proposer: h.Name, DecidedAt: module.TimeOrNil(h.DecidedAt), DecidedBy: h.DecidedBy, Note: h.Note,
		MayDecide: open && !own && p.Can(module.ActionCoordinationAnswer, side), MayTake: open && p.Can(module.ActionCoordinationAnswer, h.Unit), Version: h.Version}
}

func shiftView(x *Shift, people map[string]Responder) ShiftView {
	who := func(id string) OnCallPartyView {
		r := people[id]
		return OnCallPartyView{id, r.Name, r.Phone, r.Mail}
	}
	return ShiftView{x.ID, x.Unit, module.Time{Time: x.From}, module.Time{Time: x.Until}, who(x.Primary), who(x.Backup), x.Note, x.Version}
}
