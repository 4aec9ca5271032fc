package identity

import (
	"context"
	"crypto/rand"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// TokenScope is what a token is for.
type TokenScope string

// The scopes of a token.
const (
	ScopeIngest TokenScope = "ingest" // send logs of its unit
	ScopeAPI    TokenScope = "api"    // read and triage what its unit has
)

// TokenPrefix begins every token, so that one that leaked can be searched for.
const TokenPrefix = "lc_"

// Token is a credential of a machine.
type Token struct {
	ID        string
	Name      string
	Unit      event.UnitID
	Scope     TokenScope
	CreatedAt time.Time
	ExpiresAt time.Time // zero: never
	RevokedAt time.Time // zero: valid
	LastUsed  time.Time // zero: never; up to tokenSync late
}

// Tokens knows all valid tokens. They are few and asked for on every request
// of every shipper, so they are kept in memory: a check costs a hash and a map
// look-up. Changes made here work at once; those of another process on the
// same database after tokenSync.
type Tokens struct {
	store store
	trail *module.Trail
	units Units
	log   *slog.Logger
	now   func() time.Time
	valid atomic.Pointer[map[string]*liveToken] // by hash of the secret
	ended atomic.Pointer[map[string]string]     // hash of a revoked secret -> id of its token
}

type liveToken struct {
	Token
	used atomic.Int64 // Unix microseconds, 0: not since the last flush
}

const tokenSync = 30 * time.Second

func newTokens(st store, o Options) *Tokens {
	t := &Tokens{store: st, trail: o.Trail, units: o.Units, log: o.Log, now: o.Now}
	t.valid.Store(&map[string]*liveToken{})
	t.ended.Store(&map[string]string{})
	return t
}

func (t *Tokens) find(secret string) (*liveToken, error) {
	if lt := (*t.valid.Load())[hashSecret(secret)]; lt != nil {
		now := t.now()
		if lt.ExpiresAt.IsZero() || now.Before(lt.ExpiresAt) {
			lt.used.Store(now.UnixMicro())
			return lt, nil
		}
	}
	return nil, fault.New(fault.Unauthenticated, "the token is unknown, expired or revoked").WithCode("token.invalid")
}

// Ingest returns the token that a secret is of, which says whose logs its holder
// may send. It does no I/O. Errors: Unauthenticated; Denied for a token of another
// scope.
func (t *Tokens) Ingest(_ context.Context, secret string) (Token, error) {
	lt, err := t.find(secret)
	if err != nil {
		return Token{}, err
	}
	if lt.Scope != ScopeIngest {
		return Token{}, fault.New(fault.Denied, "the token is not for sending logs; its scope is %s", lt.Scope).WithCode("token.wrong-scope")
	}
	return lt.Token, nil
}

func (t *Tokens) principal(secret string) (module.Principal, error) {
	lt, err := t.find(secret)
	if err != nil {
		return module.Principal{}, err
	}
	role := module.RoleIngest
	if lt.Scope == ScopeAPI {
		role = module.RoleService
	}
	return module.Principal{ID: lt.ID, Name: "token:" + lt.Name, DisplayName: lt.Name, Role: role, Unit: lt.Unit, Below: t.units.Below(lt.Unit)}, nil
}

// List returns all tokens, newest first. Errors: Denied.
func (t *Tokens) List(ctx context.Context) ([]Token, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionTokenManage); err != nil {
		return nil, err
	}
	rows, err := t.store.listTokens(ctx)
	if err != nil {
		return nil, err
	}
	live := map[string]int64{}
	for _, lt := range *t.valid.Load() {
		live[lt.ID] = lt.used.Load()
	}
	tokens := make([]Token, len(rows))
	for i := range rows {
		rows[i].LastUsedAt = max(rows[i].LastUsedAt, sqldb.Micros(live[rows[i].ID]))
		tokens[i] = rows[i].token()
	}
	return tokens, nil
}

// NewToken says what token to make.
type NewToken struct {
	Name  string
	Unit  event.UnitID
	Scope TokenScope
	Life  time.Duration // 0: for ever
}

