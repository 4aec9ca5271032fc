package identity

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Life of a session: it ends when it was not used for sessionIdle, and in any
// case after sessionLife.
const (
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
	// halfLife is how long a session waits for its second factor.
	halfLife = 15 * time.Minute
	// sessionTouch is how stale the stored time of last use may be, so that not
	// every request writes.
	sessionTouch = time.Minute
	// confirmedFor is how long after showing password or factor a person may do
	// what needs both to be fresh: take factors away, make recovery codes.
	confirmedFor = 15 * time.Minute
	maxAgent     = 200
)

// Method is how a session began.
type Method string

// The ways to sign in.
const (
	MethodPassword   Method = "password"
	MethodPasskey    Method = "passkey"
	MethodSSO        Method = "sso"
	MethodBreakGlass Method = "break-glass"
)

// Session is one sign-in of a person.
type Session struct {
	ID        string
	UserID    string
	Method    Method
	Addr      string
	Agent     string // what the browser calls itself
	CreatedAt time.Time
	UsedAt    time.Time // up to a minute late
	FactorAt  time.Time // when a second factor was shown last; zero: not at all
	// ConfirmedAt is when the person last showed password or factor.
	ConfirmedAt time.Time
}

// From is where a person signs in.
type From struct {
	Addr  string
	Agent string
}

func (r *sessionRow) session() Session {
	return Session{
		ID: r.ID, UserID: r.UserID, Method: Method(r.Method), Addr: r.Addr, Agent: r.Agent,
		CreatedAt: r.CreatedAt.Time(), UsedAt: r.UsedAt.Time(), FactorAt: r.FactorAt.Time(), ConfirmedAt: r.ConfirmedAt.Time(),
	}
}

// over tells whether the session has ended by itself.
func (s *Session) over(now time.Time, waiting bool) bool {
	life := sessionLife
	switch {
	case waiting:
		life = halfLife
	case s.Method == MethodBreakGlass:
		life = breakGlassLife
	}
	return now.Sub(s.UsedAt) > sessionIdle || now.Sub(s.CreatedAt) > life
}

// pendingOf is what u has still to do in a session.
func pendingOf(u *User, s *Session, hasFactor, needsFactor bool) module.Pending {
	switch {
	case s.Method == MethodBreakGlass:
		return ""
	case s.FactorAt.IsZero() && hasFactor:
		return module.PendingFactor
	case u.MustChange && s.Method == MethodPassword:
		return module.PendingPassword
	case s.FactorAt.IsZero() && needsFactor:
		return module.PendingEnrol
	}
	return ""
}

// session finds the session a cookie is of.
func (s *Service) session(ctx context.Context, secret string) (module.Principal, error) {
	now := s.now()
	row, userRow, err := s.store.session(ctx, hashSecret(secret))
	if errors.Is(err, errNoRow) {
		return module.Principal{}, errNoSession()
	}
	if err != nil {
		return module.Principal{}, err
	}
	sess, user := row.session(), userRow.user()
	p, err := s.principal(ctx, s.store.db, &user, &sess)
	if err != nil {
		return module.Principal{}, err
	}
	if user.Disabled || sess.over(now, p.Pending == module.PendingFactor) {
		return module.Principal{}, errNoSession()
	}
	if now.Sub(sess.UsedAt) > sessionTouch {
		if err := s.store.touchSession(ctx, row.Hash, sqldb.MicrosOf(now)); err != nil {
			// The session is good; that it was used is written next time.
			s.log.WarnContext(ctx, "session: time of use not stored", "error", err)
		}
	}
	return p, nil
}

// principal is who acts in a session.
func (s *Service) principal(ctx context.Context, db bun.IDB, u *User, sess *Session) (module.Principal, error) {
	p := s.principalOf(*u, sess.ID)
	var factors int64
	if sess.FactorAt.IsZero() {
		var err error
		if factors, err = s.store.countFactors(ctx, db, u.ID); err != nil {
			return module.Principal{}, err
		}
	}
	p.Pending = pendingOf(u, sess, factors > 0, s.policy.needsFactor(u.Role))
	return p, nil
}

// begin starts a session within tx.
func (s *Service) begin(ctx context.Context, tx bun.Tx, u *User, method Method, withFactor bool, from From) (string, module.Principal, error) {
	now := sqldb.MicrosOf(s.now())
	secret := newSecret()
	row := sessionRow{
		Hash: hashSecret(secret), ID: module.NewID(), UserID: u.ID, Method: string(method), CreatedAt: now, UsedAt: now,
		ConfirmedAt: now, Addr: from.Addr, Agent: module.Text(from.Agent, maxAgent),
	}
	if withFactor {
		row.FactorAt = now
	}
	sess := row.session()
	p, err := s.principal(ctx, tx, u, &sess)
	if err != nil {
		return "", module.Principal{}, err
	}
	p.Address = from.Addr
	if err := s.store.insertSession(ctx, tx, row); err != nil {
		return "", module.Principal{}, err
	}
	detail := map[string]string{"method": string(method)}
	if p.Pending != "" {
		detail["pending"] = string(p.Pending)
	}
	return secret, p, s.trail.Append(module.WithPrincipal(ctx, p), tx, module.Entry{Action: "session.create", Object: "user:" + u.ID, Detail: detail})
}

