package alert

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Filter says which alerts to list, and in what order.
type Filter struct {
	Statuses []string // empty: all
	Levels   []string // empty: all
	Unit     event.UnitID
	Text     string // anywhere in title, entity or rule id, without regard to case or marks
	RuleID   string
	Assignee string    // user id, Nobody, or "" for all
	Campaign string    // id of a group of [Service.Groups]; its alerts as they are now
	From, To time.Time // opened at or after, and before; zero: any time
	Sort     string    // a key of sorts
	Limit    int
	Cursor   string

	principal module.Principal
	ids       []string // of the campaign
	upTo      string   // id of the last alert that counts; "": all
}

// Nobody as an assignee selects what nobody has taken.
const Nobody = "none"

func (f *Filter) scope(p module.Principal) { f.principal = p }

// Page is one page of alerts. The counts are over all pages: Total by the whole
// filter, ByStatus without the filter's statuses and ByLevel without its levels,
// so that the choices beside a list show what choosing them would give.
type Page struct {
	Items    []Alert
	Next     string
	Total    int64
	ByStatus map[string]int64
	ByLevel  map[string]int64
}

// sorts lists the orders, each by one column and then by id, so that paging by
// the last row seen skips and repeats nothing.
var sorts = map[string]struct {
	column string
	desc   bool
}{
	"-lastSeen": {"last_seen", true}, "lastSeen": {"last_seen", false},
	"-level": {"level_rank", true}, "level": {"level_rank", false},
	"-count": {"count", true}, "count": {"count", false},
	"-createdAt": {"created_at", true}, "createdAt": {"created_at", false},
}

type cursor struct {
	Sort  string `json:"s"`
	Value int64  `json:"v"`
	ID    string `json:"i"`
}

func (c cursor) String() string {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // two strings and a number
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func parseCursor(text, sort string) (cursor, error) {
	var c cursor
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(b, &c)
	}
	if err != nil || c.Sort != sort {
		return c, fault.New(fault.Invalid, "cursor: not one this list gave out in this order").WithCode("cursor.invalid").OnField("query.cursor")
	}
	return c, nil
}

// splitList reads "a,b"; every part must be one of allowed.
func splitList(text, field, place string, allowed []string) ([]string, error) {
	if text == "" {
		return nil, nil
	}
	parts := strings.Split(text, ",")
	for _, p := range parts {
		if !slices.Contains(allowed, p) {
			return nil, fault.New(fault.Invalid, "%s: %q; use %s", field, p, strings.Join(allowed, ", ")).OnField(place + field)
		}
	}
	return parts, nil
}

func (f *Filter) base(q *bun.SelectQuery) *bun.SelectQuery {
	q = module.Scoped(q, f.principal, "unit")
	if f.Unit != "" {
		q = q.Where("unit = ?", string(f.Unit))
	}
	if f.upTo != "" {
		q = q.Where("id <= ?", f.upTo)
	}
	if f.RuleID != "" {
		q = q.Where("rule_id = ?", f.RuleID)
	}
	if !f.From.IsZero() {
		q = q.Where("created_at >= ?", sqldb.MicrosOf(f.From))
	}
	if !f.To.IsZero() {
		q = q.Where("created_at < ?", sqldb.MicrosOf(f.To))
	}
	switch f.Assignee {
	case "":
	case Nobody:
		q = q.Where("assignee = ''")
	default:
		q = q.Where("assignee = ?", f.Assignee)
	}
	if f.Campaign != "" {
		if len(f.ids) == 0 {
			q = q.Where("1 = 0")
		} else {
			q = q.Where("id IN (?)", bun.List(f.ids))
		}
	}
	if f.Text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(f.Text))
	}
	return q
}

func (f *Filter) statuses(q *bun.SelectQuery) *bun.SelectQuery {
	if len(f.Statuses) > 0 {
		q = q.Where("status IN (?)", bun.List(f.Statuses))
	}
	return q
}

func (f *Filter) levels(q *bun.SelectQuery) *bun.SelectQuery {
	if len(f.Levels) > 0 {
		q = q.Where("level IN (?)", bun.List(f.Levels))
	}
	return q
}

func (s store) list(ctx context.Context, f Filter) (Page, error) {
	order, ok := sorts[f.Sort]
	if !ok {
		return Page{}, fault.New(fault.Invalid, "sort: %q is not an order", f.Sort).OnField("query.sort")
	}
	var rows []alertRow
	q := f.levels(f.statuses(f.base(s.db.NewSelect().Model(&rows))))
	compare, direction := ">", "ASC"
	if order.desc {
		compare, direction = "<", "DESC"
	}
	if f.Cursor != "" {
		c, err := parseCursor(f.Cursor, f.Sort)
		if err != nil {
			return Page{}, err
		}
		q = q.Where("(?, id) "+compare+" (?, ?)", bun.Ident(order.column), c.Value, c.ID)
	}
	q = q.OrderExpr("? "+direction+", id "+direction, bun.Ident(order.column)).Limit(int64(f.Limit) + 1)
	if err := q.Scan(ctx); err != nil {
		return Page{}, err
	}
	page := Page{ByStatus: map[string]int64{}, ByLevel: map[string]int64{}}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		page.Next = cursor{f.Sort, last.sortValue(order.column), last.ID}.String()
	}
	var err error
	if page.Items, err = alertsOf(rows); err != nil {
		return Page{}, err
	}
	type count struct {
		Value string `bun:"value"`
		N     int64  `bun:"n"`
	}
	var byStatus, byLevel []count
	err = f.levels(f.base(s.db.NewSelect().Table("alerts"))).ColumnExpr("status AS value, count(*) AS n").GroupExpr("status").Scan(ctx, &byStatus)
	if err != nil {
		return Page{}, err
	}
	for _, c := range byStatus {
		page.ByStatus[c.Value] = c.N
		if len(f.Statuses) == 0 || slices.Contains(f.Statuses, c.Value) {
			page.Total += c.N
		}
	}
	err = f.statuses(f.base(s.db.NewSelect().Table("alerts"))).ColumnExpr("level AS value, count(*) AS n").GroupExpr("level").Scan(ctx, &byLevel)
	if err != nil {
		return Page{}, err
	}
	for _, c := range byLevel {
		page.ByLevel[c.Value] = c.N
	}
	return page, nil
}

func (r *alertRow) sortValue(column string) int64 {
	switch column {
	case "level_rank":
		return int64(r.LevelRank)
	case "count":
		return r.Count
	case "created_at":
		return int64(r.CreatedAt)
	}
	return int64(r.LastSeen)
}
