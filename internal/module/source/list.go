package source

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Filter says which sources to list.
type Filter struct {
	Unit     event.UnitID
	Statuses []string // empty: all
	Text     string   // anywhere in a name, without regard to case or marks
	System   string   // id of an information system: those of its machines
	Limit    int
	Offset   int

	ids []string // of the system
}

// Page is some sources. The counts are over all that the filter without its
// statuses finds.
type Page struct {
	Items    []health
	Total    int64
	ByStatus map[string]int64

	outages []span
}

// statusSQL is health.status in SQL.
const statusSQL = `CASE
	WHEN coalesce(h.muted_until, 0) > ?0 THEN 'muted'
	WHEN coalesce(h.silent_since, 0) <> 0 THEN 'silent'
	WHEN coalesce(h.volume_since, 0) <> 0 OR coalesce(h.unparsed_since, 0) <> 0 OR coalesce(h.skew_problem, 0) <> 0 THEN 'problem'
	WHEN s.first_seen > ?1 THEN 'new'
	ELSE 'ok' END`

func (f *Filter) base(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	q = module.Scoped(q, p, "s.unit")
	if f.Unit != "" {
		q = q.Where("s.unit = ?", string(f.Unit))
	}
	if f.System != "" {
		if len(f.ids) == 0 {
			return q.Where("1 = 0")
		}
		q = q.Where("s.id IN (?)", bun.List(f.ids))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		q = q.Where("s.search_text LIKE ? ESCAPE '\\'", module.LikePattern(text))
	}
	return q
}

// List returns the principal's sources, those that most need a look first: by
// score, the latest silence, the share of unparsed lines, then the longest unheard. Errors: Denied, Invalid.
func (s *Service) List(ctx context.Context, f Filter) (Page, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return Page{}, err
	}
	for _, status := range f.Statuses {
		if !slices.Contains(statuses, status) {
			return Page{}, fault.New(fault.Invalid, "status: %q; use %s", status, strings.Join(statuses, ", ")).OnField("query.status")
		}
	}
	now := s.now()
	page := Page{}
	var err error
	if f.System != "" {
		if f.ids, err = s.ofSystem(ctx, f.System); err != nil {
			return Page{}, err
		}
	}
	if page.ByStatus, err = s.store.byStatus(ctx, now, func(q *bun.SelectQuery) *bun.SelectQuery { return f.base(q, p) }); err != nil {
		return Page{}, err
	}
	for status, n := range page.ByStatus {
		if len(f.Statuses) == 0 || slices.Contains(f.Statuses, status) {
			page.Total += n
		}
	}
	if _, page.outages, err = s.store.readWatch(ctx); err != nil {
		return Page{}, err
	}
	page.Items, err = s.store.joined(ctx, s.store.db, true, func(q *bun.SelectQuery) *bun.SelectQuery {
		q = f.base(q, p)
		if len(f.Statuses) > 0 {
			q = q.Where("("+statusSQL+") IN (?2)", sqldb.MicrosOf(now), sqldb.MicrosOf(now.Add(-newFor)), bun.List(f.Statuses))
		}
		return q.OrderExpr("coalesce(h.score, 0) DESC, coalesce(h.silent_since, 0) DESC, CAST(s.unparsed AS DOUBLE PRECISION) / (s.events + 1) DESC, s.last_seen, s.unit, s.input, s.peer, s.host, s.format").
			Limit(int64(min(max(f.Limit, 1), maxListed))).Offset(int64(max(f.Offset, 0)))
	})
	return page, err
}

func (s store) byStatus(ctx context.Context, now time.Time, where func(*bun.SelectQuery) *bun.SelectQuery) (map[string]int64, error) {
	var rows []struct {
		Status string
		N      int64
	}
	q := s.db.NewSelect().TableExpr("sources AS s").Join("LEFT JOIN source_health AS h ON h.id = s.id").
		ColumnExpr("("+statusSQL+") AS status, count(*) AS n", sqldb.MicrosOf(now), sqldb.MicrosOf(now.Add(-newFor))).GroupExpr("1")
	if err := where(q).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := map[string]int64{}
	for _, r := range rows {
		out[r.Status] = r.N
	}
	return out, nil
}

