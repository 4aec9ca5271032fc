package sigma

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// finder finds which of a set of texts occur anywhere in a value.
//
// The obvious design is an Aho-Corasick automaton: one step for each byte. Each
// step waits for the one before, and 70,000 states do not fit a cache, so a byte
// costs 15 to 20 cycles. Nearly all bytes of a log lead nowhere, so the finder
// asks a cheaper question of many places at once: is the gram here, four bytes
// with their case squashed, one of those that some text has? Of each text a
// window of as many neighbouring grams is chosen as the finder has strides; then
// it is enough to look at one place in every stride. These looks do not depend
// on each other, and few of them hit, because the window with the rarest grams
// is taken. Where one does hit, the texts of that gram are compared.
//
// Texts too short for a gram of four bytes have a window of two, looked at
// everywhere, and single bytes are searched for one by one. Texts of which too
// many share their best gram, as a hostile rule would have it, go to an
// automaton after all: so the work for a byte is bounded, whatever the rules
// and the events are.
//
// The invariant: every text that occurs is reported, and nothing else is.
type finder struct {
	texts   []string // by needle, folded
	outs    outputs
	singles []int32   // needles of one byte
	bytes   [4]uint64 // both cases of those bytes
	short   *grams
	long    *grams
	rest    *automaton
	least   int // length of the shortest text
}

// grams is what a finder knows of its texts at one gram size.
type grams struct {
	size      int
	stride    int
	shift     uint8    // of a hash for the filter
	filter    []uint64 // bit set of gram hashes
	slotShift uint8
	slots     []gramSlot
	entries   []gramEntry
}

type gramSlot struct {
	gram    uint32
	entries uint32 // number of the first, and below it in slotBits bits how many; 0: the slot is empty
}

const slotBits = 6

type gramEntry struct {
	needle int32
	offset uint8 // of the gram in the text
	length uint8 // of the text
	peek   uint8 // offset of the byte most likely to tell the text from others
	is     uint8 // that byte, squashed
}

const (
	// maxNeedle bounds the texts of a finder: the comparison at one place. A
	// longer text is looked for by a part of it, see predicate.gate.
	maxNeedle     = 64
	maxBucket     = 32 // texts of one gram
	maxGramStride = 8
	// squash makes the two cases of a letter equal. It makes other bytes equal
	// as well, which the comparison tells apart.
	squash = 0x20202020
)

func newFinder(set needleSet, base int, rare *rarity) *finder {
	f := &finder{texts: set.sorted()}
	f.outs.base = base
	f.least = shortest(f.texts)
	var short, long []int32
	for n, text := range f.texts {
		f.outs.add(set[text])
		switch {
		case len(text) == 1:
			f.singles = append(f.singles, int32(n))
			f.bytes[text[0]>>6] |= 1 << (text[0] & 63)
			if c := text[0]; c-'a' < 26 {
				c -= 'a' - 'A'
				f.bytes[c>>6] |= 1 << (c & 63)
			}
		case len(text) < 4:
			short = append(short, int32(n))
		default:
			long = append(long, int32(n))
		}
	}
	var over []int32
	f.short, over = newGrams(f.texts, short, 2, rare, over)
	f.long, over = newGrams(f.texts, long, 4, rare, over)
	if len(over) > 0 {
		f.rest = newAutomaton(f.texts, over)
	}
	return f
}

// newGrams files the given needles and returns over with those added that share
// their gram with too many others.
func newGrams(texts []string, needles []int32, size int, rare *rarity, over []int32) (*grams, []int32) {
	if len(needles) == 0 {
		return nil, over
	}
	g := &grams{size: size, stride: maxGramStride}
	for _, n := range needles {
		g.stride = min(g.stride, len(texts[n])-size+1)
	}
	rare.of(texts, needles, size)
	var all []filedGram
	for _, n := range needles {
		text := texts[n]
		from := rare.window(text, g.stride)
		if from < 0 {
			over = append(over, n)
			continue
		}
		for o := from; o < from+g.stride; o++ {
			gram := gramAt(text[o:], size)
			rare.take(gram)
			all = append(all, filedGram{gram, newGramEntry(n, text, o, size)})
		}
	}
	g.file(all)
	return g, over
}

type filedGram struct {
	gram  uint32
	entry gramEntry
}

func newGramEntry(n int32, text string, offset, size int) gramEntry {
	e := gramEntry{needle: n, offset: uint8(offset), length: uint8(len(text))}
	// The byte next to the gram on the longer side, two away if there is one.
	switch after := len(text) - offset - size; {
	case after > 1 && after >= offset:
		e.peek = uint8(offset + size + 1)
	case offset > 1:
		e.peek = uint8(offset - 2)
	case after > 0:
		e.peek = uint8(offset + size)
	case offset > 0:
		e.peek = uint8(offset - 1)
	}
	e.is = text[e.peek] | squash&0xff
	return e
}

