package evtx

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"
)

const (
	fileHeaderSize  = 4096
	chunkSize       = 64 << 10
	chunkHeaderSize = 512
	recordHeader    = 24 // signature, size, number, time
	recordMin       = recordHeader + 4

	fileSignature   = "ElfFile\x00"
	chunkSignature  = "ElfChnk\x00"
	recordSignature = 0x00002a2a

	flagDirty    = 1 // of the file or a chunk: the log was open when it was copied
	chunkNoCRC32 = 2 // of a chunk: its writer kept no checksums
)

// ErrNotEVTX is returned by NewReader for input that is no event log.
var ErrNotEVTX = errors.New("evtx: not a Windows event log (no ElfFile header and no chunk where the first one should be)")

// Reader reads the records of one file in the order they are stored. In a log
// that has wrapped around, that is not the order of their numbers.
//
// The zero Reader is at its end; Reset makes it read. A Reader is not safe for
// use by several goroutines at once.
type Reader struct {
	src  io.ReaderAt
	size int64

	next  int64 // file offset of the next chunk
	chunk int   // index of the chunk in buf
	base  int64 // its file offset

	pos, end int  // next record in the chunk, end of its records
	open     bool // records checksum does not hold, but the log was open
	last     uint64
	left     int // records the chunk header still promises

	dirty bool
	err   error // final result of Next
	dec   decoder
	rec   Record
	stat  Stats

	problems []Problem
}

// Stats counts what Next has met so far.
type Stats struct {
	Chunks   int // chunks read, without damaged and unused ones
	Records  int // records returned
	Damaged  int // chunks skipped or cut short
	Lost     int // records known to be lost: in damaged chunks or undecodable
	Problems int // all problems, also those Reader.Problems no longer holds
}

// Problem is something that could not be read, and what it cost.
type Problem struct {
	Offset int64  // in the file, in bytes
	Chunk  int    // index of the chunk, from 0; -1 for the file header
	Record uint64 // number of the record, 0 if the problem is not one record's
	Lost   int    // records lost by it, -1 if that cannot be known
	Reason string
}

func (p Problem) String() string {
	where := "file header"
	if p.Chunk >= 0 {
		where = fmt.Sprintf("chunk %d", p.Chunk)
	}
	if p.Record != 0 {
		where += fmt.Sprintf(", record %d", p.Record)
	}
	return fmt.Sprintf("%s (offset %d): %s", where, p.Offset, p.Reason)
}

// NewReader reads the file header. size is the length of src in bytes.
//
// A damaged header is a [Problem], not an error, as long as the first chunk is
// where it should be: everything but the file's state is in the chunks. Without
// that the error is [ErrNotEVTX]; anything else is an error of src.
func NewReader(src io.ReaderAt, size int64) (*Reader, error) {
	r := new(Reader)
	if err := r.Reset(src, size); err != nil {
		return nil, err
	}
	return r, nil
}

// Reset makes r read another file as NewReader does. It keeps the memory r has,
// which makes reading many small files much cheaper; slices got from r before
// are overwritten. After an error r is of no use until the next Reset.
func (r *Reader) Reset(src io.ReaderAt, size int64) error {
	if r.dec.buf == nil {
		r.dec.init()
	}
	*r = Reader{src: src, size: size, next: fileHeaderSize, chunk: -1, dec: r.dec, rec: r.rec, problems: r.problems[:0]}
	head := r.dec.buf[:fileHeaderSize+chunkHeaderSize]
	n, err := readFull(src, head, 0, size)
	if err != nil {
		r.err = err
		return err
	}
	head = head[:n]
	if len(head) < fileHeaderSize || string(head[:8]) != fileSignature {
		if len(head) < fileHeaderSize+chunkHeaderSize || !chunkHeaderHolds(head[fileHeaderSize:]) {
			r.err = ErrNotEVTX
			return r.err
		}
		r.report(Problem{Chunk: -1, Reason: "the file header is missing or overwritten; the chunks were read without it"})
		return nil
	}
	r.dirty = binary.LittleEndian.Uint32(head[120:])&flagDirty != 0
	if crc32.ChecksumIEEE(head[:120]) != binary.LittleEndian.Uint32(head[124:]) {
		r.report(Problem{Chunk: -1, Reason: "the checksum of the file header does not match"})
	}
	return nil
}

