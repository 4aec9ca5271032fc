package readiness

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type layerRow struct {
	bun.BaseModel `bun:"table:readiness_layers"`

	Kind    string       `bun:"kind,pk"`
	Subject string       `bun:"subject,pk"`
	Layer   int64        `bun:"layer,pk"`
	Unit    string       `bun:"unit"`
	Facts   string       `bun:"facts"`
	ByID    string       `bun:"by_id"`
	By      string       `bun:"by_name"`
	At      sqldb.Micros `bun:"at"`
	Version int64        `bun:"version"`
}

type layerKey struct {
	kind, subject string
	layer         int
}

func (s store) layers(ctx context.Context, db bun.IDB, where func(*bun.SelectQuery) *bun.SelectQuery) (map[layerKey]*Layer, error) {
	var rows []layerRow
	if err := where(db.NewSelect().Model(&rows)).Scan(ctx); err != nil {
		return nil, err
	}
	out := make(map[layerKey]*Layer, len(rows))
	for _, r := range rows {
		l := &Layer{Kind: r.Kind, Subject: r.Subject, Layer: int(r.Layer), By: Mark{r.ByID, r.By, r.At.Time()}, Version: r.Version}
		if err := json.Unmarshal([]byte(r.Facts), &l.Facts); err != nil {
			return nil, fmt.Errorf("layer %d of %s %s: %w", l.Layer, l.Kind, l.Subject, err)
		}
		out[layerKey{r.Kind, r.Subject, l.Layer}] = l
	}
	return out, nil
}

// saveLayer stores a layer over the version before it; false: it was changed
// meanwhile.
func (s store) saveLayer(ctx context.Context, tx bun.Tx, l *Layer, unit event.UnitID) (bool, error) {
	text, err := json.Marshal(l.Facts)
	if err != nil {
		return false, err
	}
	r := &layerRow{Kind: l.Kind, Subject: l.Subject, Layer: int64(l.Layer), Unit: string(unit), Facts: string(text), ByID: l.By.ID, By: l.By.Name,
		At: sqldb.MicrosOf(l.By.At), Version: l.Version}
	if l.Version == 1 {
		return sqldb.One(tx.NewInsert().Model(r).On("CONFLICT (kind, subject, layer) DO NOTHING").Exec(ctx))
	}
	return sqldb.One(tx.NewUpdate().Model(r).WherePK().Where("version = ?", l.Version-1).Exec(ctx))
}

type feedRow struct {
	bun.BaseModel `bun:"table:readiness_feeds"`

	Unit       string       `bun:"unit,pk"`
	Monitoring sqldb.Micros `bun:"monitoring"`
	Malware    sqldb.Micros `bun:"malware"`
	At         sqldb.Micros `bun:"at"`
}

func (s store) feeds(ctx context.Context) (map[event.UnitID]Feeds, error) {
	var rows []feedRow
	err := s.db.NewSelect().Model(&rows).Scan(ctx)
	out := make(map[event.UnitID]Feeds, len(rows))
	for _, r := range rows {
		out[event.UnitID(r.Unit)] = Feeds{r.Monitoring.Time(), r.Malware.Time(), r.At.Time()}
	}
	return out, err
}

