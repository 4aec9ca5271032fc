package event

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// ID identifies one event for ever: 12 bytes of batch ([BatchID]) and the
// record's place in it, big-endian, so that IDs sort by arrival.
type ID [16]byte

// BatchID identifies one batch: 6 bytes of Unix milliseconds, 6 random bytes.
type BatchID [12]byte

// NewBatchID makes a batch identity at the given time.
func NewBatchID(at time.Time) BatchID {
	var b BatchID
	ms := uint64(max(at.UnixMilli(), 0))
	var t [8]byte
	binary.BigEndian.PutUint64(t[:], ms)
	copy(b[:6], t[2:])
	rand.Read(b[6:]) // never fails since Go 1.24
	return b
}

// At returns the identity of the i-th record of the batch.
func (b BatchID) At(i int) ID {
	var id ID
	copy(id[:], b[:])
	binary.BigEndian.PutUint32(id[12:], uint32(i))
	return id
}

// Batch returns the batch an event belongs to.
func (id ID) Batch() BatchID { return BatchID(id[:12]) }

// String writes the ID as 32 hexadecimal digits.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// ParseID reads what String wrote.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 2*len(id) {
		return id, fmt.Errorf("event id %q: want 32 hexadecimal digits", s)
	}
	if _, err := hex.Decode(id[:], []byte(s)); err != nil {
		return ID{}, fmt.Errorf("event id %q: %w", s, err)
	}
	return id, nil
}
