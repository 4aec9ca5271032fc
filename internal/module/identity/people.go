package identity

import (
	"context"
	"errors"

	"github.com/lachan-vn/lachan/internal/module"
)

// Everyone returns the accounts that are not disabled, as who they would act as.
// The product itself asks, to tell people what concerns them.
func (s *Service) Everyone(ctx context.Context) ([]module.Principal, error) {
	users, err := s.store.listUsers(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]module.Principal, 0, len(users))
	for _, u := range users {
		if !u.Disabled {
			out = append(out, s.principalOf(u, ""))
		}
	}
	return out, nil
}

// Holds tells whether a session's principal is still who he was when the request
// began: a stream that goes on for minutes asks. Where the database does not
// answer, it goes on.
func (s *Service) Holds(ctx context.Context, p module.Principal) bool {
	if p.Session == "" {
		return true // a token; its stream ends by itself and it is looked at again
	}
	row, err := s.store.userByID(ctx, s.store.db, p.ID)
	if err != nil {
		return !errors.Is(err, errNoRow)
	}
	u := row.user()
	return !u.Disabled && u.Role == p.Role && u.Unit == p.Unit
}
