package identity

import (
	"context"
	"database/sql"
	"errors"
	"net/netip"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// errNoRow is returned where no row has the key.
var errNoRow = errors.New("no row")

func oneRow(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errNoRow
	}
	return err
}

type store struct{ db *bun.DB }

type userRow struct {
	bun.BaseModel `bun:"table:users"`

	ID           string       `bun:"id,pk"`
	Username     string       `bun:"username"`
	DisplayName  string       `bun:"display_name"`
	Role         string       `bun:"role"`
	Unit         string       `bun:"unit"`
	PasswordHash string       `bun:"password_hash"`
	MustChange   bool         `bun:"must_change"`
	Disabled     bool         `bun:"disabled"`
	CreatedAt    sqldb.Micros `bun:"created_at"`
	LastSignIn   sqldb.Micros `bun:"last_sign_in"`
	Kind         string       `bun:"kind"`
	Failures     int64        `bun:"failures"`
	FailedAt     sqldb.Micros `bun:"failed_at"`
	LockedUntil  sqldb.Micros `bun:"locked_until"`
	LastAddr     string       `bun:"last_addr"`
	Mail         string       `bun:"mail"`
}

func rowOfUser(u User, hash string) userRow {
	return userRow{
		ID: u.ID, Username: u.Username, DisplayName: u.DisplayName, Role: string(u.Role), Unit: string(u.Unit),
		PasswordHash: hash, MustChange: u.MustChange, Disabled: u.Disabled, CreatedAt: sqldb.MicrosOf(u.CreatedAt), Kind: string(u.Kind), Mail: u.Mail,
	}
}

func (r *userRow) user() User {
	return User{
		ID: r.ID, Username: r.Username, DisplayName: r.DisplayName, Role: module.Role(r.Role), Unit: event.UnitID(r.Unit),
		Disabled: r.Disabled, MustChange: r.MustChange, CreatedAt: r.CreatedAt.Time(), LastSignIn: r.LastSignIn.Time(),
		Kind: Kind(r.Kind), Mail: r.Mail, LastAddr: r.LastAddr,
	}
}

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions"`

	Hash        string       `bun:"hash,pk"`
	ID          string       `bun:"id"` // stays when the secret changes
	UserID      string       `bun:"user_id"`
	CreatedAt   sqldb.Micros `bun:"created_at"`
	UsedAt      sqldb.Micros `bun:"used_at"`
	Addr        string       `bun:"addr"`
	Agent       string       `bun:"agent"`
	Method      string       `bun:"method"`
	FactorAt    sqldb.Micros `bun:"factor_at"`
	ConfirmedAt sqldb.Micros `bun:"confirmed_at"`
}

type tokenRow struct {
	bun.BaseModel `bun:"table:tokens"`

	ID         string       `bun:"id,pk"`
	Name       string       `bun:"name"`
	Unit       string       `bun:"unit"`
	Scope      string       `bun:"scope"`
	Hash       string       `bun:"hash"`
	CreatedAt  sqldb.Micros `bun:"created_at"`
	ExpiresAt  sqldb.Micros `bun:"expires_at"`
	RevokedAt  sqldb.Micros `bun:"revoked_at"`
	LastUsedAt sqldb.Micros `bun:"last_used_at"`
	CreatedBy  string       `bun:"created_by"`
	Role       string       `bun:"role"`
	Actions    string       `bun:"actions"`  // with spaces between
	Networks   string       `bun:"networks"` // with spaces between
	LastAddr   string       `bun:"last_addr"`
}

func (r *tokenRow) token() Token {
	t := Token{
		ID: r.ID, Name: r.Name, Unit: event.UnitID(r.Unit), Scope: TokenScope(r.Scope), CreatedAt: r.CreatedAt.Time(),
		ExpiresAt: r.ExpiresAt.Time(), RevokedAt: r.RevokedAt.Time(), LastUsed: r.LastUsedAt.Time(),
		CreatedBy: r.CreatedBy, Role: module.Role(r.Role), LastAddr: r.LastAddr,
	}
	for _, a := range strings.Fields(r.Actions) {
		t.Only = append(t.Only, module.Action(a))
	}
	for _, text := range strings.Fields(r.Networks) {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			p = netip.PrefixFrom(netip.IPv6Unspecified(), 128) // damaged: from nowhere
		}
		t.Networks = append(t.Networks, p)
	}
	return t
}

