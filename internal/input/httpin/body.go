package httpin

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	// step is how much memory a request claims at a time as it is read.
	step = 256 << 10
	// zstdWindow is the largest window a frame may ask for (RFC 8878 recommends
	// to support 8 MiB).
	zstdWindow = 8 << 20
)

// read returns the decompressed body. release gives its memory back, and is
// never nil.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) (body []byte, release func(), err error) {
	claim := claim{h: h}
	release = claim.release
	encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding")))
	switch encoding {
	case "", "identity", "gzip", "x-gzip", "zstd":
	default:
		w.Header().Set("Accept-Encoding", "gzip, zstd, identity") // RFC 7694
		return nil, release, refusal{http.StatusUnsupportedMediaType, "ingest.encoding", "Content-Encoding " + encoding + " is not known; send gzip, zstd or identity"}
	}
	max := int64(h.o.Config.MaxBody)
	if r.ContentLength > max {
		return nil, release, h.tooLarge("ingest.body-too-large", "the body has %d bytes, the limit is %d; send less at once", r.ContentLength, max)
	}
	rc := http.NewResponseController(w)
	src := &pacedReader{r: r.Body, each: func() {
		// Not every server lets a handler set deadlines; then its own hold.
		_ = rc.SetReadDeadline(time.Now().Add(h.o.Config.ReadTimeout))
	}}
	sent, err := claim.readAll(src, max, "ingest.body-too-large", "the body is longer than the limit of %d bytes; send less at once")
	_ = rc.SetReadDeadline(time.Time{})
	if err != nil {
		if fault.KindOf(err) != fault.Internal {
			return nil, release, err
		}
		status, code := http.StatusBadRequest, "ingest.body-cut-short"
		if errors.Is(err, os.ErrDeadlineExceeded) {
			status, code = http.StatusRequestTimeout, "ingest.timeout"
		}
		return nil, release, refusal{status, code, "the body ended early; nothing of it was stored"}
	}
	if encoding == "" || encoding == "identity" {
		return sent, release, nil
	}
	body, err = claim.unfold(encoding, sent, int64(h.o.Config.MaxDecoded))
	return body, release, err
}

// unfold decompresses sent, to at most max bytes.
func (c *claim) unfold(encoding string, sent []byte, max int64) ([]byte, error) {
	in := bytes.NewReader(sent)
	var src io.Reader
	var err error
	switch encoding {
	case "zstd":
		var d *zstd.Decoder
		d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(zstdWindow), zstd.WithDecoderMaxMemory(uint64(max)+step))
		if err == nil {
			defer d.Close()
			src = d
		}
	default:
		src, err = gzip.NewReader(in) // reads all members, as concatenated files have
		if errors.Is(err, io.EOF) {
			return nil, nil // an empty body
		}
	}
	var body []byte
	if err == nil {
		body, err = c.readAll(src, max, "ingest.decoded-too-large", "the body unfolds to more than the limit of %d bytes; send less at once")
	}
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return nil, c.h.tooLarge("ingest.decoded-too-large", "the body unfolds to more than the limit of %d bytes; send less at once", max)
	}
	if err != nil && fault.KindOf(err) == fault.Internal {
		return nil, fault.New(fault.Invalid, "broken %s near byte %d of %d: %w; nothing of it was stored", encoding, in.Size()-int64(in.Len()), in.Size(), err).WithCode("ingest.broken-compression")
	}
	return body, err
}

func (h *Handler) tooLarge(code, format string, args ...any) error {
	return fault.New(fault.TooLarge, format, args...).WithCode(code)
}

// claim is the share of one request in Handler.memory.
type claim struct {
	h     *Handler
	bytes int64
}

// take claims more; it does not wait, since those who hold memory may be waiting
// for more themselves.
func (c *claim) take(n int64) error {
	if !c.h.memory.TryAcquire(n) {
		return fault.New(fault.Busy, "too many large requests at a time; send again later").WithCode("ingest.memory")
	}
	c.bytes += n
	return nil
}

func (c *claim) release() {
	c.h.memory.Release(c.bytes)
	c.bytes = 0
}

// readAll reads src to its end, up to max bytes. What it reads into is claimed
// before it is allocated, and grows with what came, not with what was announced.
func (c *claim) readAll(src io.Reader, max int64, code, over string) ([]byte, error) {
	var buf []byte
	for {
		if len(buf) == cap(buf) {
			if int64(len(buf)) > max {
				return nil, c.h.tooLarge(code, over, max)
			}
			size := min(max+1, int64(2*cap(buf)))
			size = larger(size, min(step, max+1))
			if err := c.take(size); err != nil {
				return nil, err
			}
			grown := make([]byte, len(buf), size)
			copy(grown, buf)
			c.h.memory.Release(int64(cap(buf)))
			c.bytes -= int64(cap(buf))
			buf = grown
		}
		n, err := src.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if int64(len(buf)) > max {
			return nil, c.h.tooLarge(code, over, max)
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return buf, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func larger(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
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
