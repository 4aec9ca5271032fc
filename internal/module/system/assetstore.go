package system

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type assetRow struct {
	bun.BaseModel `bun:"table:assets,alias:a"`

	ID          string       `bun:"id,pk"`
	System      string       `bun:"system"`
	Unit        string       `bun:"unit"`
	Operator    string       `bun:"operator"`
	Kind        string       `bun:"kind"`
	Name        string       `bun:"name"`
	Vendor      string       `bun:"vendor"`
	Product     string       `bun:"product"`
	Release     string       `bun:"release"`
	CPE         string       `bun:"cpe"`
	Hostname    string       `bun:"hostname"`
	Address     string       `bun:"address"`
	Origin      string       `bun:"origin"`
	Foreign     bool         `bun:"from_abroad"`
	Donated     bool         `bun:"donated"`
	Vietnamese  bool         `bun:"vietnamese"`
	LicenceEnds string       `bun:"licence_ends"`
	Place       string       `bun:"place"`
	Note        string       `bun:"note"`
	NameKey     string       `bun:"name_key"`
	HostKey     string       `bun:"host_key"`
	SearchText  string       `bun:"search_text"`
	UpdatedAt   sqldb.Micros `bun:"updated_at"`
	UpdatedBy   string       `bun:"updated_by"`
	Version     int64        `bun:"version"`
}

const (
	maxNameKey   = 200  // bytes
	maxAssetFind = 2000 // bytes of what an asset is found by: it stands in an index
)

func assetRowOf(x *Asset) assetRow {
	return assetRow{
		ID: x.ID, System: x.System, Unit: string(x.Unit), Operator: string(x.Operator), Kind: x.Kind, Name: x.Name, Vendor: x.Vendor, Product: x.Product, Release: x.Release,
		CPE: x.CPE, Hostname: x.Hostname, Address: x.Address, Origin: x.Origin, Foreign: x.Foreign, Donated: x.Donated, Vietnamese: x.Vietnamese,
		LicenceEnds: string(x.LicenceEnds), Place: x.Place, Note: x.Note, NameKey: module.Text(module.Fold(x.Name), maxNameKey), HostKey: shortKey(x.Hostname),
		SearchText: module.Text(module.Fold(strings.Join(words([]string{x.Name, x.Hostname, x.Address, x.Vendor, x.Product, x.Release, x.Place}), "\n")), maxAssetFind),
		UpdatedAt:  sqldb.MicrosOf(x.UpdatedAt), UpdatedBy: x.UpdatedBy, Version: x.Version,
	}
}

func (r *assetRow) asset() Asset {
	return Asset{
		ID: r.ID, Unit: event.UnitID(r.Unit), Operator: event.UnitID(r.Operator), AssetFacts: AssetFacts{
			System: r.System, Kind: r.Kind, Name: r.Name, Vendor: r.Vendor, Product: r.Product, Release: r.Release, CPE: r.CPE, Hostname: r.Hostname, Address: r.Address,
			Origin: r.Origin, Foreign: r.Foreign, Donated: r.Donated, Vietnamese: r.Vietnamese, LicenceEnds: module.Date(r.LicenceEnds), Place: r.Place, Note: r.Note,
		},
		UpdatedAt: r.UpdatedAt.Time(), UpdatedBy: r.UpdatedBy, Version: r.Version,
	}
}

func assets(rows []assetRow) []Asset {
	list := make([]Asset, len(rows))
	for i := range rows {
		list[i] = rows[i].asset()
	}
	return list
}

// AssetFilter says which assets to list.
type AssetFilter struct {
	Text       string
	System     string
	Unit       event.UnitID
	Kind       string
	Foreign    bool
	Donated    bool
	Vietnamese bool
	Limit      int
	After      string // cursor
}

func (f *AssetFilter) where(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	q = scoped(q, p)
	for _, x := range []struct{ column, value string }{{"system", f.System}, {"unit", string(f.Unit)}, {"kind", f.Kind}} {
		if x.value != "" {
			q = q.Where("? = ?", bun.Ident(x.column), x.value)
		}
	}
	for _, x := range []struct {
		column string
		only   bool
	}{{"from_abroad", f.Foreign}, {"donated", f.Donated}, {"vietnamese", f.Vietnamese}} {
		if x.only {
			q = q.Where("? = ?", bun.Ident(x.column), true)
		}
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		q = q.Where("search_text LIKE ? ESCAPE '\\'", module.LikePattern(text))
	}
	return q
}

// assetCursor is the text after which a list by name goes on.
func assetCursor(r *assetRow) string {
	return base64.RawURLEncoding.EncodeToString([]byte(r.NameKey + "\x00" + r.ID))
}

