package enrol

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type row struct {
	bun.BaseModel `bun:"table:enrolments,alias:e"`

	ID            string       `bun:"id,pk"`
	Unit          string       `bun:"unit"`
	Name          string       `bun:"name"`
	Device        string       `bun:"device"`
	Credential    string       `bun:"credential"`
	LifeDays      int          `bun:"life_days"`
	Address       string       `bun:"address"`
	Note          string       `bun:"note"`
	SearchText    string       `bun:"search_text"`
	CreatedAt     sqldb.Micros `bun:"created_at"`
	CreatedBy     string       `bun:"created_by"`
	ExpiresAt     sqldb.Micros `bun:"expires_at"`
	RevokedAt     sqldb.Micros `bun:"revoked_at"`
	RevokedBy     string       `bun:"revoked_by"`
	RevokedReason string       `bun:"revoked_reason"`
}

type credentialRow struct {
	bun.BaseModel `bun:"table:enrol_credentials,alias:c"`

	ID        string       `bun:"id,pk"` // of the token; a certificate's fingerprint
	Enrolment string       `bun:"enrolment"`
	Kind      string       `bun:"kind"`
	Serial    string       `bun:"serial"` // hexadecimal; of a certificate
	IssuedAt  sqldb.Micros `bun:"issued_at"`
	ExpiresAt sqldb.Micros `bun:"expires_at"` // 0: never
	NotAfter  sqldb.Micros `bun:"not_after"`  // as the credential itself says; ExpiresAt may be earlier
	RevokedAt sqldb.Micros `bun:"revoked_at"`
}

type networkRow struct {
	bun.BaseModel `bun:"table:enrol_networks,alias:n"`

	Network   string `bun:"network,pk"`
	Enrolment string `bun:"enrolment"`
	Unit      string `bun:"unit"`
}

type seenRow struct {
	bun.BaseModel `bun:"table:enrol_seen,alias:s"`

	Enrolment string       `bun:"enrolment,pk"`
	FirstSeen sqldb.Micros `bun:"first_seen"`
	LastSeen  sqldb.Micros `bun:"last_seen"`
	Events    int64        `bun:"events"`
	Unparsed  int64        `bun:"unparsed"`
	Peer      string       `bun:"peer"`
}

func rowOf(e *Enrolment) row {
	return row{
		ID: e.ID, Unit: string(e.Unit), Name: e.Name, Device: e.Device, Credential: string(e.Credential), LifeDays: e.LifeDays,
		Address: e.Address, Note: e.Note, SearchText: searchText(e), CreatedAt: sqldb.MicrosOf(e.CreatedAt), CreatedBy: e.CreatedBy,
		ExpiresAt: sqldb.MicrosOf(e.ExpiresAt), RevokedAt: sqldb.MicrosOf(e.RevokedAt), RevokedBy: e.RevokedBy, RevokedReason: e.RevokedReason,
	}
}

func searchText(e *Enrolment) string {
	return module.Fold(e.Name + "\n" + e.Device + "\n" + e.Note + "\n" + e.ID)
}

func (r *row) enrolment(s *seenRow, networks []netip.Prefix) Enrolment {
	e := Enrolment{
		ID: r.ID, Unit: event.UnitID(r.Unit), Name: r.Name, Device: r.Device, Credential: Kind(r.Credential), LifeDays: r.LifeDays,
		Networks: networks, Address: r.Address, Note: r.Note, CreatedAt: r.CreatedAt.Time(), CreatedBy: r.CreatedBy,
		ExpiresAt: r.ExpiresAt.Time(), RevokedAt: r.RevokedAt.Time(), RevokedBy: r.RevokedBy, RevokedReason: r.RevokedReason,
	}
	if s != nil {
		e.FirstSeen, e.LastSeen, e.Events, e.Unparsed, e.Peer = s.FirstSeen.Time(), s.LastSeen.Time(), s.Events, s.Unparsed, s.Peer
	}
	return e
}

// one reads an enrolment that p sees; false: there is none.
func (s store) one(ctx context.Context, db bun.IDB, p module.Principal, id string) (Enrolment, bool, error) {
	var r row
	err := module.Scoped(db.NewSelect().Model(&r), p, "e.unit").Where("e.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Enrolment{}, false, nil
	}
	if err != nil {
		return Enrolment{}, false, err
	}
	list, err := s.complete(ctx, db, []row{r})
	if err != nil {
		return Enrolment{}, false, err
	}
	return list[0], true, nil
}

