// Package file follows log files on this machine: rotated, emptied, renamed,
// appearing later, in UTF-8 or UTF-16, with one line or several a record.
//
// Files are polled, not watched: polling works on every file system (NFS, SMB,
// container mounts), has no limit of watches, misses nothing when files come and
// go, and costs one stat a file and interval.
//
// A file is known by its device and inode and by fingerprints of its first bytes
// and of the bytes before the position, so neither a reused inode nor an emptied
// file is taken for what it was; a copy that copytruncate leaves is recognised
// and read from where the original was read to.
//
// Invariant: every line is stored exactly once, whatever is killed. A pass
//
//  1. reads one batch of each of up to passFiles files with news,
//  2. writes to the journal, to the disk, which bytes are about to be stored
//     under which batch identity,
//  3. puts the batches into the spool, all at once,
//  4. notes in the journal how far the files are stored.
//
// After a kill between 3 and 4 the node is asked whether it has the batch; if not,
// the same bytes are cut in the same way again and put under the same identity. A
// node that cannot tell (a relay, which sends on) stores such a batch again:
// twice is better than lost. Where a file is emptied before it was read to its end and no copy is kept, what
// was not read is lost; nobody can know how much.
//
// Start reading at Input.Run, then tail.go (one file), split.go (records),
// journal.go (positions).
package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
)

// Kind is the file input.
func Kind() input.Kind {
	return input.NewKind("file", DefaultConfig, func(c Config, env input.Env) (input.Input, error) {
		return New(c, env)
	})
}

const (
	inputName = "file"
	// passFiles bounds the files read in one pass, and so memory: each takes a
	// batch.
	passFiles = 16
	// windowBytes is how much of a file is looked at at a time: a batch, and the
	// longest record behind it in UTF-16.
	windowBytes = event.MaxBatchBytes + 2*event.MaxRecordBytes + 4
	// leaveAfter is how long a file that is no longer found is read on: its writer
	// may have it open still.
	leaveAfter = time.Minute
	// drainTime is how long batches may go on being stored once Run is to end.
	drainTime = time.Second
	// askTime bounds the question which batches are stored, at the start.
	askTime = 5 * time.Minute
	// maxFormers bounds what is kept of files that went away.
	maxFormers = 256
	// maxPeer bounds the path that events carry.
	maxPeer = 1000
)

// Input follows the files of one section.
type Input struct {
	config   Config
	env      input.Env
	log      *slog.Logger
	meter    *input.Meter
	splitter splitter
	window   []byte

	journal *journal
	tails   map[place]*tail
	formers map[place]*entry
	order   []*tail // of turns
	turn    int
	pool    []*input.Batcher
	open    int
	passes  int
	scanned time.Time
	warned  bool // of too many files

	ready chan struct{}
}

// New makes an Input that follows files once it runs.
func New(c Config, env input.Env) (*Input, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if env.DataDir == "" {
		return nil, fault.New(fault.Invalid, "file: needs a data folder to keep positions in")
	}
	if env.Log == nil {
		env.Log = slog.New(slog.DiscardHandler)
	}
	if env.Metrics == nil {
		env.Metrics = input.NewMetrics(nil)
	}
	if env.Now == nil {
		env.Now = time.Now
	}
	in := &Input{
		config: c, env: env, log: env.Log.With("input", inputName), meter: env.Metrics.For(inputName),
		splitter: splitter{maxLines: c.Multiline.MaxLines}, window: make([]byte, beforeBytes+windowBytes),
		ready: make(chan struct{}),
	}
	if c.Multiline.Start != "" {
		in.splitter.start = regexp.MustCompile(c.Multiline.Start)
	}
	for range passFiles {
		in.pool = append(in.pool, &input.Batcher{})
	}
	return in, nil
}

// Ready is closed when the first Run follows the files that are there.
func (in *Input) Ready() <-chan struct{} { return in.ready }

