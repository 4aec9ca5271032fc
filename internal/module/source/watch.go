package source

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

const (
	lookEvery = time.Minute
	// deafAfter is how long nobody may have looked before the time counts as an
	// outage: the node was down, or the machine slept.
	deafAfter = 3 * time.Minute
	// resumeGrace is what senders have to come back after an outage.
	resumeGrace = 10 * time.Minute
	outagesKept = 30 * 24 * time.Hour
	// closeAfter is how long after its end an hour is complete.
	closeAfter = 3 * time.Minute
	learnChunk = 500
	// learnSilence is in how many weeks an hour is learned although the source was
	// silent.
	learnSilence = 4
	judgeChunk   = 1000
	// partlyHours is how well a format must be known before its silence matters
	// while its sender goes on with others: two weeks.
	partlyHours = 2 * weekHours
	// A clock is a problem after skewAfter, if batches far apart agree.
	skewAfter = 15 * time.Minute
	skewApart = 10 * time.Minute
	// A measurement of the disks is kept once an hour.
	measureEvery = time.Hour
	// heardAfter is when a source that should be silent counts as heard.
	heardAfter = 5 * time.Minute
)

// runWatch looks once a minute.
func (s *Service) runWatch(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// look learns what is complete, judges what is due, and raises and settles
// signals. Everything it concludes is stored before it is told, so that it may be
// stopped at any moment.
func (s *Service) look(ctx context.Context) error {
	now := s.now()
	out, behind, err := s.hearing(ctx, now)
	if err != nil {
		return err
	}
	if err := s.store.nameAll(ctx); err != nil {
		return err
	}
	if err := s.store.addMissing(ctx, now); err != nil {
		return err
	}
	if !behind {
		if err := s.learn(ctx, now, out); err != nil {
			return err
		}
		if err := s.judgeSilence(ctx, now, out); err != nil {
			return err
		}
	}
	if err := s.judgeClocks(ctx, now); err != nil {
		return err
	}
	signals, err := s.troubles(ctx, now)
	if err != nil {
		return err
	}
	own, err := s.ownTroubles(ctx, now)
	if err != nil {
		// A disk that cannot be measured must not keep silence from being told.
		s.log.WarnContext(ctx, "disks or certificates cannot be looked at", "error", err)
	}
	return s.tell(ctx, now, append(signals, own...), err == nil)
}

// hearing returns the times in which the centre could not hear, and whether that
// is so now.
func (s *Service) hearing(ctx context.Context, now time.Time) (out []span, behind bool, err error) {
	looked, out, err := s.store.readWatch(ctx)
	if err != nil {
		return nil, false, err
	}
	if looked.IsZero() {
		// The first look ever: an earlier version may have been off for long.
		var last sqldb.Micros
		if err := s.store.db.NewSelect().Table("sources").ColumnExpr("coalesce(max(last_seen), 0)").Scan(ctx, &last); err != nil {
			return nil, false, err
		}
		if looked = last.Time(); looked.IsZero() {
			looked = now
		}
	}
	if s.watch != nil {
		if behind, err = s.watch.Behind(ctx); err != nil {
			behind = true // who cannot say how far it is has not heard everything
		}
	}
	if behind || now.Sub(looked) > deafAfter {
		out = addOutage(out, span{looked, now.Add(resumeGrace)})
	}
	for len(out) > 0 && now.Sub(out[0].To) > outagesKept || len(out) > outageMost {
		out = out[1:]
	}
	return out, behind, s.store.writeWatch(ctx, now, out)
}

// addOutage appends o, which is the newest, or widens the last one.
func addOutage(out []span, o span) []span {
	if n := len(out); n > 0 && !o.From.After(out[n-1].To) {
		if o.To.After(out[n-1].To) {
			out[n-1].To = o.To
		}
		return out
	}
	return append(out, o)
}

// ownTroubles are those of the centre itself: disks and certificates.
func (s *Service) ownTroubles(ctx context.Context, now time.Time) ([]Signal, error) {
	if s.watch == nil {
		return nil, nil
	}
	if now.Sub(s.measured) >= measureEvery {
		if err := s.measureDisks(ctx, now); err != nil {
			return nil, err
		}
		s.measured = now
	}
	disks, err := s.forecasts(ctx, now)
	if err != nil {
		return nil, err
	}
	certificates, err := s.watch.Certificates(ctx)
	if err != nil {
		return nil, err
	}
	s.metrics.own(disks, certificates, now)
	return slices.Concat(s.diskSignals(disks, now), certificateSignals(certificates, now), s.watch.Signals(ctx)), nil
}

// tell raises what is not raised and settles what is over. Without own, signals
// about disks and certificates stay as they are.
func (s *Service) tell(ctx context.Context, now time.Time, wanted []Signal, own bool) error {
	if s.signals == nil {
		return nil
	}
	type id struct{ kind, unit, about string }
	raised, err := s.store.raised(ctx)
	if err != nil {
		return err
	}
	before := make(map[id]signalRow, len(raised))
	for _, r := range raised {
		before[id{r.Kind, r.Unit, r.About}] = r
	}
	for i := range wanted {
		w := &wanted[i]
		k := id{w.Kind, string(w.Unit), w.About}
		r, is := before[k]
		delete(before, k)
		if is && r.Severity == w.Severity {
			continue
		}
		if err := s.signals.Raise(ctx, *w); err != nil {
			return err
		}
		s.metrics.raised.WithLabelValues(w.Kind).Inc()
		r = signalRow{Kind: w.Kind, Unit: string(w.Unit), About: w.About, Severity: w.Severity, Since: sqldb.MicrosOf(cmpTime(w.At, now))}
		if w.crowd != nil {
			r.Crowd, r.Input = w.crowd.kind, w.crowd.input
		}
		if err := s.store.noteRaised(ctx, r); err != nil {
			return err
		}
	}
	for _, r := range raised {
		if _, over := before[id{r.Kind, r.Unit, r.About}]; !over || !own && !strings.HasPrefix(r.Kind, "source.") {
			continue
		}
		if err := s.signals.Settle(ctx, r.Kind, event.UnitID(r.Unit), r.About); err != nil {
			return err
		}
		if err := s.store.noteSettled(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func cmpTime(t, or time.Time) time.Time {
	if t.IsZero() {
		return or
	}
	return t
}

// troubles finds what is wrong with senders, keeps their scores, and makes signals
// of it.
func (s *Service) troubles(ctx context.Context, now time.Time) ([]Signal, error) {
	list, err := s.store.joined(ctx, s.store.db, false, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("h.score <> 0 OR h.silent_since <> 0 OR h.volume_since <> 0 OR h.skew_problem <> 0 OR h.unparsed_since <> 0 OR h.muted_until > ?", sqldb.MicrosOf(now)).
			OrderExpr("s.unit, s.input, s.peer, s.host, s.format")
	})
	if err != nil {
		return nil, err
	}
	heard, err := s.store.heard(ctx)
	if err != nil {
		return nil, err
	}
	var changed []*health
	var all []trouble
	for i := range list {
		h := &list[i]
		if score := h.score(now); score != h.healthRow.Score {
			h.healthRow.Score = score
			changed = append(changed, h)
		}
		all = h.addTo(all, now, heard[h.sender()])
	}
	if err := s.store.update(ctx, changed, judged); err != nil {
		return nil, err
	}
	unexpected := 0
	for _, t := range all {
		if t.kind == kindUnexpected {
			unexpected++
		}
	}
	s.metrics.problems.WithLabelValues(problemUnexpected).Set(float64(unexpected))
	if err := s.count(ctx, now); err != nil {
		return nil, err
	}
	raised, err := s.store.raised(ctx)
	if err != nil {
		return nil, err
	}
	var open []crowd
	for _, r := range raised {
		if r.Crowd != "" {
			open = append(open, crowd{kind: r.Crowd, unit: r.Unit, input: r.Input, since: r.Since.Time()})
		}
	}
	return fold(all, open, s.config.Many, s.zone, s.unitName), nil
}

func (s *Service) unitName(id event.UnitID) string {
	if s.units == nil {
		return string(id)
	}
	return cmp.Or(s.units.Name(id), string(id))
}

// heard tells when each sender with a silent format was last heard, in any.
func (s store) heard(ctx context.Context) (map[senderKey]time.Time, error) {
	var rows []struct {
		Unit, Input, Peer, Host string
		Last                    sqldb.Micros
	}
	err := s.db.NewSelect().TableExpr("sources AS s").Join("JOIN source_health AS h ON h.id = s.id").
		ColumnExpr("s.unit, s.input, s.peer, s.host, max(s.last_seen) AS last").GroupExpr("s.unit, s.input, s.peer, s.host").
		Having("max(h.silent_since) > 0").Scan(ctx, &rows)
	out := make(map[senderKey]time.Time, len(rows))
	for _, r := range rows {
		out[senderKey{r.Unit, r.Input, r.Peer, r.Host}] = r.Last.Time()
	}
	return out, err
}
