package alert

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// An alert belongs to an exercise (diễn tập) or it is real, and the two never meet: a
// finding of one is not counted into an alert of the other, they stand in no group
// together, and figures are of what is real ([scopedReal]). Lists show both; those of
// an exercise bear a mark.

// Drills knows the exercises.
type Drills interface {
	// Of returns the exercise a finding of a unit belongs to, "" if it is real. putIn
	// is the one its event was put in by, value whom the finding is about. It is asked
	// for every finding, reads memory only, and gives the same again for its answer.
	Of(unit event.UnitID, putIn, value string) string
	// MayMove tells, in a transaction, whether a person may mark an alert of a unit as
	// of an exercise, or, with "", as real. Errors: NotFound, Conflict.
	MayMove(ctx context.Context, tx bun.Tx, alert string, unit event.UnitID, drill string) error
}

type noDrills struct{}

func (noDrills) Of(event.UnitID, string, string) string { return "" }

func (noDrills) MayMove(context.Context, bun.Tx, string, event.UnitID, string) error {
	return fault.New(fault.NotFound, "no such exercise").WithCode("drill.unknown").OnField("body.drill")
}

// isReal selects what belongs to no exercise.
const isReal = "drill = ''"

// scopedReal narrows to what figures are made of: real alerts that p sees. Every query
// that counts goes through it.
func scopedReal(q *bun.SelectQuery, p module.Principal, unit string) *bun.SelectQuery {
	return module.Scoped(q, p, unit).Where(isReal)
}

// markedKey makes a key of what is real one of an exercise.
func markedKey(key, drill string) string {
	if drill == "" {
		return key
	}
	return key + "/" + drill
}

// MarkDrill marks an alert as of an exercise, or, with "", as real again. What its
// rule finds afterwards is judged anew: a mark set by hand covers what is there, so
// that an attack on the same machine is not hidden by it.
// Errors: Denied, NotFound, Conflict alert.changed or alert.in-incident, Invalid.
func (s *Service) MarkDrill(ctx context.Context, id string, version int64, drill, note string) (Alert, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionAlertDrill); err != nil {
		return Alert{}, err
	}
	note = strings.TrimSpace(note)
	if note == "" || utf8.RuneCountInString(note) > maxNote {
		return Alert{}, fault.New(fault.Invalid, "note: say why, in at most %d characters", maxNote).WithCode("alert.drill-note").OnField("body.note")
	}
	var a Alert
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		if a, err = s.get(ctx, tx, p, id); err != nil {
			return err
		}
		if a.Version != version {
			return changedMeanwhile()
		}
		if a.Drill == drill {
			return nil
		}
		if err := s.drills.MayMove(ctx, tx, id, a.Unit, drill); err != nil {
			return err
		}
		before := a.Drill
		a.Drill, a.Version, a.UpdatedAt = drill, a.Version+1, s.now()
		if ok, err := s.store.setDrill(ctx, tx, &a, before); err != nil || !ok {
			if err == nil {
				err = changedMeanwhile()
			}
			return err
		}
		step := Step{Action: "drill", From: before, To: drill, Note: note}
		if err := s.store.insertHistory(ctx, tx, id, author{p.ID, p.DisplayName}, sqldb.MicrosOf(a.UpdatedAt), []Step{step}); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "alert.drill", Object: "alert:" + id, Detail: map[string]string{
			"unit": string(a.Unit), "rule": a.RuleID, "from": before, "to": drill, "note": note,
		}})
	})
	if err != nil {
		return Alert{}, err
	}
	s.Committed([]Recorded{{ID: id}})
	return a, nil
}

// setDrill writes the mark of an alert. The key of a signal stays: the centre finds
// by it what it raised, marked or not.
func (s store) setDrill(ctx context.Context, tx bun.Tx, a *Alert, before string) (bool, error) {
	q := tx.NewUpdate().Table("alerts").Set("drill = ?", a.Drill).Set("version = ?", a.Version).Set("updated_at = ?", sqldb.MicrosOf(a.UpdatedAt)).
		Where("id = ?", a.ID).Where("version = ?", a.Version-1)
	if a.Signal == nil {
		var key string
		if err := tx.NewSelect().Table("alerts").Column("group_key").Where("id = ?", a.ID).Scan(ctx, &key); err != nil {
			return false, err
		}
		q = q.Set("group_key = ?", markedKey(strings.TrimSuffix(key, markedKey("", before)), a.Drill))
	}
	return sqldb.One(q.Exec(ctx))
}

func (s *Service) drillRoutes(api huma.API) {
	type markDrill struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Drill   string `json:"drill" maxLength:"64" doc:"id of the exercise; empty: the alert is real"`
			Note    string `json:"note" maxLength:"4000" doc:"why"`
			Version int64  `json:"version" doc:"the version the caller has seen"`
		}
	}
	type one struct{ Body module.AlertView }
	huma.Register(api, module.Op(module.ActionAlertDrill, huma.Operation{
		OperationID: "mark-alert-drill", Method: http.MethodPut, Path: "/alerts/{id}/drill", Tags: tags,
		Summary:     "Mark an alert as of an exercise, or as real again",
		Description: "An alert of an exercise is counted nowhere and leaves by no channel. 409 alert.in-incident: take it out of its incident first.",
	}), func(ctx context.Context, in *markDrill) (*one, error) {
		a, err := s.MarkDrill(ctx, in.ID, in.Body.Version, in.Body.Drill, in.Body.Note)
		if err != nil {
			return nil, err
		}
		v, err := s.view(ctx, a)
		if err != nil {
			return nil, err
		}
		return &one{v}, nil
	})
}
