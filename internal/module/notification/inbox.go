package notification

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// inboxItem is what one person is told; the same again counts into it while he
// has not read it.
type inboxItem struct {
	Item

	ID     string
	User   string
	Group  string
	Total  int
	ReadAt time.Time
}

type inboxRow struct {
	bun.BaseModel `bun:"table:notification_inbox"`

	ID        string       `bun:"id,pk"`
	UserID    string       `bun:"user_id"`
	Group     string       `bun:"group_key"`
	Kind      string       `bun:"kind"`
	Level     string       `bun:"level"`
	Unit      string       `bun:"unit"`
	Title     string       `bun:"title"`
	TitleVi   string       `bun:"title_vi"`
	Object    string       `bun:"object"`
	Total     int64        `bun:"total"`
	CreatedAt sqldb.Micros `bun:"created_at"`
	At        sqldb.Micros `bun:"at"`
	ReadAt    sqldb.Micros `bun:"read_at"`
}

func (r *inboxRow) item() inboxItem {
	return inboxItem{
		ID: r.ID, User: r.UserID, Group: r.Group, Total: int(r.Total), ReadAt: r.ReadAt.Time(),
		Item: Item{Kind: r.Kind, Level: r.Level, Unit: event.UnitID(r.Unit), Title: r.Title, TitleVi: r.TitleVi, Object: r.Object, At: r.At.Time()},
	}
}

// addInbox counts items into unread ones of the last hour, or inserts them.
func (s store) addInbox(ctx context.Context, tx bun.Tx, items []*inboxItem, now time.Time) error {
	at := sqldb.MicrosOf(now)
	var rows []inboxRow
	for _, it := range items {
		moved, err := tx.NewUpdate().Table("notification_inbox").Set("total = total + ?", it.Total).Set("at = ?", at).
			Where("user_id = ?", it.User).Where("group_key = ?", it.Group).Where("read_at = 0").
			Where("created_at > ?", sqldb.MicrosOf(now.Add(-inboxGroup))).Exec(ctx)
		if err != nil {
			return err
		}
		n, err := moved.RowsAffected()
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		rows = append(rows, inboxRow{
			ID: module.NewID(), UserID: it.User, Group: it.Group, Kind: it.Kind, Level: it.Level, Unit: string(it.Unit), Title: it.Title,
			TitleVi: it.TitleVi, Object: it.Object, Total: int64(it.Total), CreatedAt: at, At: at,
		})
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return err
}

func (s store) inbox(ctx context.Context, user string, unread bool, before string, limit int64) ([]inboxItem, error) {
	var rows []inboxRow
	q := s.db.NewSelect().Model(&rows).Where("user_id = ?", user).OrderExpr("id DESC").Limit(limit)
	if unread {
		q = q.Where("read_at = 0")
	}
	if before != "" {
		q = q.Where("id < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]inboxItem, len(rows))
	for i := range rows {
		out[i] = rows[i].item()
	}
	return out, nil
}

func (s store) unread(ctx context.Context, user string) (int64, error) {
	return s.db.NewSelect().Table("notification_inbox").Where("user_id = ?", user).Where("read_at = 0").Count(ctx)
}

// markRead marks a person's own items, or, with none named, those up to an id.
func (s store) markRead(ctx context.Context, user string, ids []string, upTo string, now time.Time) error {
	q := s.db.NewUpdate().Table("notification_inbox").Set("read_at = ?", sqldb.MicrosOf(now)).Where("user_id = ?", user).Where("read_at = 0")
	if len(ids) > 0 {
		q = q.Where("id IN (?)", bun.List(ids))
	} else {
		q = q.Where("id <= ?", upTo)
	}
	_, err := q.Exec(ctx)
	return err
}
