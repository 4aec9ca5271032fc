package sigma

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func utf16LE(s string) string  { return encodeUTF16(s, binary.LittleEndian) }
func utf16BE(s string) string  { return encodeUTF16(s, binary.BigEndian) }
func utf16BOM(s string) string { return "\xff\xfe" + utf16LE(s) }

func encodeUTF16(s string, order binary.AppendByteOrder) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

// base64Offsets returns the part of s's encoding that does not depend on its
// neighbours, for each of the three places s can have in a group of 3 bytes.
func base64Offsets(s string) []string {
	var out []string
	for shift := range 3 {
		enc := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + s))
		first := [3]int{0, 2, 3}[shift]
		last := len(enc) - [3]int{0, 3, 2}[(len(s)+shift)%3]
		if last <= first {
			continue
		}
		out = append(out, enc[first:last])
	}
	return out
}

const dashes = "-/\u2013\u2014\u2015" // hyphen, slash, en dash, em dash, horizontal bar

// windash returns all variants of p in which each dash that begins a word is
// any of the five dashes.
func windash(p pattern) ([]pattern, *fail) {
	out := []pattern{nil}
	n := 0
	for _, x := range p {
		if x.kind != partText {
			for i := range out {
				out[i] = append(out[i], x)
			}
			continue
		}
		cut := 0
		for i, r := range x.text {
			if !beginsWord(x.text, i, r) {
				continue
			}
			if n++; n > MaxWindashDashes {
				return nil, failf(position{}, "split the value", "windash would make more than 5^%d variants of one value", MaxWindashDashes)
			}
			before := x.text[cut:i]
			cut = i + utf8.RuneLen(r)
			var next []pattern
			for _, o := range out {
				for _, d := range dashes {
					next = append(next, append(slices.Clone(o), part{kind: partText, text: before + string(d)}))
				}
			}
			out = next
		}
		for i := range out {
			out[i] = append(out[i], part{kind: partText, text: x.text[cut:]})
		}
	}
	for i := range out {
		out[i] = out[i].compact()
	}
	return out, nil
}

// beginsWord reports whether the rune at s[i] is a dash with no word character
// before it and one after it.
func beginsWord(s string, i int, r rune) bool {
	if !strings.ContainsRune(dashes, r) {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
	return !isWord(before) && isWord(after)
}

func isWord(r rune) bool {
	return r == '_' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r))
}

// expandHolders replaces %name% by the values configured for it.
func (c *chain) expandHolders(m modifierRef) *fail {
	for _, v := range c.values {
		if v.kind == Null {
			return failf(v.at, "give a text", "the modifier expand needs a text, not null")
		}
		for _, p := range v.alts {
			for _, x := range p {
				if x.kind == partHolder && len(c.opts.Placeholders[x.text]) == 0 {
					return failf(v.at, "define values for "+x.text+" in the placeholder configuration", "the placeholder %%%s%% has no values here", x.text).as("undefined-placeholder")
				}
			}
		}
	}
	if c.op != opMatch {
		return nil
	}
	touched := c.touched
	f := c.transform(m, func(p pattern) ([]pattern, *fail) {
		out := []pattern{nil}
		for _, x := range p {
			alts := []pattern{{x}}
			if x.kind == partHolder {
				alts = nil
				for _, value := range c.opts.Placeholders[x.text] {
					alts = append(alts, parsePattern(value, false))
				}
			}
			if len(out)*len(alts) > MaxValues {
				return nil, failf(position{}, "use fewer placeholders in one value", "the placeholders expand to more than %d values", MaxValues)
			}
			var next []pattern
			for _, o := range out {
				for _, a := range alts {
					next = append(next, append(slices.Clone(o), a...))
				}
			}
			out = next
		}
		for i := range out {
			out[i] = out[i].compact()
		}
		return out, nil
	})
	c.touched = touched // expand|re and expand|cidr are legal
	return f
}

// expandText is expandHolders for values that are not Sigma strings: regular
// expressions, in which the values stand for themselves, and networks.
func (c *chain) expandText(v chainValue, quote bool) ([]string, *fail) {
	if !c.expand {
		return []string{v.text}, nil
	}
	out := []string{""}
	for s := v.text; s != ""; {
		var n int
		alts := []string{s[:1]}
		if s[0] == '\\' && len(s) > 1 {
			n, alts = 2, []string{s[:2]}
			if s[1] == '%' {
				alts = []string{"%"}
			}
		} else if n = placeholderLen(s); n > 0 {
			alts = c.opts.Placeholders[s[1:n-1]]
			if quote {
				alts = slices.Clone(alts)
				for i := range alts {
					alts[i] = regexp.QuoteMeta(alts[i])
				}
			}
		} else {
			n = 1
		}
		if len(out)*len(alts) > MaxValues {
			return nil, failf(v.at, "use fewer placeholders in one value", "the placeholders expand to more than %d values", MaxValues)
		}
		var next []string
		for _, o := range out {
			for _, a := range alts {
				next = append(next, o+a)
			}
		}
		out, s = next, s[n:]
	}
	grown := -len(v.text)
	for _, text := range out {
		grown += len(text)
	}
	return out, c.spend(len(out)-1, grown, v.at)
}
