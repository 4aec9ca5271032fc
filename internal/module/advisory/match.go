package advisory

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type matchRow struct {
	bun.BaseModel `bun:"table:software_matches"`

	Software      string       `bun:"software,pk"`
	Vulnerability string       `bun:"vulnerability,pk"`
	Unit          string       `bun:"unit"`
	Certain       bool         `bun:"certain"`
	Reason        string       `bun:"reason"`
	Versions      string       `bun:"versions"`
	Advisory      string       `bun:"advisory"`
	FoundAt       sqldb.Micros `bun:"found_at"`
}

// rematch works out anew which vulnerabilities the lines have: of those in only, of
// all where it is nil. It returns the matches that were not there before.
func (s *Service) rematch(ctx context.Context, tx bun.Tx, lines []Software, only map[string]bool) ([]matchRow, error) {
	var fresh []matchRow
	err := inChunks(lines, chunk, func(part []Software) error {
		claims, err := s.store.claims(ctx, tx, part, only)
		if err != nil {
			return err
		}
		old, err := s.store.matchesOfSoftware(ctx, tx, part)
		if err != nil {
			return err
		}
		now := sqldb.MicrosOf(s.Now())
		var put []matchRow
		var gone [][2]string
		for i := range part {
			x := &part[i]
			had := old[x.ID]
			has := map[string]bool{}
			for vulnerability, list := range claims.of(x) {
				m, ok := judge(x, list)
				if !ok {
					continue
				}
				has[vulnerability] = true
				row := matchRow{Software: x.ID, Vulnerability: vulnerability, Unit: string(x.Unit), Certain: m.Certain, Reason: string(m.Reason),
					Versions: module.Text(m.Versions, 1000), Advisory: m.Advisory, FoundAt: now}
				before, known := had[vulnerability]
				if !known {
					fresh = append(fresh, row)
				} else if row.FoundAt = before.FoundAt; row == before {
					continue
				}
				put = append(put, row)
			}
			for vulnerability := range had {
				if !has[vulnerability] && (only == nil || only[vulnerability]) {
					gone = append(gone, [2]string{x.ID, vulnerability})
				}
			}
		}
		return s.store.changeMatches(ctx, tx, put, gone)
	})
	return fresh, err
}

// claimed finds what advisories say by the names of products.
type claimed struct {
	byKey map[string]map[string][]claim // name -> vulnerability -> what is said
}

func (c *claimed) of(x *Software) map[string][]claim {
	names := keysOf(x.Product).list()
	if len(names) == 1 {
		return c.byKey[names[0]]
	}
	all := map[string][]claim{}
	for _, key := range names {
		for v, list := range c.byKey[key] {
			all[v] = append(all[v], list...)
		}
	}
	return all
}

// claims reads what is said of the products of the lines. A rejected vulnerability
// is none.
func (s store) claims(ctx context.Context, tx bun.Tx, lines []Software, only map[string]bool) (*claimed, error) {
	wanted := map[string]bool{}
	for i := range lines {
		for _, key := range keysOf(lines[i].Product).list() {
			wanted[key] = true
		}
	}
	c := &claimed{byKey: map[string]map[string][]claim{}}
	seen := map[string]bool{}
	err := inChunks(slices.Sorted(maps.Keys(wanted)), chunk, func(part []string) error {
		var rows []affectedRow
		q := named(tx.NewSelect().Model(&rows), part).
			Where("vulnerability NOT IN (SELECT v.id FROM vulnerabilities AS v WHERE v.rejected = ?)", true)
		if only != nil && len(only) <= chunk {
			q = q.Where("vulnerability IN (?)", bun.List(slices.Sorted(maps.Keys(only))))
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		for _, r := range rows {
			if seen[r.ID] || only != nil && !only[r.Vulnerability] {
				continue
			}
			seen[r.ID] = true
			x := claim{advisory: r.Advisory}
			if err := json.Unmarshal([]byte(r.Body), &x.affected); err != nil {
				return fmt.Errorf("advisory %s: %w", r.Advisory, err)
			}
			for _, key := range (keys{r.NameKey, r.CPEKey, r.PURLKey}).list() {
				if c.byKey[key] == nil {
					c.byKey[key] = map[string][]claim{}
				}
				c.byKey[key][r.Vulnerability] = append(c.byKey[key][r.Vulnerability], x)
			}
		}
		return nil
	})
	return c, err
}

func (s store) matchesOfSoftware(ctx context.Context, tx bun.Tx, lines []Software) (map[string]map[string]matchRow, error) {
	ids := make([]string, len(lines))
	for i := range lines {
		ids[i] = lines[i].ID
	}
	found := map[string]map[string]matchRow{}
	var rows []matchRow
	if err := tx.NewSelect().Model(&rows).Where("software IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		if found[r.Software] == nil {
			found[r.Software] = map[string]matchRow{}
		}
		found[r.Software][r.Vulnerability] = r
	}
	return found, nil
}

