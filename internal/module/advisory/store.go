package advisory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type store struct{ db *bun.DB }

type advisoryRow struct {
	bun.BaseModel `bun:"table:advisories"`

	ID         string       `bun:"id,pk"`
	Format     string       `bun:"format"`
	Publisher  string       `bun:"publisher"`
	Number     string       `bun:"number"`
	Title      string       `bun:"title"`
	Severity   string       `bun:"severity"`
	TLP        string       `bun:"tlp"`
	Revision   string       `bun:"revision"`
	Published  sqldb.Micros `bun:"published"`
	Updated    sqldb.Micros `bun:"updated"`
	SHA256     string       `bun:"sha256"`
	Content    string       `bun:"content"`
	File       string       `bun:"file"`
	Source     string       `bun:"source"`
	ImportedAt sqldb.Micros `bun:"imported_at"`
	ChangedAt  sqldb.Micros `bun:"changed_at"`
	ImportedBy string       `bun:"imported_by"`
	SearchText string       `bun:"search_text"`
}

type vulnerabilityRow struct {
	bun.BaseModel `bun:"table:vulnerabilities"`

	ID          string       `bun:"id,pk"`
	Title       string       `bun:"title"`
	Description string       `bun:"description"`
	Weakness    string       `bun:"weakness"`
	Severity    string       `bun:"severity"`
	CVSS        int64        `bun:"cvss"`
	CVSSVersion string       `bun:"cvss_version"`
	Vector      string       `bun:"vector"`
	Rejected    bool         `bun:"rejected"`
	Published   sqldb.Micros `bun:"published"`
	Updated     sqldb.Micros `bun:"updated"`
	KEV         bool         `bun:"kev"`
	KEVAdded    sqldb.Micros `bun:"kev_added"`
	KEVDue      sqldb.Micros `bun:"kev_due"`
	KEVAction   string       `bun:"kev_action"`
	Ransomware  bool         `bun:"ransomware"`
	EPSS        int64        `bun:"epss"`
	Percentile  int64        `bun:"percentile"`
	EPSSAt      sqldb.Micros `bun:"epss_at"`
	ChangedAt   sqldb.Micros `bun:"changed_at"`
	SearchText  string       `bun:"search_text"`
}

type affectedRow struct {
	bun.BaseModel `bun:"table:advisory_affected"`

	ID            string `bun:"id,pk"`
	Advisory      string `bun:"advisory"`
	Vulnerability string `bun:"vulnerability"`
	NameKey       string `bun:"name_key"`
	CPEKey        string `bun:"cpe_key"`
	PURLKey       string `bun:"purl_key"`
	Body          string `bun:"body"`
}

const notScored = -1

// keys are the names a product is found by; "" for none.
type keys struct{ name, cpe, purl string }

func keysOf(p advisory.Product) keys {
	k := keys{name: advisory.ProductKey(p.Vendor, p.Name)}
	if c, ok := advisory.ParseCPE(p.CPE); ok {
		k.cpe = advisory.ProductKey(c.Vendor, c.Product)
	}
	if u, ok := advisory.ParsePURL(p.PURL); ok {
		k.purl = u.Key()
	}
	return k
}

