package upload

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:uploads"`

	ID          string       `bun:"id,pk"`
	Unit        string       `bun:"unit"`
	Name        string       `bun:"name"`
	Size        int64        `bun:"size"`
	SHA256      string       `bun:"sha256"`
	Kind        string       `bun:"kind"`
	Asked       string       `bun:"asked"`
	Status      string       `bun:"status"`
	ByID        string       `bun:"by_id"`
	By          string       `bun:"by_name"`
	CreatedAt   sqldb.Micros `bun:"created_at"`
	StartedAt   sqldb.Micros `bun:"started_at"`
	EndedAt     sqldb.Micros `bun:"ended_at"`
	BytesRead   int64        `bun:"bytes_read"`
	Records     int64        `bun:"records"`
	Stored      int64        `bun:"stored"`
	Batches     int64        `bun:"batches"`
	Problems    int64        `bun:"problems"`
	ProblemList string       `bun:"problem_list"` // JSON array
	Reason      string       `bun:"reason"`
	Detail      string       `bun:"detail"`
	Original    string       `bun:"original"` // "present" or "deleted"
	KeptUntil   sqldb.Micros `bun:"kept_until"`
	Resumed     int64        `bun:"resumed"`
	Drill       string       `bun:"drill"`
}

const (
	originalPresent = "present"
	originalDeleted = "deleted"
)

func rowOf(u *Upload) (*row, error) {
	list := u.ProblemList
	if list == nil {
		list = []LineProblem{}
	}
	problems, err := json.Marshal(list)
	r := &row{
		ID: u.ID, Unit: string(u.Unit), Name: u.Name, Size: u.Size, SHA256: u.SHA256, Kind: u.Kind, Asked: string(u.Asked),
		Status: string(u.Status), ByID: u.ByID, By: u.By, CreatedAt: sqldb.MicrosOf(u.CreatedAt), StartedAt: sqldb.MicrosOf(u.StartedAt),
		EndedAt: sqldb.MicrosOf(u.Ended), BytesRead: u.BytesRead, Records: u.Records, Stored: u.Stored, Batches: u.Batches,
		Problems: u.Problems, ProblemList: string(problems), Reason: u.Reason, Detail: u.Detail, Original: originalDeleted, KeptUntil: sqldb.MicrosOf(u.KeptUntil), Drill: u.Drill,
	}
	if u.Original {
		r.Original = originalPresent
	}
	if u.Resumed {
		r.Resumed = 1
	}
	return r, err
}

func (r *row) upload() (Upload, error) {
	u := Upload{
		ID: r.ID, Unit: event.UnitID(r.Unit), Name: r.Name, Size: r.Size, SHA256: r.SHA256, Kind: r.Kind, Asked: logfile.As(r.Asked),
		Status: Status(r.Status), ByID: r.ByID, By: r.By, CreatedAt: r.CreatedAt.Time(), StartedAt: r.StartedAt.Time(),
		Ended: r.EndedAt.Time(), BytesRead: r.BytesRead, Records: r.Records, Stored: r.Stored, Batches: r.Batches,
		Problems: r.Problems, Reason: r.Reason, Detail: r.Detail, Original: r.Original == originalPresent, KeptUntil: r.KeptUntil.Time(), Resumed: r.Resumed != 0, Drill: r.Drill,
	}
	if err := json.Unmarshal([]byte(r.ProblemList), &u.ProblemList); err != nil {
		return u, fmt.Errorf("upload %s: problems: %w", r.ID, err)
	}
	return u, nil
}

func uploads(rows []row) ([]Upload, error) {
	out := make([]Upload, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].upload(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// get returns an upload of any unit; fault.NotFound if there is none.
func (s store) get(ctx context.Context, db bun.IDB, id string) (Upload, error) {
	var r row
	err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Upload{}, fault.New(fault.NotFound, "there is no upload %q", id).WithCode("upload.not-found")
	}
	if err != nil {
		return Upload{}, err
	}
	return r.upload()
}

// Filter chooses uploads; what is empty chooses all.
type Filter struct {
	Unit   event.UnitID
	Status Status
	Before string // an id
	Limit  int
}

// list returns the uploads p sees, newest first.
func (s store) list(ctx context.Context, p module.Principal, f Filter) ([]Upload, error) {
	var rows []row
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").OrderExpr("id DESC").Limit(int64(f.Limit))
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.Status != "" {
		q = q.Where("status = ?", string(f.Status))
	}
	if f.Before != "" {
		q = q.Where("id < ?", f.Before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return uploads(rows)
}

// before finds an upload of the same bytes for the same unit that stored, or will
// store, something.
func (s store) before(ctx context.Context, db bun.IDB, sha256 string, unit event.UnitID) (u Upload, found bool, err error) {
	var r row
	err = db.NewSelect().Model(&r).Where("sha256 = ? AND unit = ?", sha256, string(unit)).
		Where("status IN (?, ?, ?) OR stored > 0", string(Waiting), string(Running), string(Done)).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return u, false, nil
	}
	if err != nil {
		return u, false, err
	}
	u, err = r.upload()
	return u, err == nil, err
}

// next returns the oldest upload that is not over.
func (s store) next(ctx context.Context) (u Upload, found bool, err error) {
	var r row
	err = s.db.NewSelect().Model(&r).Where("status IN (?, ?)", string(Waiting), string(Running)).OrderExpr("id").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return u, false, nil
	}
	if err != nil {
		return u, false, err
	}
	u, err = r.upload()
	return u, err == nil, err
}

// onDisk returns the uploads whose original is there.
func (s store) onDisk(ctx context.Context) ([]Upload, error) {
	var rows []row
	if err := s.db.NewSelect().Model(&rows).Where("original = ?", originalPresent).OrderExpr("id").Scan(ctx); err != nil {
		return nil, err
	}
	return uploads(rows)
}

func (s store) insert(ctx context.Context, tx bun.Tx, u *Upload) error {
	r, err := rowOf(u)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(r).Exec(ctx)
	return err
}

// save writes an upload unless it is over, and says whether it did: a cancelled
// one stays cancelled.
func (s store) save(ctx context.Context, db bun.IDB, u *Upload) (bool, error) {
	r, err := rowOf(u)
	if err != nil {
		return false, err
	}
	return sqldb.One(db.NewUpdate().Model(r).WherePK().Where("status IN (?, ?)", string(Waiting), string(Running)).Exec(ctx))
}

// count writes what was read and stored, whatever the status.
func (s store) count(ctx context.Context, u *Upload) error {
	r, err := rowOf(u)
	if err != nil {
		return err
	}
	_, err = s.db.NewUpdate().Model(r).Column("bytes_read", "records", "stored", "batches", "problems", "problem_list").WherePK().Exec(ctx)
	return err
}

// forgetOriginal notes that the file is gone.
func (s store) forgetOriginal(ctx context.Context, id string) error {
	_, err := s.db.NewUpdate().Model((*row)(nil)).Set("original = ?", originalDeleted).Where("id = ?", id).Exec(ctx)
	return err
}
