//go:build clients

package clients

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

// acks are the numbers that a client was told are stored.
type acks struct {
	mu sync.Mutex
	m  map[int]bool
}

func (a *acks) add(first, count int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.m == nil {
		a.m = map[int]bool{}
	}
	for i := range count {
		a.m[first+i] = true
	}
}

// all is what a client with a queue says when the queue is empty: everything was taken.
func all() *acks {
	a := &acks{}
	a.add(0, events)
	return a
}

// result is a line of the table.
type result struct {
	client                      string
	sent, acked, found, doubled int
	acknowledges                bool
}

var (
	resultsMu sync.Mutex
	results   []result
)

// check compares what the client knows with what is stored. Without acks the protocol
// has no acknowledgement: what the server says it took must be there, once. doubles
// says that the protocol lets a batch come twice when its answer is lost.
func (c *centre) check(client string, sent int, told *acks, doubles bool) {
	c.t.Helper()
	found := c.found()
	r := result{client: client, sent: sent, found: len(found), acknowledges: told != nil}
	for i, n := range found {
		if n > 1 {
			r.doubled++
		}
		if i >= events {
			c.t.Errorf("number %d was never sent", i)
		}
	}
	if told != nil {
		r.acked = len(told.m)
		missing := 0
		for i := range told.m {
			if found[i] == 0 {
				missing++
			}
		}
		if missing > 0 {
			c.t.Errorf("%d acknowledged events are missing", missing)
		}
		if r.acked == 0 {
			c.t.Error("nothing was acknowledged")
		}
	}
	if c.stored < c.took {
		c.t.Errorf("the server took %d records, %d are stored", c.took, c.stored)
	}
	if r.doubled > 0 && !doubles {
		c.t.Errorf("%d events are stored twice", r.doubled)
	}
	if r.found == 0 {
		c.t.Error("nothing is stored")
	}
	c.t.Log(r)
	c.t.Logf("not stored: %s", gaps(found))
	resultsMu.Lock()
	defer resultsMu.Unlock()
	results = append(results, r)
}

// gaps names the numbers that are not stored, to see when they were lost.
func gaps(found map[int]int) string {
	var b strings.Builder
	for i := 0; i < events; i++ {
		first := i
		for i < events && found[i] == 0 {
			i++
		}
		if i > first && b.Len() < 400 {
			fmt.Fprintf(&b, "%d-%d ", first, i-1)
		}
	}
	return b.String()
}

func (r result) String() string {
	acked, lost := "–", r.sent-r.found
	if r.acknowledges {
		acked = fmt.Sprint(r.acked)
	}
	return fmt.Sprintf("| %s | %d | %s | %d | %d | %d |", r.client, r.sent, acked, r.found, r.doubled, lost)
}

func TestMain(m *testing.M) {
	code := m.Run()
	var b strings.Builder
	b.WriteString("\n| client | sent | acknowledged | found | doubled | lost in the socket |\n|---|---|---|---|---|---|\n")
	for _, r := range results {
		fmt.Fprintln(&b, r)
	}
	fmt.Println(b.String())
	os.Exit(code)
}
