package sample

import (
	"math"
	"math/rand/v2"
)

// random is the source of everything that is drawn: small, fast and the same for
// the same seed on every machine.
type random struct{ pcg rand.PCG }

func newRandom(seed, stream uint64) *random {
	r := &random{}
	r.pcg.Seed(seed, stream)
	return r
}

func (r *random) next() uint64 { return r.pcg.Uint64() }

// below draws from [0,n) of an n that is small beside 2^32.
func (r *random) below(n int) int { return scale(uint32(r.next()>>32), n) }

// scale maps a random word to [0,n).
func scale(word uint32, n int) int { return int(uint64(word) * uint64(n) >> 32) }

// mix makes an unrelated number of another: the finaliser of SplitMix64.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// choice draws from a fixed distribution in constant time (Vose's alias method).
type choice struct {
	keep  []uint32 // chance to stay, of 2^32
	alias []uint32
}

func newChoice(weights []float64) *choice {
	n := len(weights)
	c := &choice{keep: make([]uint32, n), alias: make([]uint32, n)}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	scaled := make([]float64, n)
	var small, large []int
	for i, w := range weights {
		scaled[i] = w / sum * float64(n)
		c.alias[i] = uint32(i)
		if scaled[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		c.keep[s] = uint32(scaled[s] * (1 << 32))
		c.alias[s] = uint32(l)
		if scaled[l] -= 1 - scaled[s]; scaled[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) {
		c.keep[i] = math.MaxUint32
	}
	return c
}

// at maps one random word to an index.
func (c *choice) at(word uint64) int {
	i := scale(uint32(word>>32), len(c.keep))
	if uint32(word) <= c.keep[i] {
		return i
	}
	return int(c.alias[i])
}

// zipf is the distribution in which the i-th of n comes 1/(i+1)^s as often as the
// first.
func zipf(n int, s float64) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1 / math.Pow(float64(i+1), s)
	}
	return w
}
