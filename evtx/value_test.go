package evtx

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

func TestValues(t *testing.T) {
	guid := []byte{0x72, 0xBB, 0x5A, 0x36, 0xCC, 0x7A, 0xC4, 0x5C, 0, 0, 0, 0x10, 0xB2, 0x47, 3, 0}
	sid := []byte{1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0}
	minus := uint64(math.MaxUint64 - 4) // -5
	list := func(items Kind) Kind { return List | items }
	for _, c := range []struct {
		typ  uint8
		data []byte
		want string
		kind Kind
	}{
		{typeNull, nil, "", Null},
		{typeString, wide("Lá Chắn 🛡"), "Lá Chắn 🛡", String},
		{typeString, wide("padded\x00\x00"), "padded", String},
		{typeString, wide("ends in space "), "ends in space ", String},
		{typeString, []byte{0x00, 0xD8, 'a', 0}, "\uFFFDa", String},
		{typeString, []byte{'a', 0, 0x00, 0xDC}, "a\uFFFD", String},
		{typeString, []byte{'a', 0, 'b'}, "a", String},
		{typeXML, wide("<x/>"), "<x/>", String},
		{typeANSI, []byte("plain\x00"), "plain", String},
		{typeANSI, []byte("ch\u1eafn"), "chắn", String},
		{typeANSI, []byte{'c', 'a', 'f', 0xE9, ' ', 0x80}, "café €", String},
		{typeInt8, []byte{0xFB}, "-5", Number},
		{typeUint8, []byte{0xFB}, "251", Number},
		{typeInt16, le16(uint16(minus & 0xFFFF)), "-5", Number},
		{typeUint16, le16(0xFFFB), "65531", Number},
		{typeInt32, le32(0xFFFFFFFB), "-5", Number},
		{typeUint32, le32(0xFFFFFFFB), "4294967291", Number},
		{typeInt64, le64(minus), "-5", Number},
		{typeUint64, le64(math.MaxUint64), "18446744073709551615", Number},
		{typeFloat, le32(math.Float32bits(0.1)), "0.1", Number},
		{typeDouble, le64(math.Float64bits(-2.5e300)), "-2.5e+300", Number},
		{typeDouble, le64(math.Float64bits(math.NaN())), "NaN", String},
		{typeFloat, le32(math.Float32bits(float32(math.Inf(1)))), "+Inf", String},
		{typeBool, le32(1), "true", Bool},
		{typeBool, le32(0), "false", Bool},
		{typeBinary, []byte{0, 0xAB}, "00AB", String},
		{typeGUID, guid, "365ABB72-7ACC-5CC4-0000-0010B2470300", String},
		{typeSize, le32(0x1f), "0x1f", String},
		{typeSize, le64(0xABC), "0xabc", String},
		{typeFileTime, le64(testTime), "2019-04-17T18:40:00.1234567Z", String},
		{typeFileTime, le64(0), "1601-01-01T00:00:00.0000000Z", String},
		{typeSystemTime, []byte{0xE3, 7, 4, 0, 6, 0, 27, 0, 15, 0, 57, 0, 25, 0, 8, 0}, "2019-04-27T15:57:25.008Z", String},
		{typeSID, sid, "S-1-5-32-544", String},
		{typeSID, []byte{1, 1, 1, 0, 0, 0, 0, 5, 18, 0, 0, 0}, "S-1-0x010000000005-18", String},
		{typeHex32, le32(0x3e7), "0x3e7", String},
		{typeHex64, le64(0x8000000000000000), "0x8000000000000000", String},
		{typeHex64, le64(0), "0x0", String},
		{typeHandle, le64(0x40), "0x40", String},

		{typeString | arrayBit, wide("a\x00b\x00"), "a\x00b", list(String)},
		{typeString | arrayBit, wide("a\x00\x00b\x00\x00\x00"), "a\x00\x00b", list(String)},
		{typeString | arrayBit, wide("only"), "only", list(String)},
		{typeUint16 | arrayBit, []byte{1, 0, 2, 0}, "1\x002", list(Number)},
		{typeBool | arrayBit, append(le32(1), le32(0)...), "true\x00false", list(Bool)},
		{typeGUID | arrayBit, guid, "365ABB72-7ACC-5CC4-0000-0010B2470300", list(String)},
		{typeSID | arrayBit, append(sid[:len(sid):len(sid)], sid...), "S-1-5-32-544\x00S-1-5-32-544", list(String)},
		{typeHex32 | arrayBit, append(le32(1), le32(2)...), "0x1\x000x2", list(String)},
		{typeXML | arrayBit, wide("<a/>\x00<b/>\x00"), "<a/>\x00<b/>", list(String)},
		{typeANSI | arrayBit, []byte("a\x00b\x00\x00"), "a\x00b", list(String)},
		{typeInt8 | arrayBit, []byte{0xFF, 1}, "-1\x001", list(Number)},
		{typeUint8 | arrayBit, []byte{0xFF, 1}, "255\x001", list(Number)},
		{typeInt16 | arrayBit, []byte{0xFF, 0xFF, 1, 0}, "-1\x001", list(Number)},
		{typeInt32 | arrayBit, append(le32(0xFFFFFFFF), le32(1)...), "-1\x001", list(Number)},
		{typeUint32 | arrayBit, append(le32(0xFFFFFFFF), le32(1)...), "4294967295\x001", list(Number)},
		{typeInt64 | arrayBit, append(le64(minus), le64(1)...), "-5\x001", list(Number)},
		{typeUint64 | arrayBit, append(le64(minus), le64(1)...), "18446744073709551611\x001", list(Number)},
		{typeFloat | arrayBit, append(le32(math.Float32bits(0.5)), le32(math.Float32bits(2))...), "0.5\x002", list(Number)},
		{typeDouble | arrayBit, append(le64(math.Float64bits(math.NaN())), le64(math.Float64bits(1))...), "NaN\x001", list(String)},
		{typeDouble | arrayBit, append(le64(math.Float64bits(1)), le64(math.Float64bits(math.NaN()))...), "1\x00NaN", list(String)},
		{typeSize | arrayBit, append(le64(1), le64(2)...), "0x1\x000x2", list(String)},
		{typeSize | arrayBit, le32(1), "0x1", list(String)},
		{typeHandle | arrayBit, le64(0x40), "0x40", list(String)},
		{typeFileTime | arrayBit, append(le64(testTime), le64(0)...), "2019-04-17T18:40:00.1234567Z\x001601-01-01T00:00:00.0000000Z", list(String)},
		{typeSystemTime | arrayBit, []byte{0xE3, 7, 4, 0, 6, 0, 27, 0, 15, 0, 57, 0, 25, 0, 8, 0}, "2019-04-27T15:57:25.008Z", list(String)},
		{typeHex64 | arrayBit, append(le64(0x3e7), le64(0)...), "0x3e7\x000x0", list(String)},
		{typeBinary | arrayBit, []byte{0xAB, 0xCD}, "ABCD", String}, // nothing says where an item ends

		// What does not fit its type is kept as it is.
		{typeUint32, []byte{1, 2}, "0102", String},
		{typeGUID, []byte{1}, "01", String},
		{typeSID, []byte{1, 9, 0}, "010900", String},
		{typeSize, []byte{1, 2, 3}, "010203", String},
		{typeUint32 | arrayBit, []byte{1, 0, 0, 0, 2}, "02", String},
		{0x7F, []byte{1, 2}, "0102", String},
	} {
		got, kind := appendValue([]byte("before "), c.typ, c.data)
		if string(got) != "before "+c.want || kind != c.kind {
			t.Errorf("type 0x%02x % x: %q kind %#x, want %q kind %#x", c.typ, c.data, got[7:], kind, c.want, c.kind)
		}
	}
}

