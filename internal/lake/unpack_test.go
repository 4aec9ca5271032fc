package lake

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Values read all at once are those read one by one.
func TestUnpackEqualsReadingOneByOne(t *testing.T) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 21))
	for range 2000 {
		width := r.IntN(21)
		v := make([]uint32, r.IntN(300))
		for i := range v {
			if i > 0 && r.IntN(4) > 0 {
				v[i] = v[i-1]
			} else {
				v[i] = r.Uint32() & (1<<width - 1)
			}
		}
		b := appendHybrid(nil, v, width)
		one, all := newHybrid(b, width), newHybrid(b, width)
		got := make([]uint32, len(v))
		if !all.unpack(got) {
			t.Fatalf("width %d: %v was not read", width, v)
		}
		for i := range v {
			if x := one.at(i); x != v[i] || got[i] != v[i] {
				t.Fatalf("width %d: value %d of %v is %d, read alone %d, with all %d", width, i, v, v[i], x, got[i])
			}
		}
		if short := newHybrid(b[:r.IntN(len(b)+1)], width); short.unpack(make([]uint32, len(v)+8)) {
			t.Fatalf("width %d: %d values and more from the bytes of %d", width, len(v)+8, len(v))
		}
	}
}

// A column read as a whole is the one read row by row.
func TestWholeColumnsEqualSingleRows(t *testing.T) {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 22))
	l := openLake(t, openSQLite(t))
	fill(t, l, randomEvents(r, 3000, time.Hour), 1500)
	for _, s := range l.segments {
		sr, err := l.open(s)
		if err != nil {
			t.Fatal(err)
		}
		rows := make([]uint32, s.rows)
		for i := range rows {
			rows[i] = uint32(i)
		}
		for col := range sr.meta.Schema[1:] {
			if col == colID || col == colTime || col == colReceived || col == colSkewed {
				continue
			}
			var all, some cells
			if err := sr.texts(0, col, rows, &all); err != nil {
				t.Fatal(err)
			}
			few := slices.DeleteFunc(slices.Clone(rows), func(uint32) bool { return r.IntN(3) == 0 })
			if err := sr.texts(0, col, few, &some); err != nil {
				t.Fatal(err)
			}
			text := func(c *cells, i int) string {
				if c.ids[i] == 0 {
					return "absent"
				}
				return "=" + string(c.dict.get(c.ids[i]-1))
			}
			for i, row := range few {
				if a, b := text(&all, int(row)), text(&some, i); a != b {
					t.Fatalf("%s, row %d: %q with all, %q among some", sr.meta.Schema[1+col].Name, row, a, b)
				}
			}
		}
		if err := sr.close(); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkUnpack(b *testing.B) {
	v := make([]uint32, pageRows)
	for i := range v {
		v[i] = uint32(i*7919) % 3000
	}
	src := appendHybrid(nil, v, 12)
	b.Run("all", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(pageRows)
		for b.Loop() {
			h := newHybrid(src, 12)
			h.unpack(v)
		}
	})
	b.Run("each", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(pageRows)
		for b.Loop() {
			h := newHybrid(src, 12)
			for i := range v {
				v[i] = h.at(i)
			}
		}
	})
}