// Run implements [input.Input].
func (in *Input) Run(ctx context.Context, out input.Sink) (err error) {
	j, entries, err := openJournal(filepath.Join(in.env.DataDir, "files", in.config.Name+".positions"))
	if err != nil {
		return err
	}
	in.journal, in.tails, in.formers, in.order, in.turn, in.open = j, map[place]*tail{}, map[place]*entry{}, nil, 0, 0
	defer func() {
		for _, t := range in.tails {
			in.shut(t)
		}
		err = errors.Join(err, j.close())
	}()
	in.restore(entries)
	if err := in.scan(j.fresh); err != nil {
		return err
	}
	select {
	case <-in.ready:
	default:
		close(in.ready)
	}
	in.log.Info("file: following", "files", len(in.tails))
	if err := in.ask(ctx); err != nil {
		return err
	}
	for ctx.Err() == nil {
		busy, err := in.pass(ctx, out)
		if err != nil {
			return err
		}
		if busy {
			continue
		}
		t := time.NewTimer(in.config.Poll)
		select {
		case <-ctx.Done():
			t.Stop()
		case <-t.C:
		}
	}
	return nil
}

// restore takes up what the journal says.
func (in *Input) restore(entries []entry) {
	for i := range entries {
		e := entries[i]
		if e.Former {
			in.formers[e.place] = &e
			continue
		}
		in.add(&tail{entry: e, resend: e.Next != nil, changed: in.env.Now()})
	}
}

// ask finds out which of the batches that were begun before the start are stored.
func (in *Input) ask(ctx context.Context) error {
	if in.env.Has == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var notes []entry
	for _, t := range in.order {
		if !t.resend {
			continue
		}
		id, ok := batchID(t.Next.Batch)
		if !ok {
			return brokenJournal(t)
		}
		stored, err := in.env.Has(ctx, id.At(0))
		if err != nil {
			in.log.Warn("file: whether a batch is stored is not known; it is stored again", "file", t.Path, "err", err)
			continue
		}
		if stored {
			t.position, t.Next, t.resend = t.Next.End, nil, false
			notes = append(notes, t.entry)
		}
	}
	return in.note(notes, false)
}

func brokenJournal(t *tail) error {
	return fmt.Errorf("file: %s: broken batch identity in the journal", t.Path)
}

func (in *Input) add(t *tail) {
	in.tails[t.place] = t
	in.order = append(in.order, t)
}

// scan finds out which files there are. With first, they were there before
// anything was followed.
func (in *Input) scan(first bool) error {
	in.scanned = in.env.Now()
	files, more := find(in.config.Include, in.config.Exclude, in.config.MaxFiles)
	if more && !in.warned {
		in.warned = true
		in.log.Error("file: the patterns match more files than maxFiles; the others are not read", "maxFiles", in.config.MaxFiles)
		in.meter.Refused("files").Inc()
	}
	here := map[place]bool{}
	var news []entry
	for _, f := range files {
		p := placeOf(f.info)
		here[p] = true
		if t := in.tails[p]; t != nil {
			t.path(f.path)
			continue
		}
		in.discover(f, first)
	}
	for p, t := range in.tails {
		switch {
		case here[p]:
			t.left = time.Time{}
		case t.left.IsZero():
			t.left = in.env.Now()
			if t.content == nil && !t.Done {
				if path, ok := findMoved(&t.entry); ok {
					t.Path = path
				}
			}
		}
		if t.held {
			in.judge(t)
		}
		if t.dirty {
			t.dirty = false
			news = append(news, t.entry)
		}
	}
	return in.journal.add(news, false)
}

// pass stores what is new in some files. busy says that there may be more.
func (in *Input) pass(ctx context.Context, out input.Sink) (busy bool, err error) {
	in.passes++
	if in.env.Now().Sub(in.scanned) >= in.config.Rescan {
		if err := in.scan(false); err != nil {
			return false, err
		}
	}
	var work []*tail
	var notes []entry
	limit := min(passFiles, in.config.MaxOpen)
	rescan := false
	for range len(in.order) {
		if len(work) == limit {
			busy = true
			break
		}
		t := in.order[in.turn%len(in.order)]
		in.turn++
		moved, news := in.look(t)
		rescan = rescan || moved
		if !news {
			continue
		}
		t.batch = in.pool[len(work)]
		t.batch.Reset()
		switch in.read(t) {
		case readBatch:
			work = append(work, t)
			busy = busy || t.more
		case readOn:
			notes = append(notes, t.entry)
			busy = busy || t.more
		case readNothing:
		}
	}
	if len(work) > 0 {
		if err := in.store(ctx, out, work); err != nil {
			return false, err
		}
	}
	for _, t := range work {
		notes = append(notes, t.entry)
	}
	notes = append(notes, in.leave()...)
	if err := in.note(notes, false); err != nil {
		return false, err
	}
	if rescan {
		in.scanned = time.Time{}
	}
	return busy, nil
}

