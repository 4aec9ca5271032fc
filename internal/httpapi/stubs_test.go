package httpapi_test

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/attack"
	"github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/entity"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/overview"
	"github.com/lachan-vn/lachan/internal/module/readiness"
	"github.com/lachan-vn/lachan/internal/module/rule"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/sigma"
)

type quietNode struct{}

func (quietNode) Health(context.Context) (overview.Health, error) {
	return overview.Health{SpoolPending: 3, Lag: 1500 * time.Millisecond, RulesLoaded: 1}, nil
}
func (quietNode) EventsPerSecond(event.UnitID) float64 { return 12.5 }
func (quietNode) Backlog(context.Context) (uint64, time.Duration, error) {
	return 3, 1500 * time.Millisecond, nil
}

type boardUnits struct{ *unit.Service }

func (u boardUnits) Within(ctx context.Context) (ids []event.UnitID, _ error) {
	list, err := u.List(ctx, unit.Filter{Status: unit.StatusActive})
	for _, x := range list {
		if x.ID != event.CentreUnit {
			ids = append(ids, x.ID)
		}
	}
	return ids, err
}

// noFigures stands in where the pages of rules, techniques and entities count alerts.
type noFigures struct{}

func (noFigures) Shares(context.Context, time.Time) (map[string]rule.Share, error) {
	return map[string]rule.Share{"6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f10": {Alerts: 12, Closed: 4, FalsePositive: 3}}, nil
}
func (noFigures) NoiseOf(_ context.Context, _ string, since time.Time) (rule.RuleNoise, error) {
	return rule.RuleNoise{Days: []rule.NoiseDay{{Day: since, Count: 12}}, ByReason: map[string]int64{"false_positive": 3, "benign": 1}, Alerts: 12, Judged: 4, MedianToClose: time.Hour}, nil
}
func (noFigures) ByRule(context.Context, attack.Range) ([]attack.RuleHits, error) {
	return []attack.RuleHits{{RuleID: "6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f10", Tags: []string{"attack.t1110"}, Alerts: 2, Findings: 9, Last: time.Unix(1_790_000_000, 0)}}, nil
}
func (noFigures) OfRules(context.Context, []string, attack.Range, int) ([]module.AlertView, error) {
	return nil, nil
}
func (noFigures) About(context.Context, []string, []string, time.Time, time.Time, int) ([]module.AlertView, entity.Counts, error) {
	return nil, entity.Counts{}, nil
}
func (noFigures) Steps(context.Context, []string, int) ([]entity.Step, error) { return nil, nil }
func (noFigures) Titles(string) (title, titleVi, level string)                { return "", "", "" }

type blocks struct{}

func (blocks) Status(context.Context, uint64, uint64) (bool, int64, int64, error) {
	return true, 2, 1, nil
}

type catalogue struct{ set *detect.Set }

func (c catalogue) Current() (*detect.Set, time.Time)           { return c.set, time.Unix(1_790_000_000, 0) }
func (c catalogue) Reload(context.Context) (*detect.Set, error) { return c.set, nil }
func (c catalogue) Switched()                                   {}
func (c catalogue) Rule(id string) *detect.Rule                 { return c.set.Rule(id) }

func (c catalogue) Exclude([]detect.Exclusion) map[string][]sigma.Problem { return nil }

// noSubjects knows no alert.
type noSubjects struct{}

// warningUnits are units of no kind.
type warningUnits struct{ *unit.Service }

func (warningUnits) Kinds() map[event.UnitID]string { return nil }

// documentUnits are units that are reached nowhere.
type documentUnits struct{ *unit.Service }

func (documentUnits) Reached(event.UnitID) string { return "" }

// noCases knows nothing that is written about.
type noCases struct{}

func (noCases) Case(context.Context, string, string) (document.Case, error) {
	return document.Case{}, fault.New(fault.NotFound, "no such case").WithCode("document.subject")
}

// noDuties knows no obligation and no recipient.
type noDuties struct{}

func (noDuties) Owed(context.Context, string) (document.Owed, error) {
	return document.Owed{}, fault.New(fault.NotFound, "no such obligation").WithCode("obligation.unknown")
}

func (noDuties) Addressees(context.Context) ([]document.Addressee, error) { return nil, nil }

// noAlerts knows no alert that could be part of an incident.
// noSystems is an empty register.
type noSystems struct{}

func noSystem() error {
	return fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
}

func (noSystems) Ref(context.Context, string) (module.Registered, error) {
	return module.Registered{}, noSystem()
}
func (noSystems) Some(context.Context, []string) (map[string]module.Registered, error) {
	return nil, nil
}
func (noSystems) Machines(context.Context, string) (module.Machines, error) {
	return module.Machines{}, noSystem()
}
func (noSystems) Refs(context.Context) ([]module.Registered, error) { return nil, nil }
func (noSystems) System(context.Context, string) (dossier.System, error) {
	return dossier.System{}, noSystem()
}
func (noSystems) WithPapers(context.Context) ([]readiness.Papered, error)         { return nil, nil }
func (noSystems) Systems(context.Context) ([]dossier.System, error)               { return nil, nil }
func (noSystems) SystemsAt(context.Context, time.Time) ([]dossier.System, error)  { return nil, nil }
func (noSystems) SetLevel(context.Context, bun.Tx, string, int, int) error        { return noSystem() }
func (noSystems) SetCritical(context.Context, bun.Tx, string, bool, string) error { return noSystem() }
func (noSystems) Papers(context.Context, string) (readiness.Papers, error) {
	return readiness.Papers{}, noSystem()
}
func (noSystems) Heard(context.Context, []event.UnitID) (map[event.UnitID]readiness.Feeds, error) {
	return nil, nil
}

type noAlerts struct{}

func (noAlerts) Alert(context.Context, string) (incident.Alert, error) {
	return incident.Alert{}, fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
}

func (noSubjects) Subject(context.Context, string) (exclusion.Subject, error) {
	return exclusion.Subject{}, fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
}

func (noSubjects) Close(context.Context, bun.Tx, string, string, string) error { return nil }

func (noSubjects) Closed(string) {}

func (noSubjects) OfRules(context.Context, []string, []event.UnitID, time.Time, int) ([]exclusion.Subject, error) {
	return nil, nil
}

// deafSignals raises no alarm.
type deafSignals struct{}

func (deafSignals) Raise(context.Context, string, event.UnitID, string, map[string]string) error {
	return nil
}
func (deafSignals) Settle(context.Context, string, event.UnitID, string) error { return nil }

type noticeUnits struct{ *unit.Service }

func (noticeUnits) DutyMail(context.Context, event.UnitID) string { return "" }
