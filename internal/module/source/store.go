package source

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type sourceRow struct {
	bun.BaseModel `bun:"table:sources,alias:s"`

	Unit      string       `bun:"unit,pk"`
	Input     string       `bun:"input,pk"`
	Peer      string       `bun:"peer,pk"`
	Host      string       `bun:"host,pk"`
	Format    string       `bun:"format,pk"`
	Product   string       `bun:"product"`
	Service   string       `bun:"service"`
	FirstSeen sqldb.Micros `bun:"first_seen"`
	LastSeen  sqldb.Micros `bun:"last_seen"`
	Events    int64        `bun:"events"`
	Unparsed  int64        `bun:"unparsed"`
}

type unparsedRow struct {
	bun.BaseModel `bun:"table:unparsed,alias:u"`

	Unit     string       `bun:"unit,pk"`
	Input    string       `bun:"input,pk"`
	Peer     string       `bun:"peer,pk"`
	Host     string       `bun:"host,pk"`
	Bucket   sqldb.Micros `bun:"bucket,pk"` // beginning of the hour
	Count    int64        `bun:"count"`
	LastSeen sqldb.Micros `bun:"last_seen"`
	Samples  string       `bun:"samples"` // JSON array
}

// insertChunk bounds the rows of one statement.
const insertChunk = 500

func (s store) addSources(ctx context.Context, tx bun.Tx, rows []sourceRow) error {
	for len(rows) > 0 {
		n := min(len(rows), insertChunk)
		chunk := rows[:n]
		rows = rows[n:]
		_, err := tx.NewInsert().Model(&chunk).
			On("CONFLICT (unit, input, peer, host, format) DO UPDATE").
			Set("product = EXCLUDED.product").Set("service = EXCLUDED.service").
			Set("last_seen = CASE WHEN EXCLUDED.last_seen > s.last_seen THEN EXCLUDED.last_seen ELSE s.last_seen END").
			Set("events = s.events + EXCLUDED.events").Set("unparsed = s.unparsed + EXCLUDED.unparsed").
			Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s store) addUnparsed(ctx context.Context, tx bun.Tx, rows []unparsedRow) error {
	for len(rows) > 0 {
		n := min(len(rows), insertChunk)
		chunk := rows[:n]
		rows = rows[n:]
		_, err := tx.NewInsert().Model(&chunk).
			On("CONFLICT (unit, input, peer, host, bucket) DO UPDATE").
			Set("count = u.count + EXCLUDED.count").
			Set("last_seen = CASE WHEN EXCLUDED.last_seen > u.last_seen THEN EXCLUDED.last_seen ELSE u.last_seen END").
			Set("samples = CASE WHEN EXCLUDED.samples = '[]' OR EXCLUDED.samples = 'null' THEN u.samples ELSE EXCLUDED.samples END").
			Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s store) countSources(ctx context.Context, tx bun.Tx, unit event.UnitID) (int, error) {
	var n int
	err := tx.NewSelect().Table("sources").ColumnExpr("count(*)").Where("unit = ?", string(unit)).Scan(ctx, &n)
	return n, err
}

func (s store) exists(ctx context.Context, tx bun.Tx, k key) (bool, error) {
	return tx.NewSelect().Model((*sourceRow)(nil)).
		Where("unit = ?", string(k.unit)).Where("input = ?", k.input).Where("peer = ?", k.peer).
		Where("host = ?", k.host).Where("format = ?", k.format).Exists(ctx)
}

func scoped(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	switch {
	case p.AllUnits():
		return q
	case p.Role != "" && p.Unit != "":
		return q.Where("unit = ?", string(p.Unit))
	}
	return q.Where("1 = 0")
}

func (s store) list(ctx context.Context, p module.Principal, unit event.UnitID) ([]sourceRow, error) {
	var rows []sourceRow
	q := scoped(s.db.NewSelect().Model(&rows), p)
	if unit != "" {
		q = q.Where("unit = ?", string(unit))
	}
	err := q.OrderExpr("last_seen, unit, input, peer, host, format").Limit(maxListed).Scan(ctx)
	return rows, err
}

func (s store) inbox(ctx context.Context, p module.Principal, from, to sqldb.Micros) ([]Unparsed, error) {
	var rows []unparsedRow
	q := scoped(s.db.NewSelect().Model(&rows), p).Where("bucket >= ?", from).Where("bucket < ?", to).
		OrderExpr("bucket DESC, last_seen DESC").Limit(50 * maxInboxEntries)
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return addUp(rows)
}

func (s store) unparsedCount(ctx context.Context, p module.Principal, from, to sqldb.Micros) (int64, error) {
	var n int64
	q := scoped(s.db.NewSelect().Table("unparsed"), p).ColumnExpr("CAST(coalesce(sum(count), 0) AS BIGINT)").
		Where("bucket >= ?", from).Where("bucket < ?", to)
	err := q.Scan(ctx, &n)
	return n, err
}

func (s store) prune(ctx context.Context, before sqldb.Micros) error {
	_, err := s.db.NewDelete().Model((*unparsedRow)(nil)).Where("bucket < ?", before).Exec(ctx)
	return err
}

func samplesOf(r *unparsedRow) ([]string, error) {
	var samples []string
	err := json.Unmarshal([]byte(r.Samples), &samples)
	return samples, err
}
