package document

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:documents"`

	ID              string       `bun:"id,pk"`
	Template        string       `bun:"template"`
	TemplateVersion int64        `bun:"template_version"`
	Form            string       `bun:"form"`
	Issuer          string       `bun:"issuer"`
	Unit            string       `bun:"unit"`
	SubjectKind     string       `bun:"subject_kind"`
	SubjectID       string       `bun:"subject_id"`
	SubjectCode     string       `bun:"subject_code"`
	Subject         string       `bun:"subject"`
	Obligation      string       `bun:"obligation"`
	Drill           bool         `bun:"drill"`
	State           string       `bun:"state"`
	Content         string       `bun:"content"`
	Final           string       `bun:"final"`
	Title           string       `bun:"title"`
	Series          string       `bun:"series"`
	Number          int64        `bun:"number"`
	Code            string       `bun:"code"`
	File            string       `bun:"file"`
	Hash            string       `bun:"hash"`
	Size            int64        `bun:"size"`
	DraftedBy       string       `bun:"drafted_by"`
	DraftedName     string       `bun:"drafted_name"`
	DraftedAt       sqldb.Micros `bun:"drafted_at"`
	ApprovedBy      string       `bun:"approved_by"`
	ApprovedName    string       `bun:"approved_name"`
	ApprovedAt      sqldb.Micros `bun:"approved_at"`
	SentAt          sqldb.Micros `bun:"sent_at"`
	ChangedAt       sqldb.Micros `bun:"changed_at"`
	Version         int64        `bun:"version"`
	SearchText      string       `bun:"search_text"`
}

func rowOf(d *Document) (row, error) {
	content, err := json.Marshal(d.Content)
	final := []byte(nil)
	if d.Final != nil {
		var err2 error
		final, err2 = json.Marshal(d.Final)
		err = errors.Join(err, err2)
	}
	var to strings.Builder
	for _, r := range d.Content.To {
		to.WriteString("\n" + r.Name)
	}
	return row{
		ID: d.ID, Template: d.Template, TemplateVersion: d.TemplateVersion, Form: d.Form, Issuer: string(d.Issuer), Unit: string(d.Unit),
		SubjectKind: d.Subject.Kind, SubjectID: d.Subject.ID, SubjectCode: d.Subject.Code, Subject: d.Subject.Title, Obligation: d.Obligation, Drill: d.Drill,
		State: string(d.State), Content: string(content), Final: string(final), Title: d.Title, Series: d.Series, Number: d.Number, Code: d.Code,
		File: d.File, Hash: d.Hash, Size: d.Size, DraftedBy: d.DraftedBy, DraftedName: d.DraftedName, DraftedAt: sqldb.MicrosOf(d.DraftedAt),
		ApprovedBy: d.ApprovedBy, ApprovedName: d.ApprovedName, ApprovedAt: sqldb.MicrosOf(d.ApprovedAt), SentAt: sqldb.MicrosOf(d.SentAt), ChangedAt: sqldb.MicrosOf(d.ChangedAt),
		Version: d.Version, SearchText: module.Fold(d.Title + "\n" + d.Code + "\n" + d.Subject.Code + "\n" + d.Subject.Title + to.String()),
	}, err
}

func (r *row) document() (Document, error) {
	d := Document{
		ID: r.ID, Template: r.Template, TemplateVersion: r.TemplateVersion, Form: r.Form, Issuer: event.UnitID(r.Issuer), Unit: event.UnitID(r.Unit),
		Subject: module.Subject{Kind: r.SubjectKind, ID: r.SubjectID, Code: r.SubjectCode, Title: r.Subject}, Obligation: r.Obligation, Drill: r.Drill,
		State: State(r.State), Title: r.Title, Series: r.Series, Number: r.Number, Code: r.Code, File: r.File, Hash: r.Hash, Size: r.Size,
		DraftedBy: r.DraftedBy, DraftedName: r.DraftedName, DraftedAt: r.DraftedAt.Time(), ApprovedBy: r.ApprovedBy, ApprovedName: r.ApprovedName,
		ApprovedAt: r.ApprovedAt.Time(), SentAt: r.SentAt.Time(), ChangedAt: r.ChangedAt.Time(), Version: r.Version,
	}
	if err := json.Unmarshal([]byte(r.Content), &d.Content); err != nil {
		return d, fmt.Errorf("document %s: %w", r.ID, err)
	}
	if r.Final != "" {
		if err := json.Unmarshal([]byte(r.Final), &d.Final); err != nil {
			return d, fmt.Errorf("document %s: %w", r.ID, err)
		}
	}
	return d, nil
}

