// Package logfile opens log files of every sort that people keep, for those who
// read them whole: the import and the hunt.
//
// A [File] is one log: a file on disk, or an entry of a .zip archive. [Find] lists
// the files below paths, [Open] makes a [Source] of one. What a file is, its first
// bytes say, never its name alone: a Windows event log (.evtx), NDJSON, JSON laid
// out over lines, in an array or in an object with an array of records, a table
// (CSV, where that is asked for) or text with one message a line; UTF-8 or UTF-16;
// plain, or behind gzip or zstd, also inside a .zip.
//
// A Source gives its records one by one ([Source.Next]), or, for readers that
// work in parallel, as blocks of whole lines ([Source.Block]) and as the event log
// itself ([Source.EventLog]). The package parses no event and knows no field.
//
// Invariants: a record longer than event.MaxRecordBytes is cut there and told; a
// broken file is an error that names the file and, where there is one, the place;
// memory is bounded whatever the file says; files are only read.
//
// Start reading at [Find] and [Open]; block.go has the lines, packed.go what is
// compressed.
package logfile

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	pathpkg "path"
	"path/filepath"
	"strings"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// File is one log file.
type File struct {
	Path    string // on disk
	Entry   string // name inside the .zip at Path; "" for the file itself
	Named   bool   // given by its own name, not found in a folder or an archive
	Size    int64  // bytes it takes on disk, in the archive for an entry
	ModTime time.Time

	stream io.Reader // that is read instead of a file
	number int       // of the entry in the archive
	err    error     // why there is no more to it than a name
}

// Stdin is the File of what comes from a stream, named like the argument that
// stands for it on a command line. When it was written nobody knows; now is taken.
func Stdin(r io.Reader, now time.Time) File {
	return File{Path: "-", Named: true, ModTime: now, stream: r}
}

// Name is what people call the file: its path, with the entry behind it.
func (f File) Name() string {
	if f.Entry == "" {
		return f.Path
	}
	return f.Path + "/" + f.Entry
}

// TotalSize sums the sizes, for progress.
func TotalSize(files []File) int64 {
	var n int64
	for _, f := range files {
		n += f.Size
	}
	return n
}

// Find lists the files at and below the given paths, in order; each .zip by its
// entries. Hidden files and folders, and links below the given paths, are passed over. A folder below that cannot be
// read is in the list as well: Open says why.
func Find(paths []string) ([]File, error) {
	var files []File
	for _, root := range paths {
		info, err := os.Stat(root)
		if err != nil {
			return nil, fault.New(fault.Invalid, "%w", err)
		}
		if !info.IsDir() {
			files = appendFile(files, root, info, true)
			continue
		}
		root += string(filepath.Separator) // so that a link to a folder is walked
		err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil && path != root:
				files = append(files, File{Path: path, Named: true, err: err})
				return nil
			case err != nil:
				return err
			case path != root && strings.HasPrefix(d.Name(), "."):
				if d.IsDir() {
					return fs.SkipDir
				}
			case d.Type().IsRegular():
				files = appendFound(files, path, d)
			}
			return nil
		})
		if err != nil {
			return nil, fault.New(fault.Invalid, "%w", err)
		}
	}
	return files, nil
}

// appendFound adds what was found in a folder.
func appendFound(files []File, path string, d fs.DirEntry) []File {
	info, err := d.Info()
	if err != nil {
		return append(files, File{Path: path, err: err})
	}
	return appendFile(files, path, info, false)
}

// appendFile adds a file, or the entries of an archive. An archive that cannot be
// read is added as itself: Open says what is wrong with it.
func appendFile(files []File, path string, info fs.FileInfo, named bool) []File {
	whole := File{Path: path, Named: named, Size: info.Size(), ModTime: info.ModTime()}
	if !strings.EqualFold(filepath.Ext(path), ".zip") {
		return append(files, whole)
	}
	f, err := os.Open(path)
	if err != nil {
		return append(files, whole)
	}
	defer f.Close()
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return append(files, whole)
	}
	for i, e := range z.File {
		if e.Mode().IsRegular() && !strings.HasPrefix(pathpkg.Base(e.Name), ".") {
			files = append(files, File{Path: path, Entry: e.Name, Size: int64(e.CompressedSize64), ModTime: e.Modified, number: i})
		}
	}
	return files
}

// Kind is what a file turned out to be.
type Kind string

// The kinds of files.
const (
	KindEVTX   Kind = "evtx"
	KindNDJSON Kind = "ndjson"
	KindJSON   Kind = "json" // laid out over lines, or an array
	KindCSV    Kind = "csv"
	KindLines  Kind = "lines"
)

