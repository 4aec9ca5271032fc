package search

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

type jobRow struct {
	bun.BaseModel `bun:"table:search_exports"`

	ID         string       `bun:"id,pk"`
	OwnerID    string       `bun:"owner_id"`
	Unit       string       `bun:"unit"`
	Query      string       `bun:"query"`
	From       int64        `bun:"time_from"` // microseconds; 1970 is a time here
	To         int64        `bun:"time_to"`
	Ascending  bool         `bun:"ascending"`
	Format     string       `bun:"format"`
	Columns    string       `bun:"columns"` // JSON array
	Limit      int64        `bun:"row_limit"`
	State      string       `bun:"state"`
	Total      int64        `bun:"rows_total"`
	Rows       int64        `bun:"rows_done"`
	Bytes      int64        `bun:"byte_count"`
	FileBytes  int64        `bun:"file_bytes"`
	SHA256     string       `bun:"sha256"`
	Partial    string       `bun:"partial"`
	ErrorCode  string       `bun:"error_code"`
	ErrorText  string       `bun:"error_text"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	StartedAt  sqldb.Micros `bun:"started_at"`
	FinishedAt sqldb.Micros `bun:"finished_at"`
	ExpiresAt  sqldb.Micros `bun:"expires_at"`
}

func rowOfJob(j *Job) (jobRow, error) {
	columns := j.Columns
	if columns == nil {
		columns = []string{}
	}
	text, err := json.Marshal(columns)
	return jobRow{
		ID: j.ID, OwnerID: j.OwnerID, Unit: string(j.Unit), Query: j.Query, From: j.From.UnixMicro(), To: j.To.UnixMicro(), Ascending: j.Ascending,
		Format: j.Format, Columns: string(text), Limit: j.Limit, State: string(j.State), Total: j.Total, Rows: j.Rows, Bytes: j.Bytes,
		FileBytes: j.FileBytes, SHA256: j.SHA256, Partial: module.Text(j.Partial, maxNote), ErrorCode: j.ErrorCode, ErrorText: module.Text(j.ErrorText, maxNote),
		CreatedAt: sqldb.MicrosOf(j.CreatedAt), StartedAt: sqldb.MicrosOf(j.StartedAt), FinishedAt: sqldb.MicrosOf(j.FinishedAt), ExpiresAt: sqldb.MicrosOf(j.ExpiresAt),
	}, err
}

const maxNote = 4000 // bytes of a text about what went wrong

func (r *jobRow) job() (Job, error) {
	j := Job{
		ID: r.ID, OwnerID: r.OwnerID, Unit: event.UnitID(r.Unit), Query: r.Query, From: time.UnixMicro(r.From).UTC(), To: time.UnixMicro(r.To).UTC(), Ascending: r.Ascending,
		Format: r.Format, Limit: r.Limit, State: JobState(r.State), Total: r.Total, Rows: r.Rows, Bytes: r.Bytes,
		FileBytes: r.FileBytes, SHA256: r.SHA256, Partial: r.Partial, ErrorCode: r.ErrorCode, ErrorText: r.ErrorText,
		CreatedAt: r.CreatedAt.Time(), StartedAt: r.StartedAt.Time(), FinishedAt: r.FinishedAt.Time(), ExpiresAt: r.ExpiresAt.Time(),
	}
	if err := json.Unmarshal([]byte(r.Columns), &j.Columns); err != nil {
		return j, fmt.Errorf("export %s: columns: %w", r.ID, err)
	}
	return j, nil
}

// unended are the states of a job that is not finished; see JobState.ended.
var unended = bun.List([]string{string(JobQueued), string(JobCounting), string(JobRunning)})

func (s store) countJobs(ctx context.Context, tx bun.Tx, owner string) (unfinished, kept int64, err error) {
	if unfinished, err = tx.NewSelect().Model((*jobRow)(nil)).Where("owner_id = ?", owner).Where("state IN (?)", unended).Count(ctx); err != nil {
		return 0, 0, err
	}
	kept, err = tx.NewSelect().Model((*jobRow)(nil)).Where("owner_id = ?", owner).Count(ctx)
	return unfinished, kept, err
}

func (s store) jobBytes(ctx context.Context, db bun.IDB) (n int64, err error) {
	err = db.NewSelect().Model((*jobRow)(nil)).ColumnExpr("CAST(coalesce(sum(file_bytes), 0) AS BIGINT)").Scan(ctx, &n)
	return n, err
}

func (s store) insertJob(ctx context.Context, tx bun.Tx, j *Job) error {
	r, err := rowOfJob(j)
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) jobs(ctx context.Context, q *bun.SelectQuery, rows *[]jobRow) ([]Job, error) {
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Job, len(*rows))
	for i := range *rows {
		var err error
		if out[i], err = (*rows)[i].job(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s store) jobsOf(ctx context.Context, owner string) ([]Job, error) {
	var rows []jobRow
	return s.jobs(ctx, s.db.NewSelect().Model(&rows).Where("owner_id = ?", owner).OrderExpr("created_at DESC, id DESC"), &rows)
}

func (s store) expiredJobs(ctx context.Context, now time.Time) ([]Job, error) {
	var rows []jobRow
	return s.jobs(ctx, s.db.NewSelect().Model(&rows).Where("expires_at <= ?", sqldb.MicrosOf(now)), &rows)
}

func (s store) doneJobs(ctx context.Context) ([]Job, error) {
	var rows []jobRow
	return s.jobs(ctx, s.db.NewSelect().Model(&rows).Where("state = ?", string(JobDone)), &rows)
}

func (s store) job(ctx context.Context, id string) (Job, bool, error) {
	var r jobRow
	err := s.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Job{}, false, nil
	}
	if err != nil {
		return Job{}, false, err
	}
	j, err := r.job()
	return j, err == nil, err
}

// nextJob returns the job that waits longest; false: there is none.
func (s store) nextJob(ctx context.Context) (Job, bool, error) {
	var rows []jobRow
	list, err := s.jobs(ctx, s.db.NewSelect().Model(&rows).Where("state = ?", string(JobQueued)).OrderExpr("created_at, id").Limit(1), &rows)
	if err != nil || len(list) == 0 {
		return Job{}, false, err
	}
	return list[0], true, nil
}

// requeueJobs gives jobs that a process left half done back to the queue.
func (s store) requeueJobs(ctx context.Context) error {
	_, err := s.db.NewUpdate().Model((*jobRow)(nil)).
		Set("state = ?", string(JobQueued)).Set("rows_total = ?", rowsUnknown).Set("rows_done = 0").Set("byte_count = 0").Set("started_at = 0").
		Where("state IN (?)", bun.List([]string{string(JobCounting), string(JobRunning)})).Exec(ctx)
	return err
}

// storeJob stores how far a job is, unless its owner has cancelled or removed it.
func (s store) storeJob(ctx context.Context, tx bun.IDB, j *Job) (bool, error) {
	r, err := rowOfJob(j)
	if err != nil {
		return false, err
	}
	return sqldb.One(tx.NewUpdate().Model(&r).WherePK().Where("state IN (?)", unended).Exec(ctx))
}

func (s store) cancelJob(ctx context.Context, tx bun.Tx, id string, now time.Time) (bool, error) {
	return sqldb.One(tx.NewUpdate().Model((*jobRow)(nil)).
		Set("state = ?", string(JobCancelled)).Set("finished_at = ?", sqldb.MicrosOf(now)).
		Where("id = ?", id).Where("state IN (?)", unended).Exec(ctx))
}

func (s store) removeJob(ctx context.Context, db bun.IDB, id string) error {
	_, err := db.NewDelete().Model((*jobRow)(nil)).Where("id = ?", id).Exec(ctx)
	return err
}
