package warning

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type copyRow struct {
	bun.BaseModel `bun:"table:warning_copies"`

	Warning   string       `bun:"warning,pk"`
	Unit      string       `bun:"unit,pk"`
	Drill     bool         `bun:"drill"`
	IsOpen    bool         `bun:"is_open"`
	SentAt    sqldb.Micros `bun:"sent_at"`
	AckBy     sqldb.Micros `bun:"ack_by"`
	FixBy     sqldb.Micros `bun:"fix_by"`
	AckAt     sqldb.Micros `bun:"ack_at"`
	AckName   string       `bun:"ack_name"`
	Answer    string       `bun:"answer"`
	AnswerAt  sqldb.Micros `bun:"answer_at"`
	AnswerBy  string       `bun:"answer_by"`
	FixedAt   sqldb.Micros `bun:"fixed_at"`
	Recheck   string       `bun:"recheck"`
	SettledAt sqldb.Micros `bun:"settled_at"`
	Settled   string       `bun:"settled"`
	SettledBy string       `bun:"settled_by"`
	ChasedAck int          `bun:"chased_ack"`
	ChasedFix int          `bun:"chased_fix"`
	NextAt    sqldb.Micros `bun:"next_at"`
	Version   int64        `bun:"version"`
}

func copyRowOf(c *Copy) (copyRow, error) {
	recheck, err := json.Marshal(c.Recheck)
	return copyRow{
		Warning: c.Warning, Unit: string(c.Unit), Drill: c.Drill, IsOpen: c.Open, SentAt: sqldb.MicrosOf(c.SentAt), AckBy: sqldb.MicrosOf(c.AckBy), FixBy: sqldb.MicrosOf(c.FixBy),
		AckAt: sqldb.MicrosOf(c.AckAt), AckName: c.AckName, Answer: c.Answer, AnswerAt: sqldb.MicrosOf(c.AnswerAt), AnswerBy: c.AnswerBy, FixedAt: sqldb.MicrosOf(c.FixedAt),
		Recheck: string(recheck), SettledAt: sqldb.MicrosOf(c.SettledAt), Settled: c.Settled, SettledBy: c.SettledBy, ChasedAck: c.ChasedAck,
		ChasedFix: c.ChasedFix, NextAt: sqldb.MicrosOf(c.next()), Version: c.Version,
	}, err
}

func (r *copyRow) copy() (Copy, error) {
	c := Copy{
		Warning: r.Warning, Unit: event.UnitID(r.Unit), Drill: r.Drill, Open: r.IsOpen, SentAt: r.SentAt.Time(), AckBy: r.AckBy.Time(), FixBy: r.FixBy.Time(),
		AckAt: r.AckAt.Time(), AckName: r.AckName, Answer: r.Answer, AnswerAt: r.AnswerAt.Time(), AnswerBy: r.AnswerBy, FixedAt: r.FixedAt.Time(),
		SettledAt: r.SettledAt.Time(), Settled: r.Settled, SettledBy: r.SettledBy, ChasedAck: r.ChasedAck, ChasedFix: r.ChasedFix, Version: r.Version,
	}
	if err := json.Unmarshal([]byte(r.Recheck), &c.Recheck); err != nil {
		return c, fmt.Errorf("copy of warning %s for %s: %w", r.Warning, r.Unit, err)
	}
	return c, nil
}