func readAssetCursor(text string) (name, id string, err error) {
	data, err := base64.RawURLEncoding.DecodeString(text)
	name, id, ok := strings.Cut(string(data), "\x00")
	if err != nil || !ok || !module.IsText(name, maxNameKey) || !module.IsText(id, maxNameKey) {
		return "", "", fault.New(fault.Invalid, "the cursor is not one that a list gave").WithCode("system.cursor").OnField("query.after")
	}
	return name, id, nil
}

func (s store) listAssets(ctx context.Context, p module.Principal, f AssetFilter) ([]Asset, string, error) {
	n := pageOf(f.Limit)
	var rows []assetRow
	q := f.where(s.db.NewSelect().Model(&rows), p).OrderExpr("name_key, id").Limit(n + 1)
	if f.After != "" {
		name, id, err := readAssetCursor(f.After)
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(name_key, id) > (?, ?)", name, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", err
	}
	next := ""
	if int64(len(rows)) > n {
		rows = rows[:n]
		next = assetCursor(&rows[n-1])
	}
	return assets(rows), next, nil
}

func (s store) asset(ctx context.Context, db bun.IDB, id string) (x Asset, ok bool, err error) {
	var r assetRow
	err = db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return x, false, nil
	}
	return r.asset(), err == nil, err
}

const chunk = 400 // rows or values of one statement

func (s store) insertAssets(ctx context.Context, tx bun.Tx, list []Asset) error {
	for len(list) > 0 {
		rows := make([]assetRow, min(chunk, len(list)))
		for i := range rows {
			rows[i] = assetRowOf(&list[i])
		}
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return err
		}
		list = list[len(rows):]
	}
	return nil
}

func (s store) updateAsset(ctx context.Context, tx bun.Tx, x *Asset) (bool, error) {
	r := assetRowOf(x)
	return sqldb.One(tx.NewUpdate().Model(&r).ExcludeColumn("id").Where("id = ?", r.ID).Where("version = ?", r.Version-1).Exec(ctx))
}

// moveAssets gives a system's assets to its owner and operator.
func (s store) moveAssets(ctx context.Context, tx bun.Tx, system string, unit, operator event.UnitID) error {
	_, err := tx.NewUpdate().Table("assets").Set("unit = ?", string(unit)).Set("operator = ?", string(operator)).Where("system = ?", system).Exec(ctx)
	return err
}

// found returns the assets of units, as the owners' or as the operators', whose host or
// address may be one of the names, as hostKey writes them.
func (s store) found(ctx context.Context, units []event.UnitID, names []string) ([]Asset, error) {
	var list []Asset
	keys := make([]string, 0, len(names))
	for _, name := range names {
		keys = append(keys, shortKey(name))
	}
	for len(keys) > 0 {
		part := keys[:min(chunk, len(keys))]
		keys = keys[len(part):]
		for _, of := range []string{"unit", "operator"} {
			for _, by := range []string{"host_key", "address"} {
				var rows []assetRow
				err := s.db.NewSelect().Model(&rows).Where("? IN (?)", bun.Ident(of), bun.List(units)).Where("? IN (?)", bun.Ident(by), bun.List(part)).OrderExpr("id").Scan(ctx)
				if err != nil {
					return nil, err
				}
				list = append(list, assets(rows)...)
			}
		}
	}
	return list, nil
}

func (s store) ignore(ctx context.Context, tx bun.Tx, r *ignoredRow) error {
	_, err := tx.NewInsert().Model(r).On("CONFLICT (unit, host) DO UPDATE").Set("reason = EXCLUDED.reason").Set("by_id = EXCLUDED.by_id").
		Set("by_name = EXCLUDED.by_name").Set("at = EXCLUDED.at").Exec(ctx)
	return err
}

func (s store) heed(ctx context.Context, tx bun.Tx, unit event.UnitID, host string) (bool, error) {
	return sqldb.One(tx.NewDelete().Table("asset_ignored").Where("unit = ?", string(unit)).Where("host = ?", host).Exec(ctx))
}

// ignored returns the hosts that need not be declared, by unit and name.
func (s store) ignored(ctx context.Context, p module.Principal) (map[event.UnitID]map[string]ignoredRow, error) {
	var rows []ignoredRow
	if err := module.Scoped(s.db.NewSelect().Model(&rows), p, "unit").Scan(ctx); err != nil {
		return nil, err
	}
	out := map[event.UnitID]map[string]ignoredRow{}
	for _, r := range rows {
		of := out[event.UnitID(r.Unit)]
		if of == nil {
			of = map[string]ignoredRow{}
			out[event.UnitID(r.Unit)] = of
		}
		of[r.Host] = r
	}
	return out, nil
}
