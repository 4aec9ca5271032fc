package advisory

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

type softwareRow struct {
	bun.BaseModel `bun:"table:software"`

	ID         string       `bun:"id,pk"`
	Unit       string       `bun:"unit"`
	Vendor     string       `bun:"vendor"`
	Product    string       `bun:"product"`
	Release    string       `bun:"release"`
	CPE        string       `bun:"cpe"`
	Place      string       `bun:"place"`
	Quantity   int64        `bun:"quantity"`
	Note       string       `bun:"note"`
	NameKey    string       `bun:"name_key"`
	CPEKey     string       `bun:"cpe_key"`
	PURL       string       `bun:"purl"`
	PURLKey    string       `bun:"purl_key"`
	Origin     string       `bun:"origin"`
	Part       string       `bun:"part"`
	Identity   string       `bun:"identity"`
	UpdatedAt  sqldb.Micros `bun:"updated_at"`
	UpdatedBy  string       `bun:"updated_by"`
	Version    int64        `bun:"version"`
	SearchText string       `bun:"search_text"`
}

func rowOf(x *Software) *softwareRow {
	k := keysOf(x.Product)
	return &softwareRow{
		ID: x.ID, Unit: string(x.Unit), Vendor: x.Product.Vendor, Product: x.Product.Name, Release: x.Release, CPE: x.Product.CPE, Place: x.Place, Quantity: x.Count,
		Note: x.Note, NameKey: k.name, CPEKey: k.cpe, PURL: x.Product.PURL, PURLKey: k.purl, Origin: string(x.Origin), Part: x.Part, Identity: x.identity(), UpdatedAt: sqldb.MicrosOf(x.UpdatedAt), UpdatedBy: x.UpdatedBy, Version: x.Version,
		SearchText: module.Fold(x.Name() + "\n" + x.Place + "\n" + x.Note),
	}
}

func (r *softwareRow) software() Software {
	return Software{
		ID: r.ID, Unit: event.UnitID(r.Unit), Product: advisory.Product{Vendor: r.Vendor, Name: r.Product, CPE: r.CPE, PURL: r.PURL}, Release: r.Release, Place: r.Place, Count: r.Quantity,
		Note: r.Note, Origin: Origin(r.Origin), Part: r.Part, UpdatedAt: r.UpdatedAt.Time(), UpdatedBy: r.UpdatedBy, Version: r.Version,
	}
}

// softwareNamed returns the lines whose product has one of the keys; of the units
// p sees, of all where p is nil.
func (s store) softwareNamed(ctx context.Context, db bun.IDB, p *module.Principal, keys []string) ([]Software, error) {
	var list []Software
	seen := map[string]bool{}
	err := inChunks(keys, chunk, func(part []string) error {
		var rows []softwareRow
		q := named(db.NewSelect().Model(&rows), part).OrderExpr("unit, id")
		if p != nil {
			q = module.Scoped(q, *p, "unit")
		}
		if err := q.Scan(ctx); err != nil {
			return err
		}
		for i := range rows {
			if !seen[rows[i].ID] {
				seen[rows[i].ID] = true
				list = append(list, rows[i].software())
			}
		}
		return nil
	})
	return list, err
}

// SoftwareFilter says which lines to list.
type SoftwareFilter struct {
	Text   string
	Unit   event.UnitID
	Origin Origin
	Limit  int
	Offset int
}

func (f *SoftwareFilter) where(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	q = module.Scoped(q, p, "s.unit")
	if f.Unit != "" {
		q = q.Where("s.unit = ?", string(f.Unit))
	}
	if f.Origin != "" {
		q = q.Where("s.origin = ?", string(f.Origin))
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		q = q.Where("s.search_text LIKE ? ESCAPE '\\'", module.LikePattern(text))
	}
	return q
}

// Declared is a line with how many vulnerabilities it has.
type Declared struct {
	Software

	Certain  int64
	Possible int64
	Known    int64 // of both, known to be exploited
}

type declaredRow struct {
	softwareRow `bun:",extend"`

	Certain  int64 `bun:"certain"`
	Possible int64 `bun:"possible"`
	Known    int64 `bun:"known"`
}

// Software returns what units run, by unit and name, and how many lines there are. Errors: Denied.
func (s *Service) Software(ctx context.Context, f SoftwareFilter) ([]Declared, int64, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareRead); err != nil {
		return nil, 0, err
	}
	var rows []declaredRow
	const of = "FROM software_matches AS m WHERE m.software = s.id"
	q := f.where(s.DB.NewSelect().TableExpr("software AS s"), p).ColumnExpr("s.*").
		ColumnExpr("(SELECT count(*) "+of+" AND m.certain = ?) AS certain", true).
		ColumnExpr("(SELECT count(*) "+of+" AND m.certain = ?) AS possible", false).
		ColumnExpr("(SELECT count(*) FROM software_matches AS m JOIN vulnerabilities AS v ON v.id = m.vulnerability WHERE m.software = s.id AND v.kev = ?) AS known", true).
		OrderExpr("s.unit, s.name_key, s.release, s.id").Limit(pageOf(f.Limit)).Offset(int64(max(0, f.Offset)))
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, 0, err
	}
	n, err := f.where(s.DB.NewSelect().TableExpr("software AS s"), p).Count(ctx)
	list := make([]Declared, len(rows))
	for i := range rows {
		list[i] = Declared{rows[i].software(), rows[i].Certain, rows[i].Possible, rows[i].Known}
	}
	return list, n, err
}

