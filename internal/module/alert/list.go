package alert

import (
	"cmp"
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
	Drill    string    // id of an exercise, NoDrill, AnyDrill, or "" for all
	System   string    // id of an information system: the alerts about its machines
	From, To time.Time // opened at or after, and before; zero: any time
	Sort     string    // a key of sorts
	Limit    int
	Cursor   string

	principal module.Principal
	ids       []string // of the campaign
	machines  machines // of the system
	upTo      string   // id of the last alert that counts; "": all
}

// Nobody as an assignee selects what nobody has taken.
const Nobody = "none"

// What of exercises is selected, where it is not one of them.
const (
	NoDrill  = "none"
	AnyDrill = "only"
)

func (f *Filter) scope(p module.Principal) { f.principal = p }

// Page is one page of alerts. The counts are over all pages: Total by the whole
// filter, ByStatus without the filter's statuses and ByLevel without its levels,
// so that the choices beside a list show what choosing them would give. Closed
// alerts opened before CountedFrom are in no count; see [looked].
type Page struct {
	Items       []Alert
	Next        string
	Total       int64
	ByStatus    map[string]int64
	ByLevel     map[string]int64
	CountedFrom time.Time // zero: all are counted
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
	switch {
	case f.Unit == "":
		q = module.Scoped(q, f.principal, module.Unled(f.principal, "unit"))
	case f.principal.Sees(f.Unit):
		q = q.Where("unit = ?", string(f.Unit))
	default:
		q = q.Where("1 = 0")
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
	switch f.Drill {
	case "":
	case NoDrill:
		q = q.Where(isReal)
	case AnyDrill:
		q = q.Where("drill <> ''")
	default:
		q = q.Where("drill <> ''").Where("drill = ?", f.Drill)
	}
	if f.Campaign != "" {
		if len(f.ids) == 0 {
			q = q.Where("1 = 0")
		} else {
			q = q.Where("id IN (?)", bun.List(f.ids))
		}
	}
	if f.System != "" {
		q = f.machines.on(q)
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
	since, err := s.horizon(ctx, &f)
	if err != nil {
		return Page{}, err
	}
	page := Page{CountedFrom: since}
	rows, err := s.rows(ctx, &f, order.column, order.desc, since)
	if err != nil {
		return Page{}, err
	}
	if len(rows) > f.Limit {
		rows = rows[:f.Limit]
		last := rows[f.Limit-1]
		page.Next = cursor{f.Sort, last.sortValue(order.column), last.ID}.String()
	}
	if page.Items, err = alertsOf(rows); err != nil {
		return Page{}, err
	}
	return page, s.count(ctx, &f, since, &page)
}

// rows returns one more row than the page has, if there is one.
func (s store) rows(ctx context.Context, f *Filter, column string, desc bool, since time.Time) ([]alertRow, error) {
	compare, direction := ">", "ASC"
	if desc {
		compare, direction = "<", "DESC"
	}
	var c *cursor
	if f.Cursor != "" {
		parsed, err := parseCursor(f.Cursor, f.Sort)
		if err != nil {
			return nil, err
		}
		c = &parsed
	}
	part := func(narrow func(*bun.SelectQuery) *bun.SelectQuery) (rows []alertRow, err error) {
		q := narrow(f.levels(f.statuses(f.base(s.db.NewSelect().Model(&rows)))))
		if c != nil {
			q = q.Where("(?, id) "+compare+" (?, ?)", bun.Ident(column), c.Value, c.ID)
		}
		err = q.OrderExpr("? "+direction+", id "+direction, bun.Ident(column)).Limit(int64(f.Limit) + 1).Scan(ctx)
		return rows, err
	}
	switch {
	case f.wants("closed") && !f.bounded(column):
		return part(func(q *bun.SelectQuery) *bun.SelectQuery { return q })
	case !f.wants("closed"):
		return part(isOpen)
	}
	open, err := part(isOpen)
	if err != nil {
		return nil, err
	}
	closed, err := part(func(q *bun.SelectQuery) *bun.SelectQuery { return closedSince(q, since) })
	if err != nil {
		return nil, err
	}
	both := append(open, closed...)
	slices.SortFunc(both, func(a, b alertRow) int {
		n := cmp.Or(cmp.Compare(a.sortValue(column), b.sortValue(column)), cmp.Compare(a.ID, b.ID))
		if desc {
			return -n
		}
		return n
	})
	return both[:min(len(both), f.Limit+1)], nil
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
