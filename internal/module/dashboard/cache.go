package dashboard

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/lachan-vn/lachan/internal/module"
)

// cache keeps figures for a short while, so that two hundred consoles that show a
// board cost as much as one.
//
// The key of a figure names everything it depends on: the units its reader sees,
// the kind with its settings, the period as written. Who may read it is checked
// before the cache is asked. Of several readers who miss at the same time one makes
// the figure and the others wait for it. Errors are kept for a moment too: a figure
// that takes too long is not tried again by every console.
type cache struct {
	now    func() time.Time
	flight singleflight.Group
	mu     sync.Mutex
	kept   map[string]kept
}

type kept struct {
	figure *Figure
	err    error
	at     time.Time
	until  time.Time
}

const (
	maxKept   = 2000
	leastKept = 10 * time.Second
	mostKept  = 5 * time.Minute
)

// keepFor is how long a figure over a time is good: the 2,880th part of it.
func keepFor(length time.Duration) time.Duration {
	return min(max(length/2880, leastKept), mostKept)
}

// keyOf names a figure. A long list of units is told by its hash.
func keyOf(p module.Principal, parts ...any) (string, error) {
	reach := []string{"all"}
	if !p.AllUnits() {
		reach = []string{}
		for _, u := range p.Reach() {
			reach = append(reach, string(u))
		}
		slices.Sort(reach)
	}
	text, err := json.Marshal([]any{reach, parts})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// get returns the figure of a key, from the cache if it is not older than most, or
// as made by make.
func (c *cache) get(ctx context.Context, key string, most, keep time.Duration, count func(context.Context) (*Figure, error)) (*Figure, error) {
	for {
		if k, ok := c.look(key, most); ok {
			return k.figure, k.err
		}
		mine := false
		v, err, _ := c.flight.Do(key, func() (any, error) {
			mine = true
			f, err := count(ctx)
			if f != nil {
				f.At = c.now()
			}
			// Whose reader went away says nothing of the figure.
			if ctx.Err() == nil || errors.Is(context.Cause(ctx), errSlow) {
				c.put(key, f, err, keep)
			}
			return f, err
		})
		if err != nil && !mine && ctx.Err() == nil && errors.Is(err, context.Canceled) {
			continue // the reader who made it went away; make it ourselves
		}
		f, _ := v.(*Figure)
		return f, err
	}
}

func (c *cache) look(key string, most time.Duration) (kept, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.kept[key]
	now := c.now()
	return k, ok && now.Before(k.until) && now.Sub(k.at) <= most
}

func (c *cache) put(key string, f *Figure, err error, keep time.Duration) {
	now := c.now()
	if err != nil {
		keep = leastKept
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= maxKept {
		for k, v := range c.kept {
			if !now.Before(v.until) {
				delete(c.kept, k)
			}
		}
		if len(c.kept) >= maxKept {
			clear(c.kept)
		}
	}
	c.kept[key] = kept{f, err, now, now.Add(keep)}
}
