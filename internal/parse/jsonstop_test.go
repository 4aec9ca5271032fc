package parse

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// stopsOf works out the stops byte by byte, by their definition.
func stopsOf(src []byte) (stops []uint64, ascii bool) {
	stops, ascii = make([]uint64, stopWords(len(src))), true
	escaped := false
	for i := range len(stops) * 64 {
		stop := true // behind the end
		if i < len(src) {
			c := src[i]
			ascii = ascii && c < 0x80
			switch {
			case c == '\\':
				stop = !escaped
				escaped = !escaped
			case c == '"':
				stop = !escaped
				escaped = false
			default:
				stop = c < ' '
				escaped = false
			}
		}
		if stop {
			stops[i/64] |= 1 << (i % 64)
		}
	}
	return stops, ascii
}

func checkStops(t *testing.T, src []byte) {
	t.Helper()
	want, ascii := stopsOf(src)
	got := make([]uint64, len(want))
	if is := markStops(got, src); is != ascii || !slices.Equal(got, want) {
		t.Fatalf("%q:\n got %064b, ASCII %v\nwant %064b, ASCII %v", src, got, is, want, ascii)
	}
	for i := range src {
		next := i
		for want[next/64]>>(next%64)&1 == 0 {
			next++
		}
		if n := nextStop(got, i); n != next {
			t.Fatalf("%q: the stop after %d is %d, want %d", src, i, n, next)
		}
	}
	whole := len(src) / 64
	for _, escaped := range []uint64{0, 1} {
		vector, plain := make([]uint64, whole), make([]uint64, whole)
		next1, all1 := markBlocks(vector, src[:whole*64], escaped)
		next2, all2 := markBlocksPortable(plain, src[:whole*64], escaped)
		if next1 != next2 || all1&highs == 0 != (all2&highs == 0) || !slices.Equal(vector, plain) {
			t.Fatalf("%q after %d: %b %d, portable %b %d", src, escaped, vector, next1, plain, next2)
		}
	}
}

// Runs of backslashes of every length, at every place, across every border.
func TestStopsOfBackslashRuns(t *testing.T) {
	for run := range 70 {
		for at := range 70 {
			src := slices.Concat(bytes.Repeat([]byte("a"), at), bytes.Repeat([]byte(`\`), run), []byte(`"b\"é`))
			checkStops(t, src)
		}
	}
}

func TestStopsOfRandomText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []byte("\\\\\\\\\"\"\x00\x1f !a\x7f\x80\xff")
	for range 5000 {
		src := make([]byte, r.IntN(300))
		for i := range src {
			src[i] = alphabet[r.IntN(len(alphabet))]
		}
		checkStops(t, src)
	}
}

func FuzzStops(f *testing.F) {
	f.Add([]byte(`{"a":"C:\\x\"\\\\","b":1}`))
	f.Fuzz(func(t *testing.T, src []byte) { checkStops(t, src) })
}

// unixDay must be what time.Date says, for every day and every day there is not.
func TestUnixDay(t *testing.T) {
	for y := range 10000 {
		for month := 1; month <= 12; month++ {
			for _, d := range []int{1, 15, 28, 29, 30, 31} {
				if got, want := unixDay(y, month, d)*86400, time.Date(y, time.Month(month), d, 0, 0, 0, 0, time.UTC).Unix(); got != want {
					t.Fatalf("%d-%d-%d: %d, want %d", y, month, d, got, want)
				}
			}
		}
	}
}