func (s store) userByName(ctx context.Context, name string) (userRow, error) {
	var r userRow
	err := s.db.NewSelect().Model(&r).Where("username = ?", name).Scan(ctx)
	return r, oneRow(err)
}

func (s store) userByID(ctx context.Context, db bun.IDB, id string) (userRow, error) {
	var r userRow
	err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	return r, oneRow(err)
}

func (s store) listUsers(ctx context.Context) ([]User, error) {
	return s.users(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
}

// usersOf returns the users of the units that p sees.
func (s store) usersOf(ctx context.Context, p module.Principal) ([]User, error) {
	return s.users(ctx, func(q *bun.SelectQuery) *bun.SelectQuery { return module.Scoped(q, p, "unit") })
}

func (s store) users(ctx context.Context, narrow func(*bun.SelectQuery) *bun.SelectQuery) ([]User, error) {
	var rows []userRow
	if err := s.db.NewSelect().Model(&rows).Apply(narrow).OrderExpr("username").Scan(ctx); err != nil {
		return nil, err
	}
	users := make([]User, len(rows))
	for i := range rows {
		users[i] = rows[i].user()
	}
	return users, nil
}

func (s store) displayNames(ctx context.Context, ids []string) (map[string]string, error) {
	names := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	var rows []userRow
	err := s.db.NewSelect().Model(&rows).Column("id", "display_name").Where("id IN (?)", bun.List(ids)).Scan(ctx)
	for _, r := range rows {
		names[r.ID] = r.DisplayName
	}
	return names, err
}

func (s store) countUsers(ctx context.Context, tx bun.Tx) (int64, error) {
	return tx.NewSelect().Model((*userRow)(nil)).Count(ctx)
}

// countAdministrators counts those of the centre, who alone can make accounts.
func (s store) countAdministrators(ctx context.Context, tx bun.Tx) (int64, error) {
	return tx.NewSelect().Model((*userRow)(nil)).Where("unit = ?", string(event.CentreUnit)).
		Where("role = ?", string(module.RoleAdministrator)).Where("disabled = ?", false).Where("kind = ''").Count(ctx)
}

func (s store) insertUser(ctx context.Context, tx bun.Tx, r userRow) error {
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) setPassword(ctx context.Context, tx bun.Tx, id, hash string, mustChange bool) error {
	_, err := tx.NewUpdate().Model((*userRow)(nil)).
		Set("password_hash = ?", hash).Set("must_change = ?", mustChange).Where("id = ?", id).Exec(ctx)
	return err
}

func (s store) updateUser(ctx context.Context, tx bun.Tx, u User) error {
	_, err := tx.NewUpdate().Model((*userRow)(nil)).Set("display_name = ?", u.DisplayName).Set("mail = ?", u.Mail).Set("role = ?", string(u.Role)).
		Set("unit = ?", string(u.Unit)).Set("disabled = ?", u.Disabled).Where("id = ?", u.ID).Exec(ctx)
	return err
}

func (s store) session(ctx context.Context, hash string) (sessionRow, userRow, error) {
	var sess sessionRow
	var user userRow
	if err := s.db.NewSelect().Model(&sess).Where("hash = ?", hash).Scan(ctx); err != nil {
		return sess, user, oneRow(err)
	}
	user, err := s.userByID(ctx, s.db, sess.UserID)
	return sess, user, err
}

func (s store) insertSession(ctx context.Context, tx bun.Tx, r sessionRow) error {
	if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*userRow)(nil)).Set("last_sign_in = ?", r.CreatedAt).Set("last_addr = ?", r.Addr).Where("id = ?", r.UserID).Exec(ctx)
	return err
}

func (s store) touchSession(ctx context.Context, hash string, at sqldb.Micros) error {
	_, err := s.db.NewUpdate().Model((*sessionRow)(nil)).Set("used_at = ?", at).Where("hash = ?", hash).Exec(ctx)
	return err
}

