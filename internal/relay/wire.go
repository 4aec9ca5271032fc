package relay

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The body of a request, described in docs/format/relay.md:
//
//	"LCR" version(1)
//	uvarint length, the report as JSON
//	per block: uvarint length (over 0) of the entry:
//	    uvarint length + bytes of the run, uvarint number, the block
//	uvarint 0
const (
	wireMagic = "LCR\x01"

	maxReport = 64 << 10
	// maxEntry is what the largest block takes, incompressible.
	maxEntry = 2 << 20
	maxRun   = 64
)

// ErrFormat is wrapped by every error of a Reader that is not the source's own.
var ErrFormat = errors.New("not a stream of blocks")

// AppendHead begins a body.
func AppendHead(dst []byte, r *Report) ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	dst = append(dst, wireMagic...)
	dst = binary.AppendUvarint(dst, uint64(len(text)))
	return append(dst, text...), nil
}

// AppendBlock adds one block.
func AppendBlock(dst []byte, b Block) []byte {
	return append(AppendBlockHead(dst, b), b.Block...)
}

// AppendBlockHead adds what stands before a block's own bytes.
func AppendBlockHead(dst []byte, b Block) []byte {
	head := binary.AppendUvarint(nil, uint64(len(b.Origin.Run)))
	head = append(head, b.Origin.Run...)
	head = binary.AppendUvarint(head, b.Origin.Seq)
	dst = binary.AppendUvarint(dst, uint64(len(head)+len(b.Block)))
	return append(dst, head...)
}

// AppendEnd ends a body.
func AppendEnd(dst []byte) []byte { return binary.AppendUvarint(dst, 0) }

// Reader reads a body.
type Reader struct{ r *bufio.Reader }

// NewReader reads from r.
func NewReader(r io.Reader) *Reader { return &Reader{bufio.NewReaderSize(r, 16<<10)} }

// Head reads the report; first of all.
func (r *Reader) Head() (*Report, error) {
	magic := make([]byte, len(wireMagic))
	if _, err := io.ReadFull(r.r, magic); err != nil {
		return nil, cut(err)
	}
	if string(magic) != wireMagic {
		return nil, fmt.Errorf("%w: it begins with %q", ErrFormat, magic)
	}
	n, err := r.length(maxReport)
	if err != nil {
		return nil, err
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(r.r, text); err != nil {
		return nil, cut(err)
	}
	report := &Report{}
	if err := json.Unmarshal(text, report); err != nil {
		return nil, fmt.Errorf("%w: the report: %w", ErrFormat, err)
	}
	return report, nil
}

// NextSize returns the bytes of the entry that Block reads next, 0 at the end.
func (r *Reader) NextSize() (int, error) {
	if _, err := r.r.Peek(1); errors.Is(err, io.EOF) {
		return 0, errEnded
	}
	return r.length(maxEntry)
}

// Block reads an entry of the size that NextSize gave.
func (r *Reader) Block(size int) (Block, error) {
	entry := make([]byte, size)
	if _, err := io.ReadFull(r.r, entry); err != nil {
		return Block{}, cut(err)
	}
	return ParseEntry(entry)
}

// ParseEntry reads an entry without its length. The block aliases it.
func ParseEntry(entry []byte) (Block, error) {
	var b Block
	n, w := binary.Uvarint(entry)
	if w <= 0 || n == 0 || n > maxRun || n > uint64(len(entry)-w) {
		return b, fmt.Errorf("%w: the run of a block", ErrFormat)
	}
	b.Origin.Run = string(entry[w : w+int(n)])
	entry = entry[w+int(n):]
	if b.Origin.Seq, w = binary.Uvarint(entry); w <= 0 || b.Origin.Seq == 0 || b.Origin.Seq > 1<<62 {
		return b, fmt.Errorf("%w: the number of a block", ErrFormat)
	}
	b.Block = entry[w:]
	return b, nil
}

func (r *Reader) length(most int) (int, error) {
	n, err := binary.ReadUvarint(r.r)
	if err != nil {
		return 0, cut(err)
	}
	if n > uint64(most) {
		return 0, fmt.Errorf("%w: a part of %d bytes; at most %d", ErrFormat, n, most)
	}
	return int(n), nil
}

// cut says of the end of the source that it came too early.
func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: cut short", ErrFormat)
	}
	return err
}

// AtEnd tells whether NextSize failed only since the source ended between two
// entries, where nothing else marks the end.
func (r *Reader) AtEnd(err error) bool { return errors.Is(err, errEnded) }

// errEnded is the end of the source where an entry could begin.
var errEnded = fmt.Errorf("%w: cut short", ErrFormat)
