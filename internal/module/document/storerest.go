package document

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type versionRow struct {
	bun.BaseModel `bun:"table:document_versions"`

	Document string       `bun:"document,pk"`
	Version  int64        `bun:"version,pk"`
	Content  string       `bun:"content"`
	ByID     string       `bun:"by_id"`
	ByName   string       `bun:"by_name"`
	At       sqldb.Micros `bun:"at"`
}

// Version is a text the document had.
type Version struct {
	Number  int64
	Content Content
	ByID    string
	By      string
	At      time.Time
}

func (s store) addVersion(ctx context.Context, tx bun.Tx, document string, v *Version) error {
	content, err := json.Marshal(v.Content)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&versionRow{Document: document, Version: v.Number, Content: string(content), ByID: v.ByID, ByName: v.By, At: sqldb.MicrosOf(v.At)}).Exec(ctx)
	return err
}

const maxVersions = 500

func (s store) versions(ctx context.Context, db bun.IDB, document string) ([]Version, error) {
	var rows []versionRow
	if err := db.NewSelect().Model(&rows).Where("document = ?", document).OrderExpr("version DESC").Limit(maxVersions).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Version, len(rows))
	for i, r := range rows {
		list[i] = Version{Number: r.Version, ByID: r.ByID, By: r.ByName, At: r.At.Time()}
		if err := json.Unmarshal([]byte(r.Content), &list[i].Content); err != nil {
			return nil, fmt.Errorf("document %s version %d: %w", document, r.Version, err)
		}
	}
	return list, nil
}

// wrote tells whether somebody wrote a version of the document.
func (s store) wrote(ctx context.Context, db bun.IDB, document, person string) (bool, error) {
	return db.NewSelect().Model((*versionRow)(nil)).Where("document = ?", document).Where("by_id = ?", person).Exists(ctx)
}

type stepRow struct {
	bun.BaseModel `bun:"table:document_steps"`

	ID       string       `bun:"id,pk"`
	Document string       `bun:"document"`
	Verb     string       `bun:"verb"`
	At       sqldb.Micros `bun:"at"`
	ByID     string       `bun:"by_id"`
	ByName   string       `bun:"by_name"`
	Note     string       `bun:"note"`
	Channel  string       `bun:"channel"`
	Receiver string       `bun:"receiver"`
	Receipt  string       `bun:"receipt"`
	Hash     string       `bun:"hash"`
	Stored   sqldb.Micros `bun:"stored"`
}

func (s store) addStep(ctx context.Context, tx bun.Tx, document string, x *Step) error {
	_, err := tx.NewInsert().Model(&stepRow{ID: x.ID, Document: document, Verb: string(x.Verb), At: sqldb.MicrosOf(x.At), ByID: x.ByID, ByName: x.By, Note: x.Note,
		Channel: x.Channel, Receiver: x.Receiver, Receipt: x.Receipt, Hash: x.Hash, Stored: sqldb.MicrosOf(x.Stored)}).Exec(ctx)
	return err
}

const maxSteps = 500

func (s store) steps(ctx context.Context, db bun.IDB, document string) ([]Step, error) {
	var rows []stepRow
	if err := db.NewSelect().Model(&rows).Where("document = ?", document).OrderExpr("stored, id").Limit(maxSteps).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Step, len(rows))
	for i, r := range rows {
		list[i] = Step{r.ID, Verb(r.Verb), r.At.Time(), r.ByID, r.ByName, r.Note, r.Channel, r.Receiver, r.Receipt, r.Hash, r.Stored.Time()}
	}
	return list, nil
}

type fileRow struct {
	bun.BaseModel `bun:"table:document_files"`

	Document string `bun:"document,pk"`
	Format   string `bun:"format,pk"`
	Data     string `bun:"data"`
}

// saveFile keeps a file; the first one of a format stays.
func (s store) saveFile(ctx context.Context, db bun.IDB, document, format string, data []byte) error {
	_, err := db.NewInsert().Model(&fileRow{Document: document, Format: format, Data: base64.StdEncoding.EncodeToString(data)}).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

func (s store) file(ctx context.Context, db bun.IDB, document, format string) ([]byte, bool, error) {
	var r fileRow
	err := db.NewSelect().Model(&r).Where("document = ?", document).Where("format = ?", format).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	data, err := base64.StdEncoding.DecodeString(r.Data)
	return data, err == nil, err
}

type templateRow struct {
	bun.BaseModel `bun:"table:document_templates"`

	ID       string       `bun:"id,pk"`
	Version  int64        `bun:"version,pk"`
	Name     string       `bun:"name"`
	Form     string       `bun:"form"`
	Symbol   string       `bun:"symbol"`
	Replaces string       `bun:"replaces"`
	Data     string       `bun:"data"`
	ByName   string       `bun:"by_name"`
	At       sqldb.Micros `bun:"at"`
}

// templates returns the last version of each, without their files.
func (s store) templates(ctx context.Context) ([]templateRow, error) {
	var rows []templateRow
	err := s.db.NewSelect().Model(&rows).Column("id", "version", "name", "form", "symbol", "replaces", "by_name", "at").
		ColumnExpr("CASE WHEN data = '' THEN '' ELSE 'x' END AS data").OrderExpr("id, version DESC").Limit(5_000).Scan(ctx)
	if err != nil {
		return nil, err
	}
	var last []templateRow
	for i, r := range rows {
		if i == 0 || rows[i-1].ID != r.ID {
			last = append(last, r)
		}
	}
	return last, nil
}

// template returns a version of a template; 0: the last one.
func (s store) template(ctx context.Context, db bun.IDB, id string, version int64) (templateRow, bool, error) {
	var r templateRow
	q := db.NewSelect().Model(&r).Where("id = ?", id)
	if version > 0 {
		q = q.Where("version = ?", version)
	}
	err := q.OrderExpr("version DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, err
}

// inPlaceOf returns the template in use that stands in place of a shipped one.
func (s store) inPlaceOf(ctx context.Context, db bun.IDB, shipped string) (templateRow, bool, error) {
	var r templateRow
	err := db.NewSelect().Model(&r).Where("replaces = ?", shipped).Where("data <> ''").
		Where("version = (SELECT MAX(newest.version) FROM document_templates AS newest WHERE newest.id = template_row.id)").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	return r, err == nil, err
}

func (s store) addTemplate(ctx context.Context, tx bun.Tx, r *templateRow) error {
	_, err := tx.NewInsert().Model(r).Exec(ctx)
	return err
}

type letterheadRow struct {
	bun.BaseModel `bun:"table:document_letterheads"`

	Unit    string `bun:"unit,pk"`
	Head    string `bun:"head"`
	Version int64  `bun:"version"`
}

func (s store) letterhead(ctx context.Context, db bun.IDB, unit event.UnitID) (h Letterhead, version int64, err error) {
	var r letterheadRow
	err = db.NewSelect().Model(&r).Where("unit = ?", string(unit)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return h, 0, nil
	} else if err != nil {
		return h, 0, err
	}
	return h, r.Version, json.Unmarshal([]byte(r.Head), &h)
}

// saveLetterhead returns false where somebody else saved it meanwhile.
func (s store) saveLetterhead(ctx context.Context, tx bun.Tx, unit event.UnitID, h Letterhead, version int64) (bool, error) {
	head, err := json.Marshal(h)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewInsert().Model(&letterheadRow{Unit: string(unit), Head: string(head), Version: version}).On("CONFLICT (unit) DO UPDATE").
		Set("head = EXCLUDED.head, version = EXCLUDED.version").Where("letterhead_row.version = EXCLUDED.version - 1").Exec(ctx))
}
