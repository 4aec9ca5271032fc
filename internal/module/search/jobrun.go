package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

const (
	jobPoll     = 10 * time.Second // also finds what another process queued
	expireEvery = time.Minute
	// A job steps aside for people who search: before each so many rows it waits
	// while searches are under way, but at most this long, so that it ends.
	politeRows = 1000
	politeWait = 100 * time.Millisecond
	politePoll = 5 * time.Millisecond
)

// runExports makes one file after another until ctx ends.
func (s *Service) runExports(ctx context.Context) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	if err := s.store.requeueJobs(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	if err := s.clearFiles(ctx); err != nil && ctx.Err() == nil {
		return err
	}
	tick := time.NewTicker(jobPoll)
	defer tick.Stop()
	var expire time.Time
	for {
		if now := s.now(); now.Sub(expire) >= expireEvery {
			expire = now
			if err := s.expire(ctx); err != nil && ctx.Err() == nil {
				return err
			}
		}
		j, ok, err := s.store.nextJob(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		if ok {
			if err := s.runJob(ctx, j); err != nil && ctx.Err() == nil {
				return err
			}
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.jobs.wake:
		}
	}
}

// expire removes what is kept no longer.
func (s *Service) expire(ctx context.Context) error {
	list, err := s.store.expiredJobs(ctx, s.now())
	if err != nil {
		return err
	}
	for i := range list {
		if err := s.store.removeJob(ctx, s.store.db, list[i].ID); err != nil {
			return err
		}
		if err := s.removeFile(list[i].ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) removeFile(id string) error {
	err := os.Remove(s.file(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// clearFiles removes files that belong to no finished job, and finished jobs that
// have no file: a restored backup has none.
func (s *Service) clearFiles(ctx context.Context) error {
	done, err := s.store.doneJobs(ctx)
	if err != nil {
		return err
	}
	for i := range done {
		if _, err := os.Stat(s.file(done[i].ID)); errors.Is(err, fs.ErrNotExist) {
			if err := s.store.removeJob(ctx, s.store.db, done[i].ID); err != nil {
				return err
			}
		}
	}
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		id, whole := strings.CutSuffix(e.Name(), exportSuffix)
		if whole {
			j, ok, err := s.store.job(ctx, id)
			if err != nil {
				return err
			}
			if ok && j.State == JobDone {
				continue
			}
		} else if !strings.HasSuffix(e.Name(), partSuffix) {
			continue // not ours
		}
		if err := os.Remove(filepath.Join(s.dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// runJob makes one file. Its own failure is the job's; what is returned is one of
// the store.
func (s *Service) runJob(ctx context.Context, j Job) error {
	work, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &running{stop: stop}
	r.total.Store(rowsUnknown)
	s.jobs.set(j.ID, r)
	defer s.jobs.set(j.ID, nil)
	j.State = JobCounting
	if ok, err := s.store.storeJob(ctx, s.store.db, &j); err != nil || !ok {
		return err
	}
	err := s.makeFile(work, &j, r)
	if ctx.Err() != nil {
		return ctx.Err() // the next start queues it again
	}
	j.State, j.FinishedAt = JobDone, s.now().UTC().Truncate(time.Microsecond)
	j.Rows, j.Bytes = r.rows.Load(), r.bytes.Load()
	if err != nil {
		j.State, j.FileBytes = JobFailed, 0
		j.ErrorCode, j.ErrorText = jobError(err)
		if j.ErrorCode == "" {
			s.log.ErrorContext(ctx, "an export failed", "export", j.ID, "error", err)
		}
	}
	stored := false
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if stored, err = s.store.storeJob(ctx, tx, &j); err != nil || !stored {
			return err
		}
		return s.trail.Append(module.WithPrincipal(ctx, module.System()), tx, jobEntry("export."+string(j.State), &j))
	})
	if err == nil && stored && j.State == JobDone {
		return nil
	}
	return errors.Join(err, s.removeFile(j.ID))
}

// jobError says what a job's owner may know of why it failed.
func jobError(err error) (code, text string) {
	if errors.Is(err, syscall.ENOSPC) {
		return "export.disk-full", "the server's disk is full"
	}
	if fe, ok := errors.AsType[*fault.Error](err); ok && fe.Kind != fault.Internal {
		return fe.Code, fe.Error()
	}
	return "", "the server could not do this; the reason is in its log"
}

// makeFile counts, then writes beside the place and moves what is whole there.
func (s *Service) makeFile(ctx context.Context, j *Job, r *running) (err error) {
	path := s.file(j.ID)
	f, err := os.OpenFile(path+partSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err == nil {
			err = os.Rename(path+partSuffix, path)
		}
		if err != nil {
			err = errors.Join(err, os.Remove(path+partSuffix))
		}
	}()
	used, err := s.store.jobBytes(ctx, s.store.db)
	if err != nil {
		return err
	}
	out := &meter{w: f, limit: int64(s.config.ExportDisk) - used, full: diskFull(s.config)}
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return err
	}
	body := &content{w: zip, sum: sha256.New(), bytes: &r.bytes}
	if err := s.writeJob(ctx, j, r, body); err != nil {
		return err
	}
	if err := zip.Close(); err != nil {
		return err
	}
	j.FileBytes, j.SHA256 = out.n, hex.EncodeToString(body.sum.Sum(nil))
	return f.Sync()
}

func (s *Service) writeJob(ctx context.Context, j *Job, r *running, body io.Writer) error {
	pl, err := ParsePipeline(j.Query)
	if err != nil {
		return err
	}
	begin := func(total int64) {
		r.total.Store(total)
		j.Total, j.StartedAt = total, s.now().UTC().Truncate(time.Microsecond)
		r.started.Store(j.StartedAt.UnixMicro())
	}
	if pl.Aggregate != nil {
		t, stats, err := s.lake.Aggregate(ctx, s.scope(j), pl, j.From, j.To)
		if err != nil {
			return err
		}
		t.Rows = t.Rows[:min(int64(len(t.Rows)), j.Limit)]
		begin(int64(len(t.Rows)))
		j.Partial = partial(stats)
		if t.Truncated {
			j.Partial = strings.TrimPrefix(j.Partial+fmt.Sprintf("; only the first %d rows", len(t.Rows)), "; ")
		}
		r.rows.Store(int64(len(t.Rows)))
		return WriteTable(j.Format, body, t)
	}
	ask := lake.Search{Query: pl.Query, From: j.From, To: j.To, Ascending: j.Ascending}
	total, err := s.lake.Count(ctx, s.scope(j), ask)
	if err != nil {
		return err
	}
	begin(min(total, j.Limit))
	w, err := NewWriter(j.Format, body, j.Columns)
	if err != nil {
		return err
	}
	ask.Limit = int(j.Limit)
	stats, err := s.lake.Search(ctx, s.scope(j), ask, func(row *lake.Row) error {
		if n := r.rows.Add(1); n%politeRows == 0 {
			if err := s.stepAside(ctx); err != nil {
				return err
			}
		}
		return w.Write(row)
	})
	if err != nil {
		return err
	}
	// Events that came meanwhile are in the file, and may be more than counted.
	r.total.Store(r.rows.Load())
	j.Total, j.Partial = r.rows.Load(), partial(stats)
	return w.Flush()
}

// stepAside waits while people's searches are under way, within bounds.
func (s *Service) stepAside(ctx context.Context) error {
	for until := time.Now().Add(politeWait); s.turns.busy() && time.Now().Before(until); {
		select {
		case <-ctx.Done():
		case <-time.After(politePoll):
			continue
		}
		break
	}
	return context.Cause(ctx)
}

// meter counts what goes to the disk and refuses more than there may be.
type meter struct {
	w        io.Writer
	n, limit int64
	full     error
}

func (m *meter) Write(p []byte) (int, error) {
	if m.n+int64(len(p)) > m.limit {
		return 0, m.full
	}
	n, err := m.w.Write(p)
	m.n += int64(n)
	return n, err
}

// content is the file before compression.
type content struct {
	w     io.Writer
	sum   hash.Hash
	bytes interface{ Add(int64) int64 }
}

func (c *content) Write(p []byte) (int, error) {
	c.sum.Write(p)
	c.bytes.Add(int64(len(p)))
	return c.w.Write(p)
}