func (s store) one(ctx context.Context, db bun.IDB, id string) (Document, bool, error) {
	var r row
	err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Document{}, false, nil
	} else if err != nil {
		return Document{}, false, err
	}
	d, err := r.document()
	return d, err == nil, err
}

func (s store) insert(ctx context.Context, tx bun.Tx, d *Document) error {
	r, err := rowOf(d)
	if err == nil {
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
	}
	return err
}

// update stores d, whose version is one more than what was read; false: somebody
// changed it meanwhile.
func (s store) update(ctx context.Context, tx bun.Tx, d *Document) (bool, error) {
	r, err := rowOf(d)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

// Filter narrows a list.
type Filter struct {
	State   State // "" all
	Form    string
	Subject module.Subject
	Drill   *bool
	Text    string
	Limit   int64
	After   string
}

const (
	pageSize = 50
	maxPage  = 200
)

func (s store) list(ctx context.Context, p module.Principal, f Filter) ([]Document, string, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = pageSize
	}
	limit = min(limit, maxPage)
	var rows []row
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "issuer")
	if f.State != "" {
		q = q.Where("state = ?", f.State)
	}
	if f.Form != "" {
		q = q.Where("form = ?", f.Form)
	}
	if f.Subject.Kind != "" {
		q = q.Where("subject_kind = ?", f.Subject.Kind)
	}
	if f.Subject.ID != "" && f.Subject.Kind == "warning" {
		// Of a warning its copies, <id>/<unit>, are a part.
		q = q.Where(`(subject_id = ? OR subject_id LIKE ? ESCAPE '\')`, f.Subject.ID, strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(f.Subject.ID)+"/%")
	} else if f.Subject.ID != "" {
		q = q.Where("subject_id = ?", f.Subject.ID)
	}
	if f.Drill != nil {
		q = q.Where("drill = ?", *f.Drill)
	}
	if f.Text != "" {
		q = q.Where(`search_text LIKE ? ESCAPE '\'`, module.LikePattern(f.Text))
	}
	if f.After != "" {
		at, id, err := module.ReadCursor(f.After, "document.cursor")
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(changed_at < ? OR changed_at = ? AND id < ?)", at, at, id)
	}
	if err := q.ExcludeColumn("final").OrderExpr("changed_at DESC, id DESC").Limit(limit + 1).Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		next = strconv.FormatInt(int64(last.ChangedAt), 10) + "." + last.ID
	}
	list := make([]Document, len(rows))
	for i := range rows {
		var err error
		if list[i], err = rows[i].document(); err != nil {
			return nil, "", err
		}
	}
	return list, next, nil
}

// maxBook bounds a page of the number book.
const maxBook = 1_000

// numbered returns the documents with a number of a year, the last number first.
func (s store) numbered(ctx context.Context, p module.Principal, year int) ([]Document, error) {
	var rows []row
	err := module.Scoped(s.db.NewSelect().Model(&rows), p, "issuer").ExcludeColumn("final").Where("number > 0").
		Where("series LIKE ?", "%/"+strconv.Itoa(year)).OrderExpr("series, number DESC").Limit(maxBook).Scan(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Document, len(rows))
	for i := range rows {
		if list[i], err = rows[i].document(); err != nil {
			return nil, err
		}
	}
	return list, nil
}
