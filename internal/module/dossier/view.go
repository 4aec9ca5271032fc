package dossier

import (
	"context"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
)

// LevelWordsView is a text in both languages.
type LevelWordsView struct {
	Vi string `json:"vi"`
	En string `json:"en"`
}

// LevelAnswerView is an answer of the questionnaire.
type LevelAnswerView struct {
	ID      string `json:"id"`
	Vi      string `json:"vi"`
	En      string `json:"en"`
	Level   int    `json:"level" doc:"0: it decides nothing by itself"`
	Article string `json:"article"`
	Alone   bool   `json:"alone" doc:"it excludes the other answers"`
}

// LevelQuestionView is a question.
type LevelQuestionView struct {
	ID      string            `json:"id"`
	Kind    string            `json:"kind" enum:"one,many,number"`
	After   string            `json:"after" doc:"asked only after an answer to this question; empty: always"`
	Of      []string          `json:"of" nullable:"false" doc:"those answers"`
	Risk    bool              `json:"risk" doc:"the answer is the result of a risk assessment"`
	Article string            `json:"article"`
	Vi      string            `json:"vi"`
	En      string            `json:"en"`
	Answers []LevelAnswerView `json:"answers" nullable:"false"`
}

// LevelRuleView is a rule beside the criteria.
type LevelRuleView struct {
	Article string `json:"article"`
	Vi      string `json:"vi"`
	En      string `json:"en"`
}

// LevelCriteriaView is the questionnaire of one decree.
type LevelCriteriaView struct {
	ID        string              `json:"id"`
	Vi        string              `json:"vi"`
	En        string              `json:"en"`
	Verify    bool                `json:"verify" doc:"something in it is to be checked against the text"`
	Remark    LevelWordsView      `json:"remark"`
	Rules     []LevelRuleView     `json:"rules" nullable:"false"`
	Questions []LevelQuestionView `json:"questions" nullable:"false"`
}

// LevelTriggerView is what calls for a level to be determined anew.
type LevelTriggerView struct {
	ID      string `json:"id"`
	Article string `json:"article"`
	Verify  bool   `json:"verify"`
	Vi      string `json:"vi"`
	En      string `json:"en"`
}

// LevelProcedureView is who does what with a dossier of a level.
type LevelProcedureView struct {
	Level     int            `json:"level"`
	Article   string         `json:"article"`
	By        LevelWordsView `json:"by"`
	Appraiser LevelWordsView `json:"appraiser"`
	Approver  LevelWordsView `json:"approver"`
	Check     int            `json:"check" doc:"working days; 0: none set"`
	Appraise  int            `json:"appraise"`
	Approve   int            `json:"approve"`
	Outside   bool           `json:"outside" doc:"a ministry appraises; its paper is entered"`
}

// LevelBookView is all that is shipped about levels.
type LevelBookView struct {
	Criteria   []LevelCriteriaView  `json:"criteria" nullable:"false"`
	Triggers   []LevelTriggerView   `json:"triggers" nullable:"false"`
	Procedures []LevelProcedureView `json:"procedures" nullable:"false"`
	Parts      []DossierPartView    `json:"parts" nullable:"false"`
}

// LevelMatchView is a clause that matches.
type LevelMatchView struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
	Level    int    `json:"level"`
	Article  string `json:"article"`
	Vi       string `json:"vi"`
	En       string `json:"en"`
	Decides  bool   `json:"decides" doc:"it made the level"`
}

// LevelResultView is what answers come to.
type LevelResultView struct {
	Level    int              `json:"level" doc:"0: no clause matches"`
	Complete bool             `json:"complete"`
	Risk     bool             `json:"risk" doc:"a risk assessment is needed"`
	Missing  []string         `json:"missing" nullable:"false" doc:"questions that are still open"`
	Matches  []LevelMatchView `json:"matches" nullable:"false" doc:"the highest level first"`
}

// DossierPartView is a part a dossier may have.
type DossierPartView struct {
	ID      string `json:"id"`
	Article string `json:"article"`
	Made    bool   `json:"made" doc:"written by the product; no file"`
	Vi      string `json:"vi"`
	En      string `json:"en"`
}

