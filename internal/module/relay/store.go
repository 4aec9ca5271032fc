package relay

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type relayRow struct {
	bun.BaseModel `bun:"table:relays"`

	ID            string       `bun:"id,pk"`
	Unit          string       `bun:"unit"`
	Host          string       `bun:"host"`
	Version       string       `bun:"version"`
	Peer          string       `bun:"peer"`
	FirstContact  sqldb.Micros `bun:"first_contact"`
	LastContact   sqldb.Micros `bun:"last_contact"`
	OffsetMS      int64        `bun:"offset_ms"`
	BacklogBlocks int64        `bun:"backlog_blocks"`
	BacklogBytes  int64        `bun:"backlog_bytes"`
	Oldest        sqldb.Micros `bun:"oldest"`
	SpoolMax      int64        `bun:"spool_max"`
	DiskFree      int64        `bun:"disk_free"`
	DiskTotal     int64        `bun:"disk_total"`
	WhenFull      string       `bun:"when_full"`
	Refusing      int          `bun:"refusing"`
	Blocks        int64        `bun:"blocks"`
	Events        int64        `bun:"events"`
	Retired       int          `bun:"retired"`
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

func rowOf(r *Relay) *relayRow {
	return &relayRow{
		ID: r.ID, Unit: string(r.Unit), Host: r.Host, Version: r.Version, Peer: r.Peer,
		FirstContact: sqldb.MicrosOf(r.FirstContact), LastContact: sqldb.MicrosOf(r.LastContact), OffsetMS: r.Offset.Milliseconds(),
		BacklogBlocks: r.BacklogBlocks, BacklogBytes: r.BacklogBytes, Oldest: sqldb.MicrosOf(r.Oldest),
		SpoolMax: r.SpoolMax, DiskFree: r.DiskFree, DiskTotal: r.DiskTotal, WhenFull: r.WhenFull, Refusing: number(r.Refusing),
		Blocks: r.Blocks, Events: r.Events, Retired: number(r.Retired),
	}
}

func (r *relayRow) relay() *Relay {
	return &Relay{
		ID: r.ID, Unit: event.UnitID(r.Unit), Host: r.Host, Version: r.Version, Peer: r.Peer,
		FirstContact: r.FirstContact.Time(), LastContact: r.LastContact.Time(), Offset: time.Duration(r.OffsetMS) * time.Millisecond,
		BacklogBlocks: r.BacklogBlocks, BacklogBytes: r.BacklogBytes, Oldest: r.Oldest.Time(),
		SpoolMax: r.SpoolMax, DiskFree: r.DiskFree, DiskTotal: r.DiskTotal, WhenFull: r.WhenFull, Refusing: r.Refusing != 0,
		Blocks: r.Blocks, Events: r.Events, Retired: r.Retired != 0,
	}
}

func (s store) relays(ctx context.Context) ([]*Relay, error) {
	var rows []relayRow
	if err := s.db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]*Relay, len(rows))
	for i := range rows {
		out[i] = rows[i].relay()
	}
	return out, nil
}

// keep writes relays; whether one is retired is not theirs to change.
func (s store) keep(ctx context.Context, relays []*Relay) error {
	for _, r := range relays {
		_, err := s.db.NewInsert().Model(rowOf(r)).On("CONFLICT (id) DO UPDATE").
			Set("unit = EXCLUDED.unit").Set("host = EXCLUDED.host").Set("version = EXCLUDED.version").Set("peer = EXCLUDED.peer").
			Set("last_contact = EXCLUDED.last_contact").Set("offset_ms = EXCLUDED.offset_ms").
			Set("backlog_blocks = EXCLUDED.backlog_blocks").Set("backlog_bytes = EXCLUDED.backlog_bytes").Set("oldest = EXCLUDED.oldest").
			Set("spool_max = EXCLUDED.spool_max").Set("disk_free = EXCLUDED.disk_free").Set("disk_total = EXCLUDED.disk_total").
			Set("when_full = EXCLUDED.when_full").Set("refusing = EXCLUDED.refusing").
			Set("blocks = EXCLUDED.blocks").Set("events = EXCLUDED.events").Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s store) retire(ctx context.Context, tx bun.Tx, id string) error {
	if _, err := tx.NewUpdate().Model((*relayRow)(nil)).Set("retired = 1").Where("id = ?", id).Exec(ctx); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*keyRow)(nil)).Set("retired = 1").Where("relay = ?", id).Exec(ctx)
	return err
}

type gapRow struct {
	bun.BaseModel `bun:"table:relay_gaps"`

	ID     string       `bun:"id,pk"`
	Relay  string       `bun:"relay"`
	Unit   string       `bun:"unit"`
	Reason string       `bun:"reason"`
	From   sqldb.Micros `bun:"from_at"`
	To     sqldb.Micros `bun:"to_at"`
	Blocks int64        `bun:"blocks"`
	Events int64        `bun:"events"`
	Bytes  int64        `bun:"bytes"`
	Noted  sqldb.Micros `bun:"noted_at"`
}