func (s store) sessionByID(ctx context.Context, db bun.IDB, id string) (sessionRow, error) {
	var r sessionRow
	err := db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	return r, oneRow(err)
}

// rotateSession stores r under another secret.
func (s store) rotateSession(ctx context.Context, tx bun.Tx, hash string, r sessionRow) error {
	_, err := tx.NewUpdate().Model((*sessionRow)(nil)).Set("hash = ?", hash).Set("used_at = ?", r.UsedAt).
		Set("factor_at = ?", r.FactorAt).Set("confirmed_at = ?", r.ConfirmedAt).Where("id = ?", r.ID).Exec(ctx)
	return err
}

func (s store) deleteSession(ctx context.Context, tx bun.Tx, userID, id string) error {
	_, err := tx.NewDelete().Model((*sessionRow)(nil)).Where("id = ?", id).Where("user_id = ?", userID).Exec(ctx)
	return err
}

// deleteSessionsOf ends the user's sessions but the one to keep.
func (s store) deleteSessionsOf(ctx context.Context, tx bun.Tx, userID, keep string) error {
	_, err := tx.NewDelete().Model((*sessionRow)(nil)).Where("user_id = ?", userID).Where("id <> ?", keep).Exec(ctx)
	return err
}

func (s store) deleteSessionsBefore(ctx context.Context, used, created sqldb.Micros) error {
	_, err := s.db.NewDelete().Model((*sessionRow)(nil)).Where("used_at < ? OR created_at < ?", used, created).Exec(ctx)
	return err
}

func (s store) listTokens(ctx context.Context) ([]tokenRow, error) {
	var rows []tokenRow
	err := s.db.NewSelect().Model(&rows).OrderExpr("id DESC").Scan(ctx)
	return rows, err
}

// tokensOf returns the tokens of the units that p sees.
func (s store) tokensOf(ctx context.Context, p module.Principal) ([]tokenRow, error) {
	var rows []tokenRow
	err := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").OrderExpr("id DESC").Scan(ctx)
	return rows, err
}

// tokenByID returns a token of a unit that p sees. Errors: NotFound.
func (s store) tokenByID(ctx context.Context, tx bun.Tx, p module.Principal, id string) (tokenRow, error) {
	var r tokenRow
	err := oneRow(module.Scoped(tx.NewSelect().Model(&r), p, "unit").Where("id = ?", id).Scan(ctx))
	if errors.Is(err, errNoRow) {
		err = fault.New(fault.NotFound, "no such token").WithCode("token.unknown")
	}
	return r, err
}

// endToken brings a token's end forward.
func (s store) endToken(ctx context.Context, tx bun.Tx, id string, at sqldb.Micros) error {
	_, err := tx.NewUpdate().Model((*tokenRow)(nil)).Set("expires_at = ?", at).
		Where("id = ?", id).Where("expires_at = 0 OR expires_at > ?", at).Exec(ctx)
	return err
}

func (s store) insertToken(ctx context.Context, tx bun.Tx, r tokenRow) error {
	_, err := tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

// revokeToken returns how many tokens have the id; the first revocation's time
// stays.
func (s store) revokeToken(ctx context.Context, tx bun.Tx, id string, at sqldb.Micros) (int64, error) {
	res, err := tx.NewUpdate().Model((*tokenRow)(nil)).
		Set("revoked_at = CASE WHEN revoked_at = 0 THEN ? ELSE revoked_at END", at).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// touchToken stores when and, where it is known, from where a token was used last.
func (s store) touchToken(ctx context.Context, id string, at sqldb.Micros, addr string) error {
	_, err := s.db.NewUpdate().Model((*tokenRow)(nil)).Set("last_used_at = ?", at).
		Set("last_addr = CASE WHEN ? = '' THEN last_addr ELSE ? END", addr, addr).
		Where("id = ?", id).Where("last_used_at < ?", at).Exec(ctx)
	return err
}

// updateToken stores what of a token may change.
func (s store) updateToken(ctx context.Context, tx bun.Tx, r tokenRow) error {
	_, err := tx.NewUpdate().Model(&r).Column("name", "role", "actions", "networks", "expires_at").WherePK().Exec(ctx)
	return err
}