// store puts the batches of the files, all at once, after it has noted which.
func (in *Input) store(ctx context.Context, out input.Sink, work []*tail) error {
	entries := make([]entry, len(work))
	batches := make([]*event.Batch, len(work))
	for i, t := range work {
		if batches[i] = in.batchOf(t); batches[i] == nil {
			return brokenJournal(t)
		}
		entries[i] = t.entry
	}
	if err := in.note(entries, true); err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(work))
	put, cancel := draining(ctx)
	defer cancel()
	for i := range work {
		wg.Go(func() { errs[i] = input.PutAll(put, out, batches[i], in.meter) })
	}
	wg.Wait()
	for i, t := range work {
		switch {
		case errs[i] == nil:
			in.meter.Cut.Add(float64(t.cuts))
		case fault.KindOf(errs[i]) == fault.Invalid:
			in.log.Error("file: the spool refuses a batch", "file", t.Path, "records", len(batches[i].Records), "err", errs[i])
			in.meter.Dropped("invalid").Add(float64(len(batches[i].Records)))
		default: // ctx has ended; the journal says what was begun
			continue
		}
		t.position, t.Next, t.resend = t.Next.End, nil, false
	}
	return nil
}

// draining returns a context that outlives ctx by drainTime.
func draining(ctx context.Context) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(drainTime, cancel)
		context.AfterFunc(out, func() { t.Stop() })
	})
	return out, func() { stop(); cancel() }
}

// note writes entries to the journal, and the journal anew when it is long.
func (in *Input) note(entries []entry, sync bool) error {
	if in.journal.lines > compactLines+4*(len(in.tails)+len(in.formers)) {
		all := make([]entry, 0, len(in.tails)+len(in.formers))
		for _, t := range in.tails {
			if !t.held {
				all = append(all, t.entry)
			}
		}
		for _, e := range in.formers {
			all = append(all, *e)
		}
		if err := in.journal.rewrite(all); err != nil {
			return fmt.Errorf("positions: %w", err)
		}
	}
	return in.journal.add(entries, sync)
}

// leave forgets files that are gone and read to their end.
func (in *Input) leave() []entry {
	var notes []entry
	for p, t := range in.tails {
		if t.left.IsZero() || in.env.Now().Sub(t.left) < leaveAfter || in.env.Now().Sub(t.changed) < leaveAfter {
			continue
		}
		if t.content == nil && t.size > t.Offset && !t.Done && !t.held {
			in.log.Warn("file: gone before it was read to its end", "file", t.Path, "read", t.Offset, "size", t.size)
		}
		in.shut(t)
		delete(in.tails, p)
		in.order = slices.DeleteFunc(in.order, func(o *tail) bool { return o == t })
		if t.held {
			continue
		}
		gone := t.entry
		gone.Gone = true
		notes = append(notes, gone)
		notes = append(notes, in.keepFormer(&t.entry)...)
	}
	return notes
}

// keepFormer keeps what is known of a file whose content goes away.
func (in *Input) keepFormer(e *entry) []entry {
	if e.Head.Bytes < copyBytes {
		return nil
	}
	var notes []entry
	if len(in.formers) >= maxFormers {
		// Any one: a copy appears within moments.
		for p, old := range maps.Clone(in.formers) {
			delete(in.formers, p)
			old.Gone = true
			notes = append(notes, *old)
			break
		}
	}
	f := *e
	f.Former, f.Next = true, nil
	in.formers[f.place] = &f
	return append(notes, f)
}

// readable makes an error of reading a file once.
func (in *Input) unreadable(t *tail, err error) {
	if errors.Is(err, io.EOF) || t.refused == err.Error() {
		return
	}
	t.refused = err.Error()
	in.meter.Refused("unreadable").Inc()
	in.log.Warn("file: cannot be read; it is tried again", "file", t.Path, "err", err)
}

// peerOf is what events carry as their sender.
func peerOf(path string) string {
	path = strings.ToValidUTF8(path, "\ufffd")
	if len(path) > maxPeer {
		path = path[len(path)-maxPeer:]
	}
	return path
}
