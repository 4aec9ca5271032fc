package notification

import (
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
)

// Item is one thing a message tells.
type Item struct {
	Fact    string       `json:"fact"`
	Kind    string       `json:"kind"`
	Level   string       `json:"level"`
	Unit    event.UnitID `json:"unit"`
	Title   string       `json:"title"`
	TitleVi string       `json:"titleVi"`
	About   string       `json:"about,omitempty"`
	Object  string       `json:"object,omitempty"` // "alert:<id>"
	At      time.Time    `json:"at"`
}

// itemsKept is how many items a message shows; the rest is counted.
const itemsKept = 20

// pile is what waits for one receiver: the worst items, the oldest first among
// equals, and how many of each level there are.
type pile struct {
	Items  []Item         `json:"items"`
	Counts map[string]int `json:"counts"`
	Total  int            `json:"total"`
}

func (p *pile) add(it *Item) {
	if p.Counts == nil {
		p.Counts = map[string]int{}
	}
	p.Counts[it.Level]++
	p.Total++
	at, _ := slices.BinarySearchFunc(p.Items, rank(it.Level), func(x Item, r int) int {
		if rank(x.Level) >= r {
			return -1
		}
		return 1
	})
	if at >= itemsKept {
		return
	}
	p.Items = slices.Insert(p.Items, at, *it)
	p.Items = p.Items[:min(len(p.Items), itemsKept)]
}

// merge adds what q has.
func (p *pile) merge(q *pile) {
	for i := range q.Items {
		p.add(&q.Items[i])
	}
	for level, n := range q.Counts {
		shown := 0
		for i := range q.Items {
			if q.Items[i].Level == level {
				shown++
			}
		}
		p.Counts[level] += n - shown
		p.Total += n - shown
	}
}

func (p *pile) worst() string {
	if len(p.Items) == 0 {
		return levels[0]
	}
	return p.Items[0].Level
}

// bucket is a pile and where it goes.
type bucket struct {
	Channel  string
	Person   string // user id; "": no single person
	Address  string // for nobody with an account: a unit's duty mail; "": where the channel points
	Unit     event.UnitID
	Pile     pile
	FirstAt  time.Time
	DueAt    time.Time
	LastSent time.Time // the message before, zero for none
}

func (b *bucket) id() string {
	id := b.Channel + "|" + b.Person
	if b.Address != "" {
		id += "|" + b.Address + "|" + string(b.Unit)
	}
	return id
}

// when is the timing of a bucket.
type when struct {
	gather, pace time.Duration // see Config
	zone         *time.Location
}

const (
	urgentGather = 5 * time.Second
	urgentPace   = time.Minute
	stillComing  = 5 * time.Second // more that comes within holds a message back
	longestHold  = 2 * time.Minute
	urgentHold   = 20 * time.Second
)

// due sets when a bucket that just got more is to be sent. What is critical waits
// seconds, whatever the person chose; the rest waits for its gathering, the pause
// since the last message, a digest and quiet hours. While more keeps coming a
// message is held back a little, so that a flood is one message.
func (b *bucket) due(now time.Time, prefs *Preferences, w when) {
	fresh := b.FirstAt.IsZero()
	if fresh {
		b.FirstAt = now
	}
	urgent, longest := b.Pile.worst() == "critical", longestHold
	at := latest(b.FirstAt.Add(w.gather), b.LastSent.Add(w.pace))
	if urgent {
		longest = urgentHold
		at = latest(b.FirstAt.Add(urgentGather), b.LastSent.Add(urgentPace))
	} else if prefs != nil {
		at = prefs.earliest(at, w.zone)
	}
	if !fresh && b.DueAt.Before(at) {
		at = b.DueAt
	}
	if hold := now.Add(stillComing); at.Before(hold) {
		at = earlier(hold, latest(at, b.FirstAt.Add(longest)))
	}
	b.DueAt = at
}

// again sets when a bucket is due whose receiver chose other times meanwhile: as
// if everything in it had just come, but for its gathering.
func (b *bucket) again(now time.Time, prefs *Preferences, w when) {
	b.DueAt = latest(now, latest(b.FirstAt.Add(w.gather), b.LastSent.Add(w.pace)))
	if b.Pile.worst() != "critical" {
		b.DueAt = prefs.earliest(b.DueAt, w.zone)
	}
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
