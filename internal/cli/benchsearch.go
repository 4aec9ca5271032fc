package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// searchLoad is people who search while events come in, one question after the
// other each.
type searchLoad struct {
	took []time.Duration
	busy int // questions refused for want of memory or time
}

// searchers at a time; a small team.
const searchers = 2

// asked are what they ask for, over the last day.
var asked = []struct{ path, query string }{
	{"search", ""},
	{"search", "User:*cb000*"},
	{"search", "khongcodauca"},
	{"search", "CommandLine:*powershell*"},
	{"search/table", "| stats count() by EventID"},
	{"search/table", "| top 10 Image"},
	{"search/table", "| timechart 5m by host"},
}

// run asks until ctx ends.
func (l *searchLoad) run(ctx context.Context, server *benchServer) error {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var bad error
	for i := range searchers {
		wg.Go(func() {
			for n := i * 3; ctx.Err() == nil; n++ {
				q := asked[n%len(asked)]
				begun := time.Now()
				err := server.search(ctx, q.path, q.query)
				took := time.Since(begun)
				mu.Lock()
				switch {
				case ctx.Err() != nil:
				case err != nil:
					l.busy++
					bad = fmt.Errorf("bench: %s %q: %w", q.path, q.query, err)
				default:
					l.took = append(l.took, took)
				}
				mu.Unlock()
				pause(ctx, 50*time.Millisecond) // people read what they found
			}
		})
	}
	wg.Wait()
	slices.Sort(l.took)
	if len(l.took) == 0 {
		return bad
	}
	return nil
}

func (b *benchServer) search(ctx context.Context, path, query string) error {
	now := time.Now()
	body, err := json.Marshal(map[string]any{"query": query, "from": now.Add(-24 * time.Hour).UTC(), "to": now.Add(time.Hour).UTC()})
	if err != nil {
		return err
	}
	res, err := b.api.do(ctx, http.MethodPost, "api/v1/"+path, nil, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return err
}