// complete adds to rows what other tables know of them.
func (s store) complete(ctx context.Context, db bun.IDB, rows []row) ([]Enrolment, error) {
	list := make([]Enrolment, len(rows))
	if len(rows) == 0 {
		return list, nil
	}
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	var seen []seenRow
	if err := db.NewSelect().Model(&seen).Where("s.enrolment IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	seenOf := make(map[string]*seenRow, len(seen))
	for i := range seen {
		seenOf[seen[i].Enrolment] = &seen[i]
	}
	var networks []networkRow
	if err := db.NewSelect().Model(&networks).Where("n.enrolment IN (?)", bun.List(ids)).OrderExpr("n.network").Scan(ctx); err != nil {
		return nil, err
	}
	networksOf := map[string][]netip.Prefix{}
	for _, n := range networks {
		p, err := netip.ParsePrefix(n.Network)
		if err != nil {
			return nil, fmt.Errorf("enrolment %s: network: %w", n.Enrolment, err)
		}
		networksOf[n.Enrolment] = append(networksOf[n.Enrolment], p)
	}
	for i := range rows {
		list[i] = rows[i].enrolment(seenOf[rows[i].ID], networksOf[rows[i].ID])
	}
	return list, nil
}

// list returns what p sees, newest first.
func (s store) list(ctx context.Context, p module.Principal, f Filter, now sqldb.Micros) ([]Enrolment, error) {
	var rows []row
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "e.unit")
	if f.Unit != "" {
		q = q.Where("e.unit = ?", string(f.Unit))
	}
	if f.Device != "" {
		q = q.Where("e.device = ?", f.Device)
	}
	if f.Text != "" {
		q = q.Where(`e.search_text LIKE ? ESCAPE '\'`, module.LikePattern(f.Text))
	}
	if f.Status != "" {
		if f.Status == StatusRevoked {
			q = q.Where("e.revoked_at <> 0")
		} else {
			q = q.Where("e.revoked_at = 0")
		}
		const over = "(e.expires_at <> 0 AND e.expires_at <= ?)"
		const heard = "EXISTS (SELECT 1 FROM enrol_seen AS s WHERE s.enrolment = e.id)"
		switch f.Status {
		case StatusExpired:
			q = q.Where(over, now)
		case StatusWaiting:
			q = q.Where("NOT "+over, now).Where("NOT " + heard)
		case StatusActive:
			q = q.Where("NOT "+over, now).Where(heard)
		}
	}
	if !f.ExpiresBefore.IsZero() {
		q = q.Where("e.revoked_at = 0").Where("e.expires_at <> 0").Where("e.expires_at < ?", sqldb.MicrosOf(f.ExpiresBefore))
	}
	if err := q.OrderExpr("e.id DESC").Limit(maxListed).Scan(ctx); err != nil {
		return nil, err
	}
	return s.complete(ctx, s.db, rows)
}

func (s store) countOf(ctx context.Context, tx bun.Tx, unit event.UnitID) (int, error) {
	var n int
	err := tx.NewSelect().Table("enrolments").ColumnExpr("count(*)").Where("unit = ?", string(unit)).Where("revoked_at = 0").Scan(ctx, &n)
	return n, err
}

func (s store) insert(ctx context.Context, tx bun.Tx, e *Enrolment) error {
	r := rowOf(e)
	if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
		return err
	}
	for _, p := range e.Networks {
		n := networkRow{Network: p.String(), Enrolment: e.ID, Unit: string(e.Unit)}
		if _, err := tx.NewInsert().Model(&n).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s store) update(ctx context.Context, tx bun.Tx, e *Enrolment) error {
	r := rowOf(e)
	_, err := tx.NewUpdate().Model(&r).WherePK().Exec(ctx)
	return err
}

func (s store) insertCredential(ctx context.Context, tx bun.Tx, c credentialRow) error {
	_, err := tx.NewInsert().Model(&c).Exec(ctx)
	return err
}