// Dirty says whether the log was still open when the file was copied. Such a
// file is read like any other.
func (r *Reader) Dirty() bool { return r.dirty }

// Stats returns the counts up to the last call of Next.
func (r *Reader) Stats() Stats { return r.stat }

// Problems returns what could not be read up to the last call of Next, the
// first thousand in full; Stats().Problems counts them all. The slice belongs
// to the Reader.
func (r *Reader) Problems() []Problem { return r.problems }

// Next returns the next record, io.EOF after the last one, or the error of the
// underlying reader. Damage is never an error here: what cannot be read is
// skipped and told by Problems.
//
// The Record and its slices are overwritten by the following call; the strings
// in them are not and may be kept. A kept string keeps up to 64 KiB of others
// alive: clone what is kept long.
func (r *Reader) Next() (*Record, error) {
	for r.err == nil {
		if r.pos >= r.end {
			if r.left > 0 {
				r.endChunk("the records end early")
			}
			r.err = r.nextChunk()
			continue
		}
		if rec := r.record(); rec != nil {
			r.stat.Records++
			return rec, nil
		}
	}
	return nil, r.err
}

func (r *Reader) report(p Problem) {
	r.stat.Problems++
	if p.Lost > 0 {
		r.stat.Lost += p.Lost
	}
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, p)
	}
}

// nextChunk loads the next chunk that holds records and leaves pos and end
// around them.
func (r *Reader) nextChunk() error {
	for {
		if r.next >= r.size {
			return io.EOF
		}
		base := r.next
		r.next += chunkSize
		r.chunk++
		buf := r.dec.buf
		n, err := readFull(r.src, buf, base, r.size)
		if err != nil {
			return err
		}
		r.base, r.pos, r.end = base, 0, 0
		if n < chunkSize {
			r.truncated(buf[:n])
			continue
		}
		if r.openChunk(buf) {
			r.stat.Chunks++
			r.dec.reset()
			return nil
		}
	}
}

// openChunk checks the chunk in buf and says whether it has records to read.
func (r *Reader) openChunk(buf []byte) bool {
	le := binary.LittleEndian
	if string(buf[:8]) != chunkSignature {
		// Space the log has claimed and not used yet is zero.
		if !allZero(buf) {
			r.damaged(-1, "no chunk signature")
		}
		return false
	}
	flags := le.Uint32(buf[120:])
	live := r.dirty || flags&flagDirty != 0
	if flags&chunkNoCRC32 == 0 && !chunkHeaderHolds(buf) {
		if !live || le.Uint32(buf[chunkHeaderSize:]) != recordSignature {
			r.damaged(-1, "the checksum of the chunk header does not match")
			return false
		}
		r.openLive(le.Uint64(buf[chunkHeaderSize+8:]), 0, "chunk header")
		return true
	}
	first, last := le.Uint64(buf[24:]), le.Uint64(buf[32:])
	if first == ^uint64(0) && last == ^uint64(0) || last == first-1 {
		return false // claimed, no record written yet
	}
	free := int(le.Uint32(buf[48:]))
	promised := last - first + 1
	if last < first || promised > chunkSize/recordMin || free < chunkHeaderSize || free > chunkSize {
		r.damaged(-1, fmt.Sprintf("impossible chunk header: records %d to %d, free space from %d", first, last, free))
		return false
	}
	if flags&chunkNoCRC32 == 0 && crc32.ChecksumIEEE(buf[chunkHeaderSize:free]) != le.Uint32(buf[52:]) {
		if !live {
			r.damaged(int(promised), "the checksum of the records does not match")
			return false
		}
		r.openLive(first, int(promised), "records")
		return true
	}
	r.open = false
	r.pos, r.end = chunkHeaderSize, free
	r.last, r.left = first-1, int(promised)
	return true
}

