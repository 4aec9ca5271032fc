package assessment

import (
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// manages refuses whoever may not keep every visit.
func manages(p module.Principal) error { return p.Require(module.ActionAssessmentManage) }

// mayKeep refuses whoever may not write of such a visit: the centre of all, a unit of
// those by which it assesses itself.
func mayKeep(p module.Principal, kind Kind, unit event.UnitID) error {
	denied := manages(p)
	if denied != nil && kind == Self && p.Can(module.ActionAssessmentSelf, unit) {
		return nil
	}
	return denied
}

// mayStart refuses a beginning before the time the unit was told of: what a unit was
// promised is not only on paper. Who wants to be there sooner changes the plan, which has
// the notice judged anew.
func (t *Tables) mayStart(v *Visit, now time.Time) error {
	if !v.Kind.byOthers() {
		return nil
	}
	if now.Before(v.StartsAt) {
		return fault.New(fault.Conflict, "startsAt: the unit was told that it begins at %s; wait until then, or change when it begins", v.StartsAt.UTC().Format(time.RFC3339)).
			WithCode("assessment.before-start").OnField("body.startsAt")
	}
	actual := v.Facts
	actual.StartsAt = now
	if rule, early := t.early(&actual, v.NoticedAt); early && v.Emergency == "" {
		return tooEarly(rule)
	}
	return nil
}

// mayConclude refuses to end a visit of which nothing shows that anybody was there: a
// concluded visit counts as an inspection of its systems in what is reported upwards.
func (v *Visit) mayConclude() error {
	if v.Kind != Self && len(v.Team) == 0 && v.Assessor == "" {
		return fault.New(fault.Conflict, "team: say who was there, the team or the assessing organisation, before it is concluded").
			WithCode("assessment.no-team").OnField("body.team")
	}
	if !v.recorded() {
		return fault.New(fault.Conflict, "answers: fill in the checklist, or name the minutes, before it is concluded").
			WithCode("assessment.nothing-recorded").OnField("body.answers")
	}
	return nil
}

// recorded tells whether anything was written down at the visit.
func (v *Visit) recorded() bool {
	if len(v.Answers) > 0 || v.Minutes != "" {
		return true
	}
	for _, d := range v.Devices {
		if d.Verdict != "" {
			return true
		}
	}
	return false
}
