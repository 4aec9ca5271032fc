package coordination

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// record is a row: the thing itself as JSON, and what it is looked for by.
type record struct {
	bun.BaseModel `bun:"table:coordination_records"`

	ID          string       `bun:"id,pk"`
	Kind        string       `bun:"kind"`
	Unit        string       `bun:"unit"`
	Other       string       `bun:"other"`
	SubjectKind string       `bun:"subject_kind"`
	SubjectID   string       `bun:"subject_id"`
	IsOpen      bool         `bun:"is_open"`
	At          sqldb.Micros `bun:"at"`
	Until       sqldb.Micros `bun:"until"`
	NextLook    sqldb.Micros `bun:"next_look"`
	SearchText  string       `bun:"search_text"`
	Version     int64        `bun:"version"`
	Body        string       `bun:"body"`
}

// kept is what the table keeps.
type kept interface {
	Responder | Contact | Shift | CallUp | Ask | Handover
}

// The kinds of records.
const (
	kindPerson   = "person"
	kindContact  = "contact"
	kindShift    = "shift"
	kindCall     = "call"
	kindAsk      = "ask"
	kindHandover = "handover"
)

// recordOf is the row of a thing.
func recordOf[T kept](x *T) (record, error) {
	body, err := json.Marshal(x)
	r := record{Body: string(body), IsOpen: true}
	about := func(s module.Subject) {
		r.SubjectKind, r.SubjectID = s.Kind, s.ID
	}
	switch v := any(x).(type) {
	case *Responder:
		r.ID, r.Kind, r.Unit, r.Version = v.ID, kindPerson, string(v.Unit), v.Version
		r.SearchText = module.Fold(v.Name + "\n" + v.Organisation + "\n" + v.Title + "\n" + fmt.Sprint(v.Skills))
	case *Contact:
		r.ID, r.Kind, r.Unit, r.Version = v.ID, kindContact, string(v.Unit), v.Version
		r.SearchText = module.Fold(v.Name + "\n" + v.Person + "\n" + v.System)
	case *Shift:
		r.ID, r.Kind, r.Unit, r.Version, r.At, r.Until = v.ID, kindShift, string(v.Unit), v.Version, sqldb.MicrosOf(v.From), sqldb.MicrosOf(v.Until)
	case *CallUp:
		r.ID, r.Kind, r.Unit, r.Version, r.At, r.IsOpen = v.ID, kindCall, string(v.Unit), v.Version, sqldb.MicrosOf(v.At), v.ClosedAt.IsZero()
		r.NextLook = sqldb.MicrosOf(v.nextLook())
		about(v.Subject)
	case *Ask:
		r.ID, r.Kind, r.Unit, r.Version, r.At, r.IsOpen = v.ID, kindAsk, string(v.Unit), v.Version, sqldb.MicrosOf(v.At), v.State.Open()
		r.Other, r.NextLook = string(v.To.other()), sqldb.MicrosOf(v.nextLook())
		about(v.Subject)
	case *Handover:
		r.ID, r.Kind, r.Unit, r.Version, r.At, r.IsOpen = v.ID, kindHandover, string(v.Unit), v.Version, sqldb.MicrosOf(v.At), v.State == HandoverProposed
		r.Other = string(v.To.other())
		about(v.Subject)
	}
	return r, err
}

func kindOf[T kept]() string {
	r, _ := recordOf(new(T)) // of an empty one, which is written without fail
	return r.Kind
}

func thing[T kept](r *record) (x T, err error) {
	if err = json.Unmarshal([]byte(r.Body), &x); err != nil {
		err = fmt.Errorf("%s %s: %w", r.Kind, r.ID, err)
	}
	return x, err
}

// insert stores a new thing.
func insert[T kept](ctx context.Context, tx bun.Tx, x *T) error {
	r, err := recordOf(x)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// update stores x over the version before it. Errors: Conflict.
func update[T kept](ctx context.Context, tx bun.Tx, x *T) error {
	r, err := recordOf(x)
	if err != nil {
		return err
	}
	res, err := tx.NewUpdate().Model(&r).ExcludeColumn("id", "kind").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, changed())
	}
	return nil
}

func drop[T kept](ctx context.Context, tx bun.Tx, id string, version int64) error {
	res, err := tx.NewDelete().Table("coordination_records").Where("id = ?", id).Where("kind = ?", kindOf[T]()).Where("version = ?", version).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, changed())
	}
	return nil
}

