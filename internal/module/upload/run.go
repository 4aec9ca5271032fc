package upload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
)

const (
	inputName   = "upload"
	pollEvery   = 5 * time.Second // finds what a missed wake-up left
	saveEvery   = time.Second
	expireEvery = 10 * time.Minute
	// settleTime bounds the wait until the last records are searchable; they are
	// safe by then.
	settleTime = 5 * time.Minute
	// Live events come first: while they wait longer than maxLag, an import pauses
	// before its next batch, for at most longestPause, so that it ends some time.
	maxLag       = time.Second
	lagLook      = 100 * time.Millisecond
	longestPause = 5 * time.Second
	putTimeout   = 30 * time.Minute // a spool that is full for longer ends the import
)

// run imports one upload after the other until ctx ends. One that is running at
// its start was broken off.
func (s *Service) run(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	for ctx.Err() == nil {
		u, found, err := s.store.next(ctx)
		if err != nil {
			return s.unless(ctx, err)
		}
		if found {
			if err := s.work(ctx, &u); err != nil {
				return err
			}
			continue
		}
		t := time.NewTimer(pollEvery)
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-t.C:
		}
		t.Stop()
	}
	return nil
}

// work imports one upload to its end, or until ctx ends.
func (s *Service) work(ctx context.Context, u *Upload) error {
	run, stop := context.WithCancel(ctx)
	defer stop()
	s.mu.Lock()
	s.running, s.stop = u.ID, stop
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.running, s.stop = "", nil
		s.mu.Unlock()
	}()
	if u.Status == Running {
		u.Resumed = true
	} else {
		u.StartedAt = s.Now()
	}
	u.Status = Running
	saved, err := s.store.save(ctx, s.DB, u)
	if err != nil {
		return s.unless(ctx, err)
	}
	if !saved {
		return s.putAway(ctx, u)
	}
	s.tell(u)
	j := &job{s: s, u: u, known: u.Batches, counted: u.Batches, meter: s.Node.Meter(inputName), saved: s.Now()}
	status, reason, detail := Done, "", ""
	if err := j.run(run); err != nil {
		status, reason, detail = Failed, reasonOf(err), s.forPeople(u, err)
		switch {
		case ctx.Err() != nil:
			// The node stops: the next start goes on from here.
			_, err := s.store.save(context.WithoutCancel(ctx), s.DB, u)
			return err
		case run.Err() != nil:
			return s.putAway(ctx, u)
		case reason == "":
			s.Log.Error("an upload could not be imported; it is tried again", "upload", u.ID, "error", err)
			return err
		}
	}
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return s.end(ctx, tx, u, status, reason, detail) })
	switch {
	case errors.Is(err, errOver):
		return s.putAway(ctx, u)
	case err != nil:
		return s.unless(ctx, err)
	}
	s.finish(u)
	return nil
}

// putAway is what is left to do with an upload that was cancelled meanwhile: its
// row does not say yet all that was stored.
func (s *Service) putAway(ctx context.Context, u *Upload) error {
	if err := s.store.count(ctx, u); err != nil {
		return s.unless(ctx, err)
	}
	now, err := s.store.get(ctx, s.DB, u.ID)
	if err != nil {
		return s.unless(ctx, err)
	}
	s.finish(&now)
	return nil
}

// unless is err, unless the node stops.
func (s *Service) unless(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return nil
}

var (
	errTooMuch = errors.New("it unpacks to more than uploads.maxUnpacked")
	errGaveUp  = errors.New("the spool was full for too long")
	errPaused  = errors.New("the import has paused long enough")
)

// reasonOf says whether an error is the file's, and which.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, errTooMuch):
		return reasonTooMuch
	case errors.Is(err, errGaveUp):
		return reasonGaveUp
	case errors.Is(err, fs.ErrNotExist):
		return reasonLost
	case fault.KindOf(err) == fault.Invalid:
		return reasonBroken
	}
	return ""
}

// forPeople names the file as they do.
func (s *Service) forPeople(u *Upload, err error) string {
	return strings.ReplaceAll(err.Error(), s.path(u), u.Name)
}

// job is the import of one upload.
type job struct {
	s     *Service
	u     *Upload
	meter *input.Meter

	n           int64 // batches cut so far
	counted     int64 // of them that the counts hold already
	known       int64 // of them that are stored
	first, last uint64
	bytes       int64 // unpacked
	before      int64 // bytes of the files that are through
	saved       time.Time
}

func (j *job) run(ctx context.Context) error {
	files, err := logfile.Find([]string{j.s.path(j.u)})
	if err != nil {
		return err
	}
	j.u.Problems, j.u.ProblemList = 0, nil // they are found again on the way
	for _, f := range files {
		if err := j.file(ctx, f); err != nil {
			// A broken entry does not cost the others of an archive.
			if len(files) == 1 || ctx.Err() != nil || fault.KindOf(err) != fault.Invalid {
				return err
			}
			j.u.add(LineProblem{Place: f.Entry, Code: logfile.CodeDamaged, Detail: j.s.forPeople(j.u, err)})
		}
		j.before += f.Size
	}
	if j.first > 0 {
		settle, cancel := context.WithTimeout(ctx, settleTime)
		defer cancel()
		if _, err := j.s.Node.Stored(settle, j.first, j.last); err != nil && ctx.Err() == nil {
			j.s.Log.Warn("an upload is imported, and not searchable yet", "upload", j.u.ID, "error", err)
		}
	}
	j.u.BytesRead = j.u.Size
	return ctx.Err()
}

