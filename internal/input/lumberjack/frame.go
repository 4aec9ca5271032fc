package lumberjack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"

	"github.com/klauspost/compress/zlib"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input"
)

// Bounds of what a peer may announce. Beats send windows of 2,048 events of some
// kilobytes each; past these it is not a shipper.
const (
	maxEvent      = 64 << 20  // bytes of one event, before it is cut
	maxCompressed = 256 << 20 // bytes of one compressed frame as sent
	maxUnfolded   = 256 << 20 // bytes it unfolds to
	maxPairs      = 4096      // of one data frame
)

var (
	errProtocol = errors.New("not the lumberjack protocol")
	errBomb     = errors.New("a compressed frame unfolds without an end")
)

// frameType is what next found.
type frameType uint8

const (
	frameWindow frameType = iota + 1
	frameEvent
)

// frame is one window or event. Compressed frames are unfolded on the way.
type frame struct {
	is      frameType
	version byte   // '1' or '2': the answer bears it too
	number  uint32 // events in the window, or sequence of the event
	data    []byte // event as JSON; valid until the next frame
	cut     bool   // it was longer than event.MaxRecordBytes
}

// reader reads frames. It holds one event at a time, whatever a peer announces:
// a window's events are never gathered here.
//
//	version:u8 'W' count:u32                        a window begins
//	version:u8 'J' sequence:u32 length:u32 JSON     an event
//	version:u8 'D' sequence:u32 pairs:u32 (length:u32 key length:u32 value)*
//	version:u8 'C' length:u32 zlib(frames)
//
// Numbers are big-endian. A compressed frame holds no other compressed frame, and
// no frame goes on past its end.
type reader struct {
	conn  *bufio.Reader
	zip   *unfolder  // nil: not inside a compressed frame
	zips  *sync.Pool // *unfolder
	limit int64      // of what a compressed frame unfolds to
	buf   []byte
	// grow is asked before an event takes more memory than freeEvent; nil allows
	// all.
	grow func() error
	head [8]byte
}

// freeEvent is the length up to which an event needs no leave.
const freeEvent = 16 << 10

// unfolder reads one compressed frame.
type unfolder struct {
	frame bounded
	z     io.ReadCloser
	left  int64 // bytes it may still unfold to
}

// bounded reads at most n bytes. It has ReadByte, so that inflating reads no
// further than its own end.
type bounded struct {
	r   *bufio.Reader
	n   int64
	err error // why the peer could not be read
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.n <= 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > b.n {
		p = p[:b.n]
	}
	n, err := b.r.Read(p)
	b.n -= int64(n)
	b.err = inside(err)
	return n, b.err
}

func (b *bounded) ReadByte() (byte, error) {
	if b.n <= 0 {
		return 0, io.EOF
	}
	c, err := b.r.ReadByte()
	if err == nil {
		b.n--
	}
	b.err = inside(err)
	return c, b.err
}

func (u *unfolder) Read(p []byte) (int, error) {
	if u.left <= 0 {
		return 0, errBomb
	}
	if int64(len(p)) > u.left {
		p = p[:u.left]
	}
	n, err := u.z.Read(p)
	u.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = u.broken(err)
	}
	return n, err
}

// broken tells a stream that is no zlib from a peer that could not be read.
func (u *unfolder) broken(err error) error {
	if u.frame.err != nil {
		return u.frame.err
	}
	return fmt.Errorf("%w: compressed frame: %w", errProtocol, err)
}

// src is where the next byte comes from.
func (r *reader) src() io.Reader {
	if r.zip != nil {
		return r.zip
	}
	return r.conn
}

// atBoundary says that the next byte begins a frame and comes from the peer, so
// that waiting for it loses nothing.
func (r *reader) atBoundary() bool { return r.zip == nil && r.conn.Buffered() == 0 }

// next returns the next window or event. io.EOF: the peer ended between frames.
func (r *reader) next() (frame, error) {
	for {
		h := r.head[:2]
		if _, err := io.ReadFull(r.src(), h); err != nil {
			if r.zip == nil {
				return frame{}, err
			}
			if !errors.Is(err, io.EOF) {
				return frame{}, err
			}
			if err := r.leave(); err != nil {
				return frame{}, err
			}
			continue
		}
		f := frame{version: h[0]}
		if f.version != '1' && f.version != '2' {
			return frame{}, fmt.Errorf("%w: version byte 0x%02x", errProtocol, f.version)
		}
		var err error
		switch h[1] {
		case 'W':
			f.is = frameWindow
			f.number, err = r.uint32()
		case 'J':
			f.is = frameEvent
			err = r.json(&f)
		case 'D':
			f.is = frameEvent
			err = r.pairs(&f)
		case 'C':
			if err = r.enter(); err == nil {
				continue
			}
		default:
			err = fmt.Errorf("%w: frame type 0x%02x", errProtocol, h[1])
		}
		if r.zip != nil && errors.Is(inside(err), io.ErrUnexpectedEOF) {
			err = r.zip.broken(errors.New("it ends within a frame"))
		}
		return f, inside(err)
	}
}

// inside turns the end of the stream within a frame into what it is.
func inside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *reader) uint32() (uint32, error) {
	h := r.head[:4]
	_, err := io.ReadFull(r.src(), h)
	return binary.BigEndian.Uint32(h), err
}

