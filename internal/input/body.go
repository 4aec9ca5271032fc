package input

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	// step is how much memory a request claims at a time as it is read.
	step = 256 << 10
	// zstdWindow is the largest window a frame may ask for (RFC 8878 recommends
	// to support 8 MiB).
	zstdWindow = 8 << 20
)

// Read returns the body of a request, decompressed. release gives its memory back,
// and is never nil. Errors: Invalid, TooLarge, Busy, a [Refusal]; nothing was
// stored.
func (rc *Receiver) Read(w http.ResponseWriter, r *http.Request) (body []byte, release func(), err error) {
	claim := &claim{rc: rc}
	release = claim.release
	if s, err := rc.Sender(r); err == nil {
		claim.unit = s.Unit
	}
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	switch encoding {
	case "", "identity", "gzip", "x-gzip", "deflate", "zstd":
	default:
		w.Header().Set("Accept-Encoding", "gzip, deflate, zstd, identity") // RFC 7694
		return nil, release, Refusal{http.StatusUnsupportedMediaType, "ingest.encoding", "Content-Encoding " + encoding + " is not known; send gzip, deflate, zstd or identity"}
	}
	limit := int64(rc.o.Config.MaxBody)
	if r.ContentLength > limit {
		return nil, release, tooLarge("ingest.body-too-large", "the body has %d bytes, the limit is %d; send less at once", r.ContentLength, limit)
	}
	control := http.NewResponseController(w)
	src := &pacedReader{r: r.Body, each: func() {
		// Not every server lets a handler set deadlines; then its own hold.
		_ = control.SetReadDeadline(time.Now().Add(rc.o.Config.ReadTimeout))
	}}
	sent, err := claim.readAll(src, r.ContentLength, limit, "ingest.body-too-large", "the body is longer than the limit of %d bytes; send less at once")
	_ = control.SetReadDeadline(time.Time{})
	if err != nil {
		if fault.KindOf(err) != fault.Internal {
			return nil, release, err
		}
		status, code := http.StatusBadRequest, "ingest.body-cut-short"
		if errors.Is(err, os.ErrDeadlineExceeded) {
			status, code = http.StatusRequestTimeout, "ingest.timeout"
		}
		return nil, release, Refusal{status, code, "the body ended early; nothing of it was stored"}
	}
	if encoding == "" || encoding == "identity" {
		return sent, release, nil
	}
	body, err = claim.unfold(encoding, sent, int64(rc.o.Config.MaxDecoded))
	return body, release, err
}

// unfold decompresses sent, to at most limit bytes.
func (c *claim) unfold(encoding string, sent []byte, limit int64) ([]byte, error) {
	in := bytes.NewReader(sent)
	var src io.Reader
	var err error
	switch encoding {
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderMaxMemory(uint64(limit)+step))
		if err == nil {
			defer d.Close()
			src = d
		}
	case "deflate":
		src, err = zlib.NewReader(in) // RFC 9110: the zlib format
	default:
		src, err = gzip.NewReader(in) // reads all members, as concatenated files have
		if errors.Is(err, io.EOF) {
			return nil, nil // an empty body
		}
	}
	var body []byte
	if err == nil {
		body, err = c.readAll(src, -1, limit, "ingest.decoded-too-large", "the body unfolds to more than the limit of %d bytes; send less at once")
	}
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return nil, tooLarge("ingest.decoded-too-large", "the body unfolds to more than the limit of %d bytes; send less at once", limit)
	}
	if err != nil && fault.KindOf(err) == fault.Internal {
		return nil, fault.New(fault.Invalid, "broken %s near byte %d of %d: %w; nothing of it was stored", encoding, in.Size()-int64(in.Len()), in.Size(), err).WithCode("ingest.broken-compression")
	}
	return body, err
}

func tooLarge(code, format string, args ...any) error {
	return fault.New(fault.TooLarge, format, args...).WithCode(code)
}

// Hold claims memory for what an input unfolds itself, within the limit of all
// requests together. Errors: TooLarge for more than MaxDecoded, Busy.
func (rc *Receiver) Hold(n int64) (release func(), err error) {
	if n > int64(rc.o.Config.MaxDecoded) {
		return nil, tooLarge("ingest.decoded-too-large", "the body unfolds to %d bytes, the limit is %d; send less at once", n, rc.o.Config.MaxDecoded)
	}
	c := &claim{rc: rc}
	if err := c.take(n); err != nil {
		return nil, err
	}
	return c.release, nil
}

// claim is the share of one request in Receiver.memory.
type claim struct {
	rc    *Receiver
	unit  event.UnitID
	bytes int64
}

func (c *claim) take(n int64) error {
	if !c.rc.memory.take(c.unit, n) {
		return fault.New(fault.Busy, "too many large requests at a time; send again later").WithCode("ingest.memory")
	}
	c.bytes += n
	return nil
}

func (c *claim) release() {
	c.rc.memory.give(c.unit, c.bytes)
	c.bytes = 0
}

// readAll reads src to its end, up to limit bytes. What it reads into is claimed
// before it is allocated, and grows with what came; what was announced, negative
// if nothing was, only makes the beginning smaller.
func (c *claim) readAll(src io.Reader, announced, limit int64, code, over string) ([]byte, error) {
	first := int64(step)
	if announced >= 0 {
		first = min(first, announced+1) // and one to see the end
	}
	var buf []byte
	for {
		if len(buf) == cap(buf) {
			if int64(len(buf)) > limit {
				return nil, tooLarge(code, over, limit)
			}
			size := min(limit+1, max(first, int64(2*cap(buf))))
			if err := c.take(size); err != nil {
				return nil, err
			}
			grown := make([]byte, len(buf), size)
			copy(grown, buf)
			c.rc.memory.give(c.unit, int64(cap(buf)))
			c.bytes -= int64(cap(buf))
			buf = grown
		}
		n, err := src.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > limit {
			return nil, tooLarge(code, over, limit)
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// pacedReader calls each before every read, to renew a deadline.
type pacedReader struct {
	r    io.Reader
	each func()
}

func (p *pacedReader) Read(b []byte) (int, error) {
	p.each()
	return p.r.Read(b)
}
