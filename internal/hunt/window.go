package hunt

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/logfile"
)

// The memory of a hunt. At most filesAhead files a worker are open or wait to be
// collected, each with at most blocksAhead blocks that are not collected yet; a
// block that waits to be collected has given its buffer back and is only what was
// found in it. Text is in two buffers a worker, and in what one reader needs to
// decompress. None of the waits can form a circle: a reader takes the place in its
// file's row first and then a buffer, and whoever has a buffer waits only for a
// worker, which waits for nobody.
const (
	filesAhead   = 4
	blocksAhead  = 8
	blockBytes   = 1 << 20
	chunksABlock = 16 // of an event log
)

// errNotALog marks a file found in a folder that holds no text and no events.
var errNotALog = errors.New("not a log")

// window runs the readers and the workers of a hunt.
type window struct {
	options *Options
	files   []chan *file // by file: itself, once its reader begins
	room    chan struct{}
	buffers chan []byte
	work    chan *block
	running sync.WaitGroup
}

// file is one file being hunted through.
type file struct {
	name   string
	size   int64
	src    *logfile.Source // nil if it could not be opened
	blocks chan *block
	places chan struct{}
}

// spare gives back the place of a collected block.
func (f *file) spare() { <-f.places }

func (f *file) close() {
	if f.src != nil {
		f.src.Close()
	}
}

// block is a piece of a file: lines, or chunks of an event log, or its end.
type block struct {
	src   *logfile.Source
	name  string // of the file
	lines []byte
	log   io.ReaderAt // of an event log, and where the block begins and ends
	chunk int64
	size  int64
	read  int64       // bytes of the file up to the end of the block, for progress
	done  chan result // has room for the one result
}

func openWindow(ctx context.Context, files []logfile.File, o *Options) *window {
	w := &window{
		options: o, files: make([]chan *file, len(files)),
		room:    make(chan struct{}, filesAhead*o.Workers),
		buffers: make(chan []byte, 2*o.Workers),
		work:    make(chan *block),
	}
	for i := range files {
		w.files[i] = make(chan *file, 1)
	}
	for range cap(w.buffers) {
		w.buffers <- nil // made when first used
	}
	for range o.Workers {
		w.running.Go(newWorker(w).run)
	}
	w.running.Go(func() { w.readAll(ctx, files) })
	return w
}

// wait returns when every goroutine of the window has ended and closes what they
// left open. The context must have ended or every file been collected.
func (w *window) wait() {
	w.running.Wait()
	for _, f := range w.files {
		select {
		case f := <-f:
			f.close()
		default:
		}
	}
}

// release makes room for one more file.
func (w *window) release() { <-w.room }

// readAll starts the readers, in the order of the files.
func (w *window) readAll(ctx context.Context, files []logfile.File) {
	var readers sync.WaitGroup
	defer close(w.work)
	defer readers.Wait()
	for i, f := range files {
		select {
		case w.room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		out := &file{name: f.Name(), size: f.Size, blocks: make(chan *block, blocksAhead+1), places: make(chan struct{}, blocksAhead)}
		var err error
		out.src, err = logfile.Open(f)
		w.files[i] <- out
		readers.Go(func() { w.read(ctx, out, err) })
	}
}

// read cuts one file into blocks. The last says why it is the last.
func (w *window) read(ctx context.Context, f *file, err error) {
	if err == nil {
		switch log, size := f.src.EventLog(); {
		case log != nil:
			err = w.readLog(ctx, f, log, size)
		case f.src.Binary && f.src.Named:
			err = fault.New(fault.Invalid, "%s: neither an event log nor text", f.name)
		case f.src.Binary:
			err = errNotALog
		default:
			err = w.readLines(ctx, f)
		}
	}
	end := &block{done: make(chan result, 1)}
	end.done <- result{last: true, end: err}
	select {
	case f.blocks <- end:
	case <-ctx.Done():
	}
}

// place waits until the file may have one block more.
func (w *window) place(ctx context.Context, f *file) error {
	select {
	case f.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// give hands a block to a worker, and to the collector of its file.
func (w *window) give(ctx context.Context, f *file, b *block) error {
	b.src, b.name = f.src, f.name
	b.done = make(chan result, 1)
	select {
	case w.work <- b:
	case <-ctx.Done():
		return ctx.Err()
	}
	f.blocks <- b // there is a place for it
	return nil
}

func (w *window) readLines(ctx context.Context, f *file) error {
	for {
		if err := w.place(ctx, f); err != nil {
			return err
		}
		var buf []byte
		select {
		case buf = <-w.buffers:
		case <-ctx.Done():
			return ctx.Err()
		}
		if buf == nil {
			buf = make([]byte, max(blockBytes, logfile.MinBlock))
		}
		lines, err := f.src.Block(buf[:cap(buf)])
		if err != nil {
			w.buffers <- buf
			return err
		}
		if err := w.give(ctx, f, &block{lines: lines, read: f.src.Read()}); err != nil {
			return err
		}
	}
}

// Layout of a Windows event log, as far as it is cut.
const (
	logHeaderBytes = 4096
	logChunkBytes  = 64 << 10
)

func (w *window) readLog(ctx context.Context, f *file, log io.ReaderAt, size int64) error {
	step := int64(chunksABlock)
	if !hasLogHeader(log) {
		step = size // a log without its header is only readable as a whole
	}
	for chunk := int64(0); chunk == 0 || logHeaderBytes+chunk*logChunkBytes < size; chunk += step {
		if err := w.place(ctx, f); err != nil {
			return err
		}
		n := min(logHeaderBytes+step*logChunkBytes, size-chunk*logChunkBytes)
		b := &block{log: log, chunk: chunk, size: n, read: min(chunk*logChunkBytes+n, f.size)}
		if err := w.give(ctx, f, b); err != nil {
			return err
		}
	}
	return io.EOF
}

func hasLogHeader(log io.ReaderAt) bool {
	head := make([]byte, 8)
	_, err := log.ReadAt(head, 0)
	return err == nil && string(head) == "ElfFile\x00"
}

// section is an event log of which only some chunks are there: its header, and
// behind it the chunks from one on.
type section struct {
	log   io.ReaderAt
	chunk int64
}

// ReadAt reads from the header or from the chunks.
func (s section) ReadAt(p []byte, off int64) (int, error) {
	if s.chunk == 0 || off+int64(len(p)) <= logHeaderBytes {
		return s.log.ReadAt(p, off)
	}
	if off >= logHeaderBytes {
		return s.log.ReadAt(p, off+s.chunk*logChunkBytes)
	}
	n, err := s.log.ReadAt(p[:logHeaderBytes-off], off)
	if err != nil {
		return n, err
	}
	m, err := s.log.ReadAt(p[n:], logHeaderBytes+s.chunk*logChunkBytes)
	return n + m, err
}
