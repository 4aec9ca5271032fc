package enrol

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// newPassword makes 130 random bits, in letters and digits that nobody mistakes.
func newPassword() string { return strings.ToLower(rand.Text()) }

// manage reads an enrolment that the caller may change.
func (s *Service) manage(ctx context.Context, tx bun.Tx, id string) (Enrolment, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEnrolManage); err != nil {
		return Enrolment{}, err
	}
	e, err := s.get(ctx, tx, p, id)
	if err == nil && !e.RevokedAt.IsZero() {
		err = revoked()
	}
	return e, err
}

func revoked() error {
	return fault.New(fault.Conflict, "the enrolment was revoked; make a new one").WithCode("enrolment.revoked")
}

// Rotation is how to replace a credential.
type Rotation struct {
	CSR string // PEM: the device made its own key
	// GraceHours is how long the old credentials still count; 0: they end at once.
	GraceHours int
}

// Rotate gives an enrolment a new credential and ends the old ones.
// Errors: Denied, NotFound, Invalid, Conflict for a revoked one or an address.
func (s *Service) Rotate(ctx context.Context, id string, r Rotation) (Enrolment, Kit, error) {
	if r.GraceHours < 0 || r.GraceHours > maxGraceHours {
		return Enrolment{}, Kit{}, fault.New(fault.Invalid, "graceHours: 0 to %d", maxGraceHours).OnField("body.graceHours")
	}
	if err := module.PrincipalOf(ctx).Require(module.ActionEnrolManage); err != nil {
		return Enrolment{}, Kit{}, err
	}
	var e Enrolment
	var fresh secret
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if e, err = s.manage(ctx, tx, id); err != nil {
			return err
		}
		if e.Credential == KindAddress {
			return fault.New(fault.Conflict, "an address is no secret that could be replaced; make a new enrolment").WithCode("enrolment.no-secret")
		}
		public, err := requestKey(r.CSR, e.Credential)
		if err != nil {
			return err
		}
		if err := s.end(ctx, tx, id, s.now().Add(time.Duration(r.GraceHours)*time.Hour), r.GraceHours == 0); err != nil {
			return err
		}
		if fresh, err = s.issue(ctx, tx, &e, public); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "enrolment.rotate", Object: "enrolment:" + id,
			Detail: fresh.detail(map[string]string{"unit": string(e.Unit), "name": e.Name, "grace-hours": fmt.Sprint(r.GraceHours)})})
	})
	if err != nil {
		return Enrolment{}, Kit{}, err
	}
	if err := s.afterChange(ctx); err != nil {
		return Enrolment{}, Kit{}, err
	}
	d, err := s.device(e.Device)
	if err != nil {
		return Enrolment{}, Kit{}, err
	}
	kit, err := s.kit(&e, d, fresh.token, fresh.cert)
	return e, kit, err
}

// end makes the credentials of an enrolment end at a moment, or revokes them now.
func (s *Service) end(ctx context.Context, tx bun.Tx, id string, at time.Time, now bool) error {
	old, err := s.store.credentialsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, c := range old {
		if Kind(c.Kind) == KindToken {
			if err := s.tokens.WithdrawIn(ctx, tx, c.ID, at); err != nil {
				return err
			}
		}
		if now {
			err = s.store.revokeCredential(ctx, tx, c.ID, sqldb.MicrosOf(at))
		} else {
			err = s.store.endCredential(ctx, tx, c.ID, sqldb.MicrosOf(at))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const maxReason = 500

// Revoke ends an enrolment and all its credentials, at once. Revoking twice is no
// error. Errors: Denied, NotFound, Invalid without a reason.
func (s *Service) Revoke(ctx context.Context, id, reason string) (Enrolment, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEnrolManage); err != nil {
		return Enrolment{}, err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxReason || module.Text(reason, maxReason) != reason {
		return Enrolment{}, fault.New(fault.Invalid, "reason: 1 to %d bytes, why it is revoked", maxReason).OnField("body.reason")
	}
	var e Enrolment
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if e, err = s.get(ctx, tx, p, id); err != nil || !e.RevokedAt.IsZero() {
			return err
		}
		now := s.now().UTC().Truncate(time.Microsecond)
		if err := s.end(ctx, tx, id, now, true); err != nil {
			return err
		}
		// What is revoked claims no address: it may be given to another.
		if err := s.store.deleteNetworks(ctx, tx, id); err != nil {
			return err
		}
		e.RevokedAt, e.RevokedBy, e.RevokedReason, e.Networks = now, p.Name, reason, nil
		if err := s.store.update(ctx, tx, &e); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "enrolment.revoke", Object: "enrolment:" + id,
			Detail: map[string]string{"unit": string(e.Unit), "name": e.Name, "reason": reason}})
	})
	if err != nil {
		return Enrolment{}, err
	}
	return e, s.afterChange(ctx)
}

