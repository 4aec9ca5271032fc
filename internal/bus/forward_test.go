package bus_test

import (
	"testing"

	"github.com/lachan-vn/lachan/internal/bus"
	"github.com/lachan-vn/lachan/internal/bus/bustest"
	"github.com/lachan-vn/lachan/internal/fault"
)

func openForward(t *testing.T, dir string) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), bus.Options{Dir: dir, Config: config(), Log: testLog(t), Forward: true})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func putN(t *testing.T, b *bus.Bus, n int) (seqs []uint64) {
	t.Helper()
	for i := range n {
		seq, err := b.Put(t.Context(), bustest.Batch(i, 1, 20))
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, seq)
	}
	return seqs
}

// all reads the whole spool by Next.
func all(t *testing.T, b *bus.Bus) (out []bus.Stored) {
	t.Helper()
	for from := uint64(1); ; {
		s, err := b.Next(t.Context(), from)
		if fault.KindOf(err) == fault.NotFound {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
		from = s.Origin.Seq + 1
	}
}

func numbersOf(blocks []bus.Stored) (out []uint64) {
	for _, s := range blocks {
		out = append(out, s.Origin.Seq)
	}
	return out
}

func same(a []uint64, b ...uint64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestRemovedBlocksAreGoneAndTheOthersStay(t *testing.T) {
	dir := t.TempDir()
	b := openForward(t, dir)
	putN(t, b, 10)
	// At the front, in the middle, one twice, one that never was.
	for _, seqs := range [][]uint64{{2, 1, 3}, {6, 7}, {7}, {99}, nil} {
		if err := b.Remove(t.Context(), seqs); err != nil {
			t.Fatalf("Remove %v: %v", seqs, err)
		}
	}
	if got := numbersOf(all(t, b)); !same(got, 4, 5, 8, 9, 10) {
		t.Fatalf("left: %v", got)
	}
	c, err := b.Contents(t.Context())
	if err != nil || c.First != 4 || c.Last != 10 || c.Blocks != 5 || c.Oldest.IsZero() || c.Free == 0 {
		t.Errorf("contents %+v, %v", c, err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = openForward(t, dir)
	if got := numbersOf(all(t, b)); !same(got, 4, 5, 8, 9, 10) {
		t.Errorf("left after reopening: %v", got)
	}
	if err := b.Remove(t.Context(), []uint64{4, 5, 8, 9, 10}); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Contents(t.Context()); err != nil || c.Blocks != 0 || !c.Oldest.IsZero() || c.Last != 10 {
		t.Errorf("an empty spool: %+v, %v", c, err)
	}
	if seqs := putN(t, b, 1); !same(seqs, 11) {
		t.Errorf("the next block is %v, want 11", seqs)
	}
}

func TestEveryRunOfTheProcessNamesItsBlocks(t *testing.T) {
	dir := t.TempDir()
	b := openForward(t, dir)
	putN(t, b, 2)
	b.Close()
	b = openForward(t, dir)
	putN(t, b, 1)
	got := all(t, b)
	if len(got) != 3 || got[0].Origin.Run == "" || got[0].Origin.Run != got[1].Origin.Run || got[1].Origin.Run == got[2].Origin.Run {
		t.Errorf("origins %+v", got)
	}
}