// As is how a file is to be read.
type As string

// The ways to read. An event log is one in any case.
const (
	AsFound  As = ""     // as its first bytes say; text is never taken for a table
	AsAuto   As = "auto" // as its first bytes say, also as a table
	AsCSV    As = "csv"
	AsNDJSON As = "ndjson"
	AsLines  As = "lines"
)

// Codes of problems.
const (
	CodeCut     = "record.cut"   // longer than event.MaxRecordBytes
	CodeDamaged = "file.damaged" // a part could not be read
	CodeColumns = "csv.columns"  // a row with another number of values than headings
	CodeQuote   = "csv.quote"
)

// Problem is something in the file itself that is not as it should be.
type Problem struct {
	At     int64 // line or record, counted from 1; 0: not known
	Code   string
	Detail string
	Stored bool // the record is yielded nevertheless
}

// maxDetails bounds Source.Details.
const maxDetails = 1000

// Source reads the records of one file.
type Source struct {
	File
	Kind     Kind
	Hint     event.Hint // of the record that Next returned last; of all but those of tables
	At       int64      // line or number of the record that Next returned last, counted from 1
	Binary   bool       // neither an event log nor text: nobody's log
	Problems int        // records cut, lost or out of order in the file itself
	Notes    []string   // what the problems are, for people
	Details  []Problem  // the first of them

	as     As
	next   func() ([]byte, error)
	block  func(buf []byte) ([]byte, error)
	log    io.ReaderAt
	size   int64        // of log
	read   func() int64 // bytes of the file consumed so far
	closes []io.Closer
}

// problem notes what is not as it should be.
func (s *Source) problem(p Problem) {
	s.Problems++
	s.detail(p)
	place := s.Name()
	if p.At > 0 {
		place = fmt.Sprintf("%s:%d", place, p.At)
	}
	s.Notes = append(s.Notes, place+": "+p.Detail)
}

func (s *Source) detail(p Problem) {
	if len(s.Details) < maxDetails {
		s.Details = append(s.Details, p)
	}
}

// Open looks at the first bytes of a file and opens it accordingly.
func Open(f File) (*Source, error) { return OpenAs(f, AsFound) }

// OpenAs opens a file that is to be read in a certain way.
func OpenAs(f File, as As) (*Source, error) {
	s := &Source{File: f, as: as}
	if err := s.open(); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Next returns the next record, io.EOF after the last. The bytes are valid until
// the next call. Not to be mixed with Block.
func (s *Source) Next() ([]byte, error) { return s.next() }

// Block fills buf, which has room for [MinBlock] bytes at least, with the next
// whole records, one a line, and returns it; [Lines] takes them apart. io.EOF
// comes after the last, and at once for an event log.
func (s *Source) Block(buf []byte) ([]byte, error) {
	if s.block == nil {
		return nil, io.EOF
	}
	return s.block(buf)
}

// EventLog returns the Windows event log that the file is and its size in bytes,
// nil if it is something else.
func (s *Source) EventLog() (io.ReaderAt, int64) { return s.log, s.size }

// Read tells how many bytes of the file have been consumed, for progress.
func (s *Source) Read() int64 { return s.read() }

// Close closes the file. What was only read cannot be lost by closing.
func (s *Source) Close() {
	for i := len(s.closes) - 1; i >= 0; i-- {
		s.closes[i].Close()
	}
}

const evtxMagic = "ElfFile\x00"

func (s *Source) open() error {
	switch {
	case s.err != nil:
		return fault.New(fault.Invalid, "%w", s.err)
	case s.stream != nil:
		return s.openStream(s.stream)
	}
	f, err := os.Open(s.Path)
	if err != nil {
		return fault.New(fault.Invalid, "%w", err)
	}
	s.closes = append(s.closes, f)
	if s.Entry != "" {
		entry, err := s.openEntry(f)
		if err != nil {
			return err
		}
		return s.openStream(entry)
	}
	head := make([]byte, len(evtxMagic))
	n, _ := io.ReadFull(f, head)
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fault.New(fault.Invalid, "%s: %w", s.Name(), err)
	}
	if bytes.HasPrefix(head[:n], []byte(evtxMagic)) || strings.EqualFold(filepath.Ext(s.Path), ".evtx") {
		info, err := f.Stat()
		if err != nil {
			return fault.New(fault.Invalid, "%w", err)
		}
		return s.openEVTX(f, info.Size())
	}
	if strings.EqualFold(filepath.Ext(s.Path), ".zip") && bytes.HasPrefix(head[:n], []byte("PK")) {
		return fault.New(fault.Invalid, "%s: broken zip archive", s.Name())
	}
	return s.openStream(f)
}
