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

// Events looks for a value in what units sent.
type Events interface {
	// Seen tells where the events of a range hold a value, one Seen for each host,
	// those with the most events first; cut says that there were more. It goes by
	// the principal in ctx: of units he does not see nothing is told. Errors:
	// Denied, Invalid, Busy.
	Seen(ctx context.Context, value string, from, to time.Time) (found []Seen, cut bool, err error)
}

// Seen is a host whose events hold a value.
type Seen struct {
	Unit        event.UnitID
	Host        string // "": the events name none
	First, Last time.Time
	Events      int64
}

// Sighting is where and when an observable of an incident was seen.
type Sighting struct {
	ID          string
	Type, Value string // of the observable
	Seen
	ByHand bool
	Note   string
	At     time.Time // when it was found or noted
	ByID   string
	By     string
	Struck string
}

type sightingRow struct {
	bun.BaseModel `bun:"table:incident_sightings"`

	ID       string       `bun:"id,pk"`
	Incident string       `bun:"incident"`
	Type     string       `bun:"type"`
	Value    string       `bun:"value"`
	Unit     string       `bun:"unit"`
	Host     string       `bun:"host"`
	ByHand   bool         `bun:"by_hand"`
	First    sqldb.Micros `bun:"first_seen"`
	Last     sqldb.Micros `bun:"last_seen"`
	Events   int64        `bun:"events"`
	Note     string       `bun:"note"`
	At       sqldb.Micros `bun:"noted_at"`
	ByID     string       `bun:"by_id"`
	By       string       `bun:"by_name"`
	Struck   string       `bun:"struck"`
}

// maxSightings bounds those of an incident.
const maxSightings = 5000

func (s store) sightings(ctx context.Context, db bun.IDB, incident string) ([]sightingRow, error) {
	var rows []sightingRow
	err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("last_seen DESC, id DESC").Limit(maxSightings).Scan(ctx)
	return rows, err
}

func (r *sightingRow) sighting() Sighting {
	return Sighting{ID: r.ID, Type: r.Type, Value: r.Value, Seen: Seen{event.UnitID(r.Unit), r.Host, r.First.Time(), r.Last.Time(), r.Events},
		ByHand: r.ByHand, Note: r.Note, At: r.At.Time(), ByID: r.ByID, By: r.By, Struck: r.Struck}
}

// Sightings returns where the observables of an incident were seen, the latest
// first: of the observables the principal sees, and in the units he sees. So each
// unit learns only about itself. Errors: Denied, NotFound.
func (s *Service) Sightings(ctx context.Context, id string) ([]Sighting, error) {
	shown, err := s.Observables(ctx, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.store.sightings(ctx, s.DB, id)
	if err != nil {
		return nil, err
	}
	p := module.PrincipalOf(ctx)
	var list []Sighting
	for i := range rows {
		r := &rows[i]
		if p.Sees(event.UnitID(r.Unit)) && slices.ContainsFunc(shown, func(o Observable) bool { return o.Type == r.Type && o.Value == r.Value }) {
			list = append(list, r.sighting())
		}
	}
	return list, nil
}

// observableOf returns an observable of an incident that somebody works with.
func (s *Service) observableOf(ctx context.Context, db bun.IDB, i *Incident, id string) (Observable, error) {
	if i.Secrecy != "" {
		return Observable{}, fault.New(fault.Conflict, "the matter bears a state-secrecy mark: nothing is written about it here").WithCode("incident.secret")
	}
	list, err := s.store.observables(ctx, db, i.ID)
	if err != nil {
		return Observable{}, err
	}
	n := slices.IndexFunc(list, func(o Observable) bool { return o.ID == id && o.Struck == "" })
	if n < 0 {
		return Observable{}, fault.New(fault.NotFound, "no such observable").WithCode("incident.observable-unknown")
	}
	return list[n], nil
}

// Searched is the answer of a search for an observable.
type Searched struct {
	Places int   // hosts it was seen on
	Events int64 // that hold it, on these hosts
	Cut    bool  // there were more hosts
}

// Search looks for an observable in the stored events of the units the principal
// sees, and keeps where it was found as sightings. A place that was found before is
// brought up to date. Errors: Denied, NotFound, Conflict, Invalid, Busy.
func (s *Service) Search(ctx context.Context, id, observable string, from, to time.Time) (done Searched, err error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentHandle); err != nil {
		return done, err
	}
	i, sight, err := s.get(ctx, s.DB, p, id)
	if err != nil {
		return done, err
	}
	if !sight.All || !p.Can(module.ActionIncidentHandle, i.Unit) {
		return done, fault.New(fault.Denied, "the incident was shared with you to read; its own unit looks for what was seen").WithCode("permission.denied")
	}
	o, err := s.observableOf(ctx, s.DB, &i, observable)
	if err != nil {
		return done, err
	}
	found, cut, err := s.Events.Seen(ctx, o.Value, from, to)
	if err != nil {
		return done, err
	}
	done = Searched{Places: len(found), Cut: cut}
	for _, x := range found {
		done.Events += x.Events
	}
	_, err = s.edit(ctx, id, "search", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		// It may have been merged, or struck, while the search ran.
		if o, err = s.observableOf(ctx, tx, &i, observable); err != nil {
			return i, nil, err
		}
		have, err := s.store.sightings(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		var fresh []sightingRow
		for _, x := range found {
			r := sightingRow{ID: module.NewID(), Incident: id, Type: o.Type, Value: o.Value, Unit: string(x.Unit), Host: module.Text(x.Host, maxTitle),
				First: sqldb.MicrosOf(x.First), Last: sqldb.MicrosOf(x.Last), Events: x.Events, At: sqldb.MicrosOf(s.Now()), ByID: p.ID, By: p.DisplayName}
			n := slices.IndexFunc(have, func(h sightingRow) bool {
				return !h.ByHand && h.Struck == "" && h.Type == r.Type && h.Value == r.Value && h.Unit == r.Unit && h.Host == r.Host
			})
			if n < 0 {
				fresh = append(fresh, r)
				continue
			}
			r.ID, r.First, r.Last, r.Events = have[n].ID, min(r.First, have[n].First), max(r.Last, have[n].Last), max(r.Events, have[n].Events)
			if _, err := tx.NewUpdate().Model(&r).WherePK().Exec(ctx); err != nil {
				return i, nil, err
			}
		}
		if len(have)+len(fresh) > maxSightings {
			return i, nil, tooManySightings()
		}
		if len(fresh) > 0 {
			if _, err := tx.NewInsert().Model(&fresh).Exec(ctx); err != nil {
				return i, nil, err
			}
		}
		i.Version++
		// Where it was found stands in the sightings alone: who is shown the timeline
		// does not see every unit.
		return i, map[string]string{"value": o.Value}, nil
	})
	return done, err
}

