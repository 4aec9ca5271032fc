package sigma

import "math"

// gate tells quickly that none of a set of texts is in a value, for the many
// values of which that is true. Of each text a window of stride+1 bytes is
// chosen, the rarest it has, and the byte pairs of all windows form a set.
// Where a text occurs, all stride pairs of its window are in the set, so it is
// enough to look at one pair in every stride bytes of a value.
//
// The set is kept for both cases of ASCII letters, so the gate works on a
// value before folding too, if that is ASCII.
type gate struct {
	pairs  [1 << 16 / 64]uint64
	stride int
	reach  int // how far before a pair in the set its text may begin
}

const (
	maxStride      = 8
	maxGateNeedles = 2000
	// A gate must be expected to take at most this part of what a plain run
	// takes: the estimate is rough.
	maxGateEffort = 0.6
)

// newGate returns the gate with the stride that promises most, or nil if the
// texts are too short, too many or too common for any.
func newGate(texts []string) *gate {
	if len(texts) > maxGateNeedles {
		return nil
	}
	var best *gate
	least := maxGateEffort
	for stride := 2; stride <= min(shortest(texts)-1, maxStride); stride++ {
		if g, effort := gateWithStride(texts, stride); effort < least {
			best, least = g, effort
		}
	}
	return best
}

// gateWithStride estimates the effort for a byte of text, where 1 is a step of
// the automaton: one look every stride bytes, and if the pair is in the set a
// run over the text's reach and some bytes more.
func gateWithStride(texts []string, stride int) (*gate, float64) {
	g := &gate{stride: stride}
	seen := map[uint16]bool{}
	open := 0.0
	for _, t := range texts {
		from, rarest := 0, math.Inf(1)
		for i := 0; i+stride < len(t); i++ {
			sum := 0.0
			for k := i; k < i+stride; k++ {
				sum += share[t[k]] * share[t[k+1]]
			}
			// An early window keeps the reach short.
			if sum < 0.9*rarest {
				from, rarest = i, sum
			}
		}
		for k := from; k < from+stride; k++ {
			if pair := uint16(t[k])<<8 | uint16(t[k+1]); !seen[pair] {
				seen[pair] = true
				open += share[t[k]] * share[t[k+1]]
				g.add(t[k], t[k+1])
			}
		}
		g.reach = max(g.reach, from+stride-1)
	}
	return g, (1 + open*float64(g.reach+8)) / float64(stride)
}

func (g *gate) add(a, b byte) {
	for _, x := range bothCases(a) {
		for _, y := range bothCases(b) {
			n := uint16(x)<<8 | uint16(y)
			g.pairs[n>>6] |= 1 << (n & 63)
		}
	}
}

func bothCases(c byte) []byte {
	if c-'a' < 26 {
		return []byte{c, c - 'a' + 'A'}
	}
	return []byte{c}
}

// next returns the first place from i on, in steps of the stride, that has a
// pair of the set, or len(text) or more if there is none.
func (g *gate) next(text string, i int) int {
	for ; i+1 < len(text); i += g.stride {
		n := uint16(text[i])<<8 | uint16(text[i+1])
		if g.pairs[n>>6]&(1<<(n&63)) != 0 {
			return i
		}
	}
	return len(text)
}

// excludes reports that no text of the set is in value, which is ASCII.
func (g *gate) excludes(value string) bool {
	return g.next(value, g.stride-1) >= len(value)
}

// share estimates how much of log text each folded byte makes up.
var share = func() (t [256]float64) {
	for c := range t {
		t[c] = 0.006
	}
	set := func(bytes string, part float64) {
		for i := range len(bytes) {
			t[bytes[i]] = part
		}
	}
	set("bjkqvxyz", 0.008)
	set("lcdmpuwfgh", 0.025)
	set("etaoinsr", 0.055)
	set("0123456789", 0.02)
	set(" \\.-", 0.03)
	for c := 0x80; c < 0x100; c++ {
		t[c] = 0.002
	}
	return t
}()
