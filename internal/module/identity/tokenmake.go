package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
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

// FactTokenRevoked tells that somebody made a token worthless. Body: {"id", "by"},
// the token's id and who did it.
const FactTokenRevoked module.FactKind = "token.revoked"

// NewToken says what token to make.
type NewToken struct {
	Name  string
	Unit  event.UnitID
	Scope TokenScope
	Life  time.Duration // 0: for ever, of ScopeAPI 90 days
	// See Token.
	Networks []netip.Prefix
	Role     module.Role // "": RoleService
	Only     []module.Action
}

// tokenRoles are those a token may act as: none that manages people or settings.
var tokenRoles = []module.Role{module.RoleService, module.RoleAnalyst, module.RoleAuditor}

func tokenRole(r module.Role) bool { return slices.Contains(tokenRoles, r) }

// check completes what is not said and refuses what p may not give. A unit that p
// does not see is as unknown as one that is not there.
func (n *NewToken) check(p module.Principal, units Units) error {
	n.Name = strings.TrimSpace(n.Name)
	switch {
	case n.Name == "":
		return fault.New(fault.Invalid, "name: say what the token is for").OnField("body.name")
	case n.Scope != ScopeIngest && n.Scope != ScopeAPI:
		return fault.New(fault.Invalid, "scope: ingest or api").OnField("body.scope")
	case !p.Sees(n.Unit) || !units.Active(n.Unit):
		return fault.New(fault.Invalid, "unit: there is no unit %q, or it has ended", string(n.Unit)).WithCode("unit.unknown").OnField("body.unit")
	case n.Life < 0:
		return fault.New(fault.Invalid, "expiresInDays: at least 1").OnField("body.expiresInDays")
	case n.Scope == ScopeIngest && (n.Role != "" || len(n.Only) > 0):
		return fault.New(fault.Invalid, "scope: role and actions are for a token of scope api").OnField("body.scope")
	case n.Scope == ScopeIngest:
		return nil
	}
	if n.Role == "" {
		n.Role = module.RoleService
	}
	if n.Life == 0 {
		n.Life = apiLife
	}
	switch {
	case n.Life > apiLifeMost:
		return fault.New(fault.Invalid, "expiresInDays: at most %d for a token that reads and acts", apiLifeMost/day).WithCode("token.too-long").OnField("body.expiresInDays")
	case !tokenRole(n.Role):
		return fault.New(fault.Invalid, "role: one of %v", tokenRoles).OnField("body.role")
	case !p.Covers(n.Role, n.Unit):
		return tooMuch(n.Role)
	}
	given := module.Principal{Role: n.Role, Unit: n.Unit}
	for _, a := range n.Only {
		if given.Require(a) != nil {
			return fault.New(fault.Invalid, "actions: a token of unit %s with the role %s cannot do %q", n.Unit, n.Role, module.Text(string(a), 64)).
				WithCode("token.unknown-action").OnField("body.actions")
		}
	}
	slices.Sort(n.Only)
	n.Only = slices.Compact(n.Only)
	return nil
}

// parseNetworks reads addresses and networks in CIDR form.
func parseNetworks(list []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	if len(list) > maxNetworks {
		return nil, fault.New(fault.Invalid, "networks: at most %d", maxNetworks).OnField("body.networks")
	}
	for i, text := range list {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if a, aerr := netip.ParseAddr(text); aerr == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
		}
		if err != nil || p.Addr().Is4In6() {
			return nil, fault.New(fault.Invalid, "networks: %q is neither an address nor a network such as 198.51.100.0/24", module.Text(text, 64)).
				WithCode("token.bad-network").OnField(fmt.Sprintf("body.networks[%d]", i))
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// Create makes a token and returns its secret, which is not stored.
// Errors: Invalid, Denied.
func (t *Tokens) Create(ctx context.Context, n NewToken) (Token, string, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionTokenManage); err != nil {
		return Token{}, "", err
	}
	if err := n.check(p, t.units); err != nil {
		return Token{}, "", err
	}
	var row tokenRow
	var secret string
	err := t.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) (err error) {
		row, secret, err = t.issue(ctx, tx, n)
		return err
	})
	if err != nil {
		return Token{}, "", err
	}
	return row.token(), secret, t.reload(ctx)
}

// issue makes a token within tx.
func (t *Tokens) issue(ctx context.Context, tx bun.Tx, n NewToken) (tokenRow, string, error) {
	secret := TokenPrefix + strings.ToLower(rand.Text()+rand.Text())
	now := t.now()
	row := tokenRow{ID: module.NewID(), Name: n.Name, Unit: string(n.Unit), Scope: string(n.Scope), Hash: hashSecret(secret), CreatedAt: sqldb.MicrosOf(now),
		CreatedBy: module.PrincipalOf(ctx).Name, Role: string(n.Role)}
	if n.Life > 0 {
		row.ExpiresAt = sqldb.MicrosOf(now.Add(n.Life))
	}
	row.Actions, row.Networks = actionText(n.Only), networkText(n.Networks)
	if err := t.store.insertToken(ctx, tx, row); err != nil {
		return row, "", err
	}
	detail := map[string]string{"name": row.Name, "unit": row.Unit, "scope": row.Scope}
	for name, v := range map[string]string{"role": row.Role, "actions": row.Actions, "networks": row.Networks} {
		if v != "" {
			detail[name] = v
		}
	}
	if n.Life > 0 {
		detail["until"] = row.ExpiresAt.Time().UTC().Format(time.RFC3339)
	}
	return row, secret, t.trail.Append(ctx, tx, module.Entry{Action: "token.create", Object: "token:" + row.ID, Detail: detail})
}

// Revoke makes tokens worthless, all or none. Revoking twice is no error.
// Errors: NotFound, Denied.
func (t *Tokens) Revoke(ctx context.Context, ids ...string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionTokenManage); err != nil {
		return err
	}
	err := t.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for _, id := range ids {
			row, err := t.store.tokenByID(ctx, tx, p, id)
			if err != nil {
				return err
			}
			if row.RevokedAt != 0 {
				continue
			}
			if err := t.revokeIn(ctx, tx, row, t.now()); err != nil {
				return err
			}
			body, err := json.Marshal(map[string]string{"id": row.ID, "by": p.Name})
			if err != nil {
				return err
			}
			if err := module.Emit(ctx, tx, []module.Fact{{Kind: FactTokenRevoked, Unit: event.UnitID(row.Unit), Body: body}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.reload(ctx)
}

func (t *Tokens) revokeIn(ctx context.Context, tx bun.Tx, row tokenRow, at time.Time) error {
	if _, err := t.store.revokeToken(ctx, tx, row.ID, sqldb.MicrosOf(at)); err != nil {
		return err
	}
	return t.trail.Append(ctx, tx, module.Entry{Action: "token.revoke", Object: "token:" + row.ID,
		Detail: map[string]string{"name": row.Name, "unit": row.Unit}})
}
