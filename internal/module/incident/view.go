package incident

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// IncidentView is an incident in a list.
type IncidentView struct {
	ID         string             `json:"id"`
	Code       string             `json:"code" example:"SC-2026-0001"`
	Drill      bool               `json:"drill" doc:"an exercise"`
	Title      string             `json:"title"`
	Unit       event.UnitID       `json:"unit"`
	UnitName   string             `json:"unitName"`
	Category   string             `json:"category"`
	Severity   string             `json:"severity" enum:"critical,high,medium,low"`
	Phase      string             `json:"phase" enum:"detect,preserve,isolate,analyse,recover,root-cause,closed"`
	Grave      bool               `json:"grave"`
	TLP        string             `json:"tlp" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED"`
	Lead       *module.PersonView `json:"lead,omitempty"`
	DetectedAt module.Time        `json:"detectedAt"`
	OpenedAt   module.Time        `json:"openedAt"`
	ChangedAt  module.Time        `json:"changedAt"`
	ClosedAt   *module.Time       `json:"closedAt,omitempty"`
	MergedInto string             `json:"mergedInto,omitempty" doc:"id of the incident it is part of"`
	Version    int64              `json:"version" doc:"send it back with a change"`
	Shared     bool               `json:"shared" doc:"another unit's, which was shared with one of the caller's"`
}

// IncidentDetailView is an incident with everything people edit.
type IncidentDetailView struct {
	IncidentView
	Origin              string             `json:"origin" enum:"alert,unit,citizen,manual,api"`
	Reference           string             `json:"reference"`
	Summary             string             `json:"summary"`
	Units               []IncidentUnitView `json:"units" nullable:"false" doc:"affected besides the unit"`
	Systems             []AffectedSystem   `json:"systems" nullable:"false"`
	PAP                 string             `json:"pap" enum:"CLEAR,GREEN,AMBER,RED"`
	Secrecy             string             `json:"secrecy" enum:",mat,toi-mat,tuyet-mat" doc:"papers of the matter bear this mark; they are kept elsewhere"`
	NationalSecurity    bool               `json:"nationalSecurity"`
	SevereDisruption    bool               `json:"severeDisruption"`
	PersonalData        bool               `json:"personalData"`
	SpecialPersonalData bool               `json:"specialPersonalData"`
	Complex             bool               `json:"complex"`
	EmergencyMonitoring bool               `json:"emergencyMonitoring"`
	ConfirmedAt         *module.Time       `json:"confirmedAt,omitempty"`
	ContainedAt         *module.Time       `json:"containedAt,omitempty"`
	RecoveredAt         *module.Time       `json:"recoveredAt,omitempty"`
	Cause               string             `json:"cause"`
	Measure             string             `json:"measure"`
	Lessons             string             `json:"lessons"`
	OpenedBy            module.PersonView  `json:"openedBy"`
	Leading             *LeadingView       `json:"leading,omitempty" doc:"the side that leads, where the leadership was handed over"`
	Summarised          bool               `json:"summarised" doc:"it was shared as a summary: there is more than is shown"`
	MayChange           bool               `json:"mayChange"`
	MayShare            bool               `json:"mayShare"`
}