// Edit changes what people call an enrolment and say of it; nil leaves as it is.
// Errors: Denied, NotFound, Invalid, Conflict for a revoked one.
func (s *Service) Edit(ctx context.Context, id string, name, note *string) (Enrolment, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionEnrolManage); err != nil {
		return Enrolment{}, err
	}
	var e Enrolment
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var err error
		if e, err = s.manage(ctx, tx, id); err != nil {
			return err
		}
		if name != nil {
			e.Name = *name
		}
		if note != nil {
			e.Note = *note
		}
		if err := e.check(&Device{ID: e.Device, Credentials: []Kind{e.Credential}}); err != nil {
			return err
		}
		if err := s.store.update(ctx, tx, &e); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "enrolment.edit", Object: "enrolment:" + id, Detail: map[string]string{"name": e.Name}})
	})
	return e, err
}

// Proof is what a device shows when it asks for a new certificate: a client
// certificate that TLS has verified, or its enrolment's token.
type Proof struct {
	Leaf  *x509.Certificate
	Token string
	Peer  string // the address it came from
}

// Renew issues a certificate for the device's own key to who proves to be an
// enrolment. The certificate it had stays good until its own end, so that nothing
// is lost between the two.
// Errors: Unauthenticated, Denied, Invalid, Busy if it renews in a loop.
func (s *Service) Renew(ctx context.Context, proof Proof, csr string) (*NewCertificate, error) {
	id, unit, err := s.prove(ctx, proof)
	if err != nil {
		return nil, err
	}
	public, err := authority.ParseRequest([]byte(csr))
	if err != nil {
		return nil, err
	}
	ctx = module.WithPrincipal(ctx, module.Principal{ID: id, Name: "enrolment:" + id, Role: module.RoleIngest, Unit: unit, Address: module.PrincipalOf(ctx).Address})
	var fresh secret
	err = s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		e, err := s.get(ctx, tx, module.System(), id)
		if err != nil {
			return err
		}
		// The index may be behind what another process has committed.
		if !e.RevokedAt.IsZero() {
			return fault.New(fault.Unauthenticated, "the enrolment was revoked").WithCode("enrolment.revoked")
		}
		live, err := s.store.credentialsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		n := 0
		for _, c := range live {
			if Kind(c.Kind) == KindCertificate && c.ExpiresAt.Time().After(s.now()) {
				n++
			}
		}
		if n >= maxLiveCertificates {
			return fault.New(fault.Busy, "the enrolment has %d certificates that are still good; renew when a third of the time is left", n).WithCode("enrolment.renewed-too-often")
		}
		if fresh, err = s.issueCertificate(ctx, tx, &e, public); err != nil {
			return err
		}
		return s.trail.Append(ctx, tx, module.Entry{Action: "enrolment.renew", Object: "enrolment:" + id,
			Detail: fresh.detail(map[string]string{"unit": string(e.Unit), "name": e.Name})})
	})
	if err != nil {
		return nil, err
	}
	return fresh.cert, s.afterChange(ctx)
}

// prove says which enrolment a device is.
func (s *Service) prove(ctx context.Context, proof Proof) (id string, unit event.UnitID, err error) {
	x := s.index.Load()
	if proof.Leaf != nil {
		if _, err = s.Certificate(ctx, proof.Leaf); fault.KindOf(err) == fault.NotFound {
			proof.Leaf = nil
		} else if err != nil {
			return "", "", err
		}
	}
	switch {
	case proof.Leaf != nil:
		id = x.certs[authority.Fingerprint(proof.Leaf)].enrolment
	case proof.Token != "":
		token, err := s.tokens.IngestID(ctx, proof.Token, proof.Peer)
		if err != nil {
			return "", "", err
		}
		if id = x.tokens[token]; id == "" {
			return "", "", fault.New(fault.Denied, "the token belongs to no enrolment").WithCode("enrolment.token-alone")
		}
	default:
		return "", "", fault.New(fault.Unauthenticated, "show the client certificate that is to be renewed, or the enrolment's token").WithCode("enrolment.no-proof")
	}
	e := x.enrolments[id]
	if e.revoked || e.unit == "" {
		return "", "", fault.New(fault.Unauthenticated, "the enrolment was revoked").WithCode("enrolment.revoked")
	}
	return id, e.unit, nil
}

// RevocationList signs the list of client certificates that are not good any more
// and do not say so themselves (CRL, DER).
func (s *Service) RevocationList(ctx context.Context) ([]byte, error) {
	rows, err := s.store.withdrawn(ctx, sqldb.MicrosOf(s.now()))
	if err != nil {
		return nil, err
	}
	list := make([]authority.Revoked, 0, len(rows))
	for _, r := range rows {
		serial, ok := new(big.Int).SetString(r.Serial, 16)
		if !ok {
			return nil, fmt.Errorf("enrolment %s: serial %q is no number", r.Enrolment, r.Serial)
		}
		at := r.RevokedAt.Time()
		if at.IsZero() {
			at = r.ExpiresAt.Time()
		}
		list = append(list, authority.Revoked{Serial: serial, At: at})
	}
	return s.authority.RevocationList(list)
}