func (r *reader) enter() error {
	if r.zip != nil {
		return fmt.Errorf("%w: a compressed frame inside a compressed frame", errProtocol)
	}
	n, err := r.uint32()
	if err != nil {
		return err
	}
	if n > maxCompressed {
		return fmt.Errorf("%w: a compressed frame of %d bytes; the limit is %d", errProtocol, n, maxCompressed)
	}
	u := r.zips.Get().(*unfolder)
	u.frame, u.left = bounded{r: r.conn, n: int64(n)}, r.limit
	if u.z == nil {
		u.z, err = zlib.NewReader(&u.frame)
	} else {
		err = u.z.(zlib.Resetter).Reset(&u.frame, nil)
	}
	if err != nil {
		return u.broken(inside(err))
	}
	r.zip = u
	return nil
}

// leave ends a compressed frame: what the peer put after its zlib stream is
// skipped.
func (r *reader) leave() error {
	left := r.zip.frame.n
	r.free()
	_, err := r.conn.Discard(int(left))
	return inside(err)
}

// free gives the memory of the compressed frame back.
func (r *reader) free() {
	if r.zip != nil {
		r.zip.frame.r = nil
		r.zips.Put(r.zip)
		r.zip = nil
	}
}

// release gives memory back that a connection does not need between windows.
func (r *reader) release() {
	if cap(r.buf) > freeEvent {
		r.buf = nil
	}
}

// newUnfolders makes the pool that readers share.
func newUnfolders() *sync.Pool {
	return &sync.Pool{New: func() any { return new(unfolder) }}
}

func (r *reader) json(f *frame) (err error) {
	h := r.head[:8]
	if _, err := io.ReadFull(r.src(), h); err != nil {
		return err
	}
	f.number = binary.BigEndian.Uint32(h)
	n := binary.BigEndian.Uint32(h[4:])
	if n > maxEvent {
		return fmt.Errorf("%w: an event of %d bytes; the limit is %d", errProtocol, n, maxEvent)
	}
	r.buf = r.buf[:0]
	f.cut, err = r.bytes(n, event.MaxRecordBytes)
	f.data = r.buf
	return err
}

// bytes appends n bytes to r.buf, up to max, and skips the rest of them.
func (r *reader) bytes(n uint32, max int) (cut bool, err error) {
	keep := min(int(n), max)
	start := len(r.buf)
	need := start + keep
	if need > freeEvent && r.grow != nil {
		if err := r.grow(); err != nil {
			return false, err
		}
	}
	if need > cap(r.buf) {
		// Doubled at most with what has come, not with what was announced.
		for len(r.buf)-start < keep {
			step := min(keep-(len(r.buf)-start), larger(cap(r.buf), 4<<10))
			at := len(r.buf)
			r.buf = append(r.buf, make([]byte, step)...)
			if _, err := io.ReadFull(r.src(), r.buf[at:]); err != nil {
				return false, err
			}
		}
	} else {
		r.buf = r.buf[:need]
		if _, err := io.ReadFull(r.src(), r.buf[start:]); err != nil {
			return false, err
		}
	}
	if rest := int64(n) - int64(keep); rest > 0 {
		_, err := io.CopyN(io.Discard, r.src(), rest)
		return true, err
	}
	return false, nil
}

func larger(a, b int) int {
	if a > b {
		return a
	}
	return b
}

// pairs reads a data frame of version 1 into one flat JSON object. Pairs that do
// not fit any more are left out, so the object stays whole.
func (r *reader) pairs(f *frame) error {
	h := r.head[:8]
	if _, err := io.ReadFull(r.src(), h); err != nil {
		return err
	}
	f.number = binary.BigEndian.Uint32(h)
	n := binary.BigEndian.Uint32(h[4:])
	if n > maxPairs {
		return fmt.Errorf("%w: an event of %d pairs; the limit is %d", errProtocol, n, maxPairs)
	}
	object := []byte{'{'}
	total := int64(0)
	text := func() error {
		size, err := r.uint32()
		if err != nil {
			return err
		}
		if total += int64(size); total > maxEvent {
			return fmt.Errorf("%w: an event of more than %d bytes", errProtocol, maxEvent)
		}
		r.buf = r.buf[:0]
		cut, err := r.bytes(size, event.MaxRecordBytes)
		f.cut = f.cut || cut
		return err
	}
	for range n {
		was := len(object)
		if was > 1 {
			object = append(object, ',')
		}
		if err := text(); err != nil {
			return err
		}
		object = append(input.AppendJSONString(object, r.buf), ':')
		if err := text(); err != nil {
			return err
		}
		if room := event.MaxRecordBytes - len(object) - 3; room < len(r.buf) {
			r.buf = cutText(r.buf, larger(room, 0))
			f.cut = true
		}
		object = input.AppendJSONString(object, r.buf)
		if len(object) >= event.MaxRecordBytes {
			object, f.cut = object[:was], true
		}
		if len(object) > freeEvent && r.grow != nil {
			if err := r.grow(); err != nil {
				return err
			}
		}
	}
	f.data = append(object, '}')
	return nil
}

// cutText shortens text to at most n bytes, at the end of a character where that
// is near.
func cutText(text []byte, n int) []byte {
	if len(text) <= n {
		return text
	}
	for i := n; i > n-utf8.UTFMax && i > 0; i-- {
		if utf8.RuneStart(text[i]) {
			return text[:i]
		}
	}
	return text[:n]
}