// file lays the entries out by gram: about one filter bit in sixteen is set, one
// slot in two taken.
func (g *grams) file(all []filedGram) {
	slices.SortStableFunc(all, func(a, b filedGram) int { return cmp.Compare(a.gram, b.gram) })
	distinct := 0
	for i := range all {
		if i == 0 || all[i].gram != all[i-1].gram {
			distinct++
		}
	}
	width := 9
	for width < 19 && 1<<width < 16*distinct {
		width++
	}
	g.shift = uint8(32 - width)
	g.filter = make([]uint64, 1<<width/64)
	size := 4
	for size < 2*distinct {
		size *= 2
	}
	g.slots = make([]gramSlot, size)
	g.slotShift = uint8(32 - bits.Len(uint(size-1)))
	g.entries = make([]gramEntry, 0, len(all))
	for from := 0; from < len(all); {
		gram, to := all[from].gram, from
		for to < len(all) && all[to].gram == gram {
			g.entries = append(g.entries, all[to].entry)
			to++
		}
		h := hashGram(gram)
		g.filter[h>>g.shift>>6] |= 1 << (h >> g.shift & 63)
		i := h >> g.slotShift
		for g.slots[i].entries > 0 {
			i = (i + 1) & uint32(size-1)
		}
		g.slots[i] = gramSlot{gram, uint32(from)<<slotBits | uint32(to-from)}
		from = to
	}
}

func (g *grams) find(gram uint32) []gramEntry {
	mask := uint32(len(g.slots) - 1)
	for i := hashGram(gram) >> g.slotShift; g.slots[i].entries > 0; i = (i + 1) & mask {
		if s := g.slots[i]; s.gram == gram {
			first := s.entries >> slotBits
			return g.entries[first : first+s.entries&(1<<slotBits-1)]
		}
	}
	return nil
}

// hashGram spreads grams; its high bits are the good ones.
func hashGram(gram uint32) uint32 { return gram * 0x9e3779b1 }

func gramAt(text string, size int) uint32 {
	if size == 2 {
		return (uint32(text[0]) | uint32(text[1])<<8) | squash&0xffff
	}
	return binary.LittleEndian.Uint32(bytesOf(text)) | squash
}

// scan reports the texts in value to m. The value is folded already, or it is
// ASCII and is folded on the way.
func (f *finder) scan(value string, folded bool, m *Matcher) {
	if len(value) < f.least {
		return
	}
	if f.long != nil && len(value) >= 4 {
		f.scanLong(value, folded, m)
	}
	if f.short != nil {
		f.scanShort(value, folded, m)
	}
	if len(f.singles) > 0 {
		f.scanSingles(value, folded, m)
	}
	if f.rest != nil {
		f.rest.scan(value, folded, func(n int32) { f.report(n, m) })
	}
}

func (f *finder) scanLong(value string, folded bool, m *Matcher) {
	g := f.long
	b, filter, shift, stride := bytesOf(value), g.filter, g.shift, g.stride
	i := stride - 1
	if stride == 1 {
		// Four places at a time, and one branch for them all.
		for ; i+7 <= len(b); i += 4 {
			w := binary.LittleEndian.Uint32(b[i:]) | squash
			x := binary.LittleEndian.Uint32(b[i+3:]) | squash
			w1, w2 := w>>8|x<<16, w>>16|x<<8
			h0, h1, h2, h3 := hashGram(w)>>shift, hashGram(w1)>>shift, hashGram(w2)>>shift, hashGram(x)>>shift
			if (filter[h0>>6]>>(h0&63)|filter[h1>>6]>>(h1&63)|filter[h2>>6]>>(h2&63)|filter[h3>>6]>>(h3&63))&1 == 0 {
				continue
			}
			if filter[h0>>6]>>(h0&63)&1 != 0 {
				f.compare(g, w, value, i, folded, m)
			}
			if filter[h1>>6]>>(h1&63)&1 != 0 {
				f.compare(g, w1, value, i+1, folded, m)
			}
			if filter[h2>>6]>>(h2&63)&1 != 0 {
				f.compare(g, w2, value, i+2, folded, m)
			}
			if filter[h3>>6]>>(h3&63)&1 != 0 {
				f.compare(g, x, value, i+3, folded, m)
			}
		}
	}
	for ; i+4 <= len(b); i += stride {
		gram := binary.LittleEndian.Uint32(b[i:]) | squash
		h := hashGram(gram) >> shift
		if filter[h>>6]>>(h&63)&1 != 0 {
			f.compare(g, gram, value, i, folded, m)
		}
	}
}

func (f *finder) scanShort(value string, folded bool, m *Matcher) {
	g := f.short
	b, filter, shift, stride := bytesOf(value), g.filter, g.shift, g.stride
	for i := stride - 1; i+2 <= len(b); i += stride {
		gram := (uint32(b[i]) | uint32(b[i+1])<<8) | squash&0xffff
		h := hashGram(gram) >> shift
		if filter[h>>6]>>(h&63)&1 != 0 {
			f.compare(g, gram, value, i, folded, m)
		}
	}
}

