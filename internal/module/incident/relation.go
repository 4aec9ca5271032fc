package incident

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// The ways two incidents have to do with one another that people state. The product
// itself notes "split" and "merged".
const (
	DuplicateOf = "duplicate-of"
	CausedBy    = "caused-by"
	Related     = "related"
)

var relations = []string{DuplicateOf, CausedBy, Related}

const maxRelations = 200

// Relation is one incident as another has to do with it.
type Relation struct {
	ID      string
	Kind    string
	Inverse bool // it is the other that is a duplicate of, or caused by, this one
	Other   Incident
	Reason  string
	At      time.Time
	By      string
}

type relationRow struct {
	bun.BaseModel `bun:"table:incident_relations"`

	Incident string       `bun:"incident,pk"`
	Other    string       `bun:"other,pk"`
	Kind     string       `bun:"kind,pk"`
	At       sqldb.Micros `bun:"added_at"`
	By       string       `bun:"added_by"`
	Reason   string       `bun:"reason"`
	EndedAt  sqldb.Micros `bun:"ended_at"`
	EndedWhy string       `bun:"ended_why"`
}

func (r *relationRow) id() string { return r.Incident + "." + r.Kind + "." + r.Other }

func (s store) relations(ctx context.Context, db bun.IDB, incident string) ([]relationRow, error) {
	var rows []relationRow
	err := db.NewSelect().Model(&rows).Where("(incident = ? OR other = ?)", incident, incident).Where("ended_at = 0").
		OrderExpr("added_at, incident, other, kind").Limit(maxRelations).Scan(ctx)
	return rows, err
}

// Relations returns the incidents the principal sees that have to do with one.
// Errors: Denied, NotFound.
func (s *Service) Relations(ctx context.Context, id string) ([]Relation, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil || sight.Summary && !sight.All {
		return nil, err
	}
	rows, err := s.store.relations(ctx, s.DB, i.ID)
	if err != nil {
		return nil, err
	}
	var list []Relation
	for _, r := range rows {
		x := Relation{ID: r.id(), Kind: r.Kind, Inverse: r.Other == id, Reason: r.Reason, At: r.At.Time(), By: r.By}
		other := r.Other
		if x.Inverse {
			other = r.Incident
		}
		x.Other, _, err = s.get(ctx, s.DB, module.PrincipalOf(ctx), other)
		if fault.KindOf(err) == fault.NotFound {
			continue // not his to know of
		}
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

// Relate states that an incident has to do with another the principal sees. Errors:
// Denied, NotFound, Conflict, Invalid.
func (s *Service) Relate(ctx context.Context, id, other, kind, reason string) (Incident, error) {
	return s.edit(ctx, id, "relate", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		reason = strings.TrimSpace(reason)
		o, _, err := s.get(ctx, tx, p, other)
		switch n := len([]rune(reason)); {
		case err != nil:
			return i, nil, err
		case !slices.Contains(relations, kind):
			return i, nil, bad("kind", "relation", "no relation %q; one of %v", kind, relations)
		case n == 0 || n > maxTitle:
			return i, nil, bad("reason", "reason", "say in at most %d letters why", maxTitle)
		case other == id:
			return i, nil, bad("other", "relation-self", "an incident has nothing to do with itself")
		case i.Drill != o.Drill:
			return i, nil, fault.New(fault.Conflict, "one of the two is a drill").WithCode("incident.drill").OnField("body.other")
		}
		rows, err := s.store.relations(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		if len(rows) >= maxRelations {
			return i, nil, fault.New(fault.Conflict, "the incident has %d relations", len(rows)).WithCode("incident.too-many")
		}
		if slices.ContainsFunc(rows, func(r relationRow) bool { return r.Kind == kind && (r.Incident == other || r.Other == other) }) {
			return i, nil, fault.New(fault.Conflict, "that is stated already").WithCode("incident.related")
		}
		r := relationRow{Incident: id, Other: other, Kind: kind, At: sqldb.MicrosOf(s.Now()), By: p.DisplayName, Reason: reason}
		_, err = tx.NewInsert().Model(&r).On("CONFLICT (incident, other, kind) DO UPDATE").Set("added_at = EXCLUDED.added_at").Set("added_by = EXCLUDED.added_by").
			Set("reason = EXCLUDED.reason").Set("ended_at = 0").Set("ended_why = ''").Exec(ctx)
		i.Version++
		return i, map[string]string{"code": o.Code, "kind": kind, "why": reason}, err
	})
}

// Unrelate says that a relation people stated does not hold. Errors: Denied,
// NotFound, Invalid.
func (s *Service) Unrelate(ctx context.Context, id, relation, why string) (Incident, error) {
	return s.edit(ctx, id, "unrelate", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		why = strings.TrimSpace(why)
		var r relationRow
		parts := strings.Split(relation, ".")
		if len(parts) == 3 && slices.Contains(relations, parts[1]) && (parts[0] == id || parts[2] == id) {
			err := tx.NewSelect().Model(&r).Where("incident = ?", parts[0]).Where("kind = ?", parts[1]).Where("other = ?", parts[2]).Where("ended_at = 0").Scan(ctx)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return i, nil, err
			}
		}
		if r.Incident == "" {
			return i, nil, fault.New(fault.NotFound, "no such relation").WithCode("incident.relation-unknown")
		}
		other := r.Other
		if other == id {
			other = r.Incident
		}
		o, _, err := s.get(ctx, tx, p, other)
		if fault.KindOf(err) == fault.NotFound {
			err = fault.New(fault.NotFound, "no such relation").WithCode("incident.relation-unknown")
		}
		if err != nil {
			return i, nil, err
		}
		if n := len([]rune(why)); n == 0 || n > maxTitle {
			return i, nil, bad("why", "reason", "say in at most %d letters why it does not hold", maxTitle)
		}
		_, err = tx.NewUpdate().Table("incident_relations").Set("ended_at = ?", sqldb.MicrosOf(s.Now())).Set("ended_why = ?", why).
			Where("incident = ?", r.Incident).Where("other = ?", r.Other).Where("kind = ?", r.Kind).Exec(ctx)
		i.Version++
		return i, map[string]string{"code": o.Code, "kind": r.Kind, "why": why}, err
	})
}
