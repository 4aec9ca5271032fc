package module

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

var ids struct {
	sync.Mutex
	last uint64
}

// NewID makes a row identity: 26 hexadecimal digits, a microsecond clock
// followed by 5 random bytes. Identities made by one process sort in the order
// they were made, also within one microsecond.
func NewID() string {
	ids.Lock()
	us := uint64(time.Now().UnixMicro())
	if us <= ids.last {
		us = ids.last + 1
	}
	ids.last = us
	ids.Unlock()
	var b [13]byte
	for i := range 8 {
		b[i] = byte(us >> (56 - 8*i))
	}
	rand.Read(b[8:]) // never fails since Go 1.24
	return hex.EncodeToString(b[:])
}
