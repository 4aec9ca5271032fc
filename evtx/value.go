package evtx

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
)

// Types of values. arrayBit makes any of them an array.
const (
	typeNull       = 0x00
	typeString     = 0x01
	typeANSI       = 0x02
	typeInt8       = 0x03
	typeUint8      = 0x04
	typeInt16      = 0x05
	typeUint16     = 0x06
	typeInt32      = 0x07
	typeUint32     = 0x08
	typeInt64      = 0x09
	typeUint64     = 0x0a
	typeFloat      = 0x0b
	typeDouble     = 0x0c
	typeBool       = 0x0d
	typeBinary     = 0x0e
	typeGUID       = 0x0f
	typeSize       = 0x10
	typeFileTime   = 0x11
	typeSystemTime = 0x12
	typeSID        = 0x13
	typeHex32      = 0x14
	typeHex64      = 0x15
	typeHandle     = 0x20
	typeBinXML     = 0x21
	typeXML        = 0x23
	arrayBit       = 0x80
)

// fixedSize is the size that the type alone decides, -1 if it does not.
func fixedSize(typ uint8) int {
	switch typ {
	case typeNull:
		return 0
	case typeInt8, typeUint8:
		return 1
	case typeInt16, typeUint16:
		return 2
	case typeInt32, typeUint32, typeFloat, typeBool, typeHex32:
		return 4
	case typeInt64, typeUint64, typeDouble, typeFileTime, typeHex64:
		return 8
	case typeGUID, typeSystemTime:
		return 16
	}
	return -1
}

// appendValue appends a value as Field documents. A value whose size does not
// suit its type, or whose type is unknown, is kept as binary.
func appendValue(dst []byte, typ uint8, b []byte) ([]byte, Kind) {
	if typ&arrayBit != 0 {
		return appendArray(dst, typ&^arrayBit, b)
	}
	le := binary.LittleEndian
	if n := fixedSize(typ); n >= 0 && n != len(b) {
		return appendHexBytes(dst, b), String
	}
	switch typ {
	case typeNull:
		return dst, Null
	case typeString, typeXML:
		return appendUTF16(dst, trimUTF16(b)), String
	case typeANSI:
		return appendANSI(dst, bytes.TrimRight(b, "\x00")), String
	case typeInt8:
		return strconv.AppendInt(dst, int64(int8(b[0])), 10), Number
	case typeUint8:
		return strconv.AppendUint(dst, uint64(b[0]), 10), Number
	case typeInt16:
		return strconv.AppendInt(dst, int64(int16(le.Uint16(b))), 10), Number
	case typeUint16:
		return strconv.AppendUint(dst, uint64(le.Uint16(b)), 10), Number
	case typeInt32:
		return strconv.AppendInt(dst, int64(int32(le.Uint32(b))), 10), Number
	case typeUint32:
		return strconv.AppendUint(dst, uint64(le.Uint32(b)), 10), Number
	case typeInt64:
		return strconv.AppendInt(dst, int64(le.Uint64(b)), 10), Number
	case typeUint64:
		return strconv.AppendUint(dst, le.Uint64(b), 10), Number
	case typeFloat:
		return appendFloat(dst, float64(math.Float32frombits(le.Uint32(b))), 32)
	case typeDouble:
		return appendFloat(dst, math.Float64frombits(le.Uint64(b)), 64)
	case typeBool:
		return strconv.AppendBool(dst, le.Uint32(b) != 0), Bool
	case typeGUID:
		return appendGUID(dst, b), String
	case typeFileTime:
		return appendFileTime(dst, b, 7)
	case typeSystemTime:
		return appendSystemTime(dst, b), String
	case typeSID:
		return appendSID(dst, b), String
	case typeHex32:
		return appendHex(dst, uint64(le.Uint32(b))), String
	case typeHex64:
		return appendHex(dst, le.Uint64(b)), String
	case typeSize, typeHandle:
		switch len(b) {
		case 4:
			return appendHex(dst, uint64(le.Uint32(b))), String
		case 8:
			return appendHex(dst, le.Uint64(b)), String
		}
	}
	return appendHexBytes(dst, b), String
}

// appendArray appends the items with NUL between them.
func appendArray(dst []byte, typ uint8, b []byte) ([]byte, Kind) {
	start := len(dst)
	kind := String
	switch typ {
	case typeString, typeXML:
		// Each item ends with a NUL; the last one may lack it. Empty items
		// at the end are padding.
		b = trimUTF16(b)
		for i := 0; len(b) >= 2; i++ {
			n := 0
			for n+2 <= len(b) && (b[n] != 0 || b[n+1] != 0) {
				n += 2
			}
			if i > 0 {
				dst = append(dst, 0)
			}
			dst = appendUTF16(dst, b[:n])
			b = b[min(n+2, len(b)):]
		}
		return dst, List | kind
	case typeANSI:
		dst = appendANSI(dst, bytes.TrimRight(b, "\x00"))
		return dst, List | kind
	}
	size := fixedSize(typ)
	if typ == typeSize || typ == typeHandle {
		size = 8
		if len(b)%8 != 0 {
			size = 4
		}
	}
	for i := 0; len(b) > 0; i++ {
		n := size
		if typ == typeSID && len(b) >= 8 {
			n = 8 + 4*int(b[1])
		}
		if n <= 0 || n > len(b) {
			dst = dst[:start]
			return appendHexBytes(dst, b), String
		}
		if i > 0 {
			dst = append(dst, 0)
		}
		var k Kind
		if dst, k = appendValue(dst, typ, b[:n]); i == 0 {
			kind = k
		} else if k != kind {
			kind = String // a NaN among numbers
		}
		b = b[n:]
	}
	return dst, List | kind
}

