package sigma

import "strconv"

// decimal is a number of any size and precision, taken from its text without
// rounding and without memory of its own: 2^53+1, 0.1 and 18446744073709551616
// compare exactly. Its value is 0.d1d2d3... x 10^point, with the digits in
// whole followed by frac, no zero at either end.
type decimal struct {
	whole, frac string
	point       int
	neg         bool
}

const maxExponent = 1_000_000

// parseDecimal reads JSON numbers and what people write in their place: a
// leading plus, leading zeros, ".5" and "5.". Hexadecimal is not a number
// here: logs use it for identifiers.
func parseDecimal(s string) (decimal, bool) {
	var d decimal
	if s == "" || len(s) > 1024 {
		return d, false
	}
	if s[0] == '-' || s[0] == '+' {
		d.neg = s[0] == '-'
		s = s[1:]
	}
	n := digitsLen(s)
	d.whole, s = s[:n], s[n:]
	if s != "" && s[0] == '.' {
		n := digitsLen(s[1:])
		d.frac, s = s[1:1+n], s[1+n:]
	}
	if len(d.whole)+len(d.frac) == 0 {
		return d, false
	}
	exp := 0
	if s != "" && (s[0] == 'e' || s[0] == 'E') {
		e, err := strconv.Atoi(s[1:])
		if err != nil || e > maxExponent || e < -maxExponent {
			return d, false
		}
		exp, s = e, ""
	}
	if s != "" {
		return d, false
	}
	d.point = len(d.whole) + exp
	for d.whole != "" && d.whole[0] == '0' {
		d.whole = d.whole[1:]
		d.point--
	}
	for d.whole == "" && d.frac != "" && d.frac[0] == '0' {
		d.frac = d.frac[1:]
		d.point--
	}
	for d.frac != "" && d.frac[len(d.frac)-1] == '0' {
		d.frac = d.frac[:len(d.frac)-1]
	}
	for d.frac == "" && d.whole != "" && d.whole[len(d.whole)-1] == '0' {
		d.whole = d.whole[:len(d.whole)-1]
	}
	if d.size() == 0 {
		return decimal{}, true
	}
	return d, true
}

func digitsLen(s string) int {
	n := 0
	for n < len(s) && s[n]-'0' < 10 {
		n++
	}
	return n
}

func (d decimal) size() int { return len(d.whole) + len(d.frac) }

func (d decimal) digit(i int) byte {
	if i < len(d.whole) {
		return d.whole[i]
	}
	return d.frac[i-len(d.whole)]
}

// compare returns -1, 0 or 1.
func (d decimal) compare(o decimal) int {
	switch {
	case d.size() == 0 && o.size() == 0:
		return 0
	case d.size() == 0:
		return sign(o.neg)
	case o.size() == 0:
		return -sign(d.neg)
	case d.neg != o.neg:
		return -sign(d.neg)
	}
	if c := d.compareMagnitude(o); d.neg {
		return -c
	} else {
		return c
	}
}

func sign(neg bool) int {
	if neg {
		return 1
	}
	return -1
}

func (d decimal) compareMagnitude(o decimal) int {
	if d.point != o.point {
		if d.point < o.point {
			return -1
		}
		return 1
	}
	for i := 0; i < d.size() && i < o.size(); i++ {
		if a, b := d.digit(i), o.digit(i); a != b {
			if a < b {
				return -1
			}
			return 1
		}
	}
	switch {
	case d.size() < o.size():
		return -1
	case d.size() > o.size():
		return 1
	}
	return 0
}

// appendKey appends a text that two decimals share exactly when they are
// equal. For an integer of up to 18 digits it is the plain integer.
func (d decimal) appendKey(dst []byte) []byte {
	if d.size() == 0 {
		return append(dst, '0')
	}
	if d.neg {
		dst = append(dst, '-')
	}
	dst = append(dst, d.whole...)
	dst = append(dst, d.frac...)
	switch zeros := d.point - d.size(); {
	case zeros == 0:
	case zeros > 0 && d.point <= 18:
		for range zeros {
			dst = append(dst, '0')
		}
	default:
		dst = append(dst, 'e')
		dst = strconv.AppendInt(dst, int64(zeros), 10)
	}
	return dst
}

// isPlainInteger reports whether s is its own appendKey at a glance.
func isPlainInteger(s string) bool {
	return len(s) > 0 && len(s) <= 18 && (s[0] != '0' || len(s) == 1) && digitsLen(s) == len(s)
}
