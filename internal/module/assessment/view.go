package assessment

import (
	"maps"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// AssessmentItemView is what a plan has in a month.
type AssessmentItemView struct {
	Unit     event.UnitID `json:"unit" maxLength:"48"`
	UnitName string       `json:"unitName,omitempty" readOnly:"true"`
	System   string       `json:"system" maxLength:"200" doc:"empty: the unit as a whole"`
	Kind     string       `json:"kind" enum:"inspection,self,independent,pentest,device"`
	Month    int          `json:"month" minimum:"1" maximum:"12"`
	Note     string       `json:"note" maxLength:"200"`
}

// AssessmentPlanView is the plan of a year.
type AssessmentPlanView struct {
	ID         string               `json:"id"`
	Year       int64                `json:"year"`
	Approved   bool                 `json:"approved"`
	Items      []AssessmentItemView `json:"items" nullable:"false"`
	Decision   string               `json:"decision"`
	ApprovedAt *module.Time         `json:"approvedAt,omitempty"`
	ApprovedBy string               `json:"approvedBy"`
	Version    int64                `json:"version" doc:"send it back with a change"`
}

func (s *Service) planView(p Plan) AssessmentPlanView {
	v := AssessmentPlanView{ID: p.ID, Year: p.Year, Approved: p.Approved, Items: []AssessmentItemView{}, Decision: p.Decision, ApprovedAt: module.TimeOrNil(p.ApprovedAt), ApprovedBy: p.ApprovedBy, Version: p.Version}
	for _, x := range p.Items {
		v.Items = append(v.Items, AssessmentItemView{x.Unit, s.Units.Name(x.Unit), x.System, string(x.Kind), x.Month, x.Note})
	}
	return v
}

func itemsOf(list []AssessmentItemView) []Item {
	items := make([]Item, len(list))
	for i, x := range list {
		items[i] = Item{x.Unit, x.System, Kind(x.Kind), x.Month, x.Note}
	}
	return items
}

// AssessedSystemView is a system that is assessed.
type AssessedSystemView struct {
	ID       string `json:"id,omitempty" maxLength:"64" doc:"of the register; the rest is then taken from there"`
	Name     string `json:"name" maxLength:"200"`
	Operator string `json:"operator" maxLength:"200"`
	Level    int    `json:"level" minimum:"0" maximum:"5"`
	Asked    int    `json:"asked,omitempty" readOnly:"true" doc:"the level whose requirements are asked of it; 0: none"`
}

// TeamMemberView is one of the team.
type TeamMemberView struct {
	Name         string `json:"name" maxLength:"200"`
	Duty         string `json:"duty" maxLength:"200"`
	Organisation string `json:"organisation" maxLength:"200"`
}

// CheckedDeviceView is a device before it is installed.
type CheckedDeviceView struct {
	Name    string `json:"name" maxLength:"200"`
	Origin  string `json:"origin" maxLength:"200"`
	Donated bool   `json:"donated"`
	Verdict string `json:"verdict" enum:",pass,condition,fail"`
	Note    string `json:"note" maxLength:"2000"`
}

// InspectionFields are what people say of a visit.
type InspectionFields struct {
	Unit          event.UnitID         `json:"unit" maxLength:"48"`
	Kind          string               `json:"kind" enum:"inspection,self,independent,pentest,device"`
	Box           string               `json:"box" enum:",black,gray,white" doc:"of a penetration test"`
	Title         string               `json:"title" maxLength:"200"`
	Systems       []AssessedSystemView `json:"systems" nullable:"false" maxItems:"200"`
	Scheduled     bool                 `json:"scheduled" doc:"it is in the plan of the year"`
	AfterIncident bool                 `json:"afterIncident"`
	Emergency     string               `json:"emergency" maxLength:"2000" doc:"why it begins earlier than the notice allows"`
	StartsAt      module.Time          `json:"startsAt"`
	EndsAt        module.Time          `json:"endsAt"`
	Team          []TeamMemberView     `json:"team" nullable:"false" maxItems:"50"`
	Assessor      string               `json:"assessor" maxLength:"200" doc:"the organisation"`
	Monitor       string               `json:"monitor" maxLength:"200" doc:"who monitors and protects the systems"`
	Devices       []CheckedDeviceView  `json:"devices" nullable:"false" maxItems:"200"`
	Minutes       string               `json:"minutes" maxLength:"64" doc:"number of the minutes, or of their document"`
}

func (b *InspectionFields) facts() Facts {
	f := Facts{Unit: b.Unit, Kind: Kind(b.Kind), Box: b.Box, Title: b.Title, Scheduled: b.Scheduled, AfterIncident: b.AfterIncident, Emergency: b.Emergency,
		StartsAt: b.StartsAt.UTC().Truncate(time.Second), EndsAt: b.EndsAt.UTC().Truncate(time.Second), Assessor: b.Assessor, Monitor: b.Monitor, Minutes: module.OneLine(b.Minutes)}
	for _, x := range b.Systems {
		f.Systems = append(f.Systems, Target(x))
	}
	for _, m := range b.Team {
		f.Team = append(f.Team, Member(m))
	}
	for _, d := range b.Devices {
		f.Devices = append(f.Devices, Checked(d))
	}
	return f
}

// InspectionAnswerView is what was found of one thing that is asked.
type InspectionAnswerView struct {
	Result string `json:"result" enum:"yes,partly,no,not-applicable"`
	Note   string `json:"note" maxLength:"20000"`
}

// InspectionView is a visit.
type InspectionView struct {
	InspectionFields

	ID          string                          `json:"id"`
	Code        string                          `json:"code"`
	UnitName    string                          `json:"unitName"`
	State       string                          `json:"state" enum:"planned,noticed,running,concluded,cancelled"`
	Answers     map[string]InspectionAnswerView `json:"answers" doc:"by id of the checklist's item"`
	Conclusion  string                          `json:"conclusion"`
	NoticeHours int                             `json:"noticeHours" doc:"how long before it the unit is to be told"`
	NoticeBasis string                          `json:"noticeBasis"`
	NoticedAt   *module.Time                    `json:"noticedAt,omitempty"`
	StartedAt   *module.Time                    `json:"startedAt,omitempty"`
	ConcludedAt *module.Time                    `json:"concludedAt,omitempty"`
	By          string                          `json:"by"`
	OfUnit      bool                            `json:"ofUnit" doc:"its unit assesses itself, and made it"`
	Version     int64                           `json:"version" doc:"send it back with a change"`
}

func (s *Service) visitView(v Visit) InspectionView {
	rule, _ := s.Tables.early(&v.Facts, v.NoticedAt)
	if v.Kind == Self || v.Kind == Device {
		rule = noticeRule{}
	}
	out := InspectionView{ID: v.ID, Code: v.Code, UnitName: s.Units.Name(v.Unit), State: string(v.State), Answers: map[string]InspectionAnswerView{}, Conclusion: v.Conclusion,
		NoticeHours: rule.Hours, NoticeBasis: rule.Basis, NoticedAt: module.TimeOrNil(v.NoticedAt), StartedAt: module.TimeOrNil(v.StartedAt), ConcludedAt: module.TimeOrNil(v.ConcludedAt), By: v.By, OfUnit: v.OfUnit, Version: v.Version,
		InspectionFields: InspectionFields{Unit: v.Unit, Kind: string(v.Kind), Box: v.Box, Title: v.Title, Scheduled: v.Scheduled, AfterIncident: v.AfterIncident, Emergency: v.Emergency,
			StartsAt: module.Time{Time: v.StartsAt}, EndsAt: module.Time{Time: v.EndsAt}, Assessor: v.Assessor, Monitor: v.Monitor, Minutes: v.Minutes,
			Systems: module.ListOf(v.Systems, func(x Target) AssessedSystemView { return AssessedSystemView(x) }).Items,
			Team:    module.ListOf(v.Team, func(x Member) TeamMemberView { return TeamMemberView(x) }).Items,
			Devices: module.ListOf(v.Devices, func(x Checked) CheckedDeviceView { return CheckedDeviceView(x) }).Items}}
	for item, a := range v.Answers {
		out.Answers[item] = InspectionAnswerView(a)
	}
	return out
}

// InspectionListView is a page of visits.
type InspectionListView struct {
	Items []InspectionView `json:"items" nullable:"false"`
	Next  string           `json:"next" doc:"cursor of the next page; empty: the last"`
}

// InspectionFindingView is something to be mended.
type InspectionFindingView struct {
	ID         string       `json:"id"`
	Visit      string       `json:"visit"`
	Unit       event.UnitID `json:"unit"`
	UnitName   string       `json:"unitName"`
	State      string       `json:"state" enum:"open,answered,closed"`
	Late       bool         `json:"late"`
	Title      string       `json:"title"`
	Text       string       `json:"text"`
	Item       string       `json:"item" doc:"of the checklist; empty: none"`
	Severity   string       `json:"severity" enum:"critical,high,medium,low"`
	Remedy     string       `json:"remedy"`
	Due        string       `json:"due" doc:"a day"`
	Answer     string       `json:"answer" doc:"of the unit"`
	Evidence   string       `json:"evidence"`
	AnsweredAt *module.Time `json:"answeredAt,omitempty"`
	AnsweredBy string       `json:"answeredBy"`
	Recheck    string       `json:"recheck" doc:"of the centre"`
	RecheckAt  *module.Time `json:"recheckAt,omitempty"`
	RecheckBy  string       `json:"recheckBy"`
	Version    int64        `json:"version" doc:"send it back with a step"`
}

func (s *Service) findingView(f Finding) InspectionFindingView {
	return InspectionFindingView{ID: f.ID, Visit: f.Visit, Unit: f.Unit, UnitName: s.Units.Name(f.Unit), State: string(f.State), Late: f.State != Closed && f.Due < module.DateOf(s.Now()),
		Title: f.Title, Text: f.Text, Item: f.Item, Severity: f.Severity, Remedy: f.Remedy, Due: string(f.Due), Answer: f.Answer, Evidence: f.Evidence, AnsweredAt: module.TimeOrNil(f.AnsweredAt),
		AnsweredBy: f.AnsweredBy, Recheck: f.Recheck, RecheckAt: module.TimeOrNil(f.RecheckAt), RecheckBy: f.RecheckBy, Version: f.Version}
}

// InspectionDetailView is a visit with its findings.
type InspectionDetailView struct {
	InspectionView

	Findings []InspectionFindingView `json:"findings" nullable:"false"`
	Drawn    []InspectionDrawnView   `json:"drawn" nullable:"false" doc:"what is asked of its systems, by the level they are asked at"`
}

// InspectionDrawnView is a checklist drawn from the catalogue of requirements. An item of
// it is answered, and found against, as <system>/<item>.
type InspectionDrawnView struct {
	Level     int                   `json:"level"`
	Catalogue string                `json:"catalogue"`
	Title     string                `json:"title"`
	Groups    []InspectionGroupView `json:"groups" nullable:"false"`
}

func (s *Service) detailView(v Visit, found []Finding) InspectionDetailView {
	out := InspectionDetailView{s.visitView(v), module.ListOf(found, s.findingView).Items, []InspectionDrawnView{}}
	lists := s.drawn(&v)
	for _, level := range slices.Sorted(maps.Keys(lists)) {
		d := lists[level]
		x := InspectionDrawnView{level, d.Catalogue, d.Title, []InspectionGroupView{}}
		for _, g := range d.Groups {
			x.Groups = append(x.Groups, g.view())
		}
		out.Drawn = append(out.Drawn, x)
	}
	return out
}

// InspectionItemView is one thing that is asked.
type InspectionItemView struct {
	ID      string `json:"id"`
	Article string `json:"article"`
	Vi      string `json:"vi"`
	En      string `json:"en"`
}

// InspectionGroupView is a part of the checklist.
type InspectionGroupView struct {
	ID    string               `json:"id"`
	Vi    string               `json:"vi"`
	En    string               `json:"en"`
	Kinds []Kind               `json:"kinds" nullable:"false"`
	Items []InspectionItemView `json:"items" nullable:"false"`
}

// AssessmentCycleView is how often a system of a level is to be assessed.
type AssessmentCycleView struct {
	Level  int `json:"level"`
	Months int `json:"months"`
}

// InspectionCatalogueView is what is asked, and how often a visit is due.
type InspectionCatalogueView struct {
	Groups       []InspectionGroupView `json:"groups" nullable:"false"`
	Cycles       []AssessmentCycleView `json:"cycles" nullable:"false"`
	CyclesVerify string                `json:"cyclesVerify" doc:"what is to be checked before it is relied on"`
}

func (g *Group) view() InspectionGroupView {
	x := InspectionGroupView{ID: g.ID, Vi: g.Vi, En: g.En, Kinds: module.OrEmpty(g.Kinds), Items: make([]InspectionItemView, len(g.Items))}
	for i := range g.Items {
		x.Items[i] = InspectionItemView(g.Items[i])
	}
	return x
}

func (s *Service) catalogueView() InspectionCatalogueView {
	v := InspectionCatalogueView{CyclesVerify: s.Cycles.Verify}
	for _, g := range s.Tables.groups {
		v.Groups = append(v.Groups, g.view())
	}
	for level := 1; level <= 5; level++ {
		v.Cycles = append(v.Cycles, AssessmentCycleView{level, s.Cycles.Months[level]})
	}
	return v
}