func copiesOf(rows []copyRow, err error) ([]Copy, error) {
	if err != nil {
		return nil, err
	}
	list := make([]Copy, len(rows))
	for i := range rows {
		if list[i], err = rows[i].copy(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s store) insertCopy(ctx context.Context, tx bun.Tx, c *Copy) error {
	r, err := copyRowOf(c)
	if err == nil {
		_, err = tx.NewInsert().Model(&r).Exec(ctx)
	}
	return err
}

// updateCopy stores c over the version read; false: it was changed meanwhile.
func (s store) updateCopy(ctx context.Context, tx bun.Tx, c *Copy, read int64) (bool, error) {
	r, err := copyRowOf(c)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("warning", "unit", "drill").
		Where("warning = ?", r.Warning).Where("unit = ?", r.Unit).Where("version = ?", read).Exec(ctx))
}

func (s store) copy(ctx context.Context, db bun.IDB, id string, unit event.UnitID) (c Copy, ok bool, err error) {
	var r copyRow
	err = db.NewSelect().Model(&r).Where("warning = ?", id).Where("unit = ?", string(unit)).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	c, err = r.copy()
	return c, err == nil, err
}

func (s store) copies(ctx context.Context, db bun.IDB, id string) ([]Copy, error) {
	var rows []copyRow
	err := db.NewSelect().Model(&rows).Where("warning = ?", id).OrderExpr("unit").Scan(ctx)
	return copiesOf(rows, err)
}

// openCopies counts what is not settled. It takes hold of the warning first, so that
// of two who settle the last two copies at once one sees that all are.
func (s store) openCopies(ctx context.Context, tx bun.Tx, id string) (int64, error) {
	if _, err := tx.NewUpdate().Table("warnings").Set("changed_at = changed_at").Where("id = ?", id).Exec(ctx); err != nil {
		return 0, err
	}
	return tx.NewSelect().Table("warning_copies").Where("warning = ?", id).Where("is_open = ?", true).Count(ctx)
}

// dueCopies returns those that are to be looked at.
func (s store) dueCopies(ctx context.Context, now time.Time, limit int64) ([]Copy, error) {
	var rows []copyRow
	err := s.db.NewSelect().Model(&rows).Where("next_at > 0").Where("next_at <= ?", sqldb.MicrosOf(now)).OrderExpr("next_at").Limit(limit).Scan(ctx)
	return copiesOf(rows, err)
}

// CopyFilter says which copies to list.
type CopyFilter struct {
	Status string // "": open; settled, late, any
	Unit   event.UnitID
	Drill  bool
	Limit  int
	After  string // cursor
}

// received returns copies in p's scope with their warnings.
func (s store) received(ctx context.Context, p module.Principal, f CopyFilter, now time.Time) ([]Received, string, error) {
	n := limitOf(f.Limit)
	var rows []copyRow
	q := s.db.NewSelect().Model(&rows).Where("drill = ?", f.Drill).OrderExpr("sent_at DESC, warning DESC, unit DESC").Limit(n + 1)
	q = module.Scoped(q, p, "unit")
	switch f.Status {
	case "":
		q = q.Where("is_open = ?", true)
	case "settled":
		q = q.Where("is_open = ?", false)
	case "late":
		q = q.Where("is_open = ?", true).Where("(ack_at = 0 AND ack_by < ? OR answer IN ('', 'need-help') AND fix_by < ?)", sqldb.MicrosOf(now), sqldb.MicrosOf(now))
	}
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.After != "" {
		at, key, err := module.ReadCursor(f.After, "warning.cursor")
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(sent_at < ? OR sent_at = ? AND warning || '/' || unit < ?)", at, at, key)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = module.Cursor(rows[n-1].SentAt, rows[n-1].Warning+"/"+rows[n-1].Unit)
	}
	list := make([]Received, len(rows))
	warnings := map[string]Warning{}
	for i := range rows {
		w, ok := warnings[rows[i].Warning]
		if !ok {
			var err error
			if w, _, err = s.one(ctx, s.db, rows[i].Warning); err != nil {
				return nil, "", err
			}
			warnings[w.ID] = w
		}
		c, err := rows[i].copy()
		if err != nil {
			return nil, "", err
		}
		list[i] = Received{w, c}
	}
	return list, next, nil
}

// Tally is how far the copies of a warning are.
type Tally struct {
	Sent, Acknowledged, Answered, NeedHelp, Settled, Late int64
}

// tallies counts the copies of warnings.
func (s store) tallies(ctx context.Context, ids []string, now time.Time) (map[string]Tally, error) {
	var rows []struct {
		Warning string `bun:"warning"`
		Sent    int64  `bun:"sent"`
		Acked   int64  `bun:"acked"`
		Replied int64  `bun:"replied"`
		Help    int64  `bun:"help"`
		Settled int64  `bun:"settled"`
		Late    int64  `bun:"late"`
	}
	out := map[string]Tally{}
	if len(ids) == 0 {
		return out, nil
	}
	count := func(what string) string { return "sum(CASE WHEN " + what + " THEN 1 ELSE 0 END)" }
	err := s.db.NewSelect().Table("warning_copies").ColumnExpr("warning").ColumnExpr("count(*) AS sent").
		ColumnExpr(count("ack_at > 0")+" AS acked").ColumnExpr(count("answer <> ''")+" AS replied").ColumnExpr(count("is_open AND answer = 'need-help'")+" AS help").
		ColumnExpr(count("NOT is_open")+" AS settled").
		ColumnExpr(count("is_open AND (ack_at = 0 AND ack_by < ? OR answer IN ('', 'need-help') AND fix_by < ?)")+" AS late", sqldb.MicrosOf(now), sqldb.MicrosOf(now)).
		Where("warning IN (?)", bun.List(ids)).GroupExpr("warning").Scan(ctx, &rows)
	for _, r := range rows {
		out[r.Warning] = Tally{r.Sent, r.Acked, r.Replied, r.Help, r.Settled, r.Late}
	}
	return out, err
}

type stepRow struct {
	bun.BaseModel `bun:"table:warning_steps"`

	ID      string       `bun:"id,pk"`
	Warning string       `bun:"warning"`
	Unit    string       `bun:"unit"`
	Kind    string       `bun:"kind"`
	At      sqldb.Micros `bun:"at"`
	ByID    string       `bun:"by_id"`
	By      string       `bun:"by_name"`
	Text    string       `bun:"text"`
	Detail  string       `bun:"detail"`
}

func (s store) addStep(ctx context.Context, tx bun.Tx, c *Copy, x *Step) error {
	if x.Detail == nil {
		x.Detail = map[string]string{}
	}
	detail, err := json.Marshal(x.Detail)
	if err != nil {
		return err
	}
	r := stepRow{ID: x.ID, Warning: c.Warning, Unit: string(c.Unit), Kind: string(x.Kind), At: sqldb.MicrosOf(x.At), ByID: x.ByID, By: x.By, Text: x.Text, Detail: string(detail)}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

const maxSteps = 500 // shown, the last

func (s store) steps(ctx context.Context, db bun.IDB, id string, unit event.UnitID) ([]Step, error) {
	var rows []stepRow
	if err := db.NewSelect().Model(&rows).Where("warning = ?", id).Where("unit = ?", string(unit)).OrderExpr("id DESC").Limit(maxSteps).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Step, len(rows))
	for i, r := range rows {
		x := &list[len(rows)-1-i]
		*x = Step{ID: r.ID, Kind: StepKind(r.Kind), At: r.At.Time(), ByID: r.ByID, By: r.By, Text: r.Text}
		if err := json.Unmarshal([]byte(r.Detail), &x.Detail); err != nil {
			return nil, fmt.Errorf("step %s: %w", r.ID, err)
		}
	}
	return list, nil
}

type fileRow struct {
	bun.BaseModel `bun:"table:warning_files"`

	ID      string       `bun:"id,pk"`
	Warning string       `bun:"warning"`
	Unit    string       `bun:"unit"`
	Name    string       `bun:"name"`
	Size    int64        `bun:"size"`
	SHA256  string       `bun:"sha256"`
	At      sqldb.Micros `bun:"at"`
	By      string       `bun:"by_name"`
}

func (s store) addFile(ctx context.Context, tx bun.Tx, c *Copy, f *File) error {
	r := fileRow{ID: f.ID, Warning: c.Warning, Unit: string(c.Unit), Name: f.Name, Size: f.Size, SHA256: f.SHA256, At: sqldb.MicrosOf(f.At), By: f.By}
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) files(ctx context.Context, db bun.IDB, id string, unit event.UnitID) ([]File, error) {
	var rows []fileRow
	if err := db.NewSelect().Model(&rows).Where("warning = ?", id).Where("unit = ?", string(unit)).OrderExpr("id").Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]File, len(rows))
	for i, r := range rows {
		list[i] = File{r.ID, r.Name, r.Size, r.SHA256, r.At.Time(), r.By}
	}
	return list, nil
}

// fileIDs returns the ids of all files.
func (s store) fileIDs(ctx context.Context) (ids []string, err error) {
	err = s.db.NewSelect().Table("warning_files").Column("id").Scan(ctx, &ids)
	return ids, err
}

// sentBetween returns the copies sent in a time, for the figures.
func (s store) sentBetween(ctx context.Context, p module.Principal, drill bool, from, to time.Time, limit int64) ([]Copy, error) {
	var rows []copyRow
	q := s.db.NewSelect().Model(&rows).Where("drill = ?", drill).Where("sent_at >= ?", sqldb.MicrosOf(from)).Where("sent_at < ?", sqldb.MicrosOf(to)).
		Where("settled <> 'withdrawn'").OrderExpr("sent_at DESC").Limit(limit)
	err := module.Scoped(q, p, "unit").Scan(ctx)
	return copiesOf(rows, err)
}
