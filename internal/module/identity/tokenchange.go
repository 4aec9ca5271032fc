package identity

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// TokenChange says what to change about a token; nil leaves as it is. All but the
// name is of a token to act with: when a sender's token ends is said where the
// sender was connected. Unit and scope never change.
type TokenChange struct {
	Name     *string
	Role     *module.Role
	Only     *[]module.Action
	Networks *[]netip.Prefix
	// Life is counted from now.
	Life *time.Duration
}

// Change changes a token that is not over. It counts at once.
// Errors: NotFound, Invalid, Denied, Conflict token.over.
func (t *Tokens) Change(ctx context.Context, id string, c TokenChange) (Token, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionTokenManage); err != nil {
		return Token{}, err
	}
	var after tokenRow
	err := t.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		row, err := t.store.tokenByID(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if after, err = t.changed(p, row, c); err != nil {
			return err
		}
		detail := tokenChanges(row, after)
		if len(detail) == 0 {
			return nil
		}
		detail["unit"] = row.Unit
		if err := t.store.updateToken(ctx, tx, after); err != nil {
			return err
		}
		return t.trail.Append(ctx, tx, module.Entry{Action: "token.change", Object: "token:" + row.ID, Detail: detail})
	})
	if err != nil {
		return Token{}, err
	}
	return after.token(), t.reload(ctx)
}

// changed is row after the change, if p may make it.
func (t *Tokens) changed(p module.Principal, row tokenRow, c TokenChange) (tokenRow, error) {
	before := row.token()
	switch status := before.Status(t.now()); {
	case status == TokenRevoked || status == TokenExpired:
		return row, fault.New(fault.Conflict, "the token is over; make another").WithCode("token.over")
	case before.Scope == ScopeAPI && !p.Covers(before.Role, before.Unit):
		return row, tooMuch(before.Role)
	case before.Scope == ScopeIngest && c.Life != nil:
		return row, fault.New(fault.Invalid, "expiresInDays: when a sender's token ends is said where the sender was connected").OnField("body.expiresInDays")
	}
	n := NewToken{Name: before.Name, Unit: before.Unit, Scope: before.Scope, Role: before.Role, Only: slices.Clone(before.Only), Networks: before.Networks}
	if before.Scope == ScopeIngest {
		n.Role = ""
	}
	if c.Name != nil {
		n.Name = *c.Name
	}
	if c.Role != nil {
		n.Role = *c.Role
	}
	if c.Only != nil {
		n.Only = *c.Only
	}
	if c.Networks != nil {
		n.Networks = *c.Networks
	}
	if c.Life != nil {
		if n.Life = *c.Life; n.Life <= 0 {
			return row, fault.New(fault.Invalid, "expiresInDays: at least 1").OnField("body.expiresInDays")
		}
	}
	if err := n.check(p, everActive{t.units}); err != nil {
		return row, err
	}
	row.Name, row.Role, row.Actions, row.Networks = n.Name, string(n.Role), actionText(n.Only), networkText(n.Networks)
	if c.Life != nil {
		row.ExpiresAt = sqldb.MicrosOf(t.now().Add(n.Life))
	}
	return row, nil
}

// tokenChanges says what was changed, and how it was before.
func tokenChanges(before, after tokenRow) map[string]string {
	detail := map[string]string{}
	note := func(name, was, is string) {
		if was != is {
			detail[name], detail[name+"-before"] = is, was
		}
	}
	note("name", before.Name, after.Name)
	note("role", before.Role, after.Role)
	note("actions", before.Actions, after.Actions)
	note("networks", before.Networks, after.Networks)
	note("until", untilText(before.ExpiresAt), untilText(after.ExpiresAt))
	return detail
}

func untilText(at sqldb.Micros) string {
	if at == 0 {
		return ""
	}
	return at.Time().UTC().Format(time.RFC3339)
}

func actionText(list []module.Action) string {
	words := make([]string, len(list))
	for i, a := range list {
		words[i] = string(a)
	}
	return strings.Join(words, " ")
}

func networkText(list []netip.Prefix) string {
	words := make([]string, len(list))
	for i, p := range list {
		words[i] = p.String()
	}
	return strings.Join(words, " ")
}

// everActive lets a unit that ended meanwhile keep its tokens; it gets no new ones.
type everActive struct{ Units }

func (everActive) Active(event.UnitID) bool { return true }
