package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// Hold is a legal hold: the events it covers are not deleted, neither by age nor
// by size, until it is released. What it leaves open covers everything: no units
// are all units.
type Hold struct {
	ID       string
	Reason   string
	By       string
	At       time.Time
	Units    []event.UnitID
	Hosts    []string
	From, To time.Time // From <= time < To of the events; zero: open
	Query    string

	ReleasedAt    time.Time // zero: it holds
	ReleasedBy    string
	ReleaseReason string
}

type holdRow struct {
	bun.BaseModel `bun:"table:lake_hold"`

	ID            string `bun:"id,pk"`
	Reason        string `bun:"reason"`
	By            string `bun:"created_by"`
	At            int64  `bun:"created_at"`
	Units         string `bun:"units"`
	Hosts         string `bun:"hosts"`
	Query         string `bun:"query"`
	From          int64  `bun:"from_time"`
	To            int64  `bun:"to_time"`
	ReleasedAt    int64  `bun:"released_at"`
	ReleasedBy    string `bun:"released_by"`
	ReleaseReason string `bun:"release_reason"`
}

// microsOrZero and timeOrZero keep the zero time, which stands for an open end.
func microsOrZero(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func timeOrZero(m int64) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMicro(m).UTC()
}

func (r *holdRow) hold() Hold {
	h := Hold{
		ID: r.ID, Reason: r.Reason, By: r.By, At: timeOrZero(r.At), Query: r.Query, From: timeOrZero(r.From), To: timeOrZero(r.To),
		ReleasedAt: timeOrZero(r.ReleasedAt), ReleasedBy: r.ReleasedBy, ReleaseReason: r.ReleaseReason,
	}
	if r.Units != "" {
		for u := range strings.SplitSeq(r.Units, cellSeparator) {
			h.Units = append(h.Units, event.UnitID(u))
		}
	}
	if r.Hosts != "" {
		h.Hosts = strings.Split(r.Hosts, cellSeparator)
	}
	return h
}

// Limits of a hold.
const (
	maxHoldText  = 4096
	maxHoldLists = 1000
	maxHolds     = 1000 // at a time
)

// check refuses a hold that cannot be, or would cover nothing.
func (h *Hold) check() error {
	h.Reason, h.Query = strings.TrimSpace(h.Reason), strings.TrimSpace(h.Query)
	switch {
	case h.Reason == "" || len(h.Reason) > maxHoldText:
		return fault.New(fault.Invalid, "reason: write why the events are held, at most %d bytes", maxHoldText).WithCode("hold.reason").OnField("body.reason")
	case !h.From.IsZero() && !h.To.IsZero() && !h.From.Before(h.To):
		return fault.New(fault.Invalid, "to: the end is not after the beginning").WithCode("hold.range").OnField("body.to")
	case len(h.Units) > maxHoldLists || len(h.Hosts) > maxHoldLists:
		return fault.New(fault.Invalid, "units, hosts: at most %d", maxHoldLists).WithCode("hold.too-many").OnField("body.hosts")
	case len(h.Query) > maxHoldText:
		return fault.New(fault.Invalid, "query: at most %d bytes", maxHoldText).WithCode("hold.query").OnField("body.query")
	}
	for _, s := range h.Hosts {
		if s == "" || strings.Contains(s, cellSeparator) {
			return fault.New(fault.Invalid, "hosts: %q is no host", s).WithCode("hold.host").OnField("body.hosts")
		}
	}
	for _, u := range h.Units {
		if u == "" || strings.Contains(string(u), cellSeparator) {
			return fault.New(fault.Invalid, "units: %q is no unit", u).WithCode("hold.unit").OnField("body.units")
		}
	}
	if h.Query != "" {
		if _, err := query.Parse(h.Query); err != nil {
			return fault.New(fault.Invalid, "query: %w", err).WithCode("query.syntax").OnField("body.query")
		}
	}
	return nil
}

