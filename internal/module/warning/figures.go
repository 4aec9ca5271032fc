package warning

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Pace is how fast warnings were dealt with. Times are from publication; a copy
// nobody acknowledged or fixed counts as late, not with a time.
type Pace struct {
	Copies       int64
	Acknowledged int64
	Fixed        int64 // answered as fixed, and settled
	LateAck      int64
	LateFix      int64
	AckMedian    time.Duration // 0: none
	AckP90       time.Duration
	FixMedian    time.Duration
	FixP90       time.Duration
}

// Figures are the paces of a time: of all, and of each unit, the slowest first.
type Figures struct {
	All    Pace
	Units  map[event.UnitID]Pace
	Order  []event.UnitID
	Capped bool // there were more copies than are counted
}

const maxFigures = 200_000 // copies

// Figures counts the copies sent in a time, drills apart. Errors: Denied, Invalid.
func (s *Service) Figures(ctx context.Context, from, to time.Time, drill bool) (Figures, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionWarningRead); err != nil {
		return Figures{}, err
	}
	if err := module.CheckRange(from, to, "query"); err != nil {
		return Figures{}, err
	}
	list, err := s.store.sentBetween(ctx, p, drill, from, to, maxFigures+1)
	if err != nil {
		return Figures{}, err
	}
	f := Figures{Units: map[event.UnitID]Pace{}, Capped: len(list) > maxFigures}
	list = list[:min(len(list), maxFigures)]
	by := map[event.UnitID][]Copy{}
	for i := range list {
		by[list[i].Unit] = append(by[list[i].Unit], list[i])
	}
	now := s.Now()
	f.All = paceOf(list, now)
	for u, copies := range by {
		f.Units[u] = paceOf(copies, now)
		f.Order = append(f.Order, u)
	}
	slices.SortFunc(f.Order, func(a, b event.UnitID) int {
		x, y := f.Units[a], f.Units[b]
		return cmp.Or(cmp.Compare(y.LateAck+y.LateFix, x.LateAck+x.LateFix), cmp.Compare(y.FixMedian, x.FixMedian), cmp.Compare(y.AckMedian, x.AckMedian), cmp.Compare(a, b))
	})
	return f, nil
}

func paceOf(list []Copy, now time.Time) Pace {
	p := Pace{Copies: int64(len(list))}
	var acks, fixes []time.Duration
	for i := range list {
		c := &list[i]
		if !c.AckAt.IsZero() {
			p.Acknowledged++
			acks = append(acks, c.AckAt.Sub(c.SentAt))
		}
		if c.Answer == Fixed && !c.Open {
			p.Fixed++
			fixes = append(fixes, c.FixedAt.Sub(c.SentAt))
		}
		if c.LateAck(now) {
			p.LateAck++
		}
		if c.LateFix(now) {
			p.LateFix++
		}
	}
	p.AckMedian, p.AckP90 = quantile(acks, 50), quantile(acks, 90)
	p.FixMedian, p.FixP90 = quantile(fixes, 50), quantile(fixes, 90)
	return p
}

// quantile returns the smallest of the times that percent of them do not exceed.
func quantile(list []time.Duration, percent int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[max(0, (len(list)*percent+99)/100-1)]
}
