package logfile

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/text/encoding/unicode"

	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

const (
	// maxUnpacked bounds the temporary file that a compressed event log takes:
	// event logs are read out of order, so they cannot be streamed.
	maxUnpacked = 8 << 30
	// maxWindow bounds the memory that a zstd file may ask for.
	maxWindow = 128 << 20
	// sniffBytes is how far a NUL is looked for in what should be text.
	sniffBytes = 8 << 10
)

func (s *Source) openEntry(f *os.File) (io.Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, fault.New(fault.Invalid, "%w", err)
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, fault.New(fault.Invalid, "%s: broken zip archive: %w", s.Path, err)
	}
	if s.number < len(z.File) && z.File[s.number].Name == s.Entry {
		r, err := z.File[s.number].Open()
		if err != nil {
			return nil, fault.New(fault.Invalid, "%s: %w", s.Name(), err)
		}
		s.closes = append(s.closes, r)
		return r, nil
	}
	return nil, fault.New(fault.Invalid, "%s: no such entry in the archive any more", s.Name())
}

// countingReader counts what is read of the file under decompression.
type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// openStream opens what can only be read from its beginning.
func (s *Source) openStream(f io.Reader) error {
	counted := &countingReader{r: f}
	s.read = func() int64 { return min(counted.n, s.Size) }
	packed := bufio.NewReaderSize(counted, 1<<16)
	head, _ := packed.Peek(4)
	var stream io.Reader = packed
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(packed)
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF // it ends in the gzip header; that is no end of records
		}
		if err != nil {
			return fault.New(fault.Invalid, "%s: broken gzip: %w", s.Name(), err)
		}
		s.closes = append(s.closes, z)
		stream = z
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(packed, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return fault.New(fault.Invalid, "%s: broken zstd: %w", s.Name(), err)
		}
		s.closes = append(s.closes, z.IOReadCloser())
		stream = z
	}
	buf := bufio.NewReaderSize(stream, event.MaxRecordBytes)
	start, err := buf.Peek(event.MaxRecordBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "%s: %w", s.Name(), err)
	}
	if bytes.HasPrefix(start, []byte(evtxMagic)) {
		return s.unpackEVTX(buf)
	}
	if bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.HasPrefix(start, []byte{0xfe, 0xff}) {
		text := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(buf)
		buf = bufio.NewReaderSize(text, event.MaxRecordBytes)
		if start, err = buf.Peek(event.MaxRecordBytes); err != nil && !errors.Is(err, io.EOF) {
			return fault.New(fault.Invalid, "%s: %w", s.Name(), err)
		}
	}
	s.Binary = bytes.IndexByte(start[:min(len(start), sniffBytes)], 0) >= 0
	return s.openText(buf, start)
}

// unpackEVTX writes a compressed event log to a temporary file and opens that.
func (s *Source) unpackEVTX(r io.Reader) error {
	tmp, err := os.CreateTemp("", "lachan-*.evtx")
	if err != nil {
		return fmt.Errorf("%s: unpack: %w", s.Name(), err)
	}
	s.closes = append(s.closes, removing{tmp})
	n, err := io.Copy(tmp, io.LimitReader(r, maxUnpacked+1))
	switch {
	case err != nil:
		return fault.New(fault.Invalid, "%s: unpack: %w", s.Name(), err)
	case n > maxUnpacked:
		return fault.New(fault.Invalid, "%s: unpacks to more than %d bytes; unpack it and read the file itself", s.Name(), int64(maxUnpacked))
	}
	return s.openEVTX(tmp, n)
}

// removing removes a temporary file when it is closed.
type removing struct{ *os.File }

func (r removing) Close() error {
	return errors.Join(r.File.Close(), os.Remove(r.Name()))
}

func (s *Source) openEVTX(f io.ReaderAt, size int64) error {
	r, err := evtx.NewReader(f, size)
	if err != nil {
		return fault.New(fault.Invalid, "%s: %w", s.Name(), err)
	}
	s.Kind, s.Hint, s.log, s.size = KindEVTX, event.HintJSON, f, size
	var line []byte
	told, done := 0, int64(0)
	s.next = func() ([]byte, error) {
		rec, err := r.Next()
		for ; told < len(r.Problems()); told++ {
			p := r.Problems()[told]
			s.Problems += max(p.Lost, 1)
			s.Notes = append(s.Notes, fmt.Sprintf("%s: %s", s.Name(), p))
			s.detail(Problem{At: s.At, Code: CodeDamaged, Detail: fmt.Sprint(p)})
		}
		if err != nil {
			done = s.Size
			return nil, err
		}
		s.At++
		line = rec.AppendJSON(line[:0])
		done = min(done+int64(len(line)), s.Size)
		return line, nil
	}
	s.read = func() int64 { return done }
	return nil
}