// DossierView is a dossier.
type DossierView struct {
	ID           string            `json:"id"`
	Code         string            `json:"code"`
	System       string            `json:"system"`
	SystemCode   string            `json:"systemCode"`
	SystemName   string            `json:"systemName"`
	Unit         event.UnitID      `json:"unit" doc:"the owner"`
	UnitName     string            `json:"unitName"`
	OperatorName string            `json:"operatorName"`
	State        string            `json:"state" enum:"draft,sent,appraising,judged,approved,withdrawn"`
	Status       string            `json:"status" doc:"in the words of Form 08; empty: withdrawn"`
	Level        int               `json:"level" doc:"what the answers come to; 0: nothing yet"`
	Trigger      string            `json:"trigger" doc:"why the level is determined anew; empty: the first time"`
	Clock        string            `json:"clock" enum:",check,appraise,approve" doc:"which time runs"`
	DueAt        *module.Time      `json:"dueAt,omitempty"`
	Late         bool              `json:"late"`
	Decision     Decision          `json:"decision"`
	ChangedAt    module.Time       `json:"changedAt"`
	Sender       module.PersonView `json:"sender"`
	Version      int64             `json:"version" doc:"send it back with a change"`
}

// DossierItemView is a line of the completeness check.
type DossierItemView struct {
	Part string `json:"part"`
	OK   bool   `json:"ok"`
	Why  string `json:"why" enum:"ready,missing,expired,open,gaps"`
	// Lacks is what the register does not say yet.
	Lacks []DossierNeedView `json:"lacks" nullable:"false" doc:"what the register does not say yet"`
}

// DossierNeedView is something the register has to say for a part to be complete.
type DossierNeedView struct {
	Vi    string `json:"vi"`
	En    string `json:"en"`
	Where string `json:"where" enum:"system,inventory,unit" doc:"where it is entered"`
}

// DossierFileView is a file of a dossier.
type DossierFileView struct {
	ID      string      `json:"id"`
	Part    string      `json:"part"`
	Name    string      `json:"name"`
	Size    int64       `json:"size"`
	SHA256  string      `json:"sha256"`
	Expires module.Date `json:"expires" doc:"empty: never"`
	Expired bool        `json:"expired"`
	At      module.Time `json:"at"`
	By      string      `json:"by"`

	module.SignedView
}

// DossierStepView is one thing that was done.
type DossierStepView struct {
	ID    string            `json:"id"`
	Verb  string            `json:"verb" enum:"send,accept,return,council,judge,approve,withdraw,note,enter"`
	From  string            `json:"from"`
	To    string            `json:"to"`
	Note  string            `json:"note"`
	Paper Decision          `json:"paper"`
	By    module.PersonView `json:"by"`
	At    module.Time       `json:"at"`
}

// DossierInspectionEntry is what people enter of the inspections of a system.
type DossierInspectionEntry struct {
	BeforeUse   bool        `json:"beforeUse" doc:"inspected before it was put to use"`
	InspectedAt module.Date `json:"inspectedAt" maxLength:"10" doc:"the last periodic inspection; empty: none"`
	Version     int64       `json:"version" minimum:"0" doc:"0: nothing was entered yet"`
}

// DossierInspectionView is what Form 08 asks of the inspections of a system.
type DossierInspectionView struct {
	DossierInspectionEntry
	Visit     string `json:"visit" doc:"id of the inspection carried out here that says so; empty: somebody entered it"`
	VisitCode string `json:"visitCode"`
}

