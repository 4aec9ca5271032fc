package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/requirement"
	"github.com/lachan-vn/lachan/internal/module/system"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestADossierFillsEveryFieldOfTheTemplates(t *testing.T) {
	db := sqldbtest.SQLite(t)
	trail := module.NewTrail(db)
	units := unit.New(unit.Options{DB: db, Trail: trail, Now: time.Now})
	systems := system.New(system.Options{DB: db, Trail: trail, Units: units, Now: time.Now})
	asked := requirement.New(requirement.Options{DB: db, Trail: trail, Units: units, Dir: t.TempDir(), Now: time.Now})
	papers := documents.New(documents.Options{DB: db, Trail: trail, Units: documentUnits{units}, Zone: time.UTC, Now: time.Now})
	levels := dossier.New(dossier.Options{DB: db, Trail: trail, Units: units, Systems: dossierSystems{systems}, Register: dossierRegister{systems, units, asked},
		Papers: dossierPapers{papers}, Dir: t.TempDir(), Zone: time.UTC, Now: time.Now})
	x := documentCases{dossiers: func() *dossier.Service { return levels }, zone: time.UTC}
	for _, m := range []module.Module{{Name: "module", Migrations: module.Migrations()}, units.Module(), systems.Module(), asked.Module(), papers.Module(), levels.Module()} {
		if err := sqldb.Migrate(t.Context(), db, m.Name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	if err := units.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx := module.WithPrincipal(t.Context(), module.Principal{ID: "an", DisplayName: "An", Role: module.RoleAdministrator, Unit: event.CentreUnit})
	s, err := systems.Add(ctx, system.Facts{Name: "Một cửa", Unit: event.CentreUnit, OperatorUnit: event.CentreUnit, Zones: []system.Zone{{Name: "DMZ", Private: []string{"10.1.0.0/24"}}},
		Operator: system.Party{Mandate: "12/QĐ-UBND"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := systems.AddAsset(ctx, system.AssetFacts{System: s.ID, Kind: "device", Name: "Tường lửa", Vendor: "Example", Product: "Gate", Place: "Phòng máy chủ"}, event.CentreUnit); err != nil {
		t.Fatal(err)
	}
	if _, err := systems.AddAsset(ctx, system.AssetFacts{System: s.ID, Kind: "software", Name: "nginx"}, event.CentreUnit); err != nil {
		t.Fatal(err)
	}
	d, err := levels.Create(ctx, dossier.Begin{System: s.ID})
	if err != nil {
		t.Fatal(err)
	}
	c, err := x.Case(ctx, "dossier", d.ID)
	if err != nil {
		t.Fatal(err)
	}
	section := func(name string) string {
		var list []string
		for _, r := range c.Fields["dossier.plan"+name].(paper.Rows) {
			list = append(list, strings.Join([]string{r["text"], r["state"], r["owner"], r["due"], r["note"]}, " | "))
		}
		return strings.Join(list, "; ")
	}
	zones, devices := rows(c.Fields["dossier.zones"]), rows(c.Fields["dossier.devices"])
	if zones != "1 DMZ 10.1.0.0/24 Không" || devices != "1 Tường lửa Thiết bị (Example Gate) Phòng máy chủ" || c.Fields["dossier.operatorMandate"] != "12/QĐ-UBND" {
		t.Errorf("%q, %q, %v", zones, devices, c.Fields["dossier.operatorMandate"])
	}
	for _, plan := range requirement.PlanSections() {
		if _, ok := c.Fields["dossier.plan"+strings.ToUpper(plan[:1])+plan[1:]].(paper.Rows); !ok {
			t.Errorf("requirements of the section %s are written nowhere", plan)
		}
	}
	if got := section("Risk"); strings.Trim(got, " |") != "" {
		t.Errorf("nothing is known: %q", got)
	}
	registered := s.Registered(units)
	fact, err := registered.Fact()
	if err != nil {
		t.Fatal(err)
	}
	if err := asked.Module().On[module.FactRegistered](ctx, fact); err != nil {
		t.Fatal(err)
	}
	for item, x := range map[string]requirement.Declaration{
		"risk-register": {State: requirement.Fully, Owner: "Phòng CNTT"},
		"risk-review":   {State: requirement.IsPlanned, Due: "2100-01-31", Reason: "Đang làm", Exception: requirement.Exception{Reason: "Chờ kinh phí", Until: module.DateOf(time.Now()).Add(30)}},
		"logs-clock":    {State: requirement.NotApplicable, Reason: "Máy chủ dùng chung"},
		"logs-review":   {State: requirement.Partly},
	} {
		if err := asked.Declare(ctx, s.ID, item, x, 0); err != nil {
			t.Fatal(err)
		}
	}
	if d, err = levels.Answer(ctx, d.ID, level.Current, level.Answers{"type": {"citizen"}, "service": {"procedure"}, "basic": {"500"}, "sensitive": {"0"}, "central": {"no"}}, d.Version); err != nil {
		t.Fatal(err)
	}
	if c, err = x.Case(ctx, "dossier", d.ID); err != nil {
		t.Fatal(err)
	}
	want := "Lập và giữ danh mục rủi ro của hệ thống | Đáp ứng đầy đủ | Phòng CNTT | – | –; Đánh giá lại rủi ro định kỳ | Dự kiến | – | 31/01/2100 | Ngoại lệ đến "
	if got := section("Risk"); !strings.HasPrefix(got, want) || !strings.Contains(got, "; Khắc phục điểm yếu nghiêm trọng, cập nhật bản vá |  | – | – | –") {
		t.Errorf("the section on risks: %q", got)
	}
	if got := section("Monitoring"); !strings.Contains(got, "Rà soát nhật ký định kỳ | Đáp ứng một phần | – | – | –; Đồng bộ thời gian giữa các thiết bị | Không áp dụng | – | – | Máy chủ dùng chung") {
		t.Errorf("the section on monitoring: %q", got)
	}
	if got := section("Inspection"); d.Level != 3 || strings.Trim(got, " |") != "" {
		t.Errorf("the requirements of level %d ask for inspections, and say %q", d.Level, got)
	}
	for _, name := range papers.FieldNames() {
		if _, ok := c.Fields[name]; strings.HasPrefix(name, "dossier.") && !ok {
			t.Errorf("the field %s is offered to templates and never filled", name)
		}
		delete(c.Fields, name)
	}
	for name := range c.Fields {
		t.Errorf("%s is filled and no field", name)
	}
	offered, err := levels.Forms(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range offered {
		for _, g := range f.Missing {
			if g.Name == g.Field {
				t.Errorf("%s: %s has no name", f.ID, g.Field)
			}
		}
	}
	if !slices.ContainsFunc(offered[0].Missing, func(g dossier.Gap) bool { return g.Field == "dossier.planInspection" && g.Where == "requirements" }) {
		t.Errorf("nothing says that the section on inspections is not declared: %+v", offered[0].Missing)
	}
	if offered[0].ID != "level-dossier" || !offered[0].Now || offered[1].ID != "level-form-02" || !offered[1].Now || len(offered[1].Missing) == 0 {
		t.Errorf("%+v", offered)
	}
}

// rows are the cells of a list, "; " between its rows.
func rows(v any) string {
	var list []string
	for _, r := range v.(paper.Rows) {
		var cells []string
		for _, c := range []string{"number", "name", "type", "private", "public", "place", "purpose"} {
			if r[c] != "" {
				cells = append(cells, r[c])
			}
		}
		list = append(list, strings.Join(cells, " "))
	}
	return strings.Join(list, "; ")
}
