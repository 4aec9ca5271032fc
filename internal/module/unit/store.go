package unit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:units"`

	ID         string       `bun:"id,pk"`
	Name       string       `bun:"name"`
	Kind       string       `bun:"kind"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	Parent     string       `bun:"parent"`
	ShortName  string       `bun:"short_name"`
	Code       string       `bun:"code"`
	Province   string       `bun:"province"`
	ValidFrom  string       `bun:"valid_from"`
	ValidTo    string       `bun:"valid_to"`
	Successors string       `bun:"successors"`
	Address    string       `bun:"address"`
	Contacts   string       `bun:"contacts"`
	Note       string       `bun:"note"`
	Version    int64        `bun:"version"`
	UpdatedAt  sqldb.Micros `bun:"updated_at"`
}

type historyRow struct {
	bun.BaseModel `bun:"table:unit_history"`

	ID             string       `bun:"id,pk"`
	Unit           string       `bun:"unit"`
	At             sqldb.Micros `bun:"at"`
	Actor          string       `bun:"actor"`
	Action         string       `bun:"action"`
	Reorganisation string       `bun:"reorganisation"`
	Changes        string       `bun:"changes"`
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and slices of them
	}
	return string(text)
}

func rowOf(u *Unit) row {
	successors := u.Successors
	if successors == nil {
		successors = []event.UnitID{}
	}
	return row{
		ID: string(u.ID), Name: u.Name, Kind: string(u.Kind), CreatedAt: sqldb.MicrosOf(u.CreatedAt), Parent: string(u.Parent),
		ShortName: u.ShortName, Code: u.Code, Province: u.Province, ValidFrom: string(u.ValidFrom), ValidTo: string(u.ValidTo),
		Successors: jsonOf(successors), Address: u.Address, Contacts: jsonOf(u.Contacts), Note: u.Note, Version: u.Version,
		UpdatedAt: sqldb.MicrosOf(u.UpdatedAt),
	}
}

func (r *row) unit() (Unit, error) {
	u := Unit{
		ID: event.UnitID(r.ID), Parent: event.UnitID(r.Parent), Name: r.Name, ShortName: r.ShortName, Kind: Kind(r.Kind), Code: r.Code,
		Province: r.Province, ValidFrom: module.Date(r.ValidFrom), ValidTo: module.Date(r.ValidTo), Address: r.Address, Note: r.Note, Version: r.Version,
		CreatedAt: r.CreatedAt.Time(), UpdatedAt: r.UpdatedAt.Time(),
	}
	if err := json.Unmarshal([]byte(r.Successors), &u.Successors); err != nil {
		return u, fmt.Errorf("unit %s: successors: %w", r.ID, err)
	}
	if err := json.Unmarshal([]byte(r.Contacts), &u.Contacts); err != nil {
		return u, fmt.Errorf("unit %s: contacts: %w", r.ID, err)
	}
	if u.Contacts.FocalPoints == nil {
		u.Contacts.FocalPoints = []Person{}
	}
	return u, nil
}

func (s store) insertMissing(ctx context.Context, r row) error {
	_, err := s.db.NewInsert().Model(&r).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	return err
}

// lock makes the transaction the only one that changes the tree and returns the
// version the tree will have after it.
func (s store) lock(ctx context.Context, tx bun.Tx) (version int64, err error) {
	err = tx.NewRaw("UPDATE unit_tree SET version = version + 1 WHERE id = 1 RETURNING version").Scan(ctx, &version)
	return version, err
}

// read returns all units and the version of the tree they are.
func (s store) read(ctx context.Context, db bun.IDB) ([]Unit, int64, error) {
	var version int64
	if err := db.NewRaw("SELECT version FROM unit_tree WHERE id = 1").Scan(ctx, &version); err != nil {
		return nil, 0, err
	}
	var rows []row
	if err := db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, 0, err
	}
	units := make([]Unit, len(rows))
	for i := range rows {
		u, err := rows[i].unit()
		if err != nil {
			return nil, 0, err
		}
		units[i] = u
	}
	return units, version, nil
}

// insertChunk bounds the rows of one statement.
const insertChunk = 500

func (s store) insert(ctx context.Context, tx bun.Tx, rows []row) error {
	for len(rows) > 0 {
		chunk := rows[:min(len(rows), insertChunk)]
		rows = rows[len(chunk):]
		if _, err := tx.NewInsert().Model(&chunk).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s store) update(ctx context.Context, tx bun.Tx, rows []row) error {
	for i := range rows {
		if _, err := tx.NewUpdate().Model(&rows[i]).ExcludeColumn("created_at").WherePK().Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s store) addHistory(ctx context.Context, tx bun.Tx, rows []historyRow) error {
	for len(rows) > 0 {
		chunk := rows[:min(len(rows), insertChunk)]
		rows = rows[len(chunk):]
		if _, err := tx.NewInsert().Model(&chunk).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// historyOf returns what happened to a unit, newest first.
func (s store) historyOf(ctx context.Context, id event.UnitID, limit int64) ([]historyRow, error) {
	var rows []historyRow
	err := s.db.NewSelect().Model(&rows).Where("unit = ?", string(id)).OrderExpr("id DESC").Limit(limit).Scan(ctx)
	return rows, err
}

type reorganisationRow struct {
	bun.BaseModel `bun:"table:unit_reorganisations"`

	ID       string       `bun:"id,pk"`
	Kind     string       `bun:"kind"`
	Day      string       `bun:"day"`
	Decision string       `bun:"decision"`
	MadeAt   sqldb.Micros `bun:"made_at"`
	MadeBy   string       `bun:"made_by"`
	UndoneAt sqldb.Micros `bun:"undone_at"`
	UndoneBy string       `bun:"undone_by"`
	Plan     string       `bun:"plan"`
}

func (s store) addReorganisation(ctx context.Context, tx bun.Tx, r reorganisationRow) error {
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// reorganisation reads one; false: there is none.
func (s store) reorganisation(ctx context.Context, db bun.IDB, id string) (reorganisationRow, bool, error) {
	var r reorganisationRow
	err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, err
}

func (s store) markUndone(ctx context.Context, tx bun.Tx, r reorganisationRow) error {
	_, err := tx.NewUpdate().Model(&r).Column("undone_at", "undone_by").WherePK().Exec(ctx)
	return err
}

// reorganisations reads those with the ids.
func (s store) reorganisations(ctx context.Context, ids []string) (map[string]reorganisationRow, error) {
	found := map[string]reorganisationRow{}
	if len(ids) == 0 {
		return found, nil
	}
	var rows []reorganisationRow
	if err := s.db.NewSelect().Model(&rows).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		found[r.ID] = r
	}
	return found, nil
}