// AddHold begins a hold; from its return on nothing it covers is deleted. inTx,
// which may be nil, runs in the same transaction. ID and At are given here.
// Errors: fault.Invalid.
func (l *Lake) AddHold(ctx context.Context, h Hold, inTx func(ctx context.Context, tx bun.Tx, h Hold) error) (Hold, error) {
	if err := h.check(); err != nil {
		return Hold{}, err
	}
	now := l.now()
	h.ID, h.At = newSegmentID(now), timeOrZero(now.UnixMicro())
	slices.Sort(h.Units)
	units := make([]string, len(h.Units))
	for i, u := range h.Units {
		units[i] = string(u)
	}
	row := &holdRow{
		ID: h.ID, Reason: h.Reason, By: h.By, At: microsOrZero(h.At), Units: strings.Join(units, cellSeparator), Hosts: strings.Join(h.Hosts, cellSeparator),
		Query: h.Query, From: microsOrZero(h.From), To: microsOrZero(h.To),
	}
	// Deletions look at the holds under this lock.
	l.writing.Lock()
	defer l.writing.Unlock()
	if len(*l.holds.Load()) >= maxHolds {
		return Hold{}, fault.New(fault.Conflict, "there are %d holds already; release what is no longer needed", maxHolds).WithCode("hold.too-many")
	}
	err := l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		note := map[string]string{"hold": h.ID, "by": h.By, "reason": h.Reason}
		for k, v := range map[string]string{"units": strings.Join(units, " "), "hosts": strings.Join(h.Hosts, " "), "query": h.Query} {
			if v != "" {
				note[k] = v
			}
		}
		if !h.From.IsZero() {
			note["from"] = chainTime(row.From)
		}
		if !h.To.IsZero() {
			note["to"] = chainTime(row.To)
		}
		if err := l.appendChain(ctx, tx, change{kind: chainHold, note: note}, nil, nil); err != nil {
			return err
		}
		if inTx == nil {
			return nil
		}
		return inTx(ctx, tx, h)
	})
	if err != nil {
		// It may have been committed all the same: rather held than lost.
		return Hold{}, errors.Join(fmt.Errorf("lake: hold: %w", err), l.loadHolds(context.WithoutCancel(ctx)))
	}
	l.log.Info("a legal hold begins", "hold", h.ID, "reason", h.Reason, "by", h.By, "units", h.Units, "hosts", h.Hosts, "query", h.Query, "from", h.From, "to", h.To)
	return h, l.loadHolds(ctx)
}

// ReleaseHold ends a hold. Errors: fault.Invalid without a reason,
// fault.NotFound, fault.Conflict if it was released before.
func (l *Lake) ReleaseHold(ctx context.Context, id, by, reason string, inTx func(ctx context.Context, tx bun.Tx, h Hold) error) (Hold, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len(reason) > maxHoldText {
		return Hold{}, fault.New(fault.Invalid, "reason: write why the hold is released, at most %d bytes", maxHoldText).WithCode("hold.reason").OnField("body.reason")
	}
	l.writing.Lock()
	defer l.writing.Unlock()
	var row holdRow
	err := l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model(&row).Where("id = ?", id).ScanAndCount(ctx)
		if n == 0 {
			return fault.New(fault.NotFound, "there is no hold %s", id).WithCode("hold.not-found")
		}
		if err != nil {
			return err
		}
		if row.ReleasedAt != 0 {
			return fault.New(fault.Conflict, "hold %s was released on %s", id, timeOrZero(row.ReleasedAt).Format(time.DateTime)).WithCode("hold.released")
		}
		row.ReleasedAt, row.ReleasedBy, row.ReleaseReason = l.now().UnixMicro(), by, reason
		if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := l.appendChain(ctx, tx, change{kind: chainRelease, note: map[string]string{"hold": id, "by": by, "reason": reason}}, nil, nil); err != nil {
			return err
		}
		if inTx == nil {
			return nil
		}
		return inTx(ctx, tx, row.hold())
	})
	if err != nil {
		return Hold{}, fmt.Errorf("lake: %w", err)
	}
	l.log.Info("a legal hold is released", "hold", id, "by", by, "reason", reason)
	return row.hold(), l.loadHolds(ctx)
}

