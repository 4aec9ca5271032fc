package lake

import (
	"bytes"
	"io/fs"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/query"
)

// memoryFile is a segment that never was on a disk.
type memoryFile struct{ *bytes.Reader }

func (memoryFile) Close() error               { return nil }
func (memoryFile) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }

// Whatever the bytes of a segment are, a search ends with an answer or an error.
func FuzzScanDamaged(f *testing.F) {
	l := openLake(f, openSQLite(f))
	fill(f, l, recordEvents(rand.New(rand.NewPCG(4, 4)), 200), 200)
	fill(f, l, randomEvents(rand.New(rand.NewPCG(4, 4)), 200, time.Hour), 200)
	l.now = func() time.Time { return epoch.AddDate(0, 2, 0) }
	compactAll(f, l)
	var seg *segment
	for _, s := range l.segments {
		if seg == nil || s.rows > seg.rows {
			seg = s
		}
	}
	whole, err := os.ReadFile(l.path(seg))
	if err != nil {
		f.Fatal(err)
	}
	var roots []*predicate
	for _, text := range []string{"root", `"\"user\":\"ro"`, "User:root", "Image:*cmd*", "NOT note:[1 TO 5000]", "~ro+t", "raw:*image*", "_exists_:port", "id:*7", "received:>2026-11-20", "skewed:true OR unit:so-*", "host:web01"} {
		roots = append(roots, compile(mustParse(f, text).Root))
	}
	roots = append(roots, compile(query.Any{Test: func(v string) bool { return v == "root" }}), nil)
	r := rand.New(rand.NewPCG(5, 5))
	for range 40 {
		f.Add(r.Uint32(), uint16(1<<r.IntN(8)), byte(r.Uint32()), r.Uint32())
	}
	f.Fuzz(func(t *testing.T, at uint32, n uint16, with byte, other uint32) {
		b := bytes.Clone(whole)
		for i := range int(n%64) + 1 {
			b[(int(at)+i)%len(b)] ^= with + byte(i)
		}
		b[int(other)%len(b)] ^= with | 1
		o, err := newOpenSegment(seg, memoryFile{bytes.NewReader(b)})
		if err != nil {
			return
		}
		x := l.scans.New().(*groupScan)
		for group := range o.meta.RowGroups {
			for _, root := range roots {
				x.enter(o, group)
				p := &plan{l: l, scope: ScopeUnits(randomUnits[0], randomUnits[1]), where: root}
				_ = x.visit(p, epoch.UnixMicro(), epoch.Add(time.Hour).UnixMicro(), func(in bitmap) error {
					_, err := x.readRows(in.appendRows(nil), everything)
					return err
				})
			}
		}
	})
}
