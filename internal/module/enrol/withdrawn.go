package enrol

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// reasonTokenRevoked is why an enrolment ended whose token was revoked elsewhere.
const reasonTokenRevoked = "Mã truy cập của thiết bị đã bị thu hồi (token revoked)"

// tokenRevoked ends the enrolment whose last good credential was the token that
// somebody revoked where tokens are kept. Body: {"id", "by"}.
func (s *Service) tokenRevoked(ctx context.Context, f module.Fact) error {
	var body struct{ ID, By string }
	if err := json.Unmarshal(f.Body, &body); err != nil {
		return fmt.Errorf("%s: %w", f.Kind, err)
	}
	ctx = module.WithPrincipal(ctx, module.System())
	changed := false
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		c, ok, err := s.store.credential(ctx, tx, body.ID)
		if err != nil || !ok || c.RevokedAt != 0 {
			return err // no enrolment's, or told before
		}
		changed = true
		now := s.now().UTC().Truncate(time.Microsecond)
		if err := s.store.revokeCredential(ctx, tx, c.ID, sqldb.MicrosOf(now)); err != nil {
			return err
		}
		left, err := s.store.credentialsOf(ctx, tx, c.Enrolment)
		if err != nil {
			return err
		}
		for _, other := range left {
			if other.ExpiresAt == 0 || other.ExpiresAt > sqldb.MicrosOf(now) {
				return nil
			}
		}
		e, err := s.get(ctx, tx, module.System(), c.Enrolment)
		if err != nil || !e.RevokedAt.IsZero() {
			return err
		}
		if err := s.store.deleteNetworks(ctx, tx, e.ID); err != nil {
			return err
		}
		e.RevokedAt, e.RevokedBy, e.RevokedReason, e.Networks = now, body.By, reasonTokenRevoked, nil
		if err := s.store.update(ctx, tx, &e); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "enrolment.revoke", Object: "enrolment:" + e.ID,
			Detail: map[string]string{"unit": string(e.Unit), "name": e.Name, "token": c.ID, "by": body.By}})
	})
	if err != nil || !changed {
		return err
	}
	return s.afterChange(ctx)
}
