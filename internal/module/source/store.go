package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

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

	ID           string       `bun:"id"`
	SearchText   string       `bun:"search_text"` // "" until named
	Hour         sqldb.Micros `bun:"hour"`
	HourEvents   int64        `bun:"hour_events"`
	HourUnparsed int64        `bun:"hour_unparsed"`
	HourPause    int64        `bun:"hour_pause"` // microseconds
	HourPausedTo sqldb.Micros `bun:"hour_paused_to"`
	PrevHour     sqldb.Micros `bun:"prev_hour"`
	PrevEvents   int64        `bun:"prev_events"`
	PrevUnparsed int64        `bun:"prev_unparsed"`
	PrevPause    int64        `bun:"prev_pause"`
	PrevPausedTo sqldb.Micros `bun:"prev_paused_to"`
	Skew         int64        `bun:"skew"` // microseconds
	SkewAt       sqldb.Micros `bun:"skew_at"`

	began sqldb.Micros // of the batch
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

// addSources counts batches into their sources. The two slots of hours move on by
// themselves: a batch of a later hour makes the newest slot the previous one. What
// comes later still than that, from a relay that catches up, counts in the totals
// only.
func (s store) addSources(ctx context.Context, tx bun.Tx, rows []sourceRow) error {
	if sqldb.Dialect(s.db) == "postgres" {
		return s.addAtOnce(ctx, tx, rows)
	}
	// SQLite is called without a round trip: one statement, prepared once, is
	// faster than one full of literals.
	stmt, err := tx.PrepareContext(ctx, insertSource+" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) "+moveSource)
	if err != nil {
		return err
	}
	for i := range rows {
		if _, err = stmt.ExecContext(ctx, rows[i].values()...); err != nil {
			break
		}
	}
	return errors.Join(err, stmt.Close())
}

func (s store) addAtOnce(ctx context.Context, tx bun.Tx, rows []sourceRow) error {
	for len(rows) > 0 {
		n := min(len(rows), insertChunk)
		list := make([][]any, n)
		for i := range list {
			list[i] = rows[i].values()
		}
		rows = rows[n:]
		text, err := json.Marshal(list)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, insertSource+` SELECT v->>0, v->>1, v->>2, v->>3, v->>4, v->>5, v->>6,
			(v->>7)::bigint, (v->>8)::bigint, (v->>9)::bigint, (v->>10)::bigint, v->>11, v->>12,
			(v->>13)::bigint, (v->>14)::bigint, (v->>15)::bigint, (v->>16)::bigint, 0, (v->>17)::bigint, (v->>18)::bigint
			FROM json_array_elements(CAST(? AS json)) AS rows(v) `+moveSource, string(text))
		if err != nil {
			return err
		}
	}
	return nil
}

// values are the parameters of insertSource. The pause of the statement is the
// moment the batch began: only the row that is there knows when the pause began.
func (r *sourceRow) values() []any {
	return []any{
		r.Unit, r.Input, r.Peer, r.Host, r.Format, r.Product, r.Service, r.FirstSeen, r.LastSeen, r.Events, r.Unparsed,
		r.ID, r.SearchText, r.Hour, r.Events, r.Unparsed, r.began, r.Skew, r.SkewAt,
	}
}

const insertSource = `INSERT INTO sources AS s (unit, input, peer, host, format, product, service, first_seen, last_seen, events, unparsed,
	id, search_text, hour, hour_events, hour_unparsed, hour_paused_to, hour_pause, skew, skew_at)`

