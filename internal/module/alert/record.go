package alert

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Recorded names an alert that findings made or moved.
type Recorded struct {
	ID      string
	Created bool
}

// Record counts findings into alerts, inside the transaction that stores their
// events. It is called by the product itself, not for a principal.
//
// A finding goes to the open alert of its rule, unit and entity whose latest
// finding arrived at most the gap before it; else it begins a new one. It is
// the arrival that decides, not the time the event claims: imported events of
// last year arrive together and belong together. 10,000 findings cost one
// query and one upsert per chunk of groups.
func (s *Service) Record(ctx context.Context, tx bun.Tx, findings []detect.Finding) ([]Recorded, error) {
	if len(findings) == 0 {
		return nil, nil
	}
	groups := groupFindings(findings, s.gap)
	now := sqldb.MicrosOf(s.now())
	recorded := make([]Recorded, 0, len(groups))
	for len(groups) > 0 {
		n := min(len(groups), recordChunk)
		chunk := groups[:n]
		groups = groups[n:]
		open, err := s.store.openAlerts(ctx, tx, chunk, sqldb.MicrosOf(earliest(chunk).Add(-s.gap)))
		if err != nil {
			return nil, err
		}
		rows := make([]alertRow, 0, n)
		at := make(map[string]int, n) // alert id to its place in rows
		for _, g := range chunk {
			id, created := "", false
			// Newest first: the alert that took the latest finding goes on.
			for _, o := range open[g.key] {
				if near(g, o, s.gap) {
					id = o.ID
					break
				}
			}
			if id == "" {
				id, created = module.NewID(), true
				open[g.key] = append([]openRow{{ID: id, Key: g.key}}, open[g.key]...)
			}
			touch(open[g.key], id, g)
			if i, twice := at[id]; twice {
				// One statement must not name a row twice.
				rows[i].merge(g)
				continue
			}
			at[id] = len(rows)
			rows = append(rows, rowOfGroup(id, g, now))
			recorded = append(recorded, Recorded{ID: id, Created: created})
		}
		if err := s.store.upsert(ctx, tx, rows); err != nil {
			return nil, err
		}
	}
	return recorded, nil
}

// recordChunk bounds the groups of one statement.
const recordChunk = 500

func rowOfGroup(id string, g *group, now sqldb.Micros) alertRow {
	f := g.sample
	level := knownLevel(f.Level)
	tags, err := json.Marshal(f.Tags)
	if err != nil || len(tags) > maxTagsBytes || f.Tags == nil {
		tags = []byte("[]")
	}
	row := alertRow{
		ID: id, Key: g.key,
		RuleID: module.Text(f.RuleID, maxEntityBytes), Title: module.Text(f.Title, maxTitleBytes), TitleVi: module.Text(f.TitleVi, maxTitleBytes),
		Level: level, LevelRank: levelRank(level), Status: string(StatusNew), Unit: string(f.Unit),
		EntityField: module.Text(f.EntityField, maxEntityBytes), EntityValue: module.Text(f.EntityValue, maxEntityBytes),
		Count: g.count, FirstSeen: sqldb.MicrosOf(g.firstSeen), LastSeen: sqldb.MicrosOf(g.lastSeen),
		FirstArrival: sqldb.MicrosOf(g.firstArrival), LastArrival: sqldb.MicrosOf(g.lastArrival),
		CreatedAt: now, UpdatedAt: now, Tags: module.Text(string(tags), maxTagsBytes), Version: 1,
	}
	row.SearchText = module.Fold(row.Title + "\n" + row.TitleVi + "\n" + row.EntityValue + "\n" + row.RuleID)
	return row
}

func (r *alertRow) merge(g *group) {
	r.Count += g.count
	r.FirstSeen = min(r.FirstSeen, sqldb.MicrosOf(g.firstSeen))
	r.LastSeen = max(r.LastSeen, sqldb.MicrosOf(g.lastSeen))
	r.FirstArrival = min(r.FirstArrival, sqldb.MicrosOf(g.firstArrival))
	r.LastArrival = max(r.LastArrival, sqldb.MicrosOf(g.lastArrival))
}