// DossierDetailView is a dossier with all of it.
type DossierDetailView struct {
	DossierView
	Criteria     string                `json:"criteria"`
	Answers      map[string][]string   `json:"answers"`
	Result       LevelResultView       `json:"result"`
	Reason       string                `json:"reason"`
	Remarks      string                `json:"remarks" doc:"of the last return"`
	Council      Decision              `json:"council"`
	NeedsCouncil bool                  `json:"needsCouncil" doc:"the caller would appraise what his own unit operates"`
	Opinion      Decision              `json:"opinion"`
	Judge        module.PersonView     `json:"judge"`
	Decider      module.PersonView     `json:"decider"`
	Checklist    []DossierItemView     `json:"checklist" nullable:"false"`
	Files        []DossierFileView     `json:"files" nullable:"false"`
	Steps        []DossierStepView     `json:"steps" nullable:"false"`
	Inspection   DossierInspectionView `json:"inspection"`
	Regulation   Decision              `json:"regulation" doc:"the system's security regulation, as the register has it; it must be issued before the approval"`
	Triggers     []LevelTriggerView    `json:"triggers" nullable:"false" doc:"what calls for a new level since it was sent"`
	Verbs        []string              `json:"verbs" nullable:"false" doc:"what the caller may do now"`
}

func at(h Hand) module.PersonView { return module.PersonView{ID: h.ID, DisplayName: h.Name} }

func (s *Service) view(d *Dossier) DossierView {
	return DossierView{
		ID: d.ID, Code: d.Code, System: d.System, SystemCode: d.SystemCode, SystemName: d.SystemName, Unit: d.Unit, UnitName: s.Units.Name(d.Unit),
		OperatorName: d.OperatorName, State: string(d.State), Status: d.State.Status(), Level: d.Level, Trigger: d.Trigger, Clock: string(d.Clock),
		DueAt: module.TimeOrNil(d.DueAt), Late: d.State.Open() && !d.DueAt.IsZero() && !s.Now().Before(d.DueAt), Decision: d.Decision,
		ChangedAt: module.Time{Time: d.ChangedAt}, Sender: at(d.Sender), Version: d.Version,
	}
}

// verbs are what p may do with a dossier now, as far as one can tell beforehand.
func (d *Dossier) verbs(p module.Principal) []string {
	list := []string{}
	for _, v := range []Verb{Send, Accept, Council, Judge, Approve, Return, Withdraw, Note} {
		do := Do{Verb: v, Note: "đủ mười chữ", Paper: Decision{"1", "2000-01-01", "x"}}
		if _, err := d.step(&do, p, "2000-01-01"); err == nil && p.Require(d.action(v)) == nil && (v != Council || d.needsCouncil(p)) {
			list = append(list, string(v))
		}
	}
	return list
}

func (s *Service) detail(ctx context.Context, d *Dossier) (DossierDetailView, error) {
	p := module.PrincipalOf(ctx)
	v := DossierDetailView{DossierView: s.view(d), Criteria: d.Criteria, Answers: d.Answers, Reason: d.Reason, Remarks: d.Remarks, Council: d.Council,
		NeedsCouncil: d.needsCouncil(p), Opinion: d.Opinion, Judge: at(d.Judge), Decider: at(d.Decider), Verbs: d.verbs(p), Triggers: []LevelTriggerView{}}
	if v.Answers == nil {
		v.Answers = map[string][]string{}
	}
	r, err := s.Judge(d.Criteria, d.Answers)
	if err != nil {
		return v, err
	}
	v.Result = resultView(&r)
	files, err := s.store.files(ctx, s.DB, d.ID)
	if err != nil {
		return v, err
	}
	v.Files = s.fileViews(files)
	values, err := s.needed(ctx, d.ID)
	if err != nil {
		return v, err
	}
	items, err := s.law.checklist(d, files, string(s.today()), values)
	if err != nil {
		return v, err
	}
	v.Checklist = make([]DossierItemView, len(items))
	for i, x := range items {
		v.Checklist[i] = DossierItemView{x.Part.ID, x.OK, x.Why, make([]DossierNeedView, len(x.Lacks))}
		for k, n := range x.Lacks {
			v.Checklist[i].Lacks[k] = DossierNeedView{n.Vi, n.En, n.Where}
		}
	}
	steps, err := s.store.steps(ctx, d.ID)
	if err != nil {
		return v, err
	}
	v.Steps = make([]DossierStepView, len(steps))
	for i, x := range steps {
		v.Steps[i] = DossierStepView{ID: x.ID, Verb: string(x.Verb), From: string(x.From), To: string(x.To), Note: x.Note, Paper: x.Paper,
			By: module.PersonView{ID: x.ByID, DisplayName: x.By}, At: module.Time{Time: x.At}}
	}
	inspection, err := s.store.inspection(ctx, s.DB, d.System)
	if err != nil {
		return v, err
	}
	v.Inspection = inspectionView(&inspection)
	system, err := s.Systems.System(ctx, d.System)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return v, err
	}
	v.Regulation = system.Regulation
	triggers, err := s.Triggers(ctx, d)
	for _, t := range triggers {
		v.Triggers = append(v.Triggers, triggerView(&t))
	}
	return v, err
}