func (f *finder) scanSingles(value string, folded bool, m *Matcher) {
	for i := range len(value) {
		c := value[i]
		if f.bytes[c>>6]>>(c&63)&1 == 0 {
			continue
		}
		if !folded && c-'A' < 26 {
			c += 'a' - 'A'
		}
		for _, n := range f.singles {
			if f.texts[n][0] == c {
				f.report(n, m)
			}
		}
	}
}

// compare reports the texts that have the gram and stand in value with it at i.
func (f *finder) compare(g *grams, gram uint32, value string, i int, folded bool, m *Matcher) {
	entries := g.find(gram)
	for k := range entries {
		e := &entries[k]
		from := i - int(e.offset)
		if from < 0 || from+int(e.length) > len(value) || value[from+int(e.peek)]|squash&0xff != e.is || m.needles[f.outs.base+int(e.needle)] == m.epoch {
			continue
		}
		text := f.texts[e.needle]
		if part := value[from : from+len(text)]; folded && part == text || !folded && equalASCIIFold(part, text) {
			f.report(e.needle, m)
		}
	}
}

// report hits the targets of a text, once in a run.
func (f *finder) report(n int32, m *Matcher) {
	seen := &m.needles[f.outs.base+int(n)]
	if *seen == m.epoch {
		return
	}
	*seen = m.epoch
	for _, p := range f.outs.of(n) {
		m.hitPredicate(p)
	}
}

// equalASCIIFold reports whether s, which is ASCII, folds to text, which is as
// long.
func equalASCIIFold(s, text string) bool {
	a, b := bytesOf(s), bytesOf(text)
	for len(a) >= 8 && len(b) >= 8 {
		w := binary.LittleEndian.Uint64(a)
		if w|upperBits(w)>>2 != binary.LittleEndian.Uint64(b) {
			return false
		}
		a, b = a[8:], b[8:]
	}
	for i, c := range a {
		if c-'A' < 26 {
			c += 'a' - 'A'
		}
		if c != b[i] {
			return false
		}
	}
	return true
}

// rarity estimates how often grams occur in logs: what many texts of the rules
// share is common there too, and so is what every log is full of. It is scratch
// memory for building finders.
type rarity struct {
	size    int
	counts  [1 << 16]uint16
	taken   map[uint32]int32 // texts filed by gram
	full    bool             // some gram has as many as it may
	weights []float64
}

// commonTexts are in so many values that a gram of theirs says little.
var commonTexts = []string{
	`c:\windows\system32\`, `c:\windows\syswow64\`, `c:\program files (x86)\`, `c:\users\`, `\appdata\local\`, `.exe" `, `.dll`, `.exe`,
	`hklm\software\microsoft\windows\currentversion\`, `hklm\system\currentcontrolset\services\`, `microsoft-windows-`, `powershell`,
	`nt authority\system`, `ntdll.dll+`, `kernelbase.dll+`, `kernel32.dll+`, ` corporation`, `operating system`,
	`host application = `, `engine version = `, `command name = `, `script name = `, `command type = `, `http://www.`, `https://`, `.com/`,
	`00000000`, `aaaa`, `    `, `----`, `====`, `md5=`, `sha256=`, `imphash=`,
}

// of counts the grams of the given needles. What it counted before is forgotten.
func (r *rarity) of(texts []string, needles []int32, size int) {
	r.size, r.full = size, false
	r.taken = make(map[uint32]int32, len(needles))
	clear(r.counts[:])
	for _, n := range needles {
		r.count(texts[n], 1)
	}
	for _, text := range commonTexts {
		r.count(text, 500)
	}
}

func (r *rarity) slot(gram uint32) *uint16 { return &r.counts[hashGram(gram)>>16] }

func (r *rarity) count(text string, times uint16) {
	for o := 0; o+r.size <= len(text); o++ {
		if c := r.slot(gramAt(text[o:], r.size)); *c < math.MaxUint16-times {
			*c += times
		}
	}
}

// take notes that a text is filed under gram.
func (r *rarity) take(gram uint32) {
	r.taken[gram]++
	r.full = r.full || r.taken[gram] >= maxBucket
}

// window returns where the rarest grams of text begin, stride of them, or -1 if
// every window has one that is full.
func (r *rarity) window(text string, stride int) int {
	r.weights = r.weights[:0]
	for o := 0; o+r.size <= len(text); o++ {
		weight := 1e5
		for _, c := range bytesOf(text[o : o+r.size]) {
			weight *= share[c]
		}
		gram := gramAt(text[o:], r.size)
		weight += float64(*r.slot(gram))
		if r.full && r.taken[gram] >= maxBucket {
			weight = math.Inf(1)
		}
		r.weights = append(r.weights, weight)
	}
	best, least := -1, math.Inf(1)
	for from := 0; from+stride <= len(r.weights); from++ {
		sum := 0.0
		for _, w := range r.weights[from : from+stride] {
			sum += w
		}
		if sum < least {
			best, least = from, sum
		}
	}
	return best
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
