package sigma

import (
	"encoding/binary"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

type predicateKind uint8

const (
	predLiterals predicateKind = iota // any of a set of literals
	predGlob
	predRegex
	predCIDR
	predPresent // the field has a value other than null
	predExists  // the field is there, even if null
	predNull    // the field is not there, or is null
	predCompare
	predTime
	predFieldRef
)

// predicate is one question about one event: does any value of the field
// satisfy it? It is immutable. A predicate without a field asks about the
// values of all fields.
type predicate struct {
	kind  predicateKind
	field string
	fid   int32 // set by Compile; anyField for keywords
	key   string

	cased    bool
	literals []literal // folded unless cased
	glob     *glob     // folded unless cased
	re       *regexp.Regexp
	required []string   // folded; every text the regexp matches contains one of them
	also     [][]string // more sets of that sort
	nets     []netip.Prefix
	cmp      comparison
	number   decimal
	unit     timeUnit
	anchor   shape
	other    string // field reference
	otherFid int32
	emptyToo bool // predNull: an empty string counts as null
}

const anyField int32 = -1

// identify sets the key: two predicates with the same key ask the same.
func (p *predicate) identify() *predicate {
	k := []byte{byte(p.kind), byte(p.cmp), byte(p.unit), byte(p.anchor), flag(p.cased), flag(p.emptyToo)}
	text := func(s string) {
		k = binary.AppendUvarint(k, uint64(len(s)))
		k = append(k, s...)
	}
	text(p.field)
	text(p.other)
	for _, l := range p.literals {
		k = append(k, byte(l.shape))
		text(l.text)
	}
	if p.glob != nil {
		k = append(k, flag(p.glob.openStart), flag(p.glob.openEnd))
		for _, segment := range p.glob.segments {
			for _, x := range segment {
				k = append(k, byte(x.kind))
				text(x.text)
			}
			k = append(k, 0xff)
		}
	}
	if p.re != nil {
		text(p.re.String())
	}
	for _, n := range p.nets {
		text(n.String())
	}
	if p.kind == predCompare || p.kind == predTime {
		k = p.number.appendKey(k)
	}
	p.key = string(k)
	return p
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// holds answers the predicate for the event in v, without any index.
func (p *predicate) holds(v *eventView) bool {
	switch p.kind {
	case predExists:
		return v.first(p.fid) >= 0
	case predNull:
		i := v.first(p.fid)
		if i < 0 {
			return true
		}
		for ; i >= 0; i = v.next(i) {
			b := v.binding(i)
			if b == object {
				continue
			}
			if f := &v.ev.Fields[b]; f.Kind == Null || p.emptyToo && f.Value == "" {
				return true
			}
		}
		return false
	}
	if p.fid == anyField {
		for i := range v.ev.Fields {
			if v.hasValue(i) && p.holdsFor(v, i) {
				return true
			}
		}
		return false
	}
	for i := v.first(p.fid); i >= 0; i = v.next(i) {
		b := v.binding(i)
		if b == object && p.kind == predPresent || v.hasValue(b) && p.holdsFor(v, b) {
			return true
		}
	}
	return false
}

// holdsFor answers for one value, which is not null.
func (p *predicate) holdsFor(v *eventView, i int) bool {
	switch p.kind {
	case predPresent:
		return true
	case predLiterals:
		text := v.text(i, p.cased)
		return slices.ContainsFunc(p.literals, func(l literal) bool { return l.match(text) })
	case predGlob:
		return p.glob.match(v.text(i, p.cased))
	case predRegex:
		for _, set := range p.also {
			text := v.folded(i)
			if !slices.ContainsFunc(set, func(s string) bool { return strings.Contains(text, s) }) {
				return false
			}
		}
		text := v.ev.Fields[i].Value
		return p.re.MatchString(text[:min(len(text), MaxRegexText)])
	case predCIDR:
		return p.inNets(v.ev.Fields[i].Value)
	case predCompare:
		d, ok := parseDecimal(v.ev.Fields[i].Value)
		return ok && p.cmp.holds(d.compare(p.number))
	case predTime:
		n, ok := datePart(v.ev.Fields[i].Value, p.unit)
		if !ok {
			return false
		}
		var buf [20]byte
		d, _ := parseDecimal(view(appendInt(buf[:0], n)))
		return p.cmp.holds(d.compare(p.number))
	case predFieldRef:
		text := v.text(i, p.cased)
		for j := v.first(p.otherFid); j >= 0; j = v.next(j) {
			b := v.binding(j)
			if v.hasValue(b) && (literal{p.anchor, v.text(b, p.cased)}).match(text) {
				return true
			}
		}
	}
	return false
}

func appendInt(dst []byte, n int) []byte {
	if n >= 10 {
		dst = appendInt(dst, n/10)
	}
	return append(dst, byte('0'+n%10))
}

func (p *predicate) inNets(s string) bool {
	if len(s) < 2 || len(s) > 64 {
		return false
	}
	switch c := s[0]; {
	case c-'0' < 10, c-'a' < 6, c-'A' < 6, c == ':':
	default:
		return false
	}
	// netip builds an error for text that is not an address, so tell most
	// other text by its characters first.
	colon := false
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == ':':
			colon = true
		case c-'0' < 10, c == '.':
		case c == '%' && colon:
			s = s[:i]
		case c-'a' < 6, c-'A' < 6:
		default:
			return false
		}
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return false
	}
	a = a.Unmap()
	return slices.ContainsFunc(p.nets, func(n netip.Prefix) bool { return n.Contains(a) })
}

// compactName is the name a field is looked up by: without spaces, since rules
// write ThreatName where Windows Defender logs "Threat Name".
func compactName(name string) string { return strings.ReplaceAll(name, " ", "") }
