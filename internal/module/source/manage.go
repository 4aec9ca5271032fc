package source

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

const (
	maxReason = 500 // characters
	maxMute   = 366 * 24 * time.Hour
	// A bound on silence that a person sets.
	leastSilence, mostSilence = time.Minute, 90 * 24 * time.Hour
	// forgetAfter is how long a source must be unheard before it can be forgotten:
	// one that still sends would come back with its next event.
	forgetAfter = time.Hour
)

// Mute is a stop of all signals about a source, for a time.
type Mute struct {
	Until   time.Time
	Reason  string
	Silence bool // nothing at all is expected meanwhile; if it sends, that is told
}

func (m Mute) check(now time.Time) error {
	switch n := utf8.RuneCountInString(strings.TrimSpace(m.Reason)); {
	case n == 0:
		return fault.New(fault.Invalid, "reason: say why, for those who wonder later").WithCode("source.reason-required").OnField("body.reason")
	case n > maxReason:
		return fault.New(fault.Invalid, "reason: at most %d characters", maxReason).OnField("body.reason")
	case !m.Until.After(now):
		return fault.New(fault.Invalid, "until: must be in the future").WithCode("source.until-past").OnField("body.until")
	case m.Until.Sub(now) > maxMute:
		return fault.New(fault.Invalid, "until: at most a year ahead; a source that never comes back is forgotten, not muted").WithCode("source.until-far").OnField("body.until")
	}
	return nil
}

// Mute stops signals about the source until a time; a second one replaces the
// first. Errors: Denied, NotFound, Invalid.
func (s *Service) Mute(ctx context.Context, id string, m Mute) error {
	if err := m.check(s.now()); err != nil {
		return err
	}
	return s.manage(ctx, id, "source.mute", func(ctx context.Context, tx bun.Tx, h *health) (map[string]string, error) {
		row := &h.healthRow
		row.MutedAt, row.MutedUntil = sqldb.MicrosOf(s.now()), sqldb.MicrosOf(m.Until)
		row.MutedBy, row.MuteReason, row.MuteSilence = module.PrincipalOf(ctx).DisplayName, module.Text(strings.TrimSpace(m.Reason), 4*maxReason), m.Silence
		err := s.store.set(ctx, tx, row, "muted_at", "muted_until", "muted_by", "mute_reason", "mute_silence")
		return map[string]string{"until": m.Until.UTC().Format(time.RFC3339), "reason": row.MuteReason, "silence": strconv.FormatBool(m.Silence)}, err
	})
}

// Unmute ends a mute. Errors: Denied, NotFound, Conflict if there is none.
func (s *Service) Unmute(ctx context.Context, id string) error {
	return s.manage(ctx, id, "source.unmute", func(ctx context.Context, tx bun.Tx, h *health) (map[string]string, error) {
		if !h.muted(s.now()) {
			return nil, fault.New(fault.Conflict, "the source is not muted").WithCode("source.not-muted")
		}
		row := &h.healthRow
		was := row.MuteReason
		row.MutedAt, row.MutedUntil, row.MutedBy, row.MuteReason, row.MuteSilence = 0, 0, "", "", false
		return map[string]string{"reason": was}, s.store.set(ctx, tx, row, "muted_at", "muted_until", "muted_by", "mute_reason", "mute_silence")
	})
}

// SetSilence sets after how long the source counts as silent at the latest, 0 for
// what is learned alone. fixed: that alone goes. Errors: Denied, NotFound, Invalid.
func (s *Service) SetSilence(ctx context.Context, id string, after time.Duration, fixed bool) error {
	if after != 0 && (after < leastSilence || after > mostSilence) {
		return fault.New(fault.Invalid, "silentAfterSeconds: 0, or %d to %d", int(leastSilence.Seconds()), int(mostSilence.Seconds())).OnField("body.silentAfterSeconds")
	}
	if after == 0 && fixed {
		return fault.New(fault.Invalid, "fixed: needs silentAfterSeconds").OnField("body.fixed")
	}
	return s.manage(ctx, id, "source.silence", func(ctx context.Context, tx bun.Tx, h *health) (map[string]string, error) {
		row := &h.healthRow
		detail := map[string]string{"from": strconv.FormatInt(row.SilentAfter, 10), "to": strconv.FormatInt(int64(after.Seconds()), 10), "fixed": strconv.FormatBool(fixed)}
		row.SilentAfter, row.SilentFixed, row.DueFor = int64(after.Seconds()), fixed, 0
		return detail, s.store.set(ctx, tx, row, "silent_after", "silent_fixed", "due_for")
	})
}

// Forget removes a source that has been retired, with what was learned of it; its
// events stay. Errors: Denied, NotFound, Conflict source.heard if it still sends.
func (s *Service) Forget(ctx context.Context, id string) error {
	return s.manage(ctx, id, "source.forget", func(ctx context.Context, tx bun.Tx, h *health) (map[string]string, error) {
		if s.now().Sub(h.LastSeen.Time()) < forgetAfter {
			return nil, fault.New(fault.Conflict, "the source was heard within the last hour and would come back; stop it first, or mute it").WithCode("source.heard")
		}
		if _, err := tx.NewDelete().Model(&h.sourceRow).WherePK().Exec(ctx); err != nil {
			return nil, err
		}
		_, err := tx.NewDelete().Model(&h.healthRow).WherePK().Exec(ctx)
		s.mu.Lock()
		clear(s.named) // it is named anew if it comes back
		delete(s.known, h.unitID())
		s.mu.Unlock()
		return map[string]string{"lastSeen": h.LastSeen.Time().Format(time.RFC3339), "events": strconv.FormatInt(h.Events, 10)}, err
	})
}

// manage changes one source that the principal sees, with an audit record.
func (s *Service) manage(ctx context.Context, id, action string, change func(context.Context, bun.Tx, *health) (map[string]string, error)) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceManage); err != nil {
		return err
	}
	if err := s.store.addMissing(ctx, s.now()); err != nil {
		return err
	}
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		h, err := s.get(ctx, tx, p, id)
		if err != nil {
			return err
		}
		detail, err := change(ctx, tx, h)
		if err != nil {
			return err
		}
		detail["unit"], detail["source"], detail["format"] = h.Unit, h.sender().about(), h.Format
		return s.trail.Append(ctx, tx, module.Entry{Action: action, Object: "source:" + id, Detail: detail})
	})
}

func (s store) set(ctx context.Context, tx bun.Tx, row *healthRow, columns ...string) error {
	_, err := tx.NewUpdate().Model(row).Column(columns...).WherePK().Exec(ctx)
	return err
}
