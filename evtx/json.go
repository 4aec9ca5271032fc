package evtx

// AppendJSON appends the Fields of r to dst as one JSON object without a line
// break. Names are unique, so the object has no duplicate key.
func (r *Record) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i := range r.Fields {
		f := &r.Fields[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendQuoted(dst, f.Name)
		dst = append(dst, ':')
		dst = f.appendValue(dst)
	}
	return append(dst, '}')
}

func (f *Field) appendValue(dst []byte) []byte {
	if f.Kind&List == 0 {
		return appendScalar(dst, f.Value, f.Kind)
	}
	dst = append(dst, '[')
	first := true
	for item := range f.Items() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendScalar(dst, item, f.Kind&^List)
	}
	return append(dst, ']')
}

func appendScalar(dst []byte, s string, k Kind) []byte {
	switch k {
	case Number, Bool:
		return append(dst, s...)
	case Null:
		return append(dst, "null"...)
	}
	return appendQuoted(dst, s)
}

// plain holds the bytes that stand for themselves in a JSON string.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return t
}()

// appendQuoted relies on s being valid UTF-8, as all our strings are.
func appendQuoted(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		for i+8 <= len(s) && allPlain(s[i:i+8]) {
			i += 8
		}
		if i >= len(s) {
			break
		}
		c := s[i]
		if plain[c] {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}

// allPlain tests eight bytes at once, in each byte of a word: below a space, a
// quote or a backslash sets its top bit. It may say no to bytes that are plain.
func allPlain(s string) bool {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	v := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, slash := v^'"'*ones, v^'\\'*ones
	return ((v-' '*ones)|(quote-ones)|(slash-ones))&^v&tops == 0
}
