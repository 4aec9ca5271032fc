package system

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// BenchmarkLists reads the register and the inventory of a province: 500 units, 5,000
// systems, 200,000 assets.
func BenchmarkLists(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { lists(b, sqldbtest.SQLite(b)) })
	b.Run("postgres", func(b *testing.B) { lists(b, sqldbtest.Postgres(b)) })
}

const (
	manyUnits   = 500
	manySystems = 5_000
	manyAssets  = 200_000
)

func lists(b *testing.B, db *bun.DB) {
	s := province(b, db)
	unit := as("minh", module.RoleSecurityOfficer, "xa-7")
	branch := module.PrincipalOf(unit)
	for i := range 60 {
		branch.Below = append(branch.Below, event.UnitID(fmt.Sprint("xa-", 100+i)))
	}
	after := ""
	for range 20 {
		_, next, err := s.Assets(centre, AssetFilter{Limit: 500, After: after})
		if err != nil {
			b.Fatal(err)
		}
		after = next
	}
	for who, ctx := range map[string]context.Context{"centre": centre, "unit": unit, "branch": module.WithPrincipal(context.Background(), branch)} {
		for name, f := range map[string]Filter{"all": {}, "found": {Text: "cong 4321"}, "nothing": {Text: "khong co gi nhu the"}, "state": {State: module.SystemRetired}, "unit": {Unit: "xa-7"}} {
			b.Run(fmt.Sprintf("systems/%s/%s", name, who), func(b *testing.B) {
				for b.Loop() {
					if _, _, err := s.List(ctx, f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		for name, f := range map[string]AssetFilter{
			"all": {}, "far": {After: after}, "found": {Text: "may 123456"}, "nothing": {Text: "khong co gi nhu the"}, "kind": {Kind: "software"}, "donated": {Donated: true}, "unit": {Unit: "xa-7"},
		} {
			b.Run(fmt.Sprintf("assets/%s/%s", name, who), func(b *testing.B) {
				for b.Loop() {
					if _, _, err := s.Assets(ctx, f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		if who == "centre" {
			b.Run("product stamps", func(b *testing.B) {
				for b.Loop() {
					if stamps, err := s.ProductStamps(ctx); err != nil || len(stamps) == 0 {
						b.Fatal(stamps, err)
					}
				}
			})
			// The systems of xa-7 are all retired.
			b.Run("products of a unit", func(b *testing.B) {
				for b.Loop() {
					if list, err := s.Products(ctx, "xa-8"); err != nil || len(list) == 0 {
						b.Fatal(list, err)
					}
				}
			})
		}
		b.Run("endings/"+who, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Endings(ctx, "", 90); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// province fills a register.
func province(b *testing.B, db *bun.DB) *Service {
	b.Helper()
	s := New(Options{DB: db, Trail: module.NewTrail(db), Units: names{}, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "system": s.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, m.Migrations); err != nil {
			b.Fatal(err)
		}
	}
	states := []string{module.SystemOperating, module.SystemOperating, module.SystemPlanned, module.SystemRetired}
	err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		var list []Asset
		for i := range manySystems {
			x := System{ID: fmt.Sprintf("s%05d", i), Number: int64(i + 1), State: states[i%4], Facts: portal(), Version: 1, CreatedAt: time.Now(), UpdatedAt: time.Now()}
			x.Name, x.Unit, x.OperatorUnit = fmt.Sprint("Cổng ", i), event.UnitID(fmt.Sprint("xa-", i%manyUnits)), event.UnitID(fmt.Sprint("xa-", i%7))
			x.Staff = []Staff{{Name: "Nguyễn Văn Bình", Certificate: "CISSP", Ends: module.Date(fmt.Sprintf("2027-%02d-01", i%12+1))}, {Name: "Trần Thị Lan", Certificate: "CEH", Ends: "2030-01-01"}}
			if err := s.store.insert(ctx, tx, &x); err != nil {
				return err
			}
			for j := range manyAssets / manySystems {
				n := i*(manyAssets/manySystems) + j
				a := Asset{ID: fmt.Sprintf("a%06d", n), Unit: x.Unit, Operator: operatorOf(&x), Version: 1, AssetFacts: AssetFacts{System: x.ID, Kind: assetKinds[j%4], Name: fmt.Sprint("Máy ", n), Vendor: "Ví dụ",
					Product: "Máy chủ", Release: "1.2", Hostname: fmt.Sprint("may-", n), Address: fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255), Donated: n%500 == 0, Place: "Phòng máy chủ"}}
				if n%50 == 0 {
					a.LicenceEnds = module.Date(fmt.Sprintf("2027-%02d-01", n/50%12+1))
				}
				list = append(list, a)
			}
		}
		return s.store.insertAssets(ctx, tx, list)
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := db.ExecContext(context.Background(), "ANALYZE"); err != nil {
		b.Fatal(err)
	}
	return s
}
