package incident

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// By is what figures are told apart by.
type By string

// The ways.
const (
	ByUnit     By = "unit"
	ByCategory By = "category"
	BySeverity By = "severity"
)

// Figure is how long a group of incidents took, from detection.
type Figure struct {
	Key       string // "": all of them
	Incidents int64
	Open      int64
	// Of those in which it happened.
	Acknowledge, Contain, Recover module.Durations
}

// maxFigures bounds the incidents figures are made of.
const maxFigures = 500_000

type timesRow struct {
	Key       string       `bun:"key"`
	Open      bool         `bun:"is_open"`
	Detected  sqldb.Micros `bun:"detected_at"`
	Acked     sqldb.Micros `bun:"acknowledged_at"`
	Contained sqldb.Micros `bun:"contained_at"`
	Recovered sqldb.Micros `bun:"recovered_at"`
}

// FigureAsk chooses the incidents figures are made of.
type FigureAsk struct {
	From, To time.Time // detected
	By       By
	Drill    bool         // drills, or what is real; never both
	Unit     event.UnitID // "": all that the principal sees
}

// Figures returns how long incidents took, of the units the principal sees, the
// largest group first. What was merged counts with what it was merged into. Errors:
// Denied, Invalid.
func (s *Service) Figures(ctx context.Context, ask FigureAsk) (all Figure, groups []Figure, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentRead); err != nil {
		return all, nil, err
	}
	if err := module.CheckRange(ask.From, ask.To, "query"); err != nil {
		return all, nil, err
	}
	if ask.By != ByUnit && ask.By != ByCategory && ask.By != BySeverity {
		return all, nil, fault.New(fault.Invalid, "by: unit, category or severity, not %q", ask.By).WithCode("incident.by").OnField("query.by")
	}
	rows, err := s.store.times(ctx, p, ask)
	if err != nil {
		return all, nil, err
	}
	if len(rows) > maxFigures {
		return all, nil, fault.New(fault.Invalid, "more than %d incidents; choose less time", maxFigures).WithCode("incident.range").OnField("query.from")
	}
	byKey := map[string][]timesRow{}
	for _, r := range rows {
		byKey[r.Key] = append(byKey[r.Key], r)
	}
	for key, list := range byKey {
		groups = append(groups, figureOf(key, list))
	}
	slices.SortFunc(groups, func(a, b Figure) int {
		if a.Incidents != b.Incidents {
			return int(b.Incidents - a.Incidents)
		}
		return strings.Compare(a.Key, b.Key)
	})
	return figureOf("", rows), groups, nil
}

func figureOf(key string, rows []timesRow) Figure {
	f := Figure{Key: key, Incidents: int64(len(rows))}
	var acked, contained, recovered []time.Duration
	for _, r := range rows {
		if r.Open {
			f.Open++
		}
		for _, x := range []struct {
			at   sqldb.Micros
			into *[]time.Duration
		}{{r.Acked, &acked}, {r.Contained, &contained}, {r.Recovered, &recovered}} {
			if x.at != 0 {
				// Somebody's clock may be ahead by a little.
				*x.into = append(*x.into, max(0, time.Duration(x.at-r.Detected)*time.Microsecond))
			}
		}
	}
	f.Acknowledge, f.Contain, f.Recover = module.DurationsOf(acked), module.DurationsOf(contained), module.DurationsOf(recovered)
	return f
}

func (s store) times(ctx context.Context, p module.Principal, ask FigureAsk) ([]timesRow, error) {
	var rows []timesRow
	q := s.db.NewSelect().Table("incidents").ColumnExpr("? AS key", bun.Ident(string(ask.By))).
		Column("is_open", "detected_at", "acknowledged_at", "contained_at", "recovered_at").
		Where("drill = ?", ask.Drill).Where("merged_into = ''").Where("detected_at >= ?", sqldb.MicrosOf(ask.From)).Where("detected_at < ?", sqldb.MicrosOf(ask.To)).Limit(maxFigures + 1)
	if ask.Unit != "" {
		q = q.Where("unit = ?", string(ask.Unit))
	}
	err := module.Scoped(q, p, "unit").Scan(ctx, &rows)
	return rows, err
}

// acknowledged is when a person took the incident up: he confirmed it, or opened it
// himself; zero: nobody has.
func (i *Incident) acknowledged() time.Time {
	if i.Origin != ByAPI && (i.ConfirmedAt.IsZero() || i.OpenedAt.Before(i.ConfirmedAt)) {
		return i.OpenedAt
	}
	return i.ConfirmedAt
}

// urgency sorts a queue, the smallest first: what is grave, then what is severe,
// then what waits longest.
func (i *Incident) urgency() int64 {
	rank := int64(slices.Index(severities, i.Severity))
	if !i.Grave {
		rank += int64(len(severities))
	}
	return rank<<52 + int64(sqldb.MicrosOf(i.DetectedAt)) // microseconds up to the year 2112
}