// moveSource sees old values on its right sides: assignments do not follow one
// another in SQL.
const moveSource = `ON CONFLICT (unit, input, peer, host, format) DO UPDATE SET
	product = excluded.product, service = excluded.service,
	events = s.events + excluded.events, unparsed = s.unparsed + excluded.unparsed,
	last_seen = CASE WHEN excluded.last_seen > s.last_seen THEN excluded.last_seen ELSE s.last_seen END,
	hour = CASE WHEN excluded.hour > s.hour THEN excluded.hour ELSE s.hour END,
	hour_events = CASE WHEN excluded.hour > s.hour THEN excluded.hour_events WHEN excluded.hour = s.hour THEN s.hour_events + excluded.hour_events ELSE s.hour_events END,
	hour_unparsed = CASE WHEN excluded.hour > s.hour THEN excluded.hour_unparsed WHEN excluded.hour = s.hour THEN s.hour_unparsed + excluded.hour_unparsed ELSE s.hour_unparsed END,
	hour_pause = CASE WHEN excluded.hour_paused_to - s.last_seen > (CASE WHEN excluded.hour > s.hour THEN 0 ELSE s.hour_pause END) THEN excluded.hour_paused_to - s.last_seen
		WHEN excluded.hour > s.hour THEN 0 ELSE s.hour_pause END,
	hour_paused_to = CASE WHEN excluded.hour_paused_to - s.last_seen > (CASE WHEN excluded.hour > s.hour THEN 0 ELSE s.hour_pause END) OR excluded.hour > s.hour THEN excluded.hour_paused_to
		ELSE s.hour_paused_to END,
	prev_hour = CASE WHEN excluded.hour > s.hour THEN s.hour ELSE s.prev_hour END,
	prev_events = CASE WHEN excluded.hour > s.hour THEN s.hour_events WHEN excluded.hour = s.prev_hour THEN s.prev_events + excluded.hour_events ELSE s.prev_events END,
	prev_unparsed = CASE WHEN excluded.hour > s.hour THEN s.hour_unparsed WHEN excluded.hour = s.prev_hour THEN s.prev_unparsed + excluded.hour_unparsed ELSE s.prev_unparsed END,
	prev_pause = CASE WHEN excluded.hour > s.hour THEN s.hour_pause ELSE s.prev_pause END,
	prev_paused_to = CASE WHEN excluded.hour > s.hour THEN s.hour_paused_to ELSE s.prev_paused_to END,
	skew = CASE WHEN excluded.skew_at >= s.skew_at AND excluded.skew_at > 0 THEN excluded.skew ELSE s.skew END,
	skew_at = CASE WHEN excluded.skew_at > s.skew_at THEN excluded.skew_at ELSE s.skew_at END`

// idOf names a source for links and tables: the same key has the same id for ever.
func idOf(unit, input, peer, host, format string) string {
	text, err := json.Marshal([]string{unit, input, peer, host, format})
	if err != nil {
		return "" // five strings
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

func searchText(r *sourceRow) string {
	return module.Fold(strings.Join([]string{r.Unit, r.Input, r.Peer, r.Host, r.Format, r.Product, r.Service}, "\n"))
}

// nameAll gives sources their id and search text where these are missing.
func (s store) nameAll(ctx context.Context) error {
	for {
		var rows []sourceRow
		err := s.db.NewSelect().Model(&rows).Where("id = '' OR search_text = ''").Limit(insertChunk).Scan(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			for i := range rows {
				r := &rows[i]
				_, err := tx.NewUpdate().Model(r).Set("id = ?", idOf(r.Unit, r.Input, r.Peer, r.Host, r.Format)).
					Set("search_text = ?", searchText(r)).WherePK().Exec(ctx)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
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

func (s store) inbox(ctx context.Context, p module.Principal, from, to sqldb.Micros) ([]Unparsed, error) {
	var rows []unparsedRow
	q := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").Where("bucket >= ?", from).Where("bucket < ?", to).
		OrderExpr("bucket DESC, last_seen DESC").Limit(50 * maxInboxEntries)
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	return addUp(rows)
}

func (s store) unparsedCount(ctx context.Context, p module.Principal, from, to sqldb.Micros) (int64, error) {
	var n int64
	q := module.Scoped(s.db.NewSelect().Table("unparsed"), p, "unit").ColumnExpr("CAST(coalesce(sum(count), 0) AS BIGINT)").
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