func tooManySightings() error {
	return fault.New(fault.Conflict, "an incident has at most %d sightings", maxSightings).WithCode("incident.too-many")
}

// NewSighting is what a person notes of a sighting.
type NewSighting struct {
	Observable  string // id
	Unit        event.UnitID
	Host        string
	First, Last time.Time // Last may be zero: seen once
	Note        string
}

// Sight notes a sighting by hand. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Sight(ctx context.Context, id string, n NewSighting) (Incident, error) {
	return s.edit(ctx, id, "sight", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		o, err := s.observableOf(ctx, tx, &i, n.Observable)
		if err != nil {
			return i, nil, err
		}
		n.Host, n.Note = strings.TrimSpace(n.Host), strings.TrimSpace(n.Note)
		if n.Last.IsZero() {
			n.Last = n.First
		}
		switch latest := s.Now().Add(skew); {
		case !p.Sees(n.Unit) || !s.Units.Active(n.Unit):
			return i, nil, fault.New(fault.NotFound, "no such unit").WithCode("unit.unknown").OnField("body.unit")
		case len([]rune(n.Host)) > maxTitle:
			return i, nil, bad("host", "long", "at most %d letters", maxTitle)
		case len([]rune(n.Note)) > maxTitle:
			return i, nil, bad("note", "long", "at most %d letters", maxTitle)
		case n.First.IsZero():
			return i, nil, bad("first", "seen", "say when it was seen")
		case n.First.After(latest):
			return i, nil, bad("first", "future", "it was seen in the past")
		case n.Last.After(latest):
			return i, nil, bad("last", "future", "it was seen in the past")
		case n.Last.Before(n.First):
			return i, nil, bad("last", "order", "it was last seen before it was first seen")
		}
		have, err := s.store.sightings(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		if len(have) >= maxSightings {
			return i, nil, tooManySightings()
		}
		r := sightingRow{ID: module.NewID(), Incident: id, Type: o.Type, Value: o.Value, Unit: string(n.Unit), Host: n.Host, ByHand: true,
			First: sqldb.MicrosOf(n.First), Last: sqldb.MicrosOf(n.Last), Note: n.Note, At: sqldb.MicrosOf(s.Now()), ByID: p.ID, By: p.DisplayName}
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
		i.Version++
		return i, map[string]string{"value": o.Value}, err
	})
}

// StrikeSighting marks a sighting as one that does not hold; it stays readable.
// Errors: Denied, NotFound, Invalid.
func (s *Service) StrikeSighting(ctx context.Context, id, sighting, why string) (Incident, error) {
	return s.edit(ctx, id, "unsight", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		why = strings.TrimSpace(why)
		rows, err := s.store.sightings(ctx, tx, id)
		if err != nil {
			return i, nil, err
		}
		n := slices.IndexFunc(rows, func(r sightingRow) bool { return r.ID == sighting && r.Struck == "" && p.Sees(event.UnitID(r.Unit)) })
		if n < 0 {
			return i, nil, fault.New(fault.NotFound, "no such sighting that could be struck").WithCode("incident.sighting-unknown")
		}
		if n := len([]rune(why)); n == 0 || n > maxTitle {
			return i, nil, bad("why", "reason", "say in at most %d letters why it does not hold", maxTitle)
		}
		_, err = tx.NewUpdate().Table("incident_sightings").Set("struck = ?", why).Where("id = ?", sighting).Exec(ctx)
		i.Version++
		return i, map[string]string{"value": rows[n].Value, "why": why}, err
	})
}
