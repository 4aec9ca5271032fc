package input

// maxJSONDepth bounds how deep objects and arrays may be nested; the parsers
// hold the same bound.
const maxJSONDepth = 64

// SkipSpace returns where the white space at text[at] ends.
func SkipSpace(text []byte, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t') {
		at++
	}
	return at
}

// JSONEnd returns where the JSON value (RFC 8259) that begins at text[at], with
// white space before it or not, ends. False: there is none, it is broken, or it
// is nested more than 64 deep; end is then where it went wrong. It builds and
// allocates nothing. It does not look at UTF-8: that is the parsers' affair,
// and a byte that is no character must cost nobody a record.
func JSONEnd(text []byte, at int) (end int, ok bool) { return valueEnd(text, at, 0) }

// JSONMembers calls each with the members of the object that begins at text[at]
// until each says false: key without its quotes and as written (an escape in it
// stays one), value trimmed. It returns as JSONEnd does, false also where each
// ended it or where there is no object.
func JSONMembers(text []byte, at int, each func(key, value []byte) bool) (end int, ok bool) {
	at = SkipSpace(text, at)
	if at == len(text) || text[at] != '{' {
		return at, false
	}
	return membersEnd(text, at, 0, each)
}

// JSONElements is JSONMembers for the elements of an array.
func JSONElements(text []byte, at int, each func(value []byte) bool) (end int, ok bool) {
	at = SkipSpace(text, at)
	if at == len(text) || text[at] != '[' {
		return at, false
	}
	return elementsEnd(text, at, 0, each)
}

func valueEnd(text []byte, at, depth int) (int, bool) {
	at = SkipSpace(text, at)
	if at == len(text) {
		return at, false
	}
	switch text[at] {
	case '{':
		return membersEnd(text, at, depth, nil)
	case '[':
		return elementsEnd(text, at, depth, nil)
	case '"':
		return stringEnd(text, at)
	case 't':
		return wordEnd(text, at, "true")
	case 'f':
		return wordEnd(text, at, "false")
	case 'n':
		return wordEnd(text, at, "null")
	}
	return numberEnd(text, at)
}

func membersEnd(text []byte, at, depth int, each func(key, value []byte) bool) (int, bool) {
	if depth == maxJSONDepth {
		return at, false
	}
	at = SkipSpace(text, at+1)
	if at < len(text) && text[at] == '}' {
		return at + 1, true
	}
	for {
		if at == len(text) || text[at] != '"' {
			return at, false
		}
		end, ok := stringEnd(text, at)
		if !ok {
			return end, false
		}
		key := text[at+1 : end-1]
		at = SkipSpace(text, end)
		if at == len(text) || text[at] != ':' {
			return at, false
		}
		at = SkipSpace(text, at+1)
		if end, ok = valueEnd(text, at, depth+1); !ok {
			return end, false
		}
		if each != nil && !each(key, text[at:end]) {
			return at, false
		}
		if at = SkipSpace(text, end); at == len(text) {
			return at, false
		}
		switch text[at] {
		case '}':
			return at + 1, true
		case ',':
			at = SkipSpace(text, at+1)
		default:
			return at, false
		}
	}
}

func elementsEnd(text []byte, at, depth int, each func(value []byte) bool) (int, bool) {
	if depth == maxJSONDepth {
		return at, false
	}
	at = SkipSpace(text, at+1)
	if at < len(text) && text[at] == ']' {
		return at + 1, true
	}
	for {
		at = SkipSpace(text, at)
		end, ok := valueEnd(text, at, depth+1)
		if !ok {
			return end, false
		}
		if each != nil && !each(text[at:end]) {
			return at, false
		}
		if at = SkipSpace(text, end); at == len(text) {
			return at, false
		}
		switch text[at] {
		case ']':
			return at + 1, true
		case ',':
			at++
		default:
			return at, false
		}
	}
}

func stringEnd(text []byte, at int) (int, bool) {
	for at++; at < len(text); at++ {
		c := text[at]
		if c == '"' {
			return at + 1, true
		}
		if c < ' ' {
			return at, false
		}
		if c != '\\' {
			continue
		}
		if at++; at == len(text) {
			return at, false
		}
		switch text[at] {
		case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		case 'u':
			if at+4 >= len(text) || !isHex(text[at+1]) || !isHex(text[at+2]) || !isHex(text[at+3]) || !isHex(text[at+4]) {
				return at, false
			}
			at += 4
		default:
			return at, false
		}
	}
	return at, false
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func wordEnd(text []byte, at int, word string) (int, bool) {
	if len(text)-at >= len(word) && string(text[at:at+len(word)]) == word {
		return at + len(word), true
	}
	return at, false
}

func numberEnd(text []byte, at int) (int, bool) {
	if at < len(text) && text[at] == '-' {
		at++
	}
	begin := at
	at = digitsEnd(text, at)
	if at == begin || text[begin] == '0' && at > begin+1 {
		return begin, false
	}
	if at < len(text) && text[at] == '.' {
		begin = at + 1
		if at = digitsEnd(text, begin); at == begin {
			return at, false
		}
	}
	if at < len(text) && text[at]|0x20 == 'e' {
		at++
		if at < len(text) && (text[at] == '+' || text[at] == '-') {
			at++
		}
		begin = at
		if at = digitsEnd(text, begin); at == begin {
			return at, false
		}
	}
	return at, true
}

func digitsEnd(text []byte, at int) int {
	for at < len(text) && text[at] >= '0' && text[at] <= '9' {
		at++
	}
	return at
}

// AppendJSONString appends s as a JSON string. Bytes that are not UTF-8 stay as
// they are: a record is what was received.
func AppendJSONString[S ~string | ~[]byte](dst []byte, s S) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
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