// Create makes a token and returns its secret, which is not stored.
// Errors: Invalid, Denied.
func (t *Tokens) Create(ctx context.Context, n NewToken) (Token, string, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionTokenManage); err != nil {
		return Token{}, "", err
	}
	n.Name = strings.TrimSpace(n.Name)
	switch {
	case n.Name == "":
		return Token{}, "", fault.New(fault.Invalid, "name: say what the token is for").OnField("body.name")
	case n.Scope != ScopeIngest && n.Scope != ScopeAPI:
		return Token{}, "", fault.New(fault.Invalid, "scope: ingest or api").OnField("body.scope")
	case !t.units.Active(n.Unit):
		return Token{}, "", fault.New(fault.Invalid, "unit: there is no unit %q", string(n.Unit)).WithCode("unit.unknown").OnField("body.unit")
	case n.Life < 0:
		return Token{}, "", fault.New(fault.Invalid, "expiresInDays: at least 1").OnField("body.expiresInDays")
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
	row := tokenRow{ID: module.NewID(), Name: n.Name, Unit: string(n.Unit), Scope: string(n.Scope), Hash: hashSecret(secret), CreatedAt: sqldb.MicrosOf(now)}
	if n.Life > 0 {
		row.ExpiresAt = sqldb.MicrosOf(now.Add(n.Life))
	}
	if err := t.store.insertToken(ctx, tx, row); err != nil {
		return row, "", err
	}
	return row, secret, t.trail.Append(ctx, tx, module.Entry{
		Action: "token.create", Object: "token:" + row.ID,
		Detail: map[string]string{"name": row.Name, "unit": row.Unit, "scope": row.Scope},
	})
}

// Revoke makes a token worthless. Revoking twice is no error.
// Errors: NotFound, Denied.
func (t *Tokens) Revoke(ctx context.Context, id string) error {
	if err := module.PrincipalOf(ctx).Require(module.ActionTokenManage); err != nil {
		return err
	}
	err := t.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := t.store.revokeToken(ctx, tx, id, sqldb.MicrosOf(t.now()))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "no such token").WithCode("token.unknown")
		}
		return t.trail.Append(ctx, tx, module.Entry{Action: "token.revoke", Object: "token:" + id})
	})
	if err != nil {
		return err
	}
	return t.reload(ctx)
}

// reload replaces the tokens in memory by those stored, keeping unsaved times
// of use.
func (t *Tokens) reload(ctx context.Context) error {
	for {
		old := t.valid.Load()
		rows, err := t.store.listTokens(ctx)
		if err != nil {
			return err
		}
		valid, ended := make(map[string]*liveToken, len(rows)), map[string]string{}
		for i := range rows {
			if rows[i].RevokedAt != 0 {
				ended[rows[i].Hash] = rows[i].ID
				continue
			}
			lt := &liveToken{Token: rows[i].token()}
			// Name, unit and scope of a token never change; its end may come nearer.
			if before := (*old)[rows[i].Hash]; before != nil && before.ExpiresAt.Equal(lt.ExpiresAt) {
				lt = before
			} else if before != nil {
				lt.used.Store(before.used.Load())
			}
			valid[rows[i].Hash] = lt
		}
		// Another reload may have read later than we did and stored sooner.
		if t.valid.CompareAndSwap(old, &valid) {
			t.ended.Store(&ended)
			return nil
		}
	}
}

// run stores times of use and follows other processes' changes.
func (t *Tokens) run(ctx context.Context) error {
	tick := time.NewTicker(tokenSync)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			// One last time, with a context that still lives.
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			return t.flush(last)
		case <-tick.C:
		}
		if err := t.flush(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		if err := t.reload(ctx); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

func (t *Tokens) flush(ctx context.Context) error {
	for _, lt := range *t.valid.Load() {
		used := lt.used.Swap(0)
		if used == 0 {
			continue
		}
		if err := t.store.touchToken(ctx, lt.ID, sqldb.Micros(used)); err != nil {
			lt.used.CompareAndSwap(0, used)
			return err
		}
	}
	return nil
}
