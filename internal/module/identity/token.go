package identity

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

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
	ScopeAPI    TokenScope = "api"    // act for its unit, as Token.Role
)

// TokenStatus is what a token is in.
type TokenStatus string

// The statuses of tokens.
const (
	TokenActive   TokenStatus = "active"
	TokenExpiring TokenStatus = "expiring" // within expiringWithin
	TokenExpired  TokenStatus = "expired"
	TokenRevoked  TokenStatus = "revoked"
)

const (
	day            = 24 * time.Hour
	apiLife        = 90 * day // of a token to act with, where nobody said
	apiLifeMost    = 365 * day
	ingestLife     = 365 * day // of a token to send with, where nobody said in the console
	expiringWithin = 14 * day
	maxNetworks    = 20
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
	LastAddr  string    // where it was used from last; "" for a sender's, which the sources tell of
	CreatedBy string    // user name
	// Networks is from where only it is taken; empty: from anywhere.
	Networks []netip.Prefix
	// Of ScopeAPI: as what it acts, and of that role's actions only these (empty: all).
	Role module.Role
	Only []module.Action
}

// Status returns what the token is in at now.
func (t *Token) Status(now time.Time) TokenStatus {
	switch {
	case !t.RevokedAt.IsZero():
		return TokenRevoked
	case t.ExpiresAt.IsZero() || t.ExpiresAt.Sub(now) > expiringWithin:
		return TokenActive
	case now.Before(t.ExpiresAt):
		return TokenExpiring
	}
	return TokenExpired
}

// from tells whether the token is taken from an address.
func (t *Token) from(address string) bool {
	if len(t.Networks) == 0 {
		return true
	}
	a, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(t.Networks, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
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
	addr atomic.Pointer[string]
	told atomic.Int64 // when it was last said that it came from elsewhere, Unix microseconds
}

const tokenSync = 30 * time.Second

func newTokens(st store, o Options) *Tokens {
	t := &Tokens{store: st, trail: o.Trail, units: o.Units, log: o.Log, now: o.Now}
	t.valid.Store(&map[string]*liveToken{})
	t.ended.Store(&map[string]string{})
	return t
}

// find returns the token of a secret that came from address. Every use of a token
// goes through here. Who holds a good one at an address it is not for is told no
// more than who holds none.
func (t *Tokens) find(secret, address string) (*liveToken, error) {
	lt := (*t.valid.Load())[hashSecret(secret)]
	now := t.now()
	if lt == nil || !lt.ExpiresAt.IsZero() && !now.Before(lt.ExpiresAt) {
		return nil, invalidToken()
	}
	if !lt.from(address) {
		if last := lt.told.Load(); now.UnixMicro()-last > time.Minute.Microseconds() && lt.told.CompareAndSwap(last, now.UnixMicro()) {
			t.log.Warn("a token was refused for the address it came from", "token", lt.ID, "peer", address)
		}
		return nil, invalidToken()
	}
	lt.used.Store(now.UnixMicro())
	return lt, nil
}

func invalidToken() error {
	return fault.New(fault.Unauthenticated, "the token is unknown, expired or revoked").WithCode("token.invalid")
}

// Ingest returns the token that a secret is of, which says whose logs its holder
// may send from address. It does no I/O. Errors: Unauthenticated; Denied for a
// token of another scope.
func (t *Tokens) Ingest(_ context.Context, secret, address string) (Token, error) {
	lt, err := t.find(secret, address)
	if err != nil {
		return Token{}, err
	}
	if lt.Scope != ScopeIngest {
		return Token{}, fault.New(fault.Denied, "the token is not for sending logs; its scope is %s", lt.Scope).WithCode("token.wrong-scope")
	}
	return lt.Token, nil
}

// principal returns as whom the holder of a secret acts.
func (t *Tokens) principal(secret, address string) (module.Principal, error) {
	lt, err := t.find(secret, address)
	if err != nil {
		return module.Principal{}, err
	}
	role := module.RoleIngest
	if lt.Scope == ScopeAPI {
		role = lt.Role
	}
	if known := lt.addr.Load(); known == nil || *known != address {
		lt.addr.Store(&address)
	}
	return module.Principal{ID: lt.ID, Name: "token:" + lt.Name, DisplayName: lt.Name, Role: role, Unit: lt.Unit, Below: t.units.Below(lt.Unit), Only: lt.Only}, nil
}

// same tells whether nothing that may change differs.
func (t *Token) same(o *Token) bool {
	return t.Name == o.Name && t.ExpiresAt.Equal(o.ExpiresAt) && t.Role == o.Role && slices.Equal(t.Only, o.Only) && slices.Equal(t.Networks, o.Networks)
}

// TokenFilter says which tokens to list; zero fields say nothing.
type TokenFilter struct {
	Text   string // part of the name, without marks
	Unit   event.UnitID
	Scope  TokenScope
	Status TokenStatus
}

func (f TokenFilter) match(t *Token, now time.Time) bool {
	return (f.Unit == "" || f.Unit == t.Unit) && (f.Scope == "" || f.Scope == t.Scope) && (f.Status == "" || f.Status == t.Status(now)) &&
		(f.Text == "" || strings.Contains(module.Fold(t.Name), f.Text))
}

// List returns the tokens of the units the caller sees, newest first. Errors: Denied.
func (t *Tokens) List(ctx context.Context, f TokenFilter) ([]Token, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionTokenManage); err != nil {
		return nil, err
	}
	rows, err := t.store.tokensOf(ctx, p)
	if err != nil {
		return nil, err
	}
	live := map[string]*liveToken{}
	for _, lt := range *t.valid.Load() {
		live[lt.ID] = lt
	}
	f.Text = module.Fold(f.Text)
	tokens := []Token{}
	for i := range rows {
		if lt := live[rows[i].ID]; lt != nil {
			rows[i].LastUsedAt = max(rows[i].LastUsedAt, sqldb.Micros(lt.used.Load()))
			if addr := lt.addr.Load(); addr != nil {
				rows[i].LastAddr = *addr
			}
		}
		if tok := rows[i].token(); f.match(&tok, t.now()) {
			tokens = append(tokens, tok)
		}
	}
	return tokens, nil
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
			if before := (*old)[rows[i].Hash]; before != nil && before.same(&lt.Token) {
				lt = before
			} else if before != nil {
				lt.used.Store(before.used.Load())
				lt.addr.Store(before.addr.Load())
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
		addr := ""
		if known := lt.addr.Load(); known != nil {
			addr = *known
		}
		if err := t.store.touchToken(ctx, lt.ID, sqldb.Micros(used), addr); err != nil {
			lt.used.CompareAndSwap(0, used)
			return err
		}
	}
	return nil
}