// addGaps returns those that were not known.
func (s store) addGaps(ctx context.Context, relay string, unit event.UnitID, gaps []Gap) (fresh []Gap, err error) {
	err = s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		fresh = fresh[:0]
		for _, g := range gaps {
			row := gapRow{ID: relay + "/" + g.ID, Relay: relay, Unit: string(unit), Reason: g.Reason, From: sqldb.MicrosOf(g.From), To: sqldb.MicrosOf(g.To),
				Blocks: g.Blocks, Events: g.Events, Bytes: g.Bytes, Noted: sqldb.MicrosOf(g.NotedAt)}
			res, err := tx.NewInsert().Model(&row).On("CONFLICT (id) DO NOTHING").Exec(ctx)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil {
				return err
			} else if n > 0 {
				fresh = append(fresh, g)
			}
		}
		return nil
	})
	return fresh, err
}

func (s store) gaps(ctx context.Context, relay string, limit int64) ([]Gap, error) {
	var rows []gapRow
	if err := s.db.NewSelect().Model(&rows).Where("relay = ?", relay).OrderExpr("noted_at DESC, id").Limit(limit).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Gap, len(rows))
	for i, r := range rows {
		out[i] = Gap{ID: r.ID, Reason: r.Reason, From: r.From.Time(), To: r.To.Time(), Blocks: r.Blocks, Events: r.Events, Bytes: r.Bytes, NotedAt: r.Noted.Time()}
	}
	return out, nil
}

type keyRow struct {
	bun.BaseModel `bun:"table:bundle_keys"`

	Key     string       `bun:"key,pk"`
	Relay   string       `bun:"relay"`
	Unit    string       `bun:"unit"`
	Added   sqldb.Micros `bun:"added_at"`
	Retired int          `bun:"retired"`
}

// addKey returns who has the key, which is the given one if nobody had it.
func (s store) addKey(ctx context.Context, tx bun.Tx, row keyRow) (keyRow, error) {
	if _, err := tx.NewInsert().Model(&row).On("CONFLICT (key) DO NOTHING").Exec(ctx); err != nil {
		return keyRow{}, err
	}
	var has keyRow
	err := tx.NewSelect().Model(&has).Where("key = ?", row.Key).Scan(ctx)
	return has, err
}

// key returns nil where there is none.
func (s store) key(ctx context.Context, key string) (*keyRow, error) {
	var row keyRow
	err := s.db.NewSelect().Model(&row).Where("key = ?", key).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &row, err
}

type bundleRow struct {
	bun.BaseModel `bun:"table:bundles"`

	ID      string       `bun:"id,pk"`
	Relay   string       `bun:"relay"`
	Unit    string       `bun:"unit"`
	By      string       `bun:"imported_by"`
	Started sqldb.Micros `bun:"started_at"`
	Done    sqldb.Micros `bun:"done_at"`
	Blocks  int64        `bun:"blocks"`
	Events  int64        `bun:"events"`
	From    sqldb.Micros `bun:"from_at"`
	To      sqldb.Micros `bun:"to_at"`
}

func (r *bundleRow) bundle() Bundle {
	return Bundle{ID: r.ID, Relay: r.Relay, Unit: event.UnitID(r.Unit), ImportedBy: r.By, StartedAt: r.Started.Time(), DoneAt: r.Done.Time(),
		Blocks: r.Blocks, Events: r.Events, From: r.From.Time(), To: r.To.Time()}
}

// beginBundle returns the bundle as it is known, the given one if it was not.
func (s store) beginBundle(ctx context.Context, tx bun.Tx, b Bundle) (Bundle, error) {
	row := bundleRow{ID: b.ID, Relay: b.Relay, Unit: string(b.Unit), By: b.ImportedBy, Started: sqldb.MicrosOf(b.StartedAt),
		Blocks: b.Blocks, Events: b.Events, From: sqldb.MicrosOf(b.From), To: sqldb.MicrosOf(b.To)}
	if _, err := tx.NewInsert().Model(&row).On("CONFLICT (id) DO NOTHING").Exec(ctx); err != nil {
		return Bundle{}, err
	}
	var has bundleRow
	if err := tx.NewSelect().Model(&has).Where("id = ?", b.ID).Scan(ctx); err != nil {
		return Bundle{}, err
	}
	return has.bundle(), nil
}

func (s store) endBundle(ctx context.Context, tx bun.Tx, id, by string, at time.Time) error {
	_, err := tx.NewUpdate().Model((*bundleRow)(nil)).Set("done_at = ?", sqldb.MicrosOf(at)).Set("imported_by = ?", by).
		Where("id = ? AND done_at = 0", id).Exec(ctx)
	return err
}

func (s store) bundles(ctx context.Context, limit int64) ([]Bundle, error) {
	var rows []bundleRow
	if err := s.db.NewSelect().Model(&rows).OrderExpr("started_at DESC, id").Limit(limit).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Bundle, len(rows))
	for i := range rows {
		out[i] = rows[i].bundle()
	}
	return out, nil
}