// LeadingView is the side that leads the response.
type LeadingView struct {
	Kind string `json:"kind" enum:"unit,force,member"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// IncidentUnitView names a unit.
type IncidentUnitView struct {
	ID   event.UnitID `json:"id"`
	Name string       `json:"name"`
}

// IncidentTaskView is a task on the wire.
type IncidentTaskView struct {
	ID        string             `json:"id"`
	Playbook  string             `json:"playbook" doc:"playbook/task it came from; empty: added by hand"`
	Title     string             `json:"title"`
	Phase     string             `json:"phase"`
	Unit      event.UnitID       `json:"unit"`
	UnitName  string             `json:"unitName"`
	Owner     *module.PersonView `json:"owner,omitempty"`
	DueAt     *module.Time       `json:"dueAt,omitempty"`
	Late      bool               `json:"late"`
	State     string             `json:"state" enum:"open,done,dropped"`
	Checklist []TaskLine         `json:"checklist" nullable:"false"`
	Note      string             `json:"note"`
	DoneAt    *module.Time       `json:"doneAt,omitempty"`
	DoneBy    string             `json:"doneBy,omitempty"`
	Version   int64              `json:"version"`
}

// IncidentOfTaskView names the incident a task is part of.
type IncidentOfTaskView struct {
	ID       string `json:"id"`
	Code     string `json:"code"`
	Title    string `json:"title"`
	Severity string `json:"severity" enum:"critical,high,medium,low"`
	Drill    bool   `json:"drill"`
}

// MyIncidentTaskView is a task the caller is to do.
type MyIncidentTaskView struct {
	IncidentTaskView
	Incident IncidentOfTaskView `json:"incident"`
}

// IncidentEntryView is a line of the timeline on the wire.
type IncidentEntryView struct {
	ID     string            `json:"id"`
	At     module.Time       `json:"at"`
	Stored module.Time       `json:"stored"`
	Kind   string            `json:"kind"`
	Text   string            `json:"text"`
	Detail map[string]string `json:"detail"`
	TLP    string            `json:"tlp"`
	By     module.PersonView `json:"by"`
	Struck string            `json:"struck" doc:"why it does not hold; empty: it does"`
}

// IncidentObservableView is an observable on the wire.
type IncidentObservableView struct {
	ID      string      `json:"id"`
	Type    string      `json:"type"`
	Value   string      `json:"value"`
	Note    string      `json:"note"`
	TLP     string      `json:"tlp"`
	IOC     bool        `json:"ioc" doc:"seeing it elsewhere means harm"`
	AddedAt module.Time `json:"addedAt"`
	AddedBy string      `json:"addedBy"`
}

// NewObservableView is an observable to be noted.
type NewObservableView struct {
	Type  string `json:"type" maxLength:"32"`
	Value string `json:"value" maxLength:"2000"`
	Note  string `json:"note,omitempty" maxLength:"800"`
	TLP   string `json:"tlp,omitempty" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED" doc:"absent: as the incident"`
	IOC   bool   `json:"ioc,omitempty"`
}

// IncidentAlertView is an alert that is part of an incident.
type IncidentAlertView struct {
	ID      string      `json:"id"`
	Title   string      `json:"title"`
	Level   string      `json:"level"`
	Rule    string      `json:"rule"`
	Entity  string      `json:"entity"`
	AddedAt module.Time `json:"addedAt"`
	AddedBy string      `json:"addedBy"`
}

// IncidentShareView is a unit the incident was shared with.
type IncidentShareView struct {
	ID       string            `json:"id"`
	Unit     event.UnitID      `json:"unit"`
	UnitName string            `json:"unitName"`
	Part     string            `json:"part" enum:"all,summary"`
	TLP      string            `json:"tlp"`
	Note     string            `json:"note"`
	At       module.Time       `json:"at"`
	By       module.PersonView `json:"by"`
	EndedAt  *module.Time      `json:"endedAt,omitempty"`
}

// IncidentSimilarView is another incident that saw the same.
type IncidentSimilarView struct {
	IncidentView
	Values []string `json:"values" nullable:"false" doc:"what both saw, at most ten"`
}

func (s *Service) view(n naming, i *Incident) IncidentView {
	return IncidentView{
		ID: i.ID, Code: i.Code, Drill: i.Drill, Title: i.Title, Unit: i.Unit, UnitName: s.Units.Name(i.Unit), Category: i.Category, Severity: i.Severity,
		Phase: string(i.Phase), Grave: i.Grave, TLP: string(i.TLP), Lead: n.person(i.Lead), DetectedAt: module.Time{Time: i.DetectedAt},
		OpenedAt: module.Time{Time: i.OpenedAt}, ChangedAt: module.Time{Time: i.ChangedAt}, ClosedAt: module.TimeOrNil(i.ClosedAt),
		MergedInto: i.MergedInto, Version: i.Version,
	}
}