func (j *job) file(ctx context.Context, f logfile.File) error {
	src, err := logfile.OpenAs(f, j.u.as())
	if err != nil {
		return err
	}
	defer src.Close()
	if src.Binary {
		return fault.New(fault.Invalid, "%s: neither a Windows event log nor text", f.Name())
	}
	name := j.u.Name
	if f.Entry != "" {
		name += "/" + f.Entry
	}
	told := 0
	tell := func() {
		for ; told < len(src.Details); told++ {
			d := src.Details[told]
			j.u.add(LineProblem{Place: placeOf(name, d.At), Code: d.Code, Detail: strings.ReplaceAll(d.Detail, f.Name(), name), Stored: d.Stored})
		}
	}
	batches := src.Batches(func(record []byte, hint event.Hint) event.Hint {
		j.bytes += int64(len(record))
		if src.Kind == logfile.KindNDJSON && !json.Valid(record) {
			j.u.add(LineProblem{Place: placeOf(name, src.At), Code: codeInvalidJSON, Detail: "the line is no JSON; it is stored as text", Stored: true})
			return event.HintText
		}
		return hint
	})
	for {
		records, err := batches.Next()
		tell()
		if err != nil {
			j.u.Problems += int64(max(src.Problems-len(src.Details), 0))
			if errors.Is(err, io.EOF) {
				return ctx.Err()
			}
			return err
		}
		if j.bytes > int64(j.s.Config.MaxUnpacked) {
			return fault.New(fault.Invalid, "%w", errTooMuch)
		}
		if err := j.put(ctx, records, name, src.ModTime); err != nil {
			return err
		}
		if j.n > j.counted {
			j.u.Records += int64(len(records))
			j.u.Stored += int64(len(records))
			j.u.Batches = j.n
		}
		j.u.BytesRead = min(j.before+src.Read(), j.u.Size)
		if err := j.progress(ctx); err != nil {
			return err
		}
	}
}

func placeOf(name string, at int64) string {
	if at == 0 {
		return name
	}
	return fmt.Sprintf("%s:%d", name, at)
}

// put stores the next batch, unless it is stored already.
func (j *job) put(ctx context.Context, records []event.Record, name string, dated time.Time) error {
	n := j.n
	j.n++
	id := j.u.batchID(n)
	if n < j.known {
		return ctx.Err()
	}
	if j.u.Resumed && n == j.known {
		// What was put after the last note in the database is not known here.
		has, err := j.s.Node.Has(ctx, id.At(0))
		if err != nil {
			return err
		}
		if has {
			j.known++
			return nil
		}
	}
	if err := j.giveWay(ctx); err != nil {
		return err
	}
	now := j.s.Now()
	b := &event.Batch{ID: id, Unit: j.u.Unit, Input: inputName, Peer: name, Received: now, DateHint: dated, Records: records}
	if j.u.Drill != "" {
		b.Credential = event.DrillCredential(j.u.Drill)
	}
	put, cancel := context.WithTimeout(ctx, putTimeout)
	defer cancel()
	seq, err := input.PutAllAt(put, j.s.Node.Sink(), b, j.meter)
	switch {
	case err != nil && ctx.Err() == nil && put.Err() != nil:
		return fault.New(fault.Invalid, "%w", errGaveUp)
	case err != nil:
		return err
	}
	if j.first == 0 {
		j.first = seq
	}
	j.last = max(j.last, seq)
	return nil
}

// giveWay waits while the node is behind.
func (j *job) giveWay(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, longestPause, errPaused)
	defer cancel()
	for j.s.Node.Lag(ctx) > maxLag {
		t := time.NewTimer(lagLook)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			if errors.Is(context.Cause(ctx), errPaused) {
				return nil
			}
			return ctx.Err()
		}
	}
	return nil
}

// progress notes from time to time how far the import is.
func (j *job) progress(ctx context.Context) error {
	if now := j.s.Now(); now.Sub(j.saved) >= saveEvery {
		j.saved = now
		if _, err := j.s.store.save(ctx, j.s.DB, j.u); err != nil {
			return err
		}
		j.s.tell(j.u)
	}
	return ctx.Err()
}

// runExpiry deletes originals whose time is over.
func (s *Service) runExpiry(ctx context.Context) error {
	for {
		there, err := s.store.onDisk(ctx)
		if err != nil {
			return s.unless(ctx, err)
		}
		for i := range there {
			u := &there[i]
			if u.Status.over() && !s.Now().Before(u.KeptUntil) {
				s.deleteOriginal(ctx, u)
				s.tell(u)
			}
		}
		t := time.NewTimer(expireEvery)
		select {
		case <-ctx.Done():
			t.Stop()
			return nil
		case <-t.C:
		}
	}
}
