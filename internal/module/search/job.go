package search

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// JobState is how far an export is.
type JobState string

// The states of an export. A job that was running when the process ended is
// queued again at the next start.
const (
	JobQueued    JobState = "queued"
	JobCounting  JobState = "counting"
	JobRunning   JobState = "running"
	JobDone      JobState = "done"
	JobFailed    JobState = "failed"
	JobCancelled JobState = "cancelled"
)

func (s JobState) ended() bool { return s == JobDone || s == JobFailed || s == JobCancelled }

// Limits of exports.
const (
	maxUnfinished    = 3  // of one person
	maxKept          = 20 // of one person, whatever their state
	maxExportColumns = 100
	maxColumnName    = 255
	rowsUnknown      = -1
)

// Job is one export: a file that is made in the background and kept for a while.
type Job struct {
	ID         string
	OwnerID    string
	Unit       event.UnitID // the owner's when it was asked for: whose events are in it
	Query      string
	From, To   time.Time
	Ascending  bool
	Format     string // csv, ndjson
	Columns    []string
	Limit      int64
	State      JobState
	Total      int64 // rows there will be, rowsUnknown before they are counted
	Rows       int64 // written
	Bytes      int64 // written, before compression
	FileBytes  int64
	SHA256     string // of the content before compression, hex
	Partial    string // what is missing, and why
	ErrorCode  string
	ErrorText  string
	CreatedAt  time.Time
	StartedAt  time.Time
	FinishedAt time.Time
	ExpiresAt  time.Time
}

// name is what the file is called when it is downloaded.
func (j *Job) name() string {
	return "lachan-" + j.CreatedAt.In(query.Zone).Format("20060102-150405") + "." + j.Format
}

// scope is what the owner's unit reaches at the time the job runs.
func (s *Service) scope(j *Job) lake.Scope {
	return module.Principal{Role: module.RoleAnalyst, Unit: j.Unit, Below: s.units.Below(j.Unit)}.Scope()
}

// left guesses how long it still takes, 0 while nothing can be said.
func (j *Job) left(now time.Time) time.Duration {
	if j.State != JobRunning || j.Rows == 0 || j.Total <= 0 {
		return 0
	}
	spent := now.Sub(j.StartedAt)
	return max(time.Second, time.Duration(float64(spent)/float64(j.Rows)*float64(max(j.Total-j.Rows, 0))))
}

// running is what is known of a job under way before it is stored.
type running struct {
	stop    context.CancelCauseFunc
	started atomic.Int64 // microseconds
	total   atomic.Int64
	rows    atomic.Int64
	bytes   atomic.Int64
}

// jobs are the exports under way in this process.
type jobs struct {
	mu   sync.Mutex
	live map[string]*running
	wake chan struct{}
}

// errCancelled is why a job ends that its owner no longer wants.
var errCancelled = fault.New(fault.Conflict, "cancelled").WithCode("export.cancelled")

func (j *jobs) get(id string) *running {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.live[id]
}

func (j *jobs) set(id string, r *running) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r == nil {
		delete(j.live, id)
	} else {
		j.live[id] = r
	}
}

func (j *jobs) ring() {
	select {
	case j.wake <- struct{}{}:
	default:
	}
}

// ExportRequest is an export as asked for.
type ExportRequest struct {
	Request
	Format  string
	Columns []string
}

func (s *Service) checkExport(r *ExportRequest) (*query.Pipeline, error) {
	if err := module.CheckRange(r.From, r.To, "body"); err != nil {
		return nil, err
	}
	pl, err := ParsePipeline(r.Query)
	if err != nil {
		return nil, err
	}
	if r.Format != "csv" && r.Format != "ndjson" {
		return nil, fault.New(fault.Invalid, "format: use csv or ndjson").OnField("body.format")
	}
	if r.Limit < 1 || r.Limit > maxExport {
		return nil, fault.New(fault.Invalid, "limit: 1 to %d", maxExport).OnField("body.limit")
	}
	return pl, checkColumns(r.Columns)
}

func checkColumns(columns []string) error {
	if len(columns) > maxExportColumns {
		return fault.New(fault.Invalid, "columns: at most %d", maxExportColumns).OnField("body.columns")
	}
	for i, c := range columns {
		if c == "" || len(c) > maxColumnName || !utf8.ValidString(c) || strings.IndexByte(c, 0) >= 0 {
			return fault.New(fault.Invalid, "columns: each a field name").OnField("body.columns")
		}
		if slices.Contains(columns[:i], c) {
			return fault.New(fault.Invalid, "columns: %q stands there twice", c).OnField("body.columns")
		}
	}
	return nil
}