func (s *Service) fileViews(files []File) []DossierFileView {
	list := make([]DossierFileView, len(files))
	for i, f := range files {
		list[i] = s.fileView(&f)
	}
	return list
}

func (s *Service) fileView(f *File) DossierFileView {
	return DossierFileView{ID: f.ID, Part: f.Part, Name: f.Name, Size: f.Size, SHA256: f.SHA256, Expires: f.Expires, Expired: f.Expires != "" && f.Expires < s.today(),
		At: module.Time{Time: f.At}, By: f.By, SignedView: f.Signed.View()}
}

func inspectionView(x *Inspection) DossierInspectionView {
	return DossierInspectionView{DossierInspectionEntry{x.BeforeUse, x.InspectedAt, x.Version}, x.Visit.ID, x.Visit.Code}
}

func triggerView(t *level.Trigger) LevelTriggerView {
	return LevelTriggerView{t.ID, t.Article, t.Verify, t.Vi, t.En}
}

func resultView(r *level.Result) LevelResultView {
	v := LevelResultView{Level: r.Level, Complete: r.Complete(), Risk: r.Risk, Missing: module.OrEmpty(r.Missing), Matches: make([]LevelMatchView, len(r.Matches))}
	for i, m := range r.Matches {
		v.Matches[i] = LevelMatchView{m.Question, m.Answer, m.Level, m.Article, m.Vi, m.En, i < len(r.Because)}
	}
	return v
}

func words(w level.Words) LevelWordsView { return LevelWordsView(w) }

// book is what is shipped, on the wire.
func (s *Service) book() LevelBookView {
	v := LevelBookView{}
	for i := range s.law.levels.Criteria {
		c := &s.law.levels.Criteria[i]
		cv := LevelCriteriaView{ID: c.ID, Vi: c.Vi, En: c.En, Verify: c.Verify, Remark: words(c.Remark), Rules: []LevelRuleView{}}
		for _, r := range c.Rules {
			cv.Rules = append(cv.Rules, LevelRuleView{r.Article, r.Vi, r.En})
		}
		for _, q := range c.Questions {
			qv := LevelQuestionView{ID: q.ID, Kind: string(q.Kind), Of: []string{}, Risk: q.Risk, Article: q.Article, Vi: q.Vi, En: q.En, Answers: []LevelAnswerView{}}
			if q.When != nil {
				qv.After, qv.Of = q.When.Question, q.When.Answers
			}
			for _, a := range q.Answers {
				qv.Answers = append(qv.Answers, LevelAnswerView{a.ID, a.Vi, a.En, a.Level, a.Article, a.Alone})
			}
			cv.Questions = append(cv.Questions, qv)
		}
		v.Criteria = append(v.Criteria, cv)
	}
	for _, t := range s.law.levels.Triggers {
		v.Triggers = append(v.Triggers, triggerView(&t))
	}
	for n := 1; n <= 5; n++ {
		p := s.law.procedures[n]
		v.Procedures = append(v.Procedures, LevelProcedureView{n, p.Article, words(p.By), words(p.Appraiser), words(p.Approver), p.Days.Check, p.Days.Appraise, p.Days.Approve, p.Outside})
	}
	for _, p := range s.law.parts {
		v.Parts = append(v.Parts, DossierPartView{p.ID, p.Article, p.Made, p.Vi, p.En})
	}
	return v
}