func (s store) saveFeeds(ctx context.Context, found map[event.UnitID]Feeds, at time.Time) error {
	rows := make([]feedRow, 0, len(found))
	for u, f := range found {
		rows = append(rows, feedRow{Unit: string(u), Monitoring: sqldb.MicrosOf(f.Monitoring), Malware: sqldb.MicrosOf(f.Malware), At: sqldb.MicrosOf(at)})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := s.db.NewInsert().Model(&rows).On("CONFLICT (unit) DO UPDATE").
		Set("monitoring = EXCLUDED.monitoring, malware = EXCLUDED.malware, at = EXCLUDED.at").Exec(ctx)
	return err
}

type overrideRow struct {
	bun.BaseModel `bun:"table:readiness_overrides"`

	ID        string       `bun:"id,pk"`
	System    string       `bun:"system"`
	Code      string       `bun:"code"`
	Title     string       `bun:"title"`
	Unit      string       `bun:"unit"`
	Operator  string       `bun:"operator"`
	Missing   string       `bun:"missing"`
	Decider   string       `bun:"decider"`
	Document  string       `bun:"document"`
	Reason    string       `bun:"reason"`
	Until     string       `bun:"until"`
	ByID      string       `bun:"by_id"`
	By        string       `bun:"by_name"`
	At        sqldb.Micros `bun:"at"`
	EndedAt   sqldb.Micros `bun:"ended_at"`
	EndedBy   string       `bun:"ended_by"`
	EndReason string       `bun:"end_reason"`
	Told      int64        `bun:"told"`
}

func (r *overrideRow) override() (Override, error) {
	o := Override{ID: r.ID, System: r.System, Code: r.Code, Title: r.Title, Unit: event.UnitID(r.Unit), Operator: event.UnitID(r.Operator),
		Decider: r.Decider, Document: r.Document, Reason: r.Reason, Until: module.Date(r.Until), By: Mark{r.ByID, r.By, r.At.Time()},
		Ended: Mark{Name: r.EndedBy, At: r.EndedAt.Time()}, EndReason: r.EndReason, Told: int(r.Told)}
	if err := json.Unmarshal([]byte(r.Missing), &o.Missing); err != nil {
		return o, fmt.Errorf("decision %s: %w", r.ID, err)
	}
	return o, nil
}

func (s store) overrides(ctx context.Context, db bun.IDB, where func(*bun.SelectQuery) *bun.SelectQuery) ([]Override, error) {
	var rows []overrideRow
	if err := where(db.NewSelect().Model(&rows)).OrderExpr("until, at").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Override, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].override(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s store) addOverride(ctx context.Context, tx bun.Tx, o *Override) error {
	missing, err := json.Marshal(module.OrEmpty(o.Missing))
	if err != nil {
		return err
	}
	_, err = tx.NewInsert().Model(&overrideRow{ID: o.ID, System: o.System, Code: o.Code, Title: o.Title, Unit: string(o.Unit), Operator: string(o.Operator),
		Missing: string(missing), Decider: o.Decider, Document: o.Document, Reason: o.Reason, Until: string(o.Until),
		ByID: o.By.ID, By: o.By.Name, At: sqldb.MicrosOf(o.By.At)}).Exec(ctx)
	return err
}

func (s store) endOverride(ctx context.Context, tx bun.Tx, id string, by Mark, reason string) (bool, error) {
	return sqldb.One(tx.NewUpdate().Table("readiness_overrides").Set("ended_at = ?, ended_by = ?, end_reason = ?", sqldb.MicrosOf(by.At), by.Name, reason).
		Where("id = ?", id).Where("ended_at = 0").Exec(ctx))
}

func (s store) noteTold(ctx context.Context, tx bun.Tx, id string, stage int) (bool, error) {
	return sqldb.One(tx.NewUpdate().Table("readiness_overrides").Set("told = ?", stage).Where("id = ?", id).Where("told < ?", stage).Exec(ctx))
}

// reach narrows q to systems that p sees, as their owner's or operator's.
func reach(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	if p.AllUnits() {
		return q
	}
	units := p.Reach()
	if len(units) == 0 {
		return q.Where("1 = 0")
	}
	return q.Where("(unit IN (?0) OR operator IN (?0))", bun.List(units))
}

type criticalRow struct {
	bun.BaseModel `bun:"table:readiness_criticals"`

	System   string `bun:"system,pk"`
	Code     string `bun:"code"`
	Title    string `bun:"title"`
	Unit     string `bun:"unit"`
	Operator string `bun:"operator"`
	State    string `bun:"state"`
	Steps    string `bun:"steps"`
	Year     int64  `bun:"year"`
	Version  int64  `bun:"version"`
}

func (r *criticalRow) critical() (Critical, error) {
	c := Critical{System: r.System, Code: r.Code, Title: r.Title, Unit: event.UnitID(r.Unit), Operator: event.UnitID(r.Operator), State: r.State,
		Year: int(r.Year), Version: r.Version}
	if err := json.Unmarshal([]byte(r.Steps), &c.Steps); err != nil {
		return c, fmt.Errorf("critical system %s: %w", r.System, err)
	}
	return c, nil
}

func (s store) criticals(ctx context.Context, where func(*bun.SelectQuery) *bun.SelectQuery) ([]Critical, error) {
	var rows []criticalRow
	if err := where(s.db.NewSelect().Model(&rows)).OrderExpr("code").Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Critical, len(rows))
	for i := range rows {
		var err error
		if out[i], err = rows[i].critical(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s store) critical(ctx context.Context, db bun.IDB, system string) (Critical, bool, error) {
	var r criticalRow
	err := db.NewSelect().Model(&r).Where("system = ?", system).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Critical{}, false, nil
	}
	if err != nil {
		return Critical{}, false, err
	}
	c, err := r.critical()
	return c, err == nil, err
}

func (s store) saveCritical(ctx context.Context, tx bun.Tx, c *Critical) (bool, error) {
	steps, err := json.Marshal(c.Steps)
	if err != nil {
		return false, err
	}
	r := &criticalRow{System: c.System, Code: c.Code, Title: c.Title, Unit: string(c.Unit), Operator: string(c.Operator), State: c.State,
		Steps: string(steps), Year: int64(c.Year), Version: c.Version}
	if c.Version == 1 {
		return sqldb.One(tx.NewInsert().Model(r).On("CONFLICT (system) DO NOTHING").Exec(ctx))
	}
	return sqldb.One(tx.NewUpdate().Model(r).WherePK().Where("version = ?", c.Version-1).Exec(ctx))
}

// rename keeps what is known of a system in step with the register.
func (s store) rename(ctx context.Context, tx bun.Tx, r *module.Registered) error {
	for _, table := range []string{"readiness_overrides", "readiness_criticals"} {
		if _, err := tx.NewUpdate().Table(table).Set("code = ?, title = ?, unit = ?, operator = ?", r.Code, r.Name, string(r.Unit), string(r.Operator)).
			Where("system = ?", r.ID).Exec(ctx); err != nil {
			return err
		}
	}
	_, err := tx.NewUpdate().Table("readiness_layers").Set("unit = ?", string(r.Unit)).Where("kind = ?", OfSystem).Where("subject = ?", r.ID).Exec(ctx)
	return err
}
