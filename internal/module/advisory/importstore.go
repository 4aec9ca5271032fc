package advisory

import (
	"context"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// allScores returns every score there is.
func (s store) allScores(ctx context.Context) (map[string][2]int64, error) {
	rows, err := s.db.NewSelect().Model((*scoreRow)(nil)).Rows(ctx)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string][2]int64{}
	for rows.Next() {
		var id string
		var score, percentile int64
		if err := rows.Scan(&id, &score, &percentile); err != nil {
			return nil, err
		}
		all[id] = [2]int64{score, percentile}
	}
	return all, rows.Err()
}

func (s store) putScores(ctx context.Context, tx bun.Tx, rows []scoreRow) error {
	return inChunks(rows, 1000, func(part []scoreRow) error {
		_, err := tx.NewInsert().Model(&part).On("CONFLICT (cve) DO UPDATE").Set("score = EXCLUDED.score").Set("percentile = EXCLUDED.percentile").Exec(ctx)
		return err
	})
}

// spreadScores brings the scores to the vulnerabilities that are known.
func (s store) spreadScores(ctx context.Context, tx bun.Tx, at sqldb.Micros) error {
	_, err := tx.NewRaw("UPDATE vulnerabilities SET epss = (SELECT e.score FROM epss_scores AS e WHERE e.cve = vulnerabilities.id), "+
		"percentile = (SELECT e.percentile FROM epss_scores AS e WHERE e.cve = vulnerabilities.id), epss_at = ? "+
		"WHERE EXISTS (SELECT 1 FROM epss_scores AS e WHERE e.cve = vulnerabilities.id)", at).Exec(ctx)
	return err
}

// matchesOfVulnerabilities returns the matches of those that are true in the set.
func (s store) matchesOfVulnerabilities(ctx context.Context, tx bun.Tx, set map[string]bool) ([]matchRow, error) {
	var all []matchRow
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(set)), func(id string) bool { return !set[id] })
	err := inChunks(ids, chunk, func(part []string) error {
		var rows []matchRow
		if err := tx.NewSelect().Model(&rows).Where("vulnerability IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return err
		}
		all = append(all, rows...)
		return nil
	})
	return all, err
}

// concerned counts the units p sees that run, and that may run, what has one of
// the vulnerabilities.
func (s store) concerned(ctx context.Context, p module.Principal, ids []string) (certain, possible int64, err error) {
	if len(ids) == 0 {
		return 0, 0, nil
	}
	var row struct {
		Certain  int64 `bun:"certain"`
		Possible int64 `bun:"possible"`
	}
	err = module.Scoped(s.db.NewSelect().TableExpr("software_matches AS m"), p, "m.unit").
		ColumnExpr("count(DISTINCT CASE WHEN m.certain = ? THEN m.unit END) AS certain", true).
		ColumnExpr("count(DISTINCT CASE WHEN m.certain = ? THEN m.unit END) AS possible", false).
		Where("m.vulnerability IN (?)", bun.List(ids)).Scan(ctx, &row)
	return row.Certain, row.Possible, err
}
