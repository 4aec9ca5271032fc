package identity

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Factors is what a person can show besides a password.
type Factors struct {
	TOTPSince    time.Time // zero: no authenticator app
	TOTPUsed     time.Time
	Passkeys     []Passkey
	RecoveryLeft int64
	Needed       bool // the role may not go without
}

// Factors lists the caller's own. Errors: Denied while something is pending,
// NotFound for a token.
func (s *Service) Factors(ctx context.Context) (Factors, error) {
	p, err := s.self(ctx, module.PendingEnrol)
	if err != nil {
		return Factors{}, err
	}
	f := Factors{Needed: s.policy.needsFactor(p.Role)}
	totp, err := s.store.totp(ctx, s.store.db, p.ID)
	if err != nil && !errors.Is(err, errNoRow) {
		return Factors{}, err
	}
	if totp.Secret != "" {
		f.TOTPSince, f.TOTPUsed = totp.CreatedAt.Time(), totp.UsedAt.Time()
	}
	keys, err := s.store.passkeys(ctx, s.store.db, p.ID)
	if err != nil {
		return Factors{}, err
	}
	for _, k := range keys {
		f.Passkeys = append(f.Passkeys, Passkey{ID: k.ID, Name: k.Name, CreatedAt: k.CreatedAt.Time(), UsedAt: k.UsedAt.Time()})
	}
	f.RecoveryLeft, err = s.store.recoveryLeft(ctx, s.store.db, p.ID)
	return f, err
}

// OfferTOTP makes a secret for the caller's authenticator app. It counts after
// AcceptTOTP; one in force stays so until then.
// Errors: Denied session.confirm-first, NotFound for a token.
func (s *Service) OfferTOTP(ctx context.Context) (TOTPSetup, error) {
	p, err := s.changing(ctx, module.PendingEnrol)
	if err != nil {
		return TOTPSetup{}, err
	}
	secret := newTOTPSecret()
	setup, err := totpSetup(secret, totpIssuer, p.Name)
	if err != nil {
		return TOTPSetup{}, err
	}
	return setup, s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return s.store.offerTOTP(ctx, tx, p.ID, s.sealer.seal(secret, "totp:"+p.ID))
	})
}

// Enrolled is what enrolling a factor gives.
type Enrolled struct {
	Secret    string // of the session, which got a new one
	Principal module.Principal
	// RecoveryCodes come with the first factor and are shown this once.
	RecoveryCodes []string
}

// AcceptTOTP enrols the app whose code shows that it has the offered secret, and
// ends the caller's other sessions, which had no factor or an old one.
// Errors: Invalid factor.wrong-code, Conflict factor.not-offered, Busy.
func (s *Service) AcceptTOTP(ctx context.Context, code string) (Enrolled, error) {
	p, err := s.changing(ctx, module.PendingEnrol)
	if err != nil {
		return Enrolled{}, err
	}
	var out Enrolled
	err = s.guess(ctx, p, func() error {
		return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			row, err := s.store.totp(ctx, tx, p.ID)
			if err != nil && !errors.Is(err, errNoRow) {
				return err
			}
			if row.NextSecret == "" {
				return fault.New(fault.Conflict, "begin again: no app is waiting for its first code").WithCode("factor.not-offered")
			}
			secret, err := s.sealer.open(row.NextSecret, "totp:"+p.ID)
			if err != nil {
				return err
			}
			step, ok, err := totpMatch(secret, code, s.now(), 0)
			if err != nil {
				return err
			}
			if !ok {
				return wrongCode("body.code")
			}
			if err := s.store.acceptTOTP(ctx, tx, p.ID, row.NextSecret, step, sqldb.MicrosOf(s.now())); err != nil {
				return err
			}
			out, err = s.enrolled(ctx, tx, p, "totp")
			return err
		})
	})
	if err == nil {
		s.endOthers(p)
	}
	return out, err
}

