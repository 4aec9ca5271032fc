package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/parse"
)

type importCmd struct {
	Paths []string `arg:"" name:"file-or-dir" help:"Files or folders."`
	folder
	Server string `help:"Import into a running server at this address, with a token of scope ingest in LACHAN_TOKEN." placeholder:"URL"`
	Unit   string `help:"Unit that owns the events (with --data; a server takes the token's unit)." default:"trung-tam"`
	Quiet  bool   `short:"q" help:"No progress bar."`
}

// importTarget takes batches and tells when they are searchable.
type importTarget interface {
	// Put returns once the batch is accepted: it will not be lost.
	Put(ctx context.Context, b *event.Batch) error
	// Wait returns once everything accepted is searchable, and how many events
	// that were.
	Wait(ctx context.Context) (stored int64, err error)
	Close() error
}

// imported counts.
type imported struct {
	files, read, unparsed, damaged int64
	bytes                          int64
}

// Run imports every file and waits until its events are searchable.
func (c *importCmd) Run(ctx context.Context, s std) (err error) {
	files, err := logfile.Find(c.Paths)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fault.New(fault.Invalid, "import: no file below %s", strings.Join(c.Paths, " "))
	}
	target, err := c.open(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()

	begun := time.Now()
	bar := newProgress(s.err, c.Quiet, logfile.TotalSize(files))
	count := &imported{}
	var failed []error
	im := &importer{target: target, unit: event.UnitID(c.Unit), parser: parse.New(parse.Options{}), count: count, bar: bar}
	for _, f := range files {
		if err := im.file(ctx, f); err != nil {
			if ctx.Err() != nil || fault.KindOf(err) != fault.Invalid {
				bar.end()
				return err
			}
			failed = append(failed, err)
			bar.say("%v", err)
		}
	}
	stored, err := target.Wait(ctx)
	bar.end()
	if err != nil {
		return err
	}
	took := time.Since(begun)
	fmt.Fprintf(s.out, "%d files, %d events read, %d stored, %d unparsed, %d cut or damaged, in %v (%.0f events/s)\n",
		count.files, count.read, stored, count.unparsed, count.damaged, took.Round(time.Millisecond), float64(count.read)/took.Seconds())
	if len(failed) > 0 {
		return fault.New(fault.Invalid, "import: %d of %d files could not be read to the end; see above", len(failed), len(files))
	}
	return nil
}

func (c *importCmd) open(ctx context.Context, s std) (importTarget, error) {
	if c.Server != "" {
		return openRemoteImport(c.Server)
	}
	return openLocalImport(ctx, s, c.folder)
}

// importer reads files into batches.
type importer struct {
	target importTarget
	unit   event.UnitID
	parser *parse.Parser
	count  *imported
	bar    *progress
	event  event.Event
}

func (im *importer) file(ctx context.Context, f logfile.File) error {
	src, err := logfile.Open(f)
	if err != nil {
		return err
	}
	defer src.Close()
	im.count.files++
	told := 0
	tell := func() {
		for ; told < len(src.Notes); told++ {
			im.bar.say("%s", src.Notes[told])
		}
	}
	b := &event.Batch{Unit: im.unit, Input: "import", Peer: path.Base(filepath.ToSlash(f.Name()))}
	batches := src.Batches(nil)
	for {
		b.Records, err = batches.Next()
		tell()
		if err != nil {
			im.count.damaged += int64(src.Problems)
			im.count.bytes += src.Size
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return err
		}
		now := time.Now()
		b.ID, b.Received, b.DateHint = event.NewBatchID(now), now, src.ModTime
		for i := range b.Records {
			// Counted here with the same parser the node runs: the node's own count
			// is of whole blocks, which may hold other senders' events too.
			im.parser.Parse(b, i, &im.event)
			if im.event.Format == "" {
				im.count.unparsed++
			}
		}
		if err := im.target.Put(ctx, b); err != nil {
			return err
		}
		im.count.read += int64(len(b.Records))
		im.bar.at(im.count.bytes+src.Read(), im.count.read)
	}
}