func (s *Service) detail(p module.Principal, n naming, i *Incident, sight Sight) IncidentDetailView {
	v := IncidentDetailView{
		IncidentView: s.view(n, i), Origin: string(i.Origin), Units: []IncidentUnitView{}, Systems: []AffectedSystem{}, PAP: i.PAP, Secrecy: i.Secrecy,
		OpenedBy: module.PersonView{ID: i.OpenedBy, DisplayName: i.OpenedName}, Summarised: sight.Summary && !sight.All,
		MayChange: sight.All && p.Can(module.ActionIncidentHandle, i.Unit), MayShare: sight.All && p.Can(module.ActionIncidentShare, i.Unit),
	}
	v.Shared = !sight.All
	if i.Leading != (Leading{}) {
		v.Leading = &LeadingView{i.Leading.Kind, i.Leading.ID, i.Leading.Name}
	}
	if v.Summarised {
		return v
	}
	v.Reference, v.Summary, v.Systems, v.Cause, v.Measure, v.Lessons = i.Reference, i.Summary, append(v.Systems, i.Systems...), i.Cause, i.Measure, i.Lessons
	for _, u := range i.Units {
		v.Units = append(v.Units, IncidentUnitView{u, s.Units.Name(u)})
	}
	v.NationalSecurity, v.SevereDisruption, v.PersonalData = i.NationalSecurity, i.SevereDisruption, i.PersonalData
	v.SpecialPersonalData, v.Complex, v.EmergencyMonitoring = i.SpecialPersonalData, i.Complex, i.EmergencyMonitoring
	v.ConfirmedAt, v.ContainedAt, v.RecoveredAt = module.TimeOrNil(i.ConfirmedAt), module.TimeOrNil(i.ContainedAt), module.TimeOrNil(i.RecoveredAt)
	return v
}

func (s *Service) taskView(n naming, t *Task, now time.Time) IncidentTaskView {
	v := IncidentTaskView{
		ID: t.ID, Playbook: t.Playbook, Title: t.Title, Phase: string(t.Phase), Unit: t.Unit, UnitName: s.Units.Name(t.Unit), Owner: n.person(t.Owner),
		DueAt: module.TimeOrNil(t.DueAt), Late: t.State == TaskOpen && !t.DueAt.IsZero() && now.After(t.DueAt), State: t.State, Checklist: t.Checklist,
		Note: t.Note, DoneAt: module.TimeOrNil(t.DoneAt), DoneBy: t.DoneBy, Version: t.Version,
	}
	if v.Checklist == nil {
		v.Checklist = []TaskLine{}
	}
	return v
}

func entryView(e *Entry) IncidentEntryView {
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	return IncidentEntryView{
		ID: e.ID, At: module.Time{Time: e.At}, Stored: module.Time{Time: e.Stored}, Kind: e.Kind, Text: e.Text, Detail: detail, TLP: string(e.TLP),
		By: module.PersonView{ID: e.ByID, DisplayName: e.By}, Struck: e.Struck,
	}
}

func joinedView(a Joined) IncidentAlertView {
	return IncidentAlertView{a.Alert, a.Title, a.Level, a.Rule, a.Entity, module.Time{Time: a.AddedAt}, a.AddedBy}
}

func observableView(o Observable) IncidentObservableView {
	return IncidentObservableView{o.ID, o.Type, o.Value, o.Note, string(o.TLP), o.IOC, module.Time{Time: o.AddedAt}, o.AddedBy}
}

func (s *Service) shareView(x Share) IncidentShareView {
	return IncidentShareView{x.ID, x.Unit, s.Units.Name(x.Unit), string(x.Part), string(x.TLP), x.Note, module.Time{Time: x.At},
		module.PersonView{ID: x.ByID, DisplayName: x.By}, module.TimeOrNil(x.Ended)}
}
