package parse

import "unsafe"

// chunkBytes is the size of one arena chunk: large enough that a chunk serves
// hundreds of events, small enough that a forgotten string pins little.
const chunkBytes = 64 << 10

// arena hands out memory for text that is not a substring of the record: an
// unescaped JSON string, a decoded hex value. It does not reuse what it handed
// out unless it is told that nobody needs it any more. A full chunk is left to the garbage collector, so strings made from it
// live as long as anything points at them and the cost is one allocation per
// 64 KiB rather than one per string.
type arena struct {
	chunk []byte // len = used
}

// room returns an empty slice with capacity for n more bytes. The caller
// appends to it and calls keep with the result; until then nothing is used.
func (a *arena) room(n int) []byte {
	if cap(a.chunk)-len(a.chunk) < n {
		a.chunk = make([]byte, 0, max(chunkBytes, n))
	}
	used := len(a.chunk)
	return a.chunk[used:used:cap(a.chunk)]
}

// keep makes b, which was written into room, permanent.
func (a *arena) keep(b []byte) string {
	a.chunk = a.chunk[:len(a.chunk)+len(b)]
	return aliasString(b)
}

// reuse takes back what of the current chunk was handed out.
func (a *arena) reuse() { a.chunk = a.chunk[:0] }

// copyOf stores a copy of b.
func (a *arena) copyOf(b []byte) string {
	return a.keep(append(a.room(len(b)), b...))
}

// aliasString views b as a string without copying. b must not change while
// the string is in use.
func aliasString(b []byte) string {
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// aliasBytes views s as bytes without copying. They must not be written to.
func aliasBytes(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s))
}
