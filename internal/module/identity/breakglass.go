package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// BreakGlassAccount is for the day when nobody else can sign in: the provider is
// down, the phones are lost. Its secret is random, lies in a sealed envelope, opens
// one session of a few hours without a second factor, and is worthless after that.
// Its use raises an alert.
const BreakGlassAccount = "break-glass"

// breakGlassLife is how long a session of it lasts.
const breakGlassLife = 4 * time.Hour

// MakeBreakGlass makes the account, or gives it a new secret, for the command line
// on the node itself. The old secret and sessions opened with it are worthless.
func (s *Service) MakeBreakGlass(ctx context.Context) (string, error) {
	ctx = module.WithPrincipal(ctx, module.System())
	text := strings.ToLower(rand.Text() + rand.Text()) // 260 bits
	var groups []string
	for i := 0; i < 40; i += 5 {
		groups = append(groups, text[i:i+5])
	}
	secret := strings.Join(groups, "-")
	hash, err := s.hasher.hash(ctx, secret)
	if err != nil {
		return "", err
	}
	row, err := s.store.userByName(ctx, BreakGlassAccount)
	if err != nil && !errors.Is(err, errNoRow) {
		return "", err
	}
	if err == nil && row.Kind != string(KindBreakGlass) {
		return "", fault.New(fault.Conflict, "a person has the user name %s; rename or disable that account first", BreakGlassAccount).WithCode("user.exists")
	}
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if row.ID == "" {
			row = rowOfUser(User{
				ID: module.NewID(), Username: BreakGlassAccount, DisplayName: "Tài khoản khẩn cấp", Role: module.RoleAdministrator,
				Unit: event.CentreUnit, Kind: KindBreakGlass, CreatedAt: s.now(),
			}, hash)
			if err := s.store.insertUser(ctx, tx, row); err != nil {
				return err
			}
		} else if err := errors.Join(s.store.rearm(ctx, tx, row.ID, hash), s.store.deleteSessionsOf(ctx, tx, row.ID, "")); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "break-glass.make", Object: "user:" + row.ID})
	})
	if err != nil {
		return "", err
	}
	s.running.end(row.ID, everySession)
	return secret, nil
}

// breakGlass signs the account for emergencies in, once.
func (s *Service) breakGlass(ctx context.Context, row *userRow, from From) (string, module.Principal, error) {
	var secret string
	var p module.Principal
	user := row.user()
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := s.store.spendPassword(ctx, tx, row.ID, row.PasswordHash)
		if err != nil {
			return err
		}
		if n != 1 {
			return wrongCredentials()
		}
		if secret, p, err = s.begin(ctx, tx, &user, MethodBreakGlass, false, from); err != nil {
			return err
		}
		return s.trail.Append(module.WithPrincipal(ctx, p), tx, module.Entry{Action: "break-glass.use", Object: "user:" + row.ID})
	})
	if err != nil {
		return "", p, err
	}
	s.log.WarnContext(ctx, "the account for emergencies was used", "peer", from.Addr)
	if s.alarm != nil {
		// Who has the envelope must get in even if no alert can be raised.
		if err := s.alarm(context.WithoutCancel(ctx), from); err != nil {
			s.log.ErrorContext(ctx, "no alert could be raised about the account for emergencies", "error", err)
		}
	}
	return secret, p, nil
}
