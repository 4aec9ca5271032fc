package cli

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// source reads the records of one file, whatever its sort: Windows .evtx, NDJSON
// (or one JSON document, or an array of them), or text with one message a line;
// all but .evtx also behind gzip or zstd.
type source struct {
	Path     string
	Size     int64
	ModTime  time.Time
	Hint     event.Hint
	Problems int // records cut or lost in the file itself
	Notes    []string

	next   func() ([]byte, error)
	read   func() int64 // bytes of the file consumed so far
	closes []io.Closer
}

const evtxMagic = "ElfFile\x00"

// openSource looks at the first bytes of a file and opens it accordingly.
func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.New(fault.Invalid, "import: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fault.New(fault.Invalid, "import: %w", err)
	}
	s := &source{Path: path, Size: info.Size(), ModTime: info.ModTime(), closes: []io.Closer{f}}
	head := make([]byte, 8)
	n, _ := io.ReadFull(f, head)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		f.Close()
		return nil, fault.New(fault.Invalid, "import %s: %w", path, err)
	}
	if bytes.HasPrefix(head[:n], []byte(evtxMagic)) || strings.EqualFold(filepath.Ext(path), ".evtx") {
		err = s.openEVTX(f)
	} else {
		err = s.openStream(f, head[:n])
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Next returns the next record, io.EOF after the last. The bytes are valid until
// the next call.
func (s *source) Next() ([]byte, error) { return s.next() }

// Read tells how many bytes of the file have been consumed, for progress.
func (s *source) Read() int64 { return s.read() }

// Close closes the file. What was only read cannot be lost by closing.
func (s *source) Close() {
	for i := len(s.closes) - 1; i >= 0; i-- {
		s.closes[i].Close()
	}
}

func (s *source) openEVTX(f *os.File) error {
	r, err := evtx.NewReader(f, s.Size)
	if err != nil {
		return fault.New(fault.Invalid, "import %s: %w", s.Path, err)
	}
	s.Hint = event.HintJSON
	var line []byte
	told, done := 0, int64(0)
	s.next = func() ([]byte, error) {
		rec, err := r.Next()
		for ; told < len(r.Problems()); told++ {
			p := r.Problems()[told]
			s.Problems += max(p.Lost, 1)
			s.Notes = append(s.Notes, fmt.Sprintf("%s: %s", s.Path, p))
		}
		if err != nil {
			done = s.Size
			return nil, err
		}
		line = rec.AppendJSON(line[:0])
		done = min(done+int64(len(line)), s.Size)
		return line, nil
	}
	s.read = func() int64 { return done }
	return nil
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

func (s *source) openStream(f *os.File, head []byte) error {
	counted := &countingReader{r: f}
	s.read = func() int64 { return counted.n }
	var stream io.Reader = counted
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bufio.NewReaderSize(counted, 1<<16))
		if err != nil {
			return fault.New(fault.Invalid, "import %s: broken gzip: %w", s.Path, err)
		}
		s.closes = append(s.closes, z)
		stream = z
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(counted, zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return fault.New(fault.Invalid, "import %s: broken zstd: %w", s.Path, err)
		}
		s.closes = append(s.closes, z.IOReadCloser())
		stream = z
	}
	buf := bufio.NewReaderSize(stream, event.MaxRecordBytes)
	start, err := buf.Peek(event.MaxRecordBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "import %s: %w", s.Path, err)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case len(text) > 0 && (text[0] == '{' && !firstLineIsJSON(text) || startsArrayOfObjects(text)):
		s.Hint = event.HintJSON
		s.next = s.documents(buf, text[0] == '[')
	case len(text) > 0 && text[0] == '{':
		s.Hint = event.HintJSON
		s.next = s.lines(buf)
	default:
		s.Hint = event.HintText
		s.next = s.lines(buf)
	}
	return nil
}

// firstLineIsJSON tells NDJSON from a JSON document laid out over lines.
func firstLineIsJSON(text []byte) bool {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return json.Valid(line)
}

// startsArrayOfObjects keeps text logs whose lines begin with "[" apart from JSON.
func startsArrayOfObjects(text []byte) bool {
	if text[0] != '[' {
		return false
	}
	rest := bytes.TrimLeft(text[1:], " \t\r\n")
	return len(rest) > 0 && rest[0] == '{'
}

// lines yields lines without their end; empty ones are passed over, and one
// longer than event.MaxRecordBytes is cut there and counted.
func (s *source) lines(buf *bufio.Reader) func() ([]byte, error) {
	n := 0
	return func() ([]byte, error) {
		for {
			line, err := buf.ReadSlice('\n')
			n++
			if errors.Is(err, bufio.ErrBufferFull) {
				s.Problems++
				s.Notes = append(s.Notes, fmt.Sprintf("%s:%d: line longer than %d bytes; the rest of it was cut off", s.Path, n, event.MaxRecordBytes))
				line = bytes.Clone(line)
				for errors.Is(err, bufio.ErrBufferFull) {
					_, err = buf.ReadSlice('\n')
				}
				return line, nil
			}
			if n == 1 {
				line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
			}
			line = bytes.TrimRight(line, "\r\n")
			if len(line) > 0 {
				return line, nil
			}
			if err != nil {
				if errors.Is(err, io.EOF) {
					return nil, io.EOF
				}
				return nil, fault.New(fault.Invalid, "%s:%d: %w", s.Path, n, err)
			}
		}
	}
}

// documents yields JSON values that are not one a line: documents laid out for
// people, or the elements of one top-level array.
func (s *source) documents(buf *bufio.Reader, array bool) func() ([]byte, error) {
	dec := json.NewDecoder(buf)
	opened := !array
	var flat bytes.Buffer
	return func() ([]byte, error) {
		if !opened {
			opened = true
			if _, err := dec.Token(); err != nil {
				return nil, s.badJSON(dec, err)
			}
		}
		if array && !dec.More() {
			if _, err := dec.Token(); err != nil {
				return nil, s.badJSON(dec, err)
			}
			return nil, io.EOF
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, s.badJSON(dec, err)
		}
		flat.Reset()
		if err := json.Compact(&flat, raw); err != nil {
			return nil, s.badJSON(dec, err)
		}
		if flat.Len() > event.MaxRecordBytes {
			s.Problems++
			s.Notes = append(s.Notes, fmt.Sprintf("%s: the JSON value that ends at byte %d is longer than %d bytes; it was cut off", s.Path, dec.InputOffset(), event.MaxRecordBytes))
			flat.Truncate(event.MaxRecordBytes)
		}
		return flat.Bytes(), nil
	}
}

func (s *source) badJSON(dec *json.Decoder, err error) error {
	if errors.Is(err, io.EOF) && dec.InputOffset() > 0 {
		return io.EOF
	}
	return fault.New(fault.Invalid, "%s: byte %d: %w", s.Path, dec.InputOffset(), err)
}

// findFiles lists the files to import below the given paths, in order. Hidden
// files and folders are passed over.
func findFiles(paths []string) ([]string, error) {
	var files []string
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil {
			return nil, fault.New(fault.Invalid, "import: %w", err)
		}
		if !info.IsDir() {
			files = append(files, root)
			continue
		}
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case path != root && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.Type().IsRegular():
				files = append(files, path)
			}
			return nil
		})
		if err != nil {
			return nil, fault.New(fault.Invalid, "import: %w", err)
		}
	}
	return files, nil
}
