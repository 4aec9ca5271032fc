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
// last year arrive together and belong together. However many findings
// an alert gets at once, they cost one changed row.
func (s *Service) Record(ctx context.Context, tx bun.Tx, findings []detect.Finding) ([]Recorded, error) {
	if len(findings) == 0 {
		return nil, nil
	}
	for i := range findings {
		f := &findings[i]
		f.Drill = s.drills.Of(f.Unit, f.Drill, f.EntityValue)
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
		var made, moved []*counted
		at := make(map[string]*counted, n)
		for _, g := range chunk {
			c := &counted{group: *g}
			// Newest first: the alert that took the latest finding goes on.
			for _, o := range open[g.key] {
				if near(g, o, s.gap) {
					c.id = o.ID
					break
				}
			}
			created := c.id == ""
			if created {
				c.id = module.NewID()
				open[g.key] = append([]openRow{{ID: c.id, Key: g.key}}, open[g.key]...)
			}
			touch(open[g.key], c.id, g)
			if before := at[c.id]; before != nil {
				before.merge(g)
				continue
			}
			at[c.id] = c
			if created {
				made = append(made, c)
			} else {
				moved = append(moved, c)
			}
			recorded = append(recorded, Recorded{ID: c.id, Created: created})
		}
		if err := s.store.insert(ctx, tx, made, now); err != nil {
			return nil, err
		}
		if err := s.store.add(ctx, tx, moved, now); err != nil {
			return nil, err
		}
		if err := s.store.setSeries(ctx, tx, moved); err != nil {
			return nil, err
		}
	}
	return recorded, nil
}

// counted is a group and the alert it is counted into.
type counted struct {
	id string
	group
}

// recordChunk bounds the groups of one statement.
const recordChunk = 1000

// rowOf is what a new alert has of its own.
func rowOf(c *counted) alertRow {
	f := c.sample
	level := knownLevel(f.Level)
	tags, err := json.Marshal(f.Tags)
	if err != nil || len(tags) > maxTagsBytes || f.Tags == nil {
		tags = []byte("[]")
	}
	row := alertRow{
		ID: c.id, Key: c.key,
		RuleID: module.Text(f.RuleID, maxEntityBytes), RuleHash: module.Text(f.RuleHash, maxHashBytes), Title: module.Text(f.Title, maxTitleBytes), TitleVi: module.Text(f.TitleVi, maxTitleBytes),
		Level: level, LevelRank: levelRank(level), Unit: string(f.Unit),
		EntityField: module.Text(f.EntityField, maxEntityBytes), EntityValue: module.Text(f.EntityValue, maxEntityBytes),
		Count: c.count, FirstSeen: sqldb.MicrosOf(c.firstSeen), LastSeen: sqldb.MicrosOf(c.lastSeen),
		FirstArrival: sqldb.MicrosOf(c.firstArrival), LastArrival: sqldb.MicrosOf(c.lastArrival),
		Tags: module.Text(string(tags), maxTagsBytes), Drill: f.Drill,
	}
	row.SearchText = module.Fold(row.Title + "\n" + row.TitleVi + "\n" + row.EntityValue + "\n" + row.RuleID)
	if c.series != nil {
		row.EventQuery, row.Series = eventQuery(f), seriesText(c.series)
	}
	return row
}
