package warning

import (
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// WarningView is a warning in a list of the centre.
type WarningView struct {
	ID          string       `json:"id"`
	Code        string       `json:"code" example:"CB-2026-0001" doc:"empty before it is published"`
	Drill       bool         `json:"drill" doc:"an exercise"`
	Title       string       `json:"title"`
	Kind        string       `json:"kind" enum:"vulnerability,campaign,leak,malware,misconfiguration"`
	Severity    string       `json:"severity" enum:"critical,high,medium,low"`
	TLP         string       `json:"tlp" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED"`
	State       string       `json:"state" enum:"draft,review,published,closed,withdrawn"`
	CreatedBy   string       `json:"createdBy"`
	ChangedAt   module.Time  `json:"changedAt"`
	PublishedAt *module.Time `json:"publishedAt,omitempty"`
	AckBy       *module.Time `json:"ackBy,omitempty"`
	FixBy       *module.Time `json:"fixBy,omitempty"`
	Tally       TallyView    `json:"tally"`
	Version     int64        `json:"version" doc:"send it back with a change"`
}

// TallyView is how far the copies of a warning are.
type TallyView struct {
	Sent         int64 `json:"sent"`
	Acknowledged int64 `json:"acknowledged"`
	Answered     int64 `json:"answered"`
	NeedHelp     int64 `json:"needHelp"`
	Settled      int64 `json:"settled"`
	Late         int64 `json:"late" doc:"open, and a time is over"`
}

// WarningDetailView is a warning with everything people write.
type WarningDetailView struct {
	WarningView
	Facts        WarningFacts `json:"facts"`
	ReviewedAt   *module.Time `json:"reviewedAt,omitempty"`
	ReviewedBy   string       `json:"reviewedBy"`
	PublishedBy  string       `json:"publishedBy"`
	EndedAt      *module.Time `json:"endedAt,omitempty"`
	Reason       string       `json:"reason" doc:"why it was withdrawn, or returned for changes"`
	Search       string       `json:"search" doc:"what a re-check looks for; empty: nothing"`
	MayWrite     bool         `json:"mayWrite"`
	MayPublish   bool         `json:"mayPublish"`
	WroteIt      bool         `json:"wroteIt" doc:"the caller wrote some of it, and so does not publish it"`
	MayVerify    bool         `json:"mayVerify"`
	AudienceView AudienceSum  `json:"audience"`
}

// AudienceSum is how far the audience is.
type AudienceSum struct {
	State           string       `json:"state" enum:",waiting,running,done"`
	Done            int          `json:"done" doc:"indicators looked for"`
	Of              int          `json:"of"`
	At              *module.Time `json:"at,omitempty"`
	Missing         []string     `json:"missing" nullable:"false" doc:"indicators that could not be looked for"`
	SoftwareUnknown bool         `json:"softwareUnknown" doc:"no software list could be asked"`
}

// AudienceMemberView is a unit of an audience.
type AudienceMemberView struct {
	Unit     event.UnitID     `json:"unit"`
	UnitName string           `json:"unitName"`
	Reasons  []AudienceReason `json:"reasons" nullable:"false"`
	Removed  string           `json:"removed" doc:"why it was taken off; empty: it gets the warning"`
	By       string           `json:"by" doc:"who added it or took it off"`
}

// WarningCopyView is a unit's copy in a list.
type WarningCopyView struct {
	Warning        string             `json:"warning" doc:"id of the warning"`
	Code           string             `json:"code"`
	Drill          bool               `json:"drill"`
	Title          string             `json:"title"`
	Kind           string             `json:"kind" enum:"vulnerability,campaign,leak,malware,misconfiguration"`
	Severity       string             `json:"severity" enum:"critical,high,medium,low"`
	TLP            string             `json:"tlp" enum:"CLEAR,GREEN,AMBER,AMBER+STRICT,RED"`
	Withdrawn      bool               `json:"withdrawn"`
	Unit           event.UnitID       `json:"unit"`
	UnitName       string             `json:"unitName"`
	Open           bool               `json:"open"`
	SentAt         module.Time        `json:"sentAt"`
	AckBy          module.Time        `json:"ackBy"`
	FixBy          module.Time        `json:"fixBy"`
	AcknowledgedAt *module.Time       `json:"acknowledgedAt,omitempty"`
	AcknowledgedBy string             `json:"acknowledgedBy"`
	Answer         string             `json:"answer" enum:",not-us,fixed,need-help"`
	AnsweredAt     *module.Time       `json:"answeredAt,omitempty"`
	LateAck        bool               `json:"lateAck"`
	LateFix        bool               `json:"lateFix"`
	Recheck        WarningRecheckView `json:"recheck"`
	SettledAt      *module.Time       `json:"settledAt,omitempty"`
	Settled        string             `json:"settled" enum:",recheck,scan,person,withdrawn"`
	SettledBy      string             `json:"settledBy"`
}

// WarningRecheckView is whether what was said to be fixed is.
type WarningRecheckView struct {
	State  string       `json:"state" enum:",waiting,clean,found,silent,failed" doc:"silent: the unit sent no events at all, which proves nothing"`
	At     *module.Time `json:"at,omitempty" doc:"when it was done, or is due"`
	From   *module.Time `json:"from,omitempty"`
	To     *module.Time `json:"to,omitempty"`
	Events int64        `json:"events" doc:"found"`
	Query  string       `json:"query" doc:"to look at them on the page of searches"`
	Note   string       `json:"note"`
	Scan   bool         `json:"scan" doc:"a scan, entered by a person"`
}

// WarningCopyDetailView is what a unit reads.
type WarningCopyDetailView struct {
	WarningCopyView
	Grade      SourceGrade        `json:"grade"`
	Text       WarningText        `json:"text"`
	Products   []AffectedProduct  `json:"products" nullable:"false"`
	CVEs       []string           `json:"cves" nullable:"false"`
	Indicators []WarningIndicator `json:"indicators" nullable:"false"`
	WatchHours int                `json:"watchHours"`
	Reason     string             `json:"reason" doc:"why it was withdrawn"`
	Steps      []WarningStepView  `json:"steps" nullable:"false"`
	Files      []WarningFileView  `json:"files" nullable:"false"`
	MayAnswer  bool               `json:"mayAnswer"`
	MayVerify  bool               `json:"mayVerify"`
}

// WarningStepView is a line of a copy's history.
type WarningStepView struct {
	ID     string            `json:"id"`
	Kind   string            `json:"kind" enum:"sent,acknowledge,answer,file,recheck,scan,settle,reopen,remind,overdue,reply,withdraw"`
	At     module.Time       `json:"at"`
	By     string            `json:"by"`
	Text   string            `json:"text"`
	Detail map[string]string `json:"detail"`
}

// WarningFileView is a proof a unit gave.
type WarningFileView struct {
	ID     string      `json:"id"`
	Name   string      `json:"name"`
	Size   int64       `json:"size"`
	SHA256 string      `json:"sha256"`
	At     module.Time `json:"at"`
	By     string      `json:"by"`
}

// WarningPaceView is how fast warnings were dealt with; times in seconds, absent where
// there is none.
type WarningPaceView struct {
	Copies       int64  `json:"copies"`
	Acknowledged int64  `json:"acknowledged"`
	Fixed        int64  `json:"fixed" doc:"answered as fixed, and settled"`
	LateAck      int64  `json:"lateAck"`
	LateFix      int64  `json:"lateFix"`
	AckMedian    *int64 `json:"ackMedian,omitempty"`
	AckP90       *int64 `json:"ackP90,omitempty"`
	FixMedian    *int64 `json:"fixMedian,omitempty"`
	FixP90       *int64 `json:"fixP90,omitempty"`
}

// WarningUnitPaceView is the pace of one unit.
type WarningUnitPaceView struct {
	Unit     event.UnitID `json:"unit"`
	UnitName string       `json:"unitName"`
	WarningPaceView
}

func view(w *Warning, t Tally) WarningView {
	return WarningView{ID: w.ID, Code: w.Code, Drill: w.Drill, Title: w.Title, Kind: w.Kind, Severity: w.Severity, TLP: w.TLP, State: string(w.State),
		CreatedBy: w.CreatedName, ChangedAt: module.Time{Time: w.ChangedAt}, PublishedAt: module.TimeOrNil(w.PublishedAt), AckBy: module.TimeOrNil(w.AckBy),
		FixBy: module.TimeOrNil(w.FixBy), Tally: TallyView(t), Version: w.Version}
}

func detail(p module.Principal, w *Warning, t Tally) WarningDetailView {
	wrote := slices.Contains(w.Writers, p.ID)
	f := w.WarningFacts
	f.Products, f.CVEs, f.Indicators = module.OrEmpty(f.Products), module.OrEmpty(f.CVEs), module.OrEmpty(f.Indicators)
	f.Choice.Kinds, f.Choice.Under = module.OrEmpty(f.Choice.Kinds), module.OrEmpty(f.Choice.Under)
	return WarningDetailView{WarningView: view(w, t), Facts: f, ReviewedAt: module.TimeOrNil(w.ReviewedAt), ReviewedBy: w.ReviewedName,
		PublishedBy: w.PublishedName, EndedAt: module.TimeOrNil(w.EndedAt), Reason: w.Reason, Search: w.Search(),
		MayWrite: p.Require(module.ActionWarningWrite) == nil, MayPublish: p.Require(module.ActionWarningPublish) == nil && !wrote, WroteIt: wrote,
		MayVerify: p.Require(module.ActionWarningVerify) == nil,
		AudienceView: AudienceSum{State: w.Audience.State, Done: w.Audience.Done, Of: w.Audience.Of, At: module.TimeOrNil(w.Audience.At),
			Missing: module.OrEmpty(w.Audience.Missing), SoftwareUnknown: w.Audience.SoftwareUnknown}}
}

func (s *Service) copyView(w *Warning, c *Copy) WarningCopyView {
	now := s.Now()
	return WarningCopyView{Warning: w.ID, Code: w.Code, Drill: w.Drill, Title: w.Title, Kind: w.Kind, Severity: w.Severity, TLP: w.TLP, Withdrawn: w.State == Withdrawn,
		Unit: c.Unit, UnitName: s.Units.Name(c.Unit), Open: c.Open, SentAt: module.Time{Time: c.SentAt}, AckBy: module.Time{Time: c.AckBy},
		FixBy: module.Time{Time: c.FixBy}, AcknowledgedAt: module.TimeOrNil(c.AckAt), AcknowledgedBy: c.AckName, Answer: c.Answer,
		AnsweredAt: module.TimeOrNil(c.AnswerAt), LateAck: c.LateAck(now), LateFix: c.LateFix(now),
		Recheck: WarningRecheckView{State: c.Recheck.State, At: module.TimeOrNil(c.Recheck.At), From: module.TimeOrNil(c.Recheck.From), To: module.TimeOrNil(c.Recheck.To),
			Events: c.Recheck.Events, Query: c.Recheck.Query, Note: c.Recheck.Note, Scan: c.Recheck.Scan},
		SettledAt: module.TimeOrNil(c.SettledAt), Settled: c.Settled, SettledBy: c.SettledBy}
}

func (s *Service) copyDetail(p module.Principal, r *Received, steps []Step, files []File) WarningCopyDetailView {
	stands := r.State == Published || r.State == Closed
	v := WarningCopyDetailView{WarningCopyView: s.copyView(&r.Warning, &r.Copy), Grade: r.Grade, Text: r.Text, Products: module.OrEmpty(r.Products), CVEs: module.OrEmpty(r.CVEs),
		Indicators: module.OrEmpty(r.Indicators), WatchHours: r.WatchHours, Steps: make([]WarningStepView, len(steps)), Files: make([]WarningFileView, len(files)),
		MayAnswer: stands && r.Open && p.Can(module.ActionWarningAnswer, r.Unit), MayVerify: stands && p.Can(module.ActionWarningVerify, r.Unit)}
	if r.State == Withdrawn {
		v.Reason = r.Reason
	}
	for i, x := range steps {
		v.Steps[i] = WarningStepView{x.ID, string(x.Kind), module.Time{Time: x.At}, x.By, x.Text, x.Detail}
	}
	for i, f := range files {
		v.Files[i] = WarningFileView{f.ID, f.Name, f.Size, f.SHA256, module.Time{Time: f.At}, f.By}
	}
	return v
}

func paceView(p Pace) WarningPaceView {
	seconds := func(d time.Duration, n int64) *int64 {
		if n == 0 {
			return nil
		}
		whole := int64(d / time.Second)
		return &whole
	}
	return WarningPaceView{p.Copies, p.Acknowledged, p.Fixed, p.LateAck, p.LateFix, seconds(p.AckMedian, p.Acknowledged), seconds(p.AckP90, p.Acknowledged),
		seconds(p.FixMedian, p.Fixed), seconds(p.FixP90, p.Fixed)}
}
