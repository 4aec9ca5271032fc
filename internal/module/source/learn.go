package source

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/sqldb"
)

// learn takes up the hours that are complete.
func (s *Service) learn(ctx context.Context, now time.Time, out []span) error {
	end := now.Add(-closeAfter).Truncate(bucketWidth)
	for {
		list, err := s.store.joined(ctx, s.store.db, true, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("h.learned_to < ?", sqldb.MicrosOf(end)).OrderExpr("s.unit, s.input, s.peer, s.host, s.format").Limit(learnChunk)
		})
		if err != nil || len(list) == 0 {
			return err
		}
		if len(list) == learnChunk {
			list = wholeSenders(list)
		}
		changed := make([]*health, len(list))
		for first := 0; first < len(list); {
			n := 1
			for first+n < len(list) && list[first+n].sender() == list[first].sender() {
				n++
			}
			learnSender(list[first:first+n], end, now, out, s.zone)
			first += n
		}
		for i := range list {
			if err := list[i].close(); err != nil {
				return err
			}
			changed[i] = &list[i]
		}
		if err := s.store.update(ctx, changed, learned); err != nil {
			return err
		}
	}
}

// wholeSenders leaves out the last sender, of which there may be more, unless it
// is the only one.
func wholeSenders(list []health) []health {
	n := len(list)
	for n > 0 && list[n-1].sender() == list[len(list)-1].sender() {
		n--
	}
	if n == 0 {
		return list
	}
	return list[:n]
}

// learnSender takes up the hours before end, of all formats of one sender.
func learnSender(formats []health, end, now time.Time, out []span, zone *time.Location) {
	hours := 0
	for i := range formats {
		hours = max(hours, formats[i].learnHours(end, out, zone))
		formats[i].healthRow.VolumeSince = since(formats[i].healthRow.VolumeSince, formats[i].volume.on, now)
	}
	// What is not understood stands apart, under no format.
	for i := range formats {
		u := &formats[i]
		if u.Format != "" || finite(u.Input) {
			continue
		}
		for at := recentHours - min(hours, recentHours); at < recentHours; at++ {
			var one, last [2]int64
			for j := range formats {
				for back := range min(shareHours, at+1) {
					h := formats[j].recent[at-back]
					last[0], last[1] = last[0]+int64(h.events), last[1]+int64(h.unparsed)
					if back == 0 {
						one[0], one[1] = one[0]+int64(h.events), one[1]+int64(h.unparsed)
					}
				}
			}
			u.share.see(one[0], one[1], last[0], last[1])
		}
		u.healthRow.UnparsedSince = since(u.healthRow.UnparsedSince, u.share.on, now)
	}
}

// since keeps when something began, or forgets it.
func since(before sqldb.Micros, on bool, now time.Time) sqldb.Micros {
	switch {
	case !on:
		return 0
	case before != 0:
		return before
	}
	return sqldb.MicrosOf(now)
}

// learnHours takes up the hours before end and returns how many there were.
func (h *health) learnHours(end time.Time, out []span, zone *time.Location) (n int) {
	from := h.healthRow.LearnedTo.Time()
	if oldest := end.Add(-recentHours * bucketWidth); from.Before(oldest) {
		from = oldest
	}
	for at := from; at.Before(end); at = at.Add(bucketWidth) {
		n++
		var events, unparsed, paused int64
		var to sqldb.Micros
		switch sqldb.MicrosOf(at) {
		case h.Hour:
			events, unparsed, paused, to = h.HourEvents, h.HourUnparsed, h.HourPause, h.HourPausedTo
		case h.PrevHour:
			events, unparsed, paused, to = h.PrevEvents, h.PrevUnparsed, h.PrevPause, h.PrevPausedTo
		}
		h.recent.push(events, unparsed)
		b := bucketOf(at, zone)
		if finite(h.Input) || touches(out, span{at, at.Add(bucketWidth)}) {
			continue
		}
		if paused > 0 {
			h.rhythm.learn(h.profile, pauseOf(paused, to), out, zone)
		}
		h.rhythm.forget(h.profile.hours)
		if h.healthRow.SilentSince != 0 && sqldb.MicrosOf(at.Add(bucketWidth)) > h.LastSeen {
			// A silence is not usual; but until it is known what is, it may be a
			// weekend that is seen for the first time.
			if h.profile.buckets[b].n < learnSilence {
				h.profile.learn(b, events)
			}
			continue
		}
		if h.volume.see(h.profile, b, events) {
			h.profile.learn(b, events)
		}
	}
	h.healthRow.LearnedTo = sqldb.MicrosOf(end)
	if h.healthRow.SilentSince == 0 {
		h.healthRow.DueFor = 0 // what is expected has changed
	}
	return n
}