// count keeps the metrics of sources.
func (s *Service) count(ctx context.Context, now time.Time) error {
	by, err := s.store.byStatus(ctx, now, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
	if err != nil {
		return err
	}
	for _, status := range statuses {
		s.metrics.sources.WithLabelValues(status).Set(float64(by[status]))
	}
	var n struct{ Silent, Volume, Unparsed, Skew int64 }
	err = s.store.db.NewSelect().Table("source_health").Where("muted_until <= ?", sqldb.MicrosOf(now)).
		ColumnExpr("count(CASE WHEN silent_since <> 0 THEN 1 END) AS silent, count(CASE WHEN volume_since <> 0 THEN 1 END) AS volume").
		ColumnExpr("count(CASE WHEN unparsed_since <> 0 THEN 1 END) AS unparsed, count(CASE WHEN skew_problem <> 0 THEN 1 END) AS skew").Scan(ctx, &n)
	if err != nil {
		return err
	}
	for problem, v := range map[string]int64{problemSilent: n.Silent, problemVolume: n.Volume, problemUnparsed: n.Unparsed, problemSkew: n.Skew} {
		s.metrics.problems.WithLabelValues(problem).Set(float64(v))
	}
	return nil
}

// Worst returns the n sources that most need a look. Errors: Denied.
func (s *Service) Worst(ctx context.Context, n int) ([]module.SourceView, error) {
	page, err := s.List(ctx, Filter{Limit: n})
	if err != nil {
		return nil, err
	}
	out := make([]module.SourceView, len(page.Items))
	for i := range page.Items {
		out[i] = page.Items[i].view(s.now())
	}
	return out, nil
}

func (h *health) view(now time.Time) module.SourceView {
	return module.SourceView{
		ID: h.sourceRow.ID, Unit: event.UnitID(h.Unit), Input: h.Input, Peer: h.Peer, Host: h.Host, Format: h.Format, Product: h.Product, Service: h.Service,
		FirstSeen: module.Time{Time: h.FirstSeen.Time()}, LastSeen: module.Time{Time: h.LastSeen.Time()},
		Events: h.Events, Unparsed: h.Unparsed, Status: h.status(now),
	}
}

// get returns one source for p. Errors: NotFound also for what p does not see.
func (s *Service) get(ctx context.Context, db bun.IDB, p module.Principal, id string) (*health, error) {
	list, err := s.store.joined(ctx, db, true, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("s.id = ?", id).Where("s.id <> ''")
	})
	if err != nil {
		return nil, err
	}
	unknown := fault.New(fault.NotFound, "no such source").WithCode("source.unknown")
	switch {
	case len(list) == 0:
		return nil, unknown
	case !p.Sees(list[0].unitID()):
		return nil, module.Outside(unknown)
	}
	return &list[0], nil
}

// Detail is a source with the other formats of its sender.
type Detail struct {
	health
	Formats []health // without the source itself

	outages []span
}

// Get returns one source. Errors: Denied, NotFound.
func (s *Service) Get(ctx context.Context, id string) (Detail, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return Detail{}, err
	}
	h, err := s.get(ctx, s.store.db, p, id)
	if err != nil {
		return Detail{}, err
	}
	_, out, err := s.store.readWatch(ctx)
	if err != nil {
		return Detail{}, err
	}
	others, err := s.store.joined(ctx, s.store.db, false, func(q *bun.SelectQuery) *bun.SelectQuery {
		return module.Scoped(q, p, "s.unit").Where("s.unit = ?", h.Unit).Where("s.input = ?", h.Input).Where("s.peer = ?", h.Peer).Where("s.host = ?", h.Host).
			Where("s.id <> ?", id).OrderExpr("s.format").Limit(100)
	})
	return Detail{health: *h, Formats: others, outages: out}, err
}

// Summary is the state of all the principal sees, and of the centre for those of
// the centre.
type Summary struct {
	ByStatus     map[string]int64
	Outages      []span // newest first
	Disks        []Forecast
	Certificates []Certificate
}

// maxCertificates bounds the certificates of a summary; the soonest to expire are
// told.
const maxCertificates = 200

// Health returns the summary. Errors: Denied.
func (s *Service) Health(ctx context.Context) (Summary, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSourceRead); err != nil {
		return Summary{}, err
	}
	now := s.now()
	var out Summary
	var err error
	if out.ByStatus, err = s.store.byStatus(ctx, now, func(q *bun.SelectQuery) *bun.SelectQuery { return module.Scoped(q, p, "s.unit") }); err != nil {
		return Summary{}, err
	}
	if s.watch != nil {
		all, err := s.watch.Certificates(ctx)
		if err != nil {
			return Summary{}, err
		}
		for _, c := range all {
			if p.Sees(c.Unit) || p.AllUnits() {
				out.Certificates = append(out.Certificates, c)
			}
		}
		slices.SortFunc(out.Certificates, func(a, b Certificate) int { return a.Expires.Compare(b.Expires) })
		out.Certificates = out.Certificates[:min(len(out.Certificates), maxCertificates)]
	}
	if !p.AllUnits() {
		return out, nil
	}
	if out.Disks, err = s.forecasts(ctx, now); err != nil {
		return Summary{}, err
	}
	if _, out.Outages, err = s.store.readWatch(ctx); err != nil {
		return Summary{}, err
	}
	slices.Reverse(out.Outages)
	return out, nil
}
