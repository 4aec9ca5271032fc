package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// The wire form of a batch, described in docs/format/spool.md:
//
//	"LCB" version(1)
//	batch id (12 bytes)
//	unit, input, peer      uvarint length + bytes each
//	received, date hint    varint Unix nanoseconds; 0 for a zero hint
//	credential             uvarint length + bytes; from version 2 on
//	flags                  one byte: 1 = relayed; from version 2 on
//	record count           uvarint
//	per record: hint byte, uvarint length, bytes
//
// It is compressed as a whole by the spool, so it spends nothing on compactness.
const (
	batchMagic   = "LCB"
	batchVersion = 2 // version 1 is read too
	flagRelayed  = 1
)

// ErrBatchFormat is wrapped by every error of [DecodeBatch].
var ErrBatchFormat = errors.New("not a batch")

// Append writes the wire form of b to dst.
func (b *Batch) Append(dst []byte) []byte {
	dst = append(dst, batchMagic...)
	dst = append(dst, batchVersion)
	dst = append(dst, b.ID[:]...)
	dst = appendString(dst, string(b.Unit))
	dst = appendString(dst, b.Input)
	dst = appendString(dst, b.Peer)
	dst = binary.AppendVarint(dst, b.Received.UnixNano())
	if b.DateHint.IsZero() {
		dst = binary.AppendVarint(dst, 0)
	} else {
		dst = binary.AppendVarint(dst, b.DateHint.UnixNano())
	}
	dst = appendString(dst, b.Credential)
	var flags byte
	if b.Relayed {
		flags |= flagRelayed
	}
	dst = append(dst, flags)
	dst = binary.AppendUvarint(dst, uint64(len(b.Records)))
	for i := range b.Records {
		dst = append(dst, byte(b.Records[i].Hint))
		dst = binary.AppendUvarint(dst, uint64(len(b.Records[i].Data)))
		dst = append(dst, b.Records[i].Data...)
	}
	return dst
}

// DecodeBatch reads what [Batch.Append] wrote into b, reusing b.Records. The
// records alias src: src must stay unchanged while they are used.
func DecodeBatch(src []byte, b *Batch) error {
	d := decoder{rest: src}
	if string(d.take(len(batchMagic))) != batchMagic {
		return fmt.Errorf("%w: wrong magic", ErrBatchFormat)
	}
	version := d.take(1)
	if len(version) == 1 && (version[0] == 0 || version[0] > batchVersion) {
		return fmt.Errorf("%w: version %d, this program reads 1 to %d", ErrBatchFormat, version[0], batchVersion)
	}
	records := b.Records[:0]
	*b = Batch{}
	copy(b.ID[:], d.take(len(b.ID)))
	b.Unit = UnitID(d.bytes())
	b.Input = string(d.bytes())
	b.Peer = string(d.bytes())
	b.Received = time.Unix(0, d.varint())
	if ns := d.varint(); ns != 0 {
		b.DateHint = time.Unix(0, ns)
	}
	if len(version) == 1 && version[0] >= 2 {
		b.Credential = string(d.bytes())
		if flags := d.take(1); len(flags) == 1 {
			b.Relayed = flags[0]&flagRelayed != 0
		}
	}
	n := d.uvarint()
	// A record takes two bytes at least: a count above that is a lie, and must
	// not make us allocate.
	if n > uint64(len(d.rest)) {
		return fmt.Errorf("%w: %d records in %d bytes", ErrBatchFormat, n, len(d.rest))
	}
	for range n {
		hint := d.take(1)
		data := d.bytes()
		if d.short {
			break
		}
		records = append(records, Record{Hint: Hint(hint[0]), Data: data})
	}
	if d.short {
		return fmt.Errorf("%w: cut short", ErrBatchFormat)
	}
	if len(d.rest) != 0 {
		return fmt.Errorf("%w: %d bytes after the last record", ErrBatchFormat, len(d.rest))
	}
	b.Records = records
	return nil
}

func appendString(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// decoder reads from rest and remembers whether it ran out.
type decoder struct {
	rest  []byte
	short bool
}

func (d *decoder) take(n int) []byte {
	if n < 0 || n > len(d.rest) {
		d.short = true
		d.rest = nil
		return nil
	}
	out := d.rest[:n:n]
	d.rest = d.rest[n:]
	return out
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.take(-1)
		return 0
	}
	d.take(n)
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.take(-1)
		return 0
	}
	d.take(n)
	return v
}

func (d *decoder) bytes() []byte {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		return d.take(-1)
	}
	return d.take(int(n))
}
