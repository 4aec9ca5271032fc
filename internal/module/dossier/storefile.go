package dossier

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type fileRow struct {
	bun.BaseModel `bun:"table:dossier_files"`

	ID      string       `bun:"id,pk"`
	Unit    string       `bun:"unit"`
	Name    string       `bun:"name"`
	Size    int64        `bun:"size"`
	SHA256  string       `bun:"sha256"`
	Expires string       `bun:"expires"`
	At      sqldb.Micros `bun:"at"`
	By      string       `bun:"by_name"`

	Signed module.Signed `bun:"signature"`
}

// partRow is a file as a part of a dossier.
type partRow struct {
	fileRow `bun:",extend"`

	Part string `bun:"part"`
}

func (r *fileRow) file(part string) File {
	return File{ID: r.ID, Unit: event.UnitID(r.Unit), Part: part, Name: r.Name, Size: r.Size, SHA256: r.SHA256, Expires: module.Date(r.Expires), At: r.At.Time(), By: r.By,
		Signed: r.Signed}
}

func (s store) addFile(ctx context.Context, tx bun.Tx, f *File) error {
	_, err := tx.NewInsert().Model(&fileRow{Signed: f.Signed, ID: f.ID, Unit: string(f.Unit), Name: f.Name, Size: f.Size, SHA256: f.SHA256, Expires: string(f.Expires),
		At: sqldb.MicrosOf(f.At), By: f.By}).Exec(ctx)
	return err
}

// attach makes a file a part of a dossier, or another part of it than it was.
func (s store) attach(ctx context.Context, tx bun.Tx, dossier, file, part string) error {
	_, err := tx.NewRaw("INSERT INTO dossier_parts (dossier, file, part) VALUES (?, ?, ?) ON CONFLICT (dossier, file) DO UPDATE SET part = excluded.part",
		dossier, file, part).Exec(ctx)
	return err
}

// files returns the files of a dossier, the oldest first.
func (s store) files(ctx context.Context, db bun.IDB, dossier string) ([]File, error) {
	var rows []partRow
	err := db.NewSelect().TableExpr("dossier_files AS f").Join("JOIN dossier_parts AS p ON p.file = f.id").
		ColumnExpr("f.*, p.part").Where("p.dossier = ?", dossier).OrderExpr("f.at, f.id").Scan(ctx, &rows)
	list := make([]File, len(rows))
	for i := range rows {
		list[i] = rows[i].file(rows[i].Part)
	}
	return list, err
}

// fileOf returns a file of a unit. Errors: NotFound.
func (s store) fileOf(ctx context.Context, db bun.IDB, unit event.UnitID, id string) (File, error) {
	var rows []fileRow
	err := db.NewSelect().Model(&rows).Where("id = ?", id).Where("unit = ?", string(unit)).Scan(ctx)
	if err != nil || len(rows) == 0 {
		return File{}, orNoFile(err)
	}
	return rows[0].file(""), nil
}

// maxReusable bounds how many files are offered.
const maxReusable = 200

func (s store) reusable(ctx context.Context, d *Dossier, today module.Date) ([]File, error) {
	var rows []partRow
	err := s.db.NewSelect().TableExpr("dossier_files AS f").
		ColumnExpr("f.*, coalesce((SELECT max(p.part) FROM dossier_parts AS p WHERE p.file = f.id), 'other') AS part").
		Where("f.unit = ?", string(d.Unit)).Where("(f.expires = '' OR f.expires >= ?)", string(today)).
		Where("NOT EXISTS (SELECT 1 FROM dossier_parts AS p WHERE p.file = f.id AND p.dossier = ?)", d.ID).
		OrderExpr("f.at DESC, f.id DESC").Limit(maxReusable).Scan(ctx, &rows)
	list := make([]File, len(rows))
	for i := range rows {
		list[i] = rows[i].file(rows[i].Part)
	}
	return list, err
}
