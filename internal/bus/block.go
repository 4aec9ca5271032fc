package bus

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/lachan-vn/lachan/internal/event"
)

// The wire form of a block, described in docs/format/spool.md:
//
//	"LCK" version(1)
//	one zstd frame with checksum, of: (uvarint length, batch)*
const (
	blockHeader = "LCK\x01"

	// maxBatchWire is the longest wire form of a batch inside the limits: its
	// bytes, hint and length of each record, and its header.
	maxBatchWire = event.MaxBatchBytes + event.MaxBatchRecords*4 + 8<<10
	// maxBlockWire bounds a block before compression. One batch always fits.
	maxBlockWire = maxBatchWire + binary.MaxVarintLen32
	// maxName bounds unit, input, peer and credential, which repeat per batch.
	maxName = 1 << 10
)

// ErrBlockFormat is wrapped by the Err of a block that cannot be decoded.
var ErrBlockFormat = errors.New("not a spool block")

// Block is one message of the spool.
type Block struct {
	Seq     uint64
	Batches []event.Batch // alias pooled memory until Release
	// Parts are the blocks of another spool that this one is made of; nil where it
	// was written here.
	Parts []PartInfo
	// Err says why the message cannot be decoded; Batches is then empty. Such a
	// block is acknowledged like any other: it will not get better.
	Err error

	buf *decodeBuffer
}

// Records counts the records of all batches.
func (b *Block) Records() int {
	n := 0
	for i := range b.Batches {
		n += len(b.Batches[i].Records)
	}
	return n
}

// Release gives the memory of Batches back; they must not be used after it.
// Acknowledging does not need them. Releasing twice, or never, is harmless.
func (b *Block) Release() {
	buf := b.buf
	b.buf, b.Batches, b.Parts = nil, nil, nil
	if buf != nil {
		decodeBuffers.Put(buf)
	}
}

// decodeBuffer is the memory of one decoded block.
type decodeBuffer struct {
	raw     []byte
	batches []event.Batch
}

var decodeBuffers = sync.Pool{New: func() any { return new(decodeBuffer) }}

// decoder is shared: DecodeAll is safe for any number of goroutines. The memory
// limit is what stops a frame that claims or unfolds to more than a block.
var decoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil,
		zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxBlockWire),
		zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return d
})

// decodeBlock never fails: what is wrong with the payload is in Err.
func decodeBlock(seq uint64, payload []byte) *Block {
	b := &Block{Seq: seq, buf: decodeBuffers.Get().(*decodeBuffer)}
	if err := b.decode(payload); err != nil {
		b.Release()
		b.Err = fmt.Errorf("block %d: %w: %w", seq, ErrBlockFormat, err)
	}
	return b
}

func (b *Block) decode(payload []byte) error {
	if len(payload) >= len(relayedHeader) && string(payload[:len(relayedHeader)]) == relayedHeader {
		return b.decodeRelayed(payload[len(relayedHeader):])
	}
	if len(payload) < len(blockHeader) || string(payload[:len(blockHeader)]) != blockHeader {
		return errors.New("wrong header")
	}
	buf := b.buf
	buf.room()
	var err error
	if buf.raw, err = decoder().DecodeAll(payload[len(blockHeader):], buf.raw[:0]); err != nil {
		buf.raw = buf.raw[:0]
		return err
	}
	n, err := buf.batchesOf(buf.raw, 0)
	if err != nil {
		return err
	}
	b.Batches = buf.batches[:n]
	return nil
}

// room makes sure of the memory that a block may unfold to.
func (buf *decodeBuffer) room() {
	if cap(buf.raw) == 0 {
		buf.raw = make([]byte, 0, maxBlockWire)
	}
}

// batchesOf decodes the batches of raw behind the first n and returns how many
// there are then.
func (buf *decodeBuffer) batchesOf(raw []byte, n int) (int, error) {
	for rest := raw; len(rest) > 0; n++ {
		size, w := binary.Uvarint(rest)
		if w <= 0 || size > uint64(len(rest)-w) {
			return n, errors.New("cut short")
		}
		if n == len(buf.batches) {
			buf.batches = append(buf.batches, event.Batch{})
		}
		if err := event.DecodeBatch(rest[w:w+int(size)], &buf.batches[n]); err != nil {
			return n, err
		}
		rest = rest[w+int(size):]
	}
	return n, nil
}

// blockWriter builds blocks; one per committer.
type blockWriter struct {
	enc *zstd.Encoder
	raw []byte
	out []byte
}

func newBlockWriter() *blockWriter {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return &blockWriter{enc: enc, raw: make([]byte, 0, maxBlockWire)}
}

// wireSize is what a batch of n encoded bytes takes in a block.
func wireSize(n int) int { return n + uvarintLen(n) }

func uvarintLen(n int) int {
	l := 1
	for ; n >= 0x80; n >>= 7 {
		l++
	}
	return l
}

// write packs encoded batches; the result is valid until the next write.
func (w *blockWriter) write(batches [][]byte) []byte {
	w.raw = w.raw[:0]
	for _, b := range batches {
		w.raw = binary.AppendUvarint(w.raw, uint64(len(b)))
		w.raw = append(w.raw, b...)
	}
	w.out = append(w.out[:0], blockHeader...)
	w.out = w.enc.EncodeAll(w.raw, w.out)
	return w.out
}
