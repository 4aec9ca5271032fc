package lake

import (
	"encoding/binary"
	"math/bits"
)

// A gram is four bytes of folded text. A bitmap of the grams of everything in a
// row group tells what the group cannot hold: a text of which one gram is
// missing. Texts of fewer bytes are not told apart.
const gramBytes = 4

// gramBits is the width of a gram's hash. While a group is written, a bitmap of
// all hashes is kept; what is stored is that bitmap shrunk to what it holds.
const gramBits = 22

// gramHash is Knuth's multiplicative hash.
func gramHash(gram uint32) uint32 { return gram * 2654435761 >> (32 - gramBits) }

// gramPlace is where a hash stands in a bitmap of size bits.
func gramPlace(hash uint32, size uint64) uint64 { return uint64(hash) * size >> gramBits }

// gramSet collects the grams of a row group.
type gramSet struct {
	words []uint64
}

func (g *gramSet) reset() {
	if g.words == nil {
		g.words = make([]uint64, 1<<gramBits/64)
		return
	}
	clear(g.words)
}

// add adds the grams of a folded text.
func (g *gramSet) add(text []byte) {
	words := (*[1 << gramBits / 64]uint64)(g.words)
	for ; len(text) >= 8; text = text[5:] { // five grams are in eight bytes
		w := binary.LittleEndian.Uint64(text)
		for range 5 {
			h := gramHash(uint32(w))
			words[h>>6] |= 1 << (h & 63)
			w >>= 8
		}
	}
	for i := 0; i+gramBytes <= len(text); i++ {
		h := gramHash(binary.LittleEndian.Uint32(text[i:]))
		words[h>>6] |= 1 << (h & 63)
	}
}

func (g *gramSet) count() (n int) {
	for _, w := range g.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// appendBitmap writes the set as a bitmap of size bits, a multiple of eight.
func (g *gramSet) appendBitmap(dst []byte, size uint64) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, size/8)...)
	for i, w := range g.words {
		for ; w != 0; w &= w - 1 {
			place := gramPlace(uint32(i<<6+bits.TrailingZeros64(w)), size)
			dst[at+int(place/8)] |= 1 << (place % 8)
		}
	}
	return dst
}

// holdsGrams reports whether a bitmap has every gram of a folded text.
func holdsGrams(bitmap []byte, text string) bool {
	size := uint64(len(bitmap)) * 8
	for i := 0; i+gramBytes <= len(text); i++ {
		place := gramPlace(gramHash(uint32(text[i])|uint32(text[i+1])<<8|uint32(text[i+2])<<16|uint32(text[i+3])<<24), size)
		if bitmap[place/8]&(1<<(place%8)) == 0 {
			return false
		}
	}
	return true
}

// A filter is a Bloom filter of the folded values of a column that are mostly
// different: filterBits for each, of which a value sets filterProbes. It lets
// about one in twenty through that is not there.
const (
	filterBits   = 6
	filterProbes = 4
)

// filterHash is FNV-1a, mixed once more because its high bits are used.
func filterHash[T string | []byte](folded T) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(folded) {
		h = (h ^ uint64(folded[i])) * 1099511628211
	}
	h ^= h >> 32
	return h * 0x9e3779b97f4a7c15
}

// filterPlace is the place of the probe-th bit of a hash in a filter of size
// bits.
func filterPlace(hash, size uint64, probe int) uint64 {
	step := hash<<32 | hash>>32 | 1
	place, _ := bits.Mul64(hash+uint64(probe)*step, size)
	return place
}

func addToFilter(filter []byte, hash uint64) {
	size := uint64(len(filter)) * 8
	for probe := range filterProbes {
		place := filterPlace(hash, size, probe)
		filter[place/8] |= 1 << (place % 8)
	}
}

func inFilter(filter []byte, hash uint64) bool {
	size := uint64(len(filter)) * 8
	for probe := range filterProbes {
		place := filterPlace(hash, size, probe)
		if filter[place/8]&(1<<(place%8)) == 0 {
			return false
		}
	}
	return true
}