// trimUTF16 cuts the NULs that some writers count as part of a string.
func trimUTF16(b []byte) []byte {
	n := len(b) &^ 1
	for n >= 2 && b[n-1] == 0 && b[n-2] == 0 {
		n -= 2
	}
	return b[:n]
}

func appendFloat(dst []byte, f float64, bits int) ([]byte, Kind) {
	kind := Number
	if math.IsNaN(f) || math.IsInf(f, 0) {
		kind = String
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits), kind
}

const upperHex = "0123456789ABCDEF"

func appendHex(dst []byte, v uint64) []byte {
	return strconv.AppendUint(append(dst, '0', 'x'), v, 16)
}

func appendHexBytes(dst, b []byte) []byte {
	for _, c := range b {
		dst = append(dst, upperHex[c>>4], upperHex[c&15])
	}
	return dst
}

func appendGUID(dst, b []byte) []byte {
	order := [...]int8{3, 2, 1, 0, -1, 5, 4, -1, 7, 6, -1, 8, 9, -1, 10, 11, 12, 13, 14, 15}
	var out [36]byte
	n := 0
	for _, i := range order {
		if i < 0 {
			out[n] = '-'
			n++
			continue
		}
		c := b[i]
		out[n], out[n+1] = upperHex[c>>4], upperHex[c&15]
		n += 2
	}
	return append(dst, out[:]...)
}

// appendSID appends a security identifier; see MS-DTYP 2.4.2.1 for the form.
func appendSID(dst, b []byte) []byte {
	if len(b) < 8 || len(b) != 8+4*int(b[1]) {
		return appendHexBytes(dst, b)
	}
	dst = append(dst, "S-"...)
	dst = strconv.AppendUint(dst, uint64(b[0]), 10)
	dst = append(dst, '-')
	authority := uint64(binary.BigEndian.Uint16(b[2:]))<<32 | uint64(binary.BigEndian.Uint32(b[4:]))
	if authority < 1<<32 {
		dst = strconv.AppendUint(dst, authority, 10)
	} else {
		dst = append(dst, "0x"...)
		for shift := 44; shift >= 0; shift -= 4 {
			dst = append(dst, upperHex[authority>>shift&15])
		}
	}
	for i := 8; i < len(b); i += 4 {
		dst = append(dst, '-')
		dst = strconv.AppendUint(dst, uint64(binary.LittleEndian.Uint32(b[i:])), 10)
	}
	return dst
}

// appendFileTime appends 100 ns units since 1601 as RFC 3339 in UTC with 7
// digits of a second, or 6, the seventh cut off.
func appendFileTime(dst, b []byte, digits int) ([]byte, Kind) {
	if len(b) != 8 {
		return appendHexBytes(dst, b), String
	}
	v := binary.LittleEndian.Uint64(b)
	const perDay = 24 * 60 * 60 * 10_000_000
	days, rest := v/perDay, v%perDay
	year, month, day := civil(days)
	dst = appendDate(dst, year, month, day)
	sec := rest / 10_000_000
	dst = appendClock(dst, uint(sec/3600), uint(sec/60%60), uint(sec%60))
	dst = append(dst, '.')
	frac := uint(rest % 10_000_000)
	if digits == 6 {
		frac /= 10
	}
	dst = appendPadded(dst, frac, digits)
	return append(dst, 'Z'), String
}

// civil converts days since 1601-01-01, the first day of a 400-year cycle of
// the Gregorian calendar, counting years from March so that the leap day is
// the last day of a year.
func civil(days uint64) (year, month, day uint) {
	days += 306 // since 1600-03-01
	cycle, d := days/146097, days%146097
	y := (d - d/1460 + d/36524 - d/146096) / 365
	d -= 365*y + y/4 - y/100
	m := (5*d + 2) / 153
	day = uint(d-(153*m+2)/5) + 1
	year = uint(1600 + 400*cycle + y)
	if m < 10 {
		return year, uint(m) + 3, day
	}
	return year + 1, uint(m) - 9, day
}

func appendSystemTime(dst, b []byte) []byte {
	le := binary.LittleEndian
	at := func(i int) uint { return uint(le.Uint16(b[2*i:])) } // i 2 is the weekday
	dst = appendDate(dst, at(0), at(1), at(3))
	dst = appendClock(dst, at(4), at(5), at(6))
	dst = append(dst, '.')
	dst = appendPadded(dst, at(7), 3)
	return append(dst, 'Z')
}

func appendDate(dst []byte, year, month, day uint) []byte {
	dst = appendPadded(dst, year, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, month, 2)
	dst = append(dst, '-')
	return appendPadded(dst, day, 2)
}

func appendClock(dst []byte, hour, minute, second uint) []byte {
	dst = append(dst, 'T')
	dst = appendPadded(dst, hour, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, minute, 2)
	dst = append(dst, ':')
	return appendPadded(dst, second, 2)
}

// appendPadded appends v with at least width digits.
func appendPadded(dst []byte, v uint, width int) []byte {
	var b [20]byte
	i := len(b)
	for v > 0 || len(b)-i < width {
		i--
		b[i] = '0' + byte(v%10)
		v /= 10
	}
	return append(dst, b[i:]...)
}

// textKind is the kind of a value that the XML itself holds as text.
func textKind(dest uint8, s string) Kind {
	if sysNumeric&(1<<dest) == 0 || s == "" || len(s) >= 20 || s[0] == '0' && len(s) > 1 {
		return String
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return String
		}
	}
	return Number
}