// raise gives the caller's session a new secret after he showed more of who he
// is, so that whoever knew the old one has nothing.
func (s *Service) raise(ctx context.Context, tx bun.Tx, p module.Principal, withFactor bool) (string, module.Principal, error) {
	secret := newSecret()
	now := sqldb.MicrosOf(s.now())
	row, err := s.store.sessionByID(ctx, tx, p.Session)
	if err != nil {
		return "", p, err
	}
	row.ConfirmedAt, row.UsedAt = now, now
	if withFactor {
		row.FactorAt = now
	}
	if err := s.store.rotateSession(ctx, tx, hashSecret(secret), row); err != nil {
		return "", p, err
	}
	userRow, err := s.store.userByID(ctx, tx, p.ID)
	if err != nil {
		return "", p, err
	}
	user, sess := userRow.user(), row.session()
	next, err := s.principal(ctx, tx, &user, &sess)
	next.Address = p.Address
	return secret, next, err
}

// self is the caller, where he may do something with his own account: a person
// with nothing pending but what is named. Errors: Unauthenticated, Denied,
// NotFound for a token, which has no account.
func (s *Service) self(ctx context.Context, pending ...module.Pending) (module.Principal, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSession); err != nil {
		return p, err
	}
	if p.Session == "" {
		return p, fault.New(fault.NotFound, "a token has no account of its own").WithCode("session.none")
	}
	for _, allowed := range append(pending, "") {
		if p.Pending == allowed {
			return p, nil
		}
	}
	return p, p.Pending.Refusal()
}

// fresh refuses unless the caller showed password or factor a short time ago.
func (s *Service) fresh(ctx context.Context, p module.Principal) error {
	row, err := s.store.sessionByID(ctx, s.store.db, p.Session)
	if errors.Is(err, errNoRow) {
		return fault.New(fault.Denied, "this is done by a person who signed in, not with a token").WithCode("session.none")
	}
	if err != nil {
		return err
	}
	if s.now().Sub(row.ConfirmedAt.Time()) > confirmedFor {
		return fault.New(fault.Denied, "confirm first that it is you: your password or second factor was shown more than %d minutes ago", int(confirmedFor.Minutes())).
			WithCode("session.confirm-first")
	}
	return nil
}

// SignOut ends the caller's session; a token has none to end.
func (s *Service) SignOut(ctx context.Context) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSession); err != nil {
		return err
	}
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.deleteSession(ctx, tx, p.ID, p.Session); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "session.end", Object: "user:" + p.ID})
	})
	if err == nil {
		s.running.end(p.ID, func(session string) bool { return session == p.Session })
	}
	return err
}

const (
	cleanupEvery = time.Hour
	countEvery   = time.Minute
)

// runCleanup deletes sessions that are over and counts those that are not.
func (s *Service) runCleanup(ctx context.Context) error {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	var cleaned time.Time
	for {
		now := s.now()
		var err error
		if now.Sub(cleaned) >= cleanupEvery {
			cleaned = now
			err = s.store.deleteSessionsBefore(ctx, sqldb.MicrosOf(now.Add(-sessionIdle)), sqldb.MicrosOf(now.Add(-sessionLife)))
		}
		if err = errors.Join(err, s.countSessions(ctx, now)); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// running knows what is being done in each session, so that a live stream or a
// long search ends with the session and not when it happens to finish.
type running struct {
	mu   sync.Mutex
	next uint64
	m    map[string]map[uint64]request // by user
}

type request struct {
	session string
	cancel  context.CancelFunc
}

func newRunning() *running { return &running{m: map[string]map[uint64]request{}} }

// attach returns a context that ends with the session too.
func (r *running) attach(ctx context.Context, user, session string) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	n := r.next
	if r.m[user] == nil {
		r.m[user] = map[uint64]request{}
	}
	r.m[user][n] = request{session, cancel}
	context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.m[user], n)
		if len(r.m[user]) == 0 {
			delete(r.m, user)
		}
	})
	return ctx
}

// end stops what the user does in the sessions that which names.
func (r *running) end(user string, which func(session string) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, q := range r.m[user] {
		if which(q.session) {
			q.cancel()
		}
	}
}

func everySession(string) bool { return true }
