package incident

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Sight is how much of an incident somebody sees.
type Sight struct {
	All bool // of his own: everything, and he may change it
	// TLP is the most marked thing shown; "" nothing at all.
	TLP TLP
	// Summary: the head and the tasks of his unit, nothing else.
	Summary bool
	Units   []event.UnitID // of his, that it was shared with
}

// Shows tells whether what bears the mark is shown.
func (v Sight) Shows(mark TLP) bool { return v.All || !v.Summary && mark.Within(v.TLP) }

// Part is how much is shared.
type Part string

// The parts.
const (
	PartAll     Part = "all"
	PartSummary Part = "summary"
)

// Share is an incident as one unit may see it.
type Share struct {
	ID    string
	Unit  event.UnitID
	Part  Part
	TLP   TLP // the most that is shown
	Note  string
	At    time.Time
	ByID  string
	By    string
	Ended time.Time
}

type shareRow struct {
	bun.BaseModel `bun:"table:incident_shares"`

	ID       string       `bun:"id,pk"`
	Incident string       `bun:"incident"`
	Unit     string       `bun:"unit"`
	Part     string       `bun:"part"`
	TLP      string       `bun:"tlp"`
	Note     string       `bun:"note"`
	At       sqldb.Micros `bun:"at"`
	ByID     string       `bun:"by_id"`
	By       string       `bun:"by_name"`
	EndedAt  sqldb.Micros `bun:"ended_at"`
}

// maxShares bounds the units an incident is shared with.
const maxShares = 500

// sight returns what p sees by the shares with his units, the widest of them.
func (s store) sight(ctx context.Context, db bun.IDB, p module.Principal, incident string) (Sight, error) {
	var rows []shareRow
	err := module.Scoped(db.NewSelect().Model(&rows), p, "unit").Where("incident = ?", incident).Where("ended_at = 0").Scan(ctx)
	v := Sight{Summary: true}
	for _, r := range rows {
		if mark := TLP(r.TLP); v.TLP == "" || v.TLP.Within(mark) {
			v.TLP = mark
		}
		v.Summary = v.Summary && Part(r.Part) == PartSummary
		v.Units = append(v.Units, event.UnitID(r.Unit))
	}
	return v, err
}

func (s store) shares(ctx context.Context, db bun.IDB, incident string) ([]Share, error) {
	var rows []shareRow
	if err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("at, id").Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Share, len(rows))
	for i, r := range rows {
		list[i] = Share{r.ID, event.UnitID(r.Unit), Part(r.Part), TLP(r.TLP), r.Note, r.At.Time(), r.ByID, r.By, r.EndedAt.Time()}
	}
	return list, nil
}

// Shares returns whom the incident was shared with. Only its own unit is told:
// recipients do not learn of one another. Errors: Denied, NotFound.
func (s *Service) Shares(ctx context.Context, id string) ([]Share, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil || !sight.All {
		return nil, err
	}
	return s.store.shares(ctx, s.DB, i.ID)
}

// Share lets a unit see an incident, or a part of it. Errors: Denied, NotFound
// (the unit), Conflict, Invalid.
func (s *Service) Share(ctx context.Context, id string, x Share) (Incident, error) {
	return s.edit(ctx, id, "share", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		if !p.Can(module.ActionIncidentShare, i.Unit) {
			return i, nil, fault.New(fault.Denied, "you may work on the incident, not share it").WithCode("permission.denied")
		}
		switch {
		case i.Secrecy != "":
			return i, nil, fault.New(fault.Conflict, "the matter bears a state-secrecy mark: it is not shared through this system").WithCode("incident.secret")
		case x.Unit == i.Unit || !s.Units.Active(x.Unit):
			return i, nil, fault.New(fault.NotFound, "no such unit to share with").WithCode("unit.unknown").OnField("body.unit")
		case x.Part != PartAll && x.Part != PartSummary:
			return i, nil, bad("part", "part", "share all or the summary, not %q", x.Part)
		case !slices.Contains(marks, x.TLP):
			return i, nil, bad("tlp", "tlp", "no mark %q; one of %v", x.TLP, marks)
		case !i.TLP.Within(x.TLP):
			return i, nil, bad("tlp", "tlp-below", "the incident is TLP:%s, which a share up to TLP:%s does not reach", i.TLP, x.TLP)
		case len([]rune(x.Note)) > maxText:
			return i, nil, bad("note", "long", "at most %d letters", maxText)
		}
		list, err := s.store.shares(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		if len(list) >= maxShares {
			return i, nil, fault.New(fault.Conflict, "the incident was shared %d times; end some first", maxShares).WithCode("incident.too-many")
		}
		if slices.ContainsFunc(list, func(y Share) bool { return y.Unit == x.Unit && y.Ended.IsZero() }) {
			return i, nil, fault.New(fault.Conflict, "the unit sees the incident already; end that share first").WithCode("incident.shared")
		}
		r := shareRow{ID: module.NewID(), Incident: id, Unit: string(x.Unit), Part: string(x.Part), TLP: string(x.TLP), Note: x.Note,
			At: sqldb.MicrosOf(s.Now()), ByID: p.ID, By: p.DisplayName}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return i, nil, err
		}
		n := newNotice(&i, "incident.shared", levelOf(&i), "", "Sự cố được chia sẻ với đơn vị", "An incident was shared with the unit").to(unitOfficer)
		n.unit = x.Unit
		if err := s.notify(ctx, tx, &i, n); err != nil {
			return i, nil, err
		}
		i.Version++
		return i, map[string]string{"unit": string(x.Unit), "part": string(x.Part), "tlp": string(x.TLP)}, nil
	})
}

// Unshare ends a share; what was read stays read. Errors: Denied, NotFound.
func (s *Service) Unshare(ctx context.Context, id, share string) (Incident, error) {
	return s.edit(ctx, id, "unshare", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		if !p.Can(module.ActionIncidentShare, i.Unit) {
			return i, nil, fault.New(fault.Denied, "you may work on the incident, not share it").WithCode("permission.denied")
		}
		list, err := s.store.shares(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		at := slices.IndexFunc(list, func(y Share) bool { return y.ID == share && y.Ended.IsZero() })
		if at < 0 {
			return i, nil, fault.New(fault.NotFound, "no such share").WithCode("incident.share-unknown")
		}
		_, err = tx.NewUpdate().Table("incident_shares").Set("ended_at = ?", sqldb.MicrosOf(s.Now())).Where("id = ?", share).Exec(ctx)
		i.Version++
		return i, map[string]string{"unit": string(list[at].Unit)}, err
	})
}