// Every day from 1601 to 2401 and the largest time there is, against the
// standard library.
func TestFileTimeIsCalendarTime(t *testing.T) {
	check := func(v uint64) {
		got, _ := appendFileTime(nil, le64(v), 7)
		if want := fileTime(v).Format("2006-01-02T15:04:05.0000000Z"); string(got) != want {
			t.Fatalf("%d: %s, want %s", v, got, want)
		}
	}
	const perDay = uint64(24 * time.Hour / 100)
	for day := range uint64(2 * 146097) {
		check(day*perDay + day*1_234_567%perDay)
	}
	check(math.MaxUint64)
}

func FuzzUTF16(f *testing.F) {
	f.Add([]byte("a\x00b\x00"))
	f.Add(wide("ASCII, Lá Chắn, 🛡 and more"))
	f.Add([]byte{0, 0xD8, 0, 0xD8, 0, 0xDC})
	f.Fuzz(func(t *testing.T, b []byte) {
		var units []uint16
		for i := 0; i+1 < len(b); i += 2 {
			units = append(units, binary.LittleEndian.Uint16(b[i:]))
		}
		want := string(utf16.Decode(units))
		got := string(appendUTF16(nil, b))
		if got != want || !utf8.ValidString(got) {
			t.Errorf("% x: %q, want %q", b, got, want)
		}
		var back string
		if err := json.Unmarshal(appendQuoted(nil, got), &back); err != nil || back != got {
			t.Errorf("%q as JSON: %q, %v", got, back, err)
		}
	})
}
