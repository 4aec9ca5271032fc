package elastic

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"testing"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/input/inputtest"
)

func keyOf(s *seen, n int) key {
	return s.key([]byte("i"), binary.BigEndian.AppendUint32(nil, uint32(n)), nil)
}

func storeName(s *seen, unit event.UnitID, n int) {
	k := keyOf(s, n)
	s.claim(unit, k)
	s.settle(unit, []claimed{{0, k}}, func(claimed) bool { return true })
}

func TestSeenKeepsTheNewestOfAUnit(t *testing.T) {
	s := newSeen()
	s.perUnit = 1000
	for i := range 3 * s.perUnit {
		storeName(s, "a", i)
	}
	for i := 3*s.perUnit - s.perUnit/2; i < 3*s.perUnit; i++ {
		if !s.stored("a", keyOf(s, i)) {
			t.Fatalf("%d of the newest is forgotten", i)
		}
	}
	if s.stored("b", keyOf(s, 3*s.perUnit-1)) {
		t.Error("another unit has the name")
	}
	if s.total > s.perUnit || s.total != len(s.units["a"].young)+len(s.units["a"].old) {
		t.Errorf("%d names are kept", s.total)
	}
}

func TestSeenIsBoundedAndTheLargestPays(t *testing.T) {
	s := newSeen()
	s.perUnit, s.inAll = 1000, 8000
	storeName(s, "small", 1)
	for u := range 2 * s.inAll / s.perUnit {
		for i := range s.perUnit {
			storeName(s, event.UnitID(fmt.Sprint("u", u)), i)
		}
		total := 0
		for _, g := range s.units {
			total += len(g.young) + len(g.old)
		}
		if total > s.inAll || total != s.total {
			t.Fatalf("%d names are kept, %d are counted", total, s.total)
		}
	}
	if !s.stored("small", keyOf(s, 1)) {
		t.Error("a small unit paid")
	}
}

func TestAClaimThatFailsIsForgotten(t *testing.T) {
	s := newSeen()
	k := keyOf(s, 1)
	if fresh, _ := s.claim("a", k); !fresh {
		t.Fatal("not fresh")
	}
	if fresh, stored := s.claim("a", k); fresh || stored {
		t.Fatal("claimed twice")
	}
	s.settle("a", []claimed{{0, k}}, func(claimed) bool { return false })
	if fresh, _ := s.claim("a", k); !fresh || s.total != 1 {
		t.Fatalf("not fresh after a failure, %d names", s.total)
	}
}

// gate is a sink that stores when it is told to.
type gate struct {
	inputtest.Shelf
	entered, open chan struct{}
}

func (g *gate) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	g.entered <- struct{}{}
	<-g.open
	return g.Shelf.Put(ctx, b)
}

// TestARepetitionWhileTheFirstIsStored: a sender that gave up waiting sends again.
// Neither is it told that its document is stored before it is, nor stored twice.
func TestARepetitionWhileTheFirstIsStored(t *testing.T) {
	s := inputtest.Serve(t, Endpoint(), nil)
	g := &gate{entered: make(chan struct{}, 1), open: make(chan struct{})}
	srv := inputtest.Serve(t, Endpoint(), nil)
	h := Endpoint().Root(srv.Receiver.Into(g))
	s.Config.Handler = h
	body := []byte("{\"create\":{\"_id\":\"1\"}}\n{\"m\":1}\n")
	var wg sync.WaitGroup
	wg.Go(func() {
		if status, text, _ := ask(t, s, "POST", "/_bulk?filter_path=items.*.status", body); text != `{"items":[{"create":{"status":201}}]}` {
			t.Errorf("the first: %d %s", status, text)
		}
	})
	<-g.entered
	if _, text, _ := ask(t, s, "POST", "/_bulk?filter_path=items.*.status", body); text != `{"items":[{"create":{"status":429}}]}` {
		t.Errorf("the second: %s", text)
	}
	close(g.open)
	wg.Wait()
	if _, text, _ := ask(t, s, "POST", "/_bulk?filter_path=items.*.status", body); text != `{"items":[{"create":{"status":409}}]}` {
		t.Errorf("the third: %s", text)
	}
	if n := len(g.Records()); n != 1 {
		t.Errorf("%d records", n)
	}
}