// StartExport queues an export. Errors: Denied, Invalid, Busy if the caller has
// too many, or the files take too much of the disk.
func (s *Service) StartExport(ctx context.Context, r ExportRequest) (Job, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return Job{}, err
	}
	if _, err := s.checkExport(&r); err != nil {
		return Job{}, err
	}
	now := s.now().UTC().Truncate(time.Microsecond)
	j := Job{
		ID: module.NewID(), OwnerID: p.ID, Unit: p.Unit, Query: r.Query, From: r.From, To: r.To, Ascending: r.Ascending,
		Format: r.Format, Columns: r.Columns, Limit: int64(r.Limit), State: JobQueued, Total: rowsUnknown,
		CreatedAt: now, ExpiresAt: now.Add(s.config.ExportKeep),
	}
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		unfinished, kept, err := s.store.countJobs(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if unfinished >= maxUnfinished {
			return fault.New(fault.Busy, "%d of your exports are not finished; wait for one, or cancel it", unfinished).WithCode("export.too-many")
		}
		if kept >= maxKept {
			return fault.New(fault.Busy, "you keep %d exports; remove some you have downloaded", kept).WithCode("export.too-many-kept")
		}
		used, err := s.store.jobBytes(ctx, tx)
		if err != nil {
			return err
		}
		if used >= int64(s.config.ExportDisk) {
			return diskFull(s.config)
		}
		if err := s.store.insertJob(ctx, tx, &j); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, jobEntry("export.create", &j))
	})
	if err != nil {
		return Job{}, err
	}
	s.jobs.ring()
	return j, nil
}

func diskFull(c Config) error {
	return fault.New(fault.Busy, "exported files take the %v they may (search.exportDisk); remove some, or wait until they expire", c.ExportDisk).WithCode("export.disk-full")
}

const maxAudited = 1000 // bytes of a query

func jobEntry(action string, j *Job) module.Entry {
	return module.Entry{Action: action, Object: "export:" + j.ID, Detail: map[string]string{
		"query": module.Text(j.Query, maxAudited), "from": j.From.UTC().Format(time.RFC3339Nano), "to": j.To.UTC().Format(time.RFC3339Nano),
		"format": j.Format, "columns": module.Text(strings.Join(j.Columns, ","), maxAudited), "unit": string(j.Unit),
		"rows": fmt.Sprint(j.Rows), "sha256": j.SHA256,
	}}
}

// Exports lists the caller's exports, newest first. Errors: Denied.
func (s *Service) Exports(ctx context.Context) ([]Job, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return nil, err
	}
	list, err := s.store.jobsOf(ctx, p.ID)
	for i := range list {
		s.refresh(&list[i])
	}
	return list, err
}

// ExportJob returns one of the caller's exports. Errors: Denied, NotFound.
func (s *Service) ExportJob(ctx context.Context, id string) (Job, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return Job{}, err
	}
	j, ok, err := s.store.job(ctx, id)
	if err != nil {
		return Job{}, err
	}
	if !ok || j.OwnerID != p.ID || !j.ExpiresAt.After(s.now()) {
		return Job{}, s.unknownExport()
	}
	s.refresh(&j)
	return j, nil
}

func (s *Service) unknownExport() error {
	return fault.New(fault.NotFound, "no such export; files are kept for %v", s.config.ExportKeep).WithCode("export.unknown")
}

// refresh fills in how far a job is that runs in this process.
func (s *Service) refresh(j *Job) {
	r := s.jobs.get(j.ID)
	if r == nil || j.State.ended() {
		return
	}
	j.State = JobCounting
	j.Rows, j.Bytes, j.Total = r.rows.Load(), r.bytes.Load(), r.total.Load()
	if at := r.started.Load(); at != 0 {
		j.State, j.StartedAt = JobRunning, time.UnixMicro(at).UTC()
	}
}

// CancelExport ends one of the caller's exports; of one that has ended already
// nothing changes. Errors: Denied, NotFound.
func (s *Service) CancelExport(ctx context.Context, id string) (Job, error) {
	j, err := s.ExportJob(ctx, id)
	if err != nil || j.State.ended() {
		return j, err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		ok, err := s.store.cancelJob(ctx, tx, id, s.now())
		if err != nil || !ok {
			return err
		}
		return s.trail.Append(ctx, tx, jobEntry("export.cancel", &j))
	})
	if err != nil {
		return Job{}, err
	}
	if r := s.jobs.get(id); r != nil {
		r.stop(errCancelled)
	}
	return s.ExportJob(ctx, id)
}

// RemoveExport cancels one of the caller's exports and removes its file.
// Errors: Denied, NotFound.
func (s *Service) RemoveExport(ctx context.Context, id string) error {
	j, err := s.CancelExport(ctx, id)
	if err != nil {
		return err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.removeJob(ctx, tx, id); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, jobEntry("export.remove", &j))
	})
	if err != nil {
		return err
	}
	return s.removeFile(id)
}

func (s *Service) file(id string) string { return filepath.Join(s.dir, id+exportSuffix) }

const (
	exportSuffix = ".gz"
	partSuffix   = ".part"
)