func changed() error {
	return fault.New(fault.Conflict, "somebody else changed it; read it again").WithCode("coordination.changed")
}

func unknown() error {
	return fault.New(fault.NotFound, "there is no such thing to coordinate").WithCode("coordination.unknown")
}

// one returns a thing. Errors: NotFound.
func one[T kept](ctx context.Context, db bun.IDB, id string) (x T, err error) {
	var r record
	err = db.NewSelect().Model(&r).Where("id = ?", id).Where("kind = ?", kindOf[T]()).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return x, unknown()
	}
	if err != nil {
		return x, err
	}
	return thing[T](&r)
}

// Filter says what to list; its zero is everything that is seen.
type Filter struct {
	Subject module.Subject // Kind and ID
	Open    bool
	Text    string
	Unit    event.UnitID
	Other   event.UnitID // asked or taking over
	From    time.Time    // of shifts: those that end after it
	Until   time.Time    // and begin before it
	Called  string       // of call-ups: also those of other units with this account in the line
}

// maxListed bounds a list; nobody reads more.
const maxListed = 1000

// list returns the things of p's units, and with both those that another unit
// directs at them, the newest first.
func list[T kept](ctx context.Context, db bun.IDB, p module.Principal, f Filter, both bool) ([]T, error) {
	var rows []record
	q := db.NewSelect().Model(&rows).Where("kind = ?", kindOf[T]())
	if both && !p.AllUnits() {
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("unit IN (?)", bun.List(p.Reach())).WhereOr("other IN (?)", bun.List(p.Reach()))
		})
	} else if f.Called != "" && !p.AllUnits() {
		// An account stands in the line by its id, which has no character that JSON or
		// LIKE would take for another.
		q = q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("unit IN (?)", bun.List(p.Reach())).WhereOr("body LIKE ?", `%"user":"`+f.Called+`"%`)
		})
	} else {
		q = module.Scoped(q, p, "unit")
	}
	if f.Subject.Kind != "" {
		q = q.Where("subject_kind = ?", f.Subject.Kind)
	}
	if f.Subject.ID != "" {
		q = q.Where("subject_id = ?", f.Subject.ID)
	}
	if f.Open {
		q = q.Where("is_open = ?", true)
	}
	if f.Text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
	}
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.Other != "" {
		q = q.Where("other = ?", string(f.Other))
	}
	if !f.From.IsZero() {
		q = q.Where("until > ?", sqldb.MicrosOf(f.From))
	}
	if !f.Until.IsZero() {
		q = q.Where("at < ?", sqldb.MicrosOf(f.Until))
	}
	if err := q.OrderExpr("at DESC, id DESC").Limit(maxListed).Scan(ctx); err != nil {
		return nil, err
	}
	return things[T](rows)
}

func things[T kept](rows []record) ([]T, error) {
	found := make([]T, len(rows))
	for i := range rows {
		var err error
		if found[i], err = thing[T](&rows[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// due returns what is to be looked at now, at most n.
func due[T kept](ctx context.Context, tx bun.Tx, now time.Time, n int64) ([]T, error) {
	var rows []record
	err := tx.NewSelect().Model(&rows).Where("kind = ?", kindOf[T]()).Where("next_look > 0").Where("next_look <= ?", sqldb.MicrosOf(now)).
		OrderExpr("next_look").Limit(n).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return things[T](rows)
}

// people returns responders by their ids; those p does not see are left out.
func people(ctx context.Context, db bun.IDB, p module.Principal, ids []string) (map[string]Responder, error) {
	found := map[string]Responder{}
	if len(ids) == 0 {
		return found, nil
	}
	var rows []record
	err := module.Scoped(db.NewSelect().Model(&rows).Where("kind = ?", kindPerson).Where("id IN (?)", bun.List(ids)), p, "unit").Scan(ctx)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		x, err := thing[Responder](&rows[i])
		if err != nil {
			return nil, err
		}
		found[x.ID] = x
	}
	return found, nil
}

// count tells how many of a kind a unit has.
func count[T kept](ctx context.Context, db bun.IDB, unit event.UnitID) (int64, error) {
	return db.NewSelect().Table("coordination_records").Where("kind = ?", kindOf[T]()).Where("unit = ?", string(unit)).Count(ctx)
}