func (s store) changeMatches(ctx context.Context, tx bun.Tx, put []matchRow, gone [][2]string) error {
	err := inChunks(put, chunk, func(part []matchRow) error {
		_, err := tx.NewInsert().Model(&part).On("CONFLICT (software, vulnerability) DO UPDATE").Set("unit = EXCLUDED.unit").Set("certain = EXCLUDED.certain").
			Set("reason = EXCLUDED.reason").Set("versions = EXCLUDED.versions").Set("advisory = EXCLUDED.advisory").Exec(ctx)
		return err
	})
	for _, g := range gone {
		if err != nil {
			return err
		}
		_, err = tx.NewDelete().Model((*matchRow)(nil)).Where("software = ?", g[0]).Where("vulnerability = ?", g[1]).Exec(ctx)
	}
	return err
}

// MatchFilter says which matches to list.
type MatchFilter struct {
	Unit          event.UnitID
	Vulnerability string
	Advisory      string // of one of its vulnerabilities
	Software      string
	KEV           bool
	Certain       bool // only
	Limit         int
	Offset        int
}

type listedMatch struct {
	matchRow `bun:",extend"`

	Title    string `bun:"title"`
	KEV      bool   `bun:"kev"`
	EPSS     int64  `bun:"epss"`
	CVSS     int64  `bun:"cvss"`
	Vendor   string `bun:"vendor"`
	Product  string `bun:"product"`
	Release  string `bun:"release"`
	Place    string `bun:"place"`
	Quantity int64  `bun:"quantity"`
}

func (s store) matches(ctx context.Context, p module.Principal, f MatchFilter) ([]Match, bool, error) {
	n := pageOf(f.Limit)
	var rows []listedMatch
	q := module.Scoped(s.db.NewSelect().TableExpr("software_matches AS m"), p, "m.unit").
		Join("JOIN vulnerabilities AS v ON v.id = m.vulnerability").Join("JOIN software AS s ON s.id = m.software").
		ColumnExpr("m.*, v.title, v.kev, v.epss, v.cvss, s.vendor, s.product, s.release, s.place, s.quantity").
		OrderExpr("v.kev DESC, m.certain DESC, v.epss DESC, v.cvss DESC, m.vulnerability, m.unit, m.software").Limit(n + 1).Offset(int64(max(0, f.Offset)))
	if f.Unit != "" {
		q = q.Where("m.unit = ?", string(f.Unit))
	}
	if f.Vulnerability != "" {
		q = q.Where("m.vulnerability = ?", f.Vulnerability)
	}
	if f.Advisory != "" {
		q = q.Where("m.vulnerability IN (SELECT x.vulnerability FROM advisory_affected AS x WHERE x.advisory = ?)", f.Advisory)
	}
	if f.Software != "" {
		q = q.Where("m.software = ?", f.Software)
	}
	if f.KEV {
		q = q.Where("v.kev = ?", true)
	}
	if f.Certain {
		q = q.Where("m.certain = ?", true)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, false, err
	}
	more := int64(len(rows)) > n
	if more {
		rows = rows[:n]
	}
	list := make([]Match, len(rows))
	for i, r := range rows {
		list[i] = Match{
			Software: Software{ID: r.Software, Unit: event.UnitID(r.Unit), Product: advisory.Product{Vendor: r.Vendor, Name: r.Product}, Release: r.Release, Place: r.Place, Count: r.Quantity},
			Title:    r.Title, Vulnerability: r.Vulnerability, Certain: r.Certain, Reason: Reason(r.Reason), Versions: r.Versions, Advisory: r.Advisory, FoundAt: r.FoundAt.Time(),
			Known: r.KEV, EPSS: scoreOf(r.EPSS), CVSS: float64(r.CVSS) / 10,
		}
	}
	return list, more, nil
}
