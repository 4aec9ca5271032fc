package identity

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// What is in this file is for enrolments, whose tokens are made and ended in the
// enrolment's own transaction; who may do that was checked there.

// IssueIngest makes a token for sending logs of unit, within tx; life 0: without
// an end. It counts after Reload.
func (t *Tokens) IssueIngest(ctx context.Context, tx bun.Tx, name string, unit event.UnitID, life time.Duration) (id, secret string, err error) {
	if !t.units.Exists(unit) {
		return "", "", fault.New(fault.Invalid, "unit: there is no unit %q", string(unit)).WithCode("unit.unknown").OnField("body.unit")
	}
	row, secret, err := t.issue(ctx, tx, NewToken{Name: name, Unit: unit, Scope: ScopeIngest, Life: life})
	return row.ID, secret, err
}

// WithdrawIn makes a token worthless from at on, within tx: a time that has come
// revokes it. It counts after Reload.
func (t *Tokens) WithdrawIn(ctx context.Context, tx bun.Tx, id string, at time.Time) error {
	if at.After(t.now()) {
		return t.store.endToken(ctx, tx, id, sqldb.MicrosOf(at))
	}
	row, err := t.store.tokenByID(ctx, tx, module.System(), id)
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return t.revokeIn(ctx, tx, row, at)
}

// Reload makes what was committed count.
func (t *Tokens) Reload(ctx context.Context) error { return t.reload(ctx) }

// IngestID returns the id of the token for sending logs that a secret from address
// is of.
// Errors: Unauthenticated, Denied.
func (t *Tokens) IngestID(ctx context.Context, secret, address string) (string, error) {
	token, err := t.Ingest(ctx, secret, address)
	return token.ID, err
}

// Ended tells which token a secret that was refused had been of, and why it is not
// taken any more: token.expired or token.revoked. "" for one that never was.
func (t *Tokens) Ended(secret string) (id, code string) {
	hash := hashSecret(secret)
	if id := (*t.ended.Load())[hash]; id != "" {
		return id, "token.revoked"
	}
	if lt := (*t.valid.Load())[hash]; lt != nil && !lt.ExpiresAt.IsZero() && !t.now().Before(lt.ExpiresAt) {
		return lt.ID, "token.expired"
	}
	return "", ""
}