// Declare adds a line. Errors: Denied, NotFound (a unit the caller does not see),
// Invalid, Conflict (the unit declared the same already).
func (s *Service) Declare(ctx context.Context, x Software) (Software, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareDeclare); err != nil {
		return x, err
	}
	if err := s.mayHave(p, x.Unit); err != nil {
		return x, err
	}
	if err := x.check(); err != nil {
		return x, err
	}
	x.ID, x.Origin, x.Part, x.Version, x.UpdatedAt, x.UpdatedBy = module.NewID(), OriginDeclared, "", 1, s.Now(), p.DisplayName
	return x, s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		n, err := tx.NewSelect().Model((*softwareRow)(nil)).Where("unit = ?", string(x.Unit)).Where("origin = ?", string(OriginDeclared)).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxPerUnit {
			return fault.New(fault.Invalid, "a unit declares at most %d lines; put the same product on one line with its count", maxPerUnit).WithCode("advisory.too-many-lines")
		}
		if _, err := tx.NewInsert().Model(rowOf(&x)).Exec(ctx); err != nil {
			return twice(err)
		}
		return s.declared(ctx, tx, "software.declare", []Software{x})
	})
}

// mayHave refuses a unit the caller does not see, or that cannot have software.
func (s *Service) mayHave(p module.Principal, unit event.UnitID) error {
	if unit == "" || !p.Sees(unit) || !s.Units.Active(unit) {
		return fault.New(fault.NotFound, "unit: no such unit").WithCode("unit.unknown").OnField("body.unit")
	}
	return nil
}

func twice(err error) error {
	if sqldb.IsUnique(err) {
		return fault.New(fault.Conflict, "the unit declared this product, version and place already; change the count there").WithCode("advisory.declared").OnField("body.product")
	}
	return err
}

// declared works out what lines match, tells of it, and notes a single one.
func (s *Service) declared(ctx context.Context, tx bun.Tx, action string, lines []Software) error {
	fresh, err := s.rematch(ctx, tx, lines, nil)
	if err != nil {
		return err
	}
	if _, err := s.tell(ctx, tx, fresh); err != nil || action == "" {
		return err
	}
	x := &lines[0]
	return s.Trail.Append(ctx, tx, module.Entry{Action: action, Object: "software:" + x.ID, Detail: map[string]string{
		"unit": string(x.Unit), "software": x.Name(), "cpe": x.Product.CPE, "place": x.Place, "count": strconv.FormatInt(x.Count, 10),
	}})
}

// own reads a line the caller may change.
func (s *Service) own(ctx context.Context, tx bun.Tx, id string) (Software, error) {
	p := module.PrincipalOf(ctx)
	var r softwareRow
	err := tx.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !p.Can(module.ActionSoftwareDeclare, event.UnitID(r.Unit)) {
		return Software{}, unknown("software")
	}
	if err == nil && Origin(r.Origin) != OriginDeclared {
		err = fault.New(fault.Conflict, "this line comes from the %s; change it there", r.Origin).WithCode("advisory.listed")
	}
	return r.software(), err
}

// Change makes a line say something else; its unit stays. Errors: Denied, NotFound,
// Invalid, Conflict.
func (s *Service) Change(ctx context.Context, id string, x Software) (Software, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionSoftwareDeclare); err != nil {
		return x, err
	}
	err := s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.own(ctx, tx, id)
		if err != nil {
			return err
		}
		if old.Version != x.Version {
			return changed()
		}
		if err := x.check(); err != nil {
			return err
		}
		x.ID, x.Unit, x.Origin, x.Version, x.UpdatedAt, x.UpdatedBy = id, old.Unit, old.Origin, old.Version+1, s.Now(), p.DisplayName
		if _, err := tx.NewUpdate().Model(rowOf(&x)).WherePK().Exec(ctx); err != nil {
			return twice(err)
		}
		return s.declared(ctx, tx, "software.change", []Software{x})
	})
	return x, err
}

// Remove takes a line away, and its matches. Errors: Denied, NotFound.
func (s *Service) Remove(ctx context.Context, id string) error {
	if err := module.PrincipalOf(ctx).Require(module.ActionSoftwareDeclare); err != nil {
		return err
	}
	return s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		old, err := s.own(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := s.store.removeSoftware(ctx, tx, []string{id}); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "software.remove", Object: "software:" + id, Detail: map[string]string{"unit": string(old.Unit), "software": old.Name(), "place": old.Place}})
	})
}

func (s store) removeSoftware(ctx context.Context, tx bun.Tx, ids []string) error {
	return inChunks(ids, chunk, func(part []string) error {
		if _, err := tx.NewDelete().Model((*matchRow)(nil)).Where("software IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewDelete().Model((*softwareRow)(nil)).Where("id IN (?)", bun.List(part)).Exec(ctx)
		return err
	})
}