// enrolled does what follows a new factor of any sort.
func (s *Service) enrolled(ctx context.Context, tx bun.Tx, p module.Principal, kind string) (Enrolled, error) {
	var out Enrolled
	left, err := s.store.recoveryLeft(ctx, tx, p.ID)
	if err != nil {
		return out, err
	}
	if left == 0 {
		if out.RecoveryCodes, err = s.renewRecovery(ctx, tx, p.ID); err != nil {
			return out, err
		}
	}
	if err := s.store.deleteSessionsOf(ctx, tx, p.ID, p.Session); err != nil {
		return out, err
	}
	if out.Secret, out.Principal, err = s.raise(ctx, tx, p, true); err != nil {
		return out, err
	}
	return out, s.trail.Append(ctx, tx, module.Entry{Action: "factor.enrol", Object: "user:" + p.ID, Detail: map[string]string{"factor": kind}})
}

// RemoveTOTP takes the caller's app away.
// Errors: NotFound, Conflict factor.needed for the last factor where the role
// needs one, Denied session.confirm-first.
func (s *Service) RemoveTOTP(ctx context.Context) error {
	p, err := s.changing(ctx)
	if err != nil {
		return err
	}
	return s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		row, err := s.store.totp(ctx, tx, p.ID)
		if err != nil && !errors.Is(err, errNoRow) {
			return err
		}
		if row.Secret == "" {
			return fault.New(fault.NotFound, "no authenticator app is enrolled").WithCode("factor.unknown")
		}
		if err := s.store.deleteTOTP(ctx, tx, p.ID); err != nil {
			return err
		}
		return s.removed(ctx, tx, p, "totp")
	})
}

// removed does what follows the end of a factor of any sort.
func (s *Service) removed(ctx context.Context, tx bun.Tx, p module.Principal, kind string) error {
	left, err := s.store.countFactors(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	if left == 0 {
		if s.policy.needsFactor(p.Role) {
			return fault.New(fault.Conflict, "your role may not go without a second factor; enrol another one first").WithCode("factor.needed")
		}
		if err := s.store.deleteRecovery(ctx, tx, p.ID); err != nil {
			return err
		}
	}
	return s.trail.Append(ctx, tx, module.Entry{Action: "factor.remove", Object: "user:" + p.ID, Detail: map[string]string{"factor": kind}})
}

// RenewRecoveryCodes replaces the caller's codes.
// Errors: Conflict factor.none without a factor, Denied session.confirm-first.
func (s *Service) RenewRecoveryCodes(ctx context.Context) ([]string, error) {
	p, err := s.changing(ctx)
	if err != nil {
		return nil, err
	}
	var codes []string
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		factors, err := s.store.countFactors(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		if factors == 0 {
			return fault.New(fault.Conflict, "recovery codes stand in for a second factor; enrol one first").WithCode("factor.none")
		}
		if codes, err = s.renewRecovery(ctx, tx, p.ID); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "factor.recovery-codes", Object: "user:" + p.ID})
	})
	return codes, err
}

// Proof is one thing that shows who a person is; exactly one is given.
type Proof struct {
	Code     string // of the authenticator app
	Recovery string
	Password string // only where the account has no factor
}

// Prove completes a sign-in that waits for its factor, or confirms, later, that
// the person is still the same. The session gets a new secret.
// Errors: Invalid factor.wrong-code, Unauthenticated session.wrong-credentials,
// Conflict factor.needed for a password where a factor must be shown, Busy.
func (s *Service) Prove(ctx context.Context, proof Proof) (string, module.Principal, error) {
	p, err := s.self(ctx, module.PendingFactor, module.PendingEnrol, module.PendingPassword)
	if err != nil {
		return "", p, err
	}
	if proof == (Proof{}) {
		return "", p, fault.New(fault.Invalid, "give a code, a recovery code or a password").WithCode("factor.no-proof").OnField("body")
	}
	factors, err := s.store.countFactors(ctx, s.store.db, p.ID)
	if err != nil {
		return "", p, err
	}
	if proof.Password != "" {
		if factors > 0 {
			return "", p, fault.New(fault.Conflict, "show your second factor, not the password").WithCode("factor.needed")
		}
		if _, err := s.ownPassword(ctx, p, proof.Password); err != nil {
			return "", p, err
		}
		return s.proved(ctx, p, "password", nil)
	}
	var secret string
	err = s.guess(ctx, p, func() error {
		var err error
		if proof.Recovery != "" {
			secret, p, err = s.proved(ctx, p, "recovery-code", func(ctx context.Context, tx bun.Tx) (bool, error) {
				return s.spendRecovery(ctx, tx, p.ID, proof.Recovery)
			})
			return err
		}
		secret, p, err = s.proved(ctx, p, "totp", func(ctx context.Context, tx bun.Tx) (bool, error) {
			return s.spendTOTP(ctx, tx, p.ID, proof.Code)
		})
		return err
	})
	return secret, p, err
}

