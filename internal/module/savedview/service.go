package savedview

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed migrations
var migrations embed.FS

// Service keeps views.
type Service struct {
	db    *bun.DB
	trail *module.Trail
	now   func() time.Time
}

// New makes the service.
func New(db *bun.DB, trail *module.Trail, now func() time.Time) *Service {
	return &Service{db: db, trail: trail, now: now}
}

// Module returns what app needs to run the service.
func (s *Service) Module() module.Module {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return module.Module{Name: "savedview", Migrations: sub, Routes: s.routes}
}

type row struct {
	bun.BaseModel `bun:"table:saved_views"`

	ID        string       `bun:"id,pk"`
	OwnerID   string       `bun:"owner_id"`
	OwnerName string       `bun:"owner_name"`
	Unit      string       `bun:"unit"`
	Shared    bool         `bun:"shared"`
	Page      string       `bun:"page"`
	Name      string       `bun:"name"`
	Address   string       `bun:"address"`
	CreatedAt sqldb.Micros `bun:"created_at"`
}

func (r *row) view() View {
	return View{ID: r.ID, OwnerID: r.OwnerID, OwnerName: r.OwnerName, Unit: event.UnitID(r.Unit), Shared: r.Shared, Page: r.Page, Name: r.Name, Address: r.Address, CreatedAt: r.CreatedAt.Time()}
}

func unknown() error {
	return fault.New(fault.NotFound, "no such view").WithCode("view.unknown")
}

// visible limits q to what p may know of; the same rule as View.visibleTo.
func visible(q *bun.SelectQuery, p module.Principal) *bun.SelectQuery {
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where("owner_id = ?", p.ID)
		if p.AllUnits() {
			q = q.WhereOr("shared = ?", true)
		} else if reach := p.Reach(); len(reach) > 0 {
			q = q.WhereOr("shared = ? AND unit IN (?)", true, bun.List(reach))
		}
		return q
	})
}

// List returns the views of a page that the caller sees, by name. Errors: Denied.
func (s *Service) List(ctx context.Context, page string) ([]View, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionViewSave); err != nil {
		return nil, err
	}
	var rows []row
	if err := visible(s.db.NewSelect().Model(&rows), p).Where("page = ?", page).OrderExpr("name, id").Limit(maxList).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]View, len(rows))
	for i := range rows {
		list[i] = rows[i].view()
	}
	return list, nil
}

// Save keeps a view as the caller's own, in place of one he has of that name. Errors:
// Denied, Invalid, Conflict view.too-many.
func (s *Service) Save(ctx context.Context, v View) (View, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionViewSave); err != nil {
		return View{}, err
	}
	if err := v.check(); err != nil {
		return View{}, err
	}
	v.ID, v.OwnerID, v.OwnerName, v.Unit, v.CreatedAt = module.NewID(), p.ID, p.DisplayName, p.Unit, s.now()
	err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewDelete().Model((*row)(nil)).Where("owner_id = ?", p.ID).Where("page = ?", v.Page).Where("name = ?", v.Name).Exec(ctx); err != nil {
			return err
		}
		n, err := tx.NewSelect().Model((*row)(nil)).Where("owner_id = ?", p.ID).Count(ctx)
		if err != nil {
			return err
		}
		if n >= maxPerOwner {
			return fault.New(fault.Conflict, "you have saved %d views, which is the most; remove some first", n).WithCode("view.too-many")
		}
		r := row{ID: v.ID, OwnerID: v.OwnerID, OwnerName: v.OwnerName, Unit: string(v.Unit), Shared: v.Shared, Page: v.Page, Name: v.Name, Address: v.Address, CreatedAt: sqldb.MicrosOf(v.CreatedAt)}
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return err
		}
		return s.note(ctx, tx, "view.save", &v)
	})
	return v, err
}

// Remove takes a view away. Errors: Denied (it is somebody else's), NotFound.
func (s *Service) Remove(ctx context.Context, id string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionViewSave); err != nil {
		return err
	}
	return s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var r row
		err := visible(tx.NewSelect().Model(&r).Where("id = ?", id), p).Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return unknown()
		}
		if err != nil {
			return err
		}
		v := r.view()
		if !v.removableBy(p) {
			return fault.New(fault.Denied, "its owner or an administrator removes a view").WithCode("view.not-yours")
		}
		if _, err := tx.NewDelete().Model(&r).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return s.note(ctx, tx, "view.remove", &v)
	})
}

// note tells the audit trail. What somebody keeps for himself is his own business and
// stays out of it.
func (s *Service) note(ctx context.Context, tx bun.Tx, action string, v *View) error {
	detail := map[string]string{"page": v.Page, "unit": string(v.Unit)}
	if v.Shared {
		detail["name"], detail["address"] = v.Name, module.Text(v.Address, 500)
	}
	return s.trail.Append(ctx, tx, module.Entry{Action: action, Object: "view:" + v.ID, Detail: detail})
}