// openLive opens a chunk of an open log whose checksums do not hold: such a
// chunk's header is written later than its records. They are taken as long as
// their numbers go on from first, which those of older records in the slack do
// not.
func (r *Reader) openLive(first uint64, promised int, what string) {
	r.open = true
	r.pos, r.end = chunkHeaderSize, chunkSize
	r.last, r.left = first-1, promised
	r.report(Problem{Offset: r.base, Chunk: r.chunk, Reason: "the log was open and the checksum of the " + what + " is not up to date; the records were read without it"})
}

// record decodes the record at pos. It returns nil where there is none: the
// records of the chunk have ended, or this one is reported.
func (r *Reader) record() *Record {
	le := binary.LittleEndian
	buf, pos := r.dec.buf, r.pos
	if r.end-pos < recordMin || le.Uint32(buf[pos:]) != recordSignature {
		r.endChunk("no record signature")
		return nil
	}
	size := int(le.Uint32(buf[pos+4:]))
	if size < recordMin || size > r.end-pos || le.Uint32(buf[pos+size-4:]) != uint32(size) {
		r.endChunk("impossible record size")
		return nil
	}
	id := le.Uint64(buf[pos+8:])
	if r.open && id != r.last+1 {
		r.endChunk("")
		return nil
	}
	r.last = id
	r.pos += size
	r.left--
	rec := &r.rec
	rec.ID = id
	rec.Written = fileTime(le.Uint64(buf[pos+16:]))
	if err := r.dec.decode(rec, pos+recordHeader, pos+size-4); err != nil {
		r.report(Problem{Offset: r.base + int64(pos), Chunk: r.chunk, Record: id, Lost: 1, Reason: err.Error()})
		return nil
	}
	return rec
}

// endChunk leaves the chunk. Where its header promises more records than were
// found, they are reported as lost.
func (r *Reader) endChunk(reason string) {
	if r.left > 0 {
		if reason == "" {
			reason = "record numbers do not continue"
		}
		r.stat.Damaged++
		r.report(Problem{Offset: r.base + int64(r.pos), Chunk: r.chunk, Lost: r.left, Reason: reason})
	} else if !r.open && r.pos < r.end {
		r.stat.Damaged++
		r.report(Problem{Offset: r.base + int64(r.pos), Chunk: r.chunk, Lost: -1, Reason: reason})
	}
	r.pos, r.left = r.end, 0
}

func (r *Reader) damaged(lost int, reason string) {
	r.stat.Damaged++
	r.report(Problem{Offset: r.base, Chunk: r.chunk, Lost: lost, Reason: reason})
}

// truncated reports a file that ends inside a chunk: without its end the
// checksum of the records cannot hold.
func (r *Reader) truncated(buf []byte) {
	if allZero(buf) {
		return
	}
	lost := -1
	if len(buf) >= chunkHeaderSize && chunkHeaderHolds(buf) {
		n := binary.LittleEndian.Uint64(buf[32:]) - binary.LittleEndian.Uint64(buf[24:]) + 1
		if n <= chunkSize/recordMin {
			lost = int(n)
		}
	}
	r.damaged(lost, fmt.Sprintf("the file ends inside the chunk: %d of %d bytes are there", len(buf), chunkSize))
}

func chunkHeaderHolds(b []byte) bool {
	if string(b[:8]) != chunkSignature {
		return false
	}
	sum := crc32.ChecksumIEEE(b[:120])
	sum = crc32.Update(sum, crc32.IEEETable, b[128:chunkHeaderSize])
	return sum == binary.LittleEndian.Uint32(b[124:])
}

func allZero(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b) != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// readFull fills buf from off and returns how much of it lies within size.
func readFull(src io.ReaderAt, buf []byte, off, size int64) (int, error) {
	if int64(len(buf)) > size-off {
		buf = buf[:max(0, size-off)]
	}
	n, err := src.ReadAt(buf, off)
	if n == len(buf) || errors.Is(err, io.EOF) {
		return n, nil // shorter than size said: the file shrank meanwhile
	}
	return n, fmt.Errorf("evtx: read at offset %d: %w", off, err)
}

// fileTime converts 100 ns since 1601 UTC.
func fileTime(v uint64) time.Time {
	const day = 24 * 60 * 60
	const epoch = (369*365 + 89) * day // seconds from 1601 to 1970
	return time.Unix(int64(v/1e7)-epoch, int64(v%1e7)*100).UTC()
}