// proved raises the session if spend, which uses up the proof, says that it was
// good. A nil spend: the password was checked.
func (s *Service) proved(ctx context.Context, p module.Principal, kind string, spend func(context.Context, bun.Tx) (bool, error)) (string, module.Principal, error) {
	var secret string
	next := p
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if spend != nil {
			good, err := spend(ctx, tx)
			if err != nil {
				return err
			}
			if !good {
				return wrongCode("body")
			}
		}
		var err error
		if secret, next, err = s.raise(ctx, tx, p, spend != nil); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "session.confirm", Object: "user:" + p.ID, Detail: map[string]string{"with": kind}})
	})
	return secret, next, err
}

func (s *Service) spendTOTP(ctx context.Context, tx bun.Tx, userID, code string) (bool, error) {
	row, err := s.store.totp(ctx, tx, userID)
	if errors.Is(err, errNoRow) || err == nil && row.Secret == "" {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	secret, err := s.sealer.open(row.Secret, "totp:"+userID)
	if err != nil {
		return false, err
	}
	step, ok, err := totpMatch(secret, code, s.now(), row.LastStep)
	if err != nil || !ok {
		return false, err
	}
	n, err := s.store.useTOTP(ctx, tx, userID, step, sqldb.MicrosOf(s.now()))
	return n == 1, err
}

// changing is self for what needs a fresh confirmation.
func (s *Service) changing(ctx context.Context, pending ...module.Pending) (module.Principal, error) {
	p, err := s.self(ctx, pending...)
	if err != nil {
		return p, err
	}
	row, err := s.store.userByID(ctx, s.store.db, p.ID)
	if err != nil {
		return p, err
	}
	if row.Kind != string(KindPerson) {
		return p, fault.New(fault.Denied, "the account for emergencies has no factors").WithCode("permission.denied")
	}
	return p, s.fresh(ctx, p)
}

// guess runs one try to show a factor, counted against the account and the
// address; a try that is refused is written down.
func (s *Service) guess(ctx context.Context, p module.Principal, try func() error) (err error) {
	defer func() { s.metrics.factorShown(err) }()
	now := s.now()
	if wait := s.perAddress.begin(p.Address, now); wait > 0 {
		return tooManyAttempts(wait)
	}
	if wait := s.perFactor.begin(p.ID, now); wait > 0 {
		return tooManyAttempts(wait)
	}
	err = try()
	if err == nil {
		s.perFactor.succeed(p.ID)
		s.perAddress.forgive(p.Address)
		return nil
	}
	if fe, ok := errors.AsType[*fault.Error](err); ok && (fe.Code == codeWrongCode || fe.Code == codeWrongPasskey) {
		s.log.WarnContext(ctx, "second factor refused", "user", p.Name, "peer", p.Address)
		err = errors.Join(err, s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			return s.trail.Append(ctx, tx, module.Entry{Action: "factor.refused", Object: "user:" + p.ID})
		}))
	}
	return err
}

const codeWrongCode = "factor.wrong-code"

func wrongCode(field string) error {
	return fault.New(fault.Invalid, "the code is wrong, was used already, or is too old").WithCode(codeWrongCode).OnField(field)
}