// Holds lists the holds, the newest first; released ones too if all.
func (l *Lake) Holds(ctx context.Context, all bool) ([]Hold, error) {
	var rows []holdRow
	q := l.db.NewSelect().Model(&rows).Order("created_at DESC", "id")
	if !all {
		q = q.Where("released_at = 0")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("lake: holds: %w", err)
	}
	out := make([]Hold, len(rows))
	for i := range rows {
		out[i] = rows[i].hold()
	}
	return out, nil
}

// loadHolds reads the holds in force.
func (l *Lake) loadHolds(ctx context.Context) error {
	holds, err := l.Holds(ctx, false)
	if err != nil {
		return err
	}
	l.holds.Store(&holds)
	l.metrics.holds.Set(float64(len(holds)))
	l.mu.Lock()
	clear(l.judged)
	l.mu.Unlock()
	return nil
}

// holding returns the holds in force that may cover events of s.
func (l *Lake) holding(s *segment) []Hold {
	var out []Hold
	for _, h := range *l.holds.Load() {
		if h.touches(s) {
			out = append(out, h)
		}
	}
	return out
}

func (h *Hold) touches(s *segment) bool {
	return (h.From.IsZero() || s.maxTime >= h.From.UnixMicro()) && (h.To.IsZero() || s.minTime < h.To.UnixMicro()) &&
		(len(h.Units) == 0 || slices.ContainsFunc(s.units, h.ofUnit))
}

func (h *Hold) ofUnit(u event.UnitID) bool { return len(h.Units) == 0 || slices.Contains(h.Units, u) }

// heldMost is how many events of one segment and hold are found by query; with
// more, the hold covers the whole segment.
const heldMost = 4 << 20

// holdTest is a hold made ready for the rows of one segment.
type holdTest struct {
	*Hold
	from, to int64
	hosts    map[string]bool // folded; nil: any
	ids      map[event.ID]bool
}

// prepare makes a hold ready for a segment; with a query it finds the events.
func (l *Lake) prepareHold(ctx context.Context, h *Hold, s *segment) (*holdTest, error) {
	t := &holdTest{Hold: h, from: s.minTime, to: s.maxTime}
	if !h.From.IsZero() {
		t.from = max(t.from, h.From.UnixMicro())
	}
	if !h.To.IsZero() {
		t.to = min(t.to, h.To.UnixMicro()-1)
	}
	if len(h.Hosts) > 0 {
		t.hosts = map[string]bool{}
		for _, host := range h.Hosts {
			t.hosts[query.Fold(host)] = true
		}
	}
	if h.Query == "" {
		return t, nil
	}
	q, err := query.Parse(h.Query)
	if err != nil {
		return t, nil //nolint:nilerr // a query that can no longer be read holds everything
	}
	sc := ScopeUnits(h.Units...)
	if len(h.Units) == 0 {
		sc = ScopeAll()
	}
	ids := map[event.ID]bool{}
	errMany := errors.New("many")
	stats, err := l.Search(ctx, sc, Search{Query: q, From: time.UnixMicro(t.from), To: time.UnixMicro(t.to + 1)}, func(r *Row) error {
		if ids[r.ID] = true; len(ids) > heldMost {
			return errMany
		}
		return nil
	})
	if errors.Is(err, errMany) || err == nil && len(stats.Warnings) > 0 {
		return t, nil // too many to count, or not all were seen: all are held
	}
	t.ids = ids
	return t, err
}

func (t *holdTest) covers(unit event.UnitID, foldedHost func() string, at int64, id func() event.ID) bool {
	return at >= t.from && at <= t.to && t.ofUnit(unit) && (t.hosts == nil || t.hosts[foldedHost()]) && (t.ids == nil || t.ids[id()])
}
