package parse

import (
	"encoding/binary"
	"math/bits"
)

// A stop is a byte of a JSON text that can end a run of plain string text: a
// quote, a backslash that begins an escape, or a control character. What an
// escape stands for is no stop: of the text \\\" only the first and the third
// byte are. So the next stop after the opening quote of a string either ends
// the string, begins an escape, or is an error, and stop after stop can be
// taken from the bits without looking at what lies between.
//
// Outside strings stops mean nothing, and a backslash there makes those behind
// it wrong; the scanner refuses the text at that backslash before it gets there.
//
// Finding the stops of the whole record first, 64 bytes at a time, beats looking
// for the end of each string when it comes: the work per byte is smaller, and
// short strings do not end in a mispredicted loop each.

// stopWords is the number of words markStops needs for n bytes: a bit a byte,
// and at least one more, which is set.
func stopWords(n int) int { return n/64 + 1 }

// markStops sets a bit for each stop of src in stops, which has
// stopWords(len(src)) words, and for every place from len(src) on. It reports
// whether all of src is ASCII.
func markStops(stops []uint64, src []byte) (ascii bool) {
	whole := len(src) / 64
	escaped, high := markBlocks(stops[:whole], src[:whole*64], 0)
	var last [64]byte // a zero byte is a control character, so it is a stop
	n := copy(last[:], src[whole*64:])
	if n == 0 {
		stops[whole] = ^uint64(0)
		return high&highs == 0
	}
	_, tail := markBlocks(stops[whole:whole+1], last[:], escaped)
	return (high|tail)&highs == 0
}

// markBlocksPortable marks the stops of whole blocks of 64 bytes, one word of
// stops a block. escaped is 1 if an escape began with the last byte before src;
// the first result is the same for what follows src. The second one holds, with
// byte positions mixed up, all bits that any byte has.
func markBlocksPortable(stops []uint64, src []byte, escaped uint64) (next, all uint64) {
	for b := range stops {
		block := src[b*64 : b*64+64]
		var quote, slash, control uint64
		for i := 0; i < 64; i += 8 {
			w := binary.LittleEndian.Uint64(block[i:])
			all |= w
			// Most words of real text have none of the three; the quick test may
			// take a byte too many for one, never one too few.
			if special(w) == 0 {
				continue
			}
			quote |= zeroBytes(w^ones*'"') << i
			slash |= zeroBytes(w^ones*'\\') << i
			control |= zeroBytes(w&(ones*0xE0)) << i
		}
		stops[b], escaped = stopBits(quote, slash, control, escaped)
	}
	return escaped, all
}

// stopBits works out which backslashes begin an escape: every other one of a
// run, beginning with its first. Adding the first bits of those runs that begin
// at an even place carries through each of them, which tells them from the runs
// that begin at an odd place (Langdale and Lemire, Parsing Gigabytes of JSON per
// Second, 2019).
func stopBits(quote, slash, control, escaped uint64) (stops, next uint64) {
	if slash|escaped == 0 {
		return quote | control, 0
	}
	const even = 0x5555555555555555
	slash &^= escaped // one that is escaped itself begins nothing
	first := slash &^ (slash << 1)
	evenRuns := slash &^ (slash + first&even)
	begin := evenRuns&even | slash&^evenRuns&^even
	escaped |= begin << 1
	return quote&^escaped | begin | control, begin >> 63
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special is not zero if w has a quote, a backslash or a control character.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w) & highs
}

// zeroBytes returns eight bits, one for each byte of w that is zero.
func zeroBytes(w uint64) uint64 {
	low := w&^highs + (highs - ones) // no carry leaves a byte
	zero := ^(low | w) & highs
	return zero >> 7 * 0x0102040810204080 >> 56
}

// nextStop returns the place of the first stop at or after i.
func nextStop(stops []uint64, i int) int {
	k := i >> 6
	if w := stops[k] >> (i & 63); w != 0 {
		return i + bits.TrailingZeros64(w)
	}
	for {
		if k++; stops[k] != 0 {
			return k<<6 + bits.TrailingZeros64(stops[k])
		}
	}
}
