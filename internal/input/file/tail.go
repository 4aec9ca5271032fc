package file

import (
	"encoding/hex"
	"errors"
	"io"
	"os"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

const (
	headBytes   = 1024      // of the fingerprint of a file's beginning
	beforeBytes = 256       // of that of the bytes before the position
	oldAfter    = time.Hour // a file that nobody has written since holds old events
	copyBytes   = 64        // a shorter beginning does not tell a copy from a like file
)

// tail is one file that is followed.
type tail struct {
	entry
	content content  // nil: not open
	file    *os.File // under content
	size    int64    // as last seen; of the file on disk, packed or not
	mod     time.Time
	changed time.Time // when it was last seen to change
	left    time.Time // since when the patterns do not lead to it; zero: they do
	packed  bool
	held    bool // it may be a copy that is being made of another
	dirty   bool // the journal does not know the entry as it is
	resend  bool // Next was begun before the start
	more    bool // there is more than the last read has taken
	used    int  // pass of the last read
	refused string

	batch *input.Batcher
	cuts  int
}

// path notes that the file has another name now, unless it still has its own.
func (t *tail) path(path string) {
	if t.Path == path {
		return
	}
	if info, err := os.Stat(t.Path); err == nil && placeOf(info) == t.place {
		return
	}
	t.Path, t.dirty = path, true
}

// discover takes up a file that was not known.
func (in *Input) discover(f found, first bool) {
	if len(in.tails) >= in.config.MaxFiles {
		return
	}
	t := &tail{entry: entry{Path: f.path, place: placeOf(f.info), Encoding: encodings[in.config.Encoding]}, size: f.info.Size(), mod: f.info.ModTime(), changed: in.env.Now(), dirty: true, more: true}
	head := make([]byte, headBytes)
	file, err := os.Open(f.path)
	if err != nil {
		in.add(t) // it is tried again, and then said
		return
	}
	defer file.Close()
	n, _ := file.ReadAt(head, 0) // what is missing is read later
	head = head[:n]
	switch {
	case isOtherPacked(head), isPacked(head) && (in.config.Compressed != "once" || !first):
		t.Done = true
	case isPacked(head):
		t.packed = true
	case first && in.config.From == "end":
		in.toEnd(t, file, head)
	default:
		in.judgeBy(t, head, file)
	}
	t.Head = fingerprintOf(head)
	t.dirty = !t.held
	in.add(t)
}

// toEnd puts the position behind what is there. The rest of a line that is being
// written is no line.
func (in *Input) toEnd(t *tail, file io.ReaderAt, head []byte) {
	if t.Encoding == unknownEncoding && len(head) > 0 {
		t.Encoding, _ = mark(head)
	}
	t.Offset = t.size
	if t.Encoding == utf16LE || t.Encoding == utf16BE {
		t.Offset &^= 1
	}
	t.Before = in.before(file, t.Offset)
	last := []byte{'\n', 0}
	if t.Offset >= 2 {
		if _, err := file.ReadAt(last, t.Offset-2); err == nil {
			_, ended := lineEnd(last, t.Encoding)
			t.Skipping = !ended || t.Encoding == utf8Text && last[1] != '\n'
		}
	}
}

// before is the fingerprint of what stands before an offset.
func (in *Input) before(file io.ReaderAt, offset int64) fingerprint {
	b := in.window[:min(offset, beforeBytes)]
	if _, err := file.ReadAt(b, offset-int64(len(b))); err != nil {
		return fingerprint{}
	}
	return fingerprintOf(b)
}

// judge looks again at a file that may be a copy.
func (in *Input) judge(t *tail) {
	file, err := os.Open(t.Path)
	if err != nil {
		return
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && placeOf(info) == t.place {
		t.size = info.Size()
	}
	head := make([]byte, headBytes)
	n, _ := file.ReadAt(head, 0)
	in.judgeBy(t, head[:n], file)
	t.more = !t.held
	t.dirty = !t.held
}

// judgeBy decides whether a file that begins with head is a copy of one that is
// known. While the original is as it was the copy waits: logrotate copies before
// it empties. Then the copy is read from where the original was read to.
func (in *Input) judgeBy(t *tail, head []byte, file io.ReaderAt) {
	t.held = false
	for _, o := range in.tails {
		if o != t && !o.held && !o.Done && o.Head.Bytes >= copyBytes && namedAfter(t.Path, o.Path) && o.Head.fits(head) {
			t.held = true
			return
		}
	}
	for _, f := range in.formers {
		if !namedAfter(t.Path, f.Path) || !f.Head.fits(head) {
			continue
		}
		switch {
		case t.size < f.Offset: // cut short; all of it was read
			t.Encoding, t.position = f.Encoding, position{Offset: t.size}
		case in.before(file, f.Offset) == f.Before:
			t.Encoding, t.position = f.Encoding, f.position
		}
		return
	}
}

// look says whether there is something to read in a file; moved, that its name
// leads elsewhere now.
func (in *Input) look(t *tail) (moved, news bool) {
	if t.held || t.Done {
		return false, false
	}
	info, err := os.Stat(t.Path)
	if err != nil || placeOf(info) != t.place {
		moved = t.left.IsZero()
		if t.file == nil {
			return moved, false
		}
		if info, err = t.file.Stat(); err != nil {
			return moved, false
		}
	}
	if info.Size() != t.size || !info.ModTime().Equal(t.mod) {
		t.size, t.mod, t.changed = info.Size(), info.ModTime(), in.env.Now()
		return moved, true
	}
	return moved, t.more || t.resend || t.packed || t.size != t.Offset && in.waited(t)
}

// waited says whether a last line without its end is not waited for any longer.
func (in *Input) waited(t *tail) bool { return in.env.Now().Sub(t.changed) >= in.config.PartialAfter }

// progress is what a read came to.
type progress uint8

const (
	readNothing progress = iota
	readOn               // the position moved over nothing to store, or the file began anew
	readBatch            // t.batch holds records, t.Next says up to where
)

// read cuts the next batch off a file.
func (in *Input) read(t *tail) progress {
	t.more, t.cuts = false, 0
	if err := in.ensureOpen(t); err != nil {
		in.unreadable(t, err)
		return readNothing
	}
	t.used = in.passes
	anew := false
	if !t.packed && !in.same(t) {
		in.restart(t)
		anew = true
	}
	var data []byte
	var end bool
	var err error
	if t.resend {
		whole := t.Next.End.Offset - t.Offset
		data, end, err = in.load(t, int(min(whole, windowBytes)))
		if err == nil && int64(len(data)) < whole {
			in.log.Warn("file: what was being stored at the last stop is not there any more; it was stored, or is lost", "file", t.Path)
			t.Next, t.resend, t.more = nil, false, true
			return readOn
		}
	} else {
		data, end, err = in.load(t, windowBytes)
	}
	if err != nil {
		in.unreadable(t, err)
		t.Done = t.packed // a broken archive does not mend
		return readNothing
	}
	t.refused = ""
	final := t.resend || end && (t.packed || in.waited(t))
	taken, skipping, cuts := in.splitter.cut(data, t.Encoding, t.Skipping, final, t.batch)
	if taken == 0 && len(data) == windowBytes {
		taken, skipping, cuts = in.splitter.cut(data, t.Encoding, t.Skipping, true, t.batch)
	}
	t.more = taken > 0 && (taken < len(data) || !end)
	if taken == 0 {
		t.Done = t.packed && end
		if anew || t.Done {
			return readOn
		}
		return readNothing
	}
	next := position{Offset: t.Offset + int64(taken), Skipping: skipping}
	if !t.packed {
		// The window holds the bytes before data, too.
		stop := beforeBytes + taken
		next.Before = fingerprintOf(in.window[max(stop-beforeBytes, beforeBytes-int(min(t.Offset, beforeBytes))):stop])
	}
	if t.batch.Len() == 0 {
		t.position, t.Next, t.resend = next, nil, false
		return readOn
	}
	t.cuts = cuts
	if !t.resend {
		id := event.NewBatchID(in.env.Now())
		t.Next = &intent{Batch: hex.EncodeToString(id[:])}
	}
	t.Next.End = next
	return readBatch
}

// load reads up to n bytes from the position, behind the bytes before it. end
// says that there are no more.
func (in *Input) load(t *tail, n int) (data []byte, end bool, err error) {
	if t.Offset == 0 && !t.packed || t.Encoding == unknownEncoding {
		if err := in.begin(t); err != nil {
			return nil, true, err
		}
	}
	n = max(min(n, windowBytes), 0)
	m, err := t.content.ReadAt(in.window[beforeBytes:beforeBytes+n], t.Offset)
	end = errors.Is(err, io.EOF)
	if end {
		err = nil
	}
	if back := int(min(t.Offset, beforeBytes)); back > 0 && !t.packed && err == nil {
		_, err = t.content.ReadAt(in.window[beforeBytes-back:beforeBytes], t.Offset-int64(back))
	}
	if t.Head.Bytes < headBytes && !t.packed && t.size > int64(t.Head.Bytes) && err == nil {
		head := make([]byte, headBytes)
		if k, _ := t.content.ReadAt(head, 0); k > t.Head.Bytes {
			t.Head = fingerprintOf(head[:k])
		}
	}
	return in.window[beforeBytes : beforeBytes+m], end, err
}

// begin looks at the mark at the beginning of a file and goes behind it.
func (in *Input) begin(t *tail) error {
	var start [magicBytes]byte
	n, err := t.content.ReadAt(start[:], 0)
	if n == 0 || err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !t.packed && (isPacked(start[:n]) || isOtherPacked(start[:n])) {
		t.Done = true // it was empty when it was found
		return io.EOF
	}
	enc, length := mark(start[:n])
	if n < 2 && !in.waited(t) {
		return io.EOF // half a mark, perhaps
	}
	if length > 0 && t.Offset == 0 && (t.Encoding == unknownEncoding || t.Encoding == enc) {
		t.Offset = int64(length)
	}
	if t.Encoding == unknownEncoding {
		t.Encoding = enc
	}
	return nil
}

// same says whether the bytes before the position are still what they were.
func (in *Input) same(t *tail) bool {
	if t.size < t.Offset {
		return false
	}
	if t.Before.Bytes == 0 {
		return true
	}
	b := in.window[:t.Before.Bytes]
	_, err := t.content.ReadAt(b, t.Offset-int64(len(b)))
	return err == nil && t.Before.fits(b)
}

// restart reads a file from its beginning that was emptied, or another one at the
// same place.
func (in *Input) restart(t *tail) {
	in.log.Info("file: emptied or replaced; it is read from its beginning", "file", t.Path, "read", t.Offset, "size", t.size)
	if t.resend {
		in.log.Warn("file: what was being stored at the last stop is not there any more; it was stored, or is lost", "file", t.Path, "bytes", t.Next.End.Offset-t.Offset)
	}
	t.Next, t.resend = nil, false
	// A failure to note it is found when the next entries are noted.
	_ = in.note(in.keepFormer(&t.entry), false)
	t.position, t.Encoding, t.Head = position{}, encodings[in.config.Encoding], fingerprint{}
	for _, o := range in.tails {
		if o.held {
			in.scanned = time.Time{} // a copy may be free now
		}
	}
}

// ensureOpen opens the file, if it is still the one at its path.
func (in *Input) ensureOpen(t *tail) error {
	if t.content != nil {
		return nil
	}
	for in.open >= in.config.MaxOpen && in.closeOne() {
	}
	f, err := os.Open(t.Path)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && placeOf(info) != t.place {
		err = io.EOF // replaced meanwhile: the next scan sorts it out
	}
	var head [magicBytes]byte
	if err == nil {
		n, _ := f.ReadAt(head[:], 0)
		t.packed = isPacked(head[:n]) && in.config.Compressed == "once"
	}
	if err != nil {
		f.Close()
		return err
	}
	t.file, t.content = f, f
	if t.packed {
		t.content = &packed{file: f}
	}
	in.open++
	in.meter.Connections.Set(float64(in.open))
	return nil
}

// closeOne closes the open file that was not read for longest, rather one that is
// still found. It says whether there was one.
func (in *Input) closeOne() bool {
	var oldest *tail
	for _, t := range in.tails {
		if t.content == nil || t.used == in.passes {
			continue
		}
		if oldest == nil || oldest.left.IsZero() == t.left.IsZero() && t.used < oldest.used || !oldest.left.IsZero() && t.left.IsZero() {
			oldest = t
		}
	}
	if oldest == nil {
		return false
	}
	in.shut(oldest)
	return true
}

// shut closes a file that was only read.
func (in *Input) shut(t *tail) {
	if t.content == nil {
		return
	}
	t.content.Close()
	t.content, t.file = nil, nil
	in.open--
	in.meter.Connections.Set(float64(in.open))
}

// batchOf makes the batch of what was read of a file; nil if its identity is
// broken.
func (in *Input) batchOf(t *tail) *event.Batch {
	b := t.batch.Batch(in.config.Unit, inputName, peerOf(t.Path), in.env.Now())
	var ok bool
	if b.ID, ok = batchID(t.Next.Batch); !ok {
		return nil
	}
	if in.env.Now().Sub(t.mod) > oldAfter {
		b.DateHint = t.mod // a backlog: its events are old, and may lack a year
	}
	return b
}

func batchID(text string) (id event.BatchID, ok bool) {
	n, err := hex.Decode(id[:], []byte(text[:min(len(text), 2*len(id))]))
	return id, err == nil && n == len(id)
}