// credentialsOf returns the credentials of an enrolment that are not revoked.
func (s store) credentialsOf(ctx context.Context, tx bun.Tx, enrolment string) ([]credentialRow, error) {
	var rows []credentialRow
	err := tx.NewSelect().Model(&rows).Where("c.enrolment = ?", enrolment).Where("c.revoked_at = 0").Scan(ctx)
	return rows, err
}

// credential returns one by its id, which for a token is the token's.
func (s store) credential(ctx context.Context, tx bun.Tx, id string) (c credentialRow, ok bool, err error) {
	err = tx.NewSelect().Model(&c).Where("c.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return c, false, nil
	}
	return c, err == nil, err
}

func (s store) revokeCredential(ctx context.Context, tx bun.Tx, id string, at sqldb.Micros) error {
	_, err := tx.NewUpdate().Model((*credentialRow)(nil)).Set("revoked_at = ?", at).Where("c.id = ?", id).Where("c.revoked_at = 0").Exec(ctx)
	return err
}

// endCredential brings the end of a credential forward.
func (s store) endCredential(ctx context.Context, tx bun.Tx, id string, at sqldb.Micros) error {
	_, err := tx.NewUpdate().Model((*credentialRow)(nil)).Set("expires_at = ?", at).
		Where("c.id = ?", id).Where("c.expires_at = 0 OR c.expires_at > ?", at).Exec(ctx)
	return err
}

func (s store) deleteNetworks(ctx context.Context, tx bun.Tx, enrolment string) error {
	_, err := tx.NewDelete().Model((*networkRow)(nil)).Where("n.enrolment = ?", enrolment).Exec(ctx)
	return err
}

// networks returns all networks in force.
func (s store) networks(ctx context.Context, db bun.IDB) ([]networkRow, error) {
	var rows []networkRow
	err := db.NewSelect().Model(&rows).OrderExpr("n.network").Scan(ctx)
	return rows, err
}

// all returns what the index is made of.
func (s store) all(ctx context.Context) (rows []row, credentials []credentialRow, networks []networkRow, err error) {
	err = s.db.RunInTx(ctx, &sql.TxOptions{ReadOnly: true}, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewSelect().Model(&rows).Scan(ctx); err != nil {
			return err
		}
		if err := tx.NewSelect().Model(&credentials).Scan(ctx); err != nil {
			return err
		}
		var err error
		networks, err = s.networks(ctx, tx)
		return err
	})
	return rows, credentials, networks, err
}

func (s store) seenIDs(ctx context.Context) ([]string, error) {
	var ids []string
	err := s.db.NewSelect().Table("enrol_seen").Column("enrolment").Scan(ctx, &ids)
	return ids, err
}

// insertChunk bounds the rows of one statement.
const insertChunk = 500

func (s store) addSeen(ctx context.Context, tx bun.Tx, rows []seenRow) error {
	for len(rows) > 0 {
		n := min(len(rows), insertChunk)
		chunk := rows[:n]
		rows = rows[n:]
		_, err := tx.NewInsert().Model(&chunk).
			On("CONFLICT (enrolment) DO UPDATE").
			Set("peer = CASE WHEN EXCLUDED.last_seen >= s.last_seen THEN EXCLUDED.peer ELSE s.peer END").
			Set("last_seen = CASE WHEN EXCLUDED.last_seen > s.last_seen THEN EXCLUDED.last_seen ELSE s.last_seen END").
			Set("events = s.events + EXCLUDED.events").Set("unparsed = s.unparsed + EXCLUDED.unparsed").
			Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// withdrawn returns the certificates that are not good any more and do not say so
// themselves.
func (s store) withdrawn(ctx context.Context, now sqldb.Micros) ([]credentialRow, error) {
	var rows []credentialRow
	err := s.db.NewSelect().Model(&rows).Where("c.kind = ?", string(KindCertificate)).Where("c.not_after > ?", now).
		Where("c.revoked_at <> 0 OR c.expires_at <= ?", now).OrderExpr("c.id").Scan(ctx)
	return rows, err
}

// prune forgets credentials that ended long ago.
func (s store) prune(ctx context.Context, before sqldb.Micros) error {
	_, err := s.db.NewDelete().Model((*credentialRow)(nil)).Where("c.not_after <> 0").Where("c.not_after < ?", before).Exec(ctx)
	return err
}
