package module

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strconv"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// Notes writes records about what changes nothing: a read of sensitive data, an
// attempt that was refused. Such things repeat, by themselves or on purpose, so
// the first of a kind is written at once and those that follow within
// notesWindow are counted into one record at its end.
type Notes struct {
	trail *Trail
	log   *slog.Logger
	now   func() time.Time
	mu    sync.Mutex
	open  map[[sha256.Size]byte]*noted
}

type noted struct {
	who    Principal
	entry  Entry
	since  time.Time
	repeat int64
}

const (
	notesWindow = 10 * time.Minute
	notesTick   = time.Minute
	// notesKept bounds how many kinds are told apart; beyond it kinds of one
	// action are one.
	notesKept = 4096
)

// NewNotes makes Notes over trail; app runs its worker.
func NewNotes(trail *Trail, log *slog.Logger, now func() time.Time) *Notes {
	return &Notes{trail: trail, log: log, now: now, open: map[[sha256.Size]byte]*noted{}}
}

// Write notes e in the name of ctx's principal. Repetitions are told by who,
// action, object and kind. A record that cannot be written is an error: who may
// not be told of must not be let in.
func (n *Notes) Write(ctx context.Context, e Entry, kind string) error {
	who := PrincipalOf(ctx)
	key := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %q", who.Name, who.Address, e.Action, e.Object, kind))
	n.mu.Lock()
	at, seen := n.open[key]
	if !seen && len(n.open) >= notesKept {
		key = sha256.Sum256([]byte(e.Action))
		if at, seen = n.open[key]; !seen {
			who, e = Principal{Name: "many"}, Entry{Action: e.Action, Object: "many"}
			ctx = WithPrincipal(ctx, who)
		}
	}
	if seen {
		at.repeat++
		n.mu.Unlock()
		return nil
	}
	n.open[key] = &noted{who: who, entry: e, since: n.now()}
	n.mu.Unlock()
	err := n.append(ctx, e)
	if err != nil {
		n.mu.Lock()
		delete(n.open, key)
		n.mu.Unlock()
	}
	return err
}

func (n *Notes) append(ctx context.Context, e Entry) error {
	return n.trail.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error { return n.trail.Append(ctx, tx, e) })
}

// Run writes the counts of windows that are over, and of all at the end of ctx.
func (n *Notes) Run(ctx context.Context) error {
	tick := time.NewTicker(notesTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			n.flush(context.WithoutCancel(ctx), true)
			return nil
		case <-tick.C:
			n.flush(ctx, false)
		}
	}
}

func (n *Notes) flush(ctx context.Context, all bool) {
	now := n.now()
	var due []*noted
	n.mu.Lock()
	for key, at := range n.open {
		if all || now.Sub(at.since) >= notesWindow {
			delete(n.open, key)
			if at.repeat > 0 {
				due = append(due, at)
			}
		}
	}
	n.mu.Unlock()
	for _, at := range due {
		e := at.entry
		e.Detail = maps.Clone(e.Detail)
		if e.Detail == nil {
			e.Detail = map[string]string{}
		}
		e.Detail["repeated"] = strconv.FormatInt(at.repeat, 10)
		if err := n.append(WithPrincipal(ctx, at.who), e); err != nil {
			n.log.ErrorContext(ctx, "audit: repetitions not written", "action", e.Action, "repeated", at.repeat, "error", err)
		}
	}
}

// outside marks an answer "no such thing" that stands for one the caller may not
// know of.
type outside struct{ error }

func (o outside) Unwrap() error { return o.error }

// Outside marks err, a fault.NotFound, as the answer about an object that exists
// out of the caller's reach. The caller cannot tell; the trail is told.
func Outside(err error) error { return outside{err} }

// IsOutside tells whether err was marked by [Outside].
func IsOutside(err error) bool {
	_, ok := errors.AsType[outside](err)
	return ok
}