// list returns those there are, each once.
func (k keys) list() []string {
	list := slices.DeleteFunc([]string{k.name, k.cpe, k.purl}, func(key string) bool { return key == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// named narrows a query to the rows that have one of the keys.
func named(q *bun.SelectQuery, keys []string) *bun.SelectQuery {
	return q.Where("(name_key IN (?) OR cpe_key IN (?) OR purl_key IN (?))", bun.List(keys), bun.List(keys), bun.List(keys))
}

func (s store) byNumber(ctx context.Context, db bun.IDB, d *advisory.Document) (*advisoryRow, error) {
	var r advisoryRow
	err := db.NewSelect().Model(&r).Where("format = ?", string(d.Format)).Where("publisher = ?", d.Publisher).Where("number = ?", d.ID).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &r, err
}

func (s store) put(ctx context.Context, tx bun.Tx, r *advisoryRow, isNew bool) error {
	if isNew {
		_, err := tx.NewInsert().Model(r).Exec(ctx)
		return err
	}
	_, err := tx.NewUpdate().Model(r).WherePK().Exec(ctx)
	return err
}

// inChunks hands on parts of a list: databases bound what a statement may hold.
func inChunks[T any](list []T, n int, do func([]T) error) error {
	for len(list) > 0 {
		part := list[:min(n, len(list))]
		if err := do(part); err != nil {
			return err
		}
		list = list[len(part):]
	}
	return nil
}

const chunk = 500

// vulnerabilities returns rows by id.
func (s store) vulnerabilities(ctx context.Context, db bun.IDB, ids []string) (map[string]*vulnerabilityRow, error) {
	found := make(map[string]*vulnerabilityRow, len(ids))
	err := inChunks(ids, chunk, func(part []string) error {
		var rows []*vulnerabilityRow
		if err := db.NewSelect().Model(&rows).Where("id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return err
		}
		for _, r := range rows {
			found[r.ID] = r
		}
		return nil
	})
	return found, err
}

func (s store) putVulnerabilities(ctx context.Context, tx bun.Tx, rows []*vulnerabilityRow) error {
	return inChunks(rows, 200, func(part []*vulnerabilityRow) error {
		q := tx.NewInsert().Model(&part).On("CONFLICT (id) DO UPDATE")
		for _, column := range []string{"title", "description", "weakness", "severity", "cvss", "cvss_version", "vector", "rejected", "published", "updated", "kev", "kev_added", "kev_due",
			"kev_action", "ransomware", "epss", "percentile", "epss_at", "changed_at", "search_text"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(column), bun.Ident(column))
		}
		_, err := q.Exec(ctx)
		return err
	})
}

// scores returns what EPSS says of CVEs.
func (s store) scores(ctx context.Context, db bun.IDB, ids []string) (map[string][2]int64, error) {
	found := map[string][2]int64{}
	err := inChunks(ids, chunk, func(part []string) error {
		var rows []scoreRow
		if err := db.NewSelect().Model(&rows).Where("cve IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return err
		}
		for _, r := range rows {
			found[r.CVE] = [2]int64{r.Score, r.Percentile}
		}
		return nil
	})
	return found, err
}

// replaceAffected makes what an advisory says of products anew.
func (s store) replaceAffected(ctx context.Context, tx bun.Tx, of string, rows []affectedRow) error {
	if _, err := tx.NewDelete().Model((*affectedRow)(nil)).Where("advisory = ?", of).Exec(ctx); err != nil {
		return err
	}
	return inChunks(rows, 200, func(part []affectedRow) error {
		_, err := tx.NewInsert().Model(&part).Exec(ctx)
		return err
	})
}

func affectedRows(of, vulnerability string, list []advisory.Affected) ([]affectedRow, error) {
	rows := make([]affectedRow, 0, len(list))
	for i := range list {
		body, err := json.Marshal(&list[i])
		if err != nil {
			return nil, err
		}
		k := keysOf(list[i].Product)
		rows = append(rows, affectedRow{ID: module.NewID(), Advisory: of, Vulnerability: vulnerability, NameKey: k.name, CPEKey: k.cpe, PURLKey: k.purl, Body: string(body)})
	}
	return rows, nil
}

type feedRow struct {
	bun.BaseModel `bun:"table:advisory_feeds"`

	Kind       string       `bun:"kind,pk"`
	At         sqldb.Micros `bun:"at"`
	Revision   string       `bun:"revision"`
	Entries    int64        `bun:"entries"`
	ImportedAt sqldb.Micros `bun:"imported_at"`
}

func (s store) feed(ctx context.Context, db bun.IDB, kind string) (feedRow, error) {
	r := feedRow{Kind: kind}
	err := db.NewSelect().Model(&r).WherePK().Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return r, err
}

func (s store) setFeed(ctx context.Context, tx bun.Tx, r *feedRow) error {
	_, err := tx.NewInsert().Model(r).On("CONFLICT (kind) DO UPDATE").Set("at = EXCLUDED.at").Set("revision = EXCLUDED.revision").
		Set("entries = EXCLUDED.entries").Set("imported_at = EXCLUDED.imported_at").Exec(ctx)
	return err
}
