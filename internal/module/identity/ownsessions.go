package identity

import (
	"context"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Sessions lists the caller's own, the newest use first.
// Errors: Denied while something is pending, NotFound for a token.
func (s *Service) Sessions(ctx context.Context) ([]Session, error) {
	p, err := s.self(ctx)
	if err != nil {
		return nil, err
	}
	return s.sessionsOf(ctx, p.ID)
}

func (s *Service) sessionsOf(ctx context.Context, userID string) ([]Session, error) {
	rows, err := s.store.sessionsOf(ctx, userID)
	if err != nil {
		return nil, err
	}
	sessions := make([]Session, len(rows))
	for i := range rows {
		sessions[i] = rows[i].session()
	}
	now := s.now()
	return slices.DeleteFunc(sessions, func(one Session) bool { return one.over(now, false) }), nil
}

// EndSession ends one of the caller's sessions, and at once what runs in it.
// Errors: NotFound also for somebody else's.
func (s *Service) EndSession(ctx context.Context, id string) error {
	p, err := s.self(ctx)
	if err != nil {
		return err
	}
	row, err := s.store.sessionByID(ctx, s.store.db, id)
	if errors.Is(err, errNoRow) || err == nil && row.UserID != p.ID {
		return fault.New(fault.NotFound, "no such session").WithCode("session.unknown")
	}
	if err != nil {
		return err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.deleteSession(ctx, tx, p.ID, id); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "session.revoke", Object: "user:" + p.ID})
	})
	if err == nil {
		s.running.end(p.ID, func(session string) bool { return session == id })
	}
	return err
}

// EndOtherSessions ends the caller's sessions but the one he is in.
func (s *Service) EndOtherSessions(ctx context.Context) error {
	p, err := s.self(ctx)
	if err != nil {
		return err
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.deleteSessionsOf(ctx, tx, p.ID, p.Session); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "session.revoke-others", Object: "user:" + p.ID})
	})
	if err == nil {
		s.endOthers(p)
	}
	return err
}
