package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
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

// paperNode is what of a node takes part in the papers of dossiers.
type paperNode struct {
	systems *system.Service
	asked   *requirement.Service
	papers  *documents.Service
	levels  *dossier.Service
	units   *unit.Service
}

// newPaperNode makes one with nothing in it, and the context of its administrator.
func newPaperNode(t *testing.T) (*paperNode, context.Context) {
	t.Helper()
	db := sqldbtest.SQLite(t)
	trail := module.NewTrail(db)
	units := unit.New(unit.Options{DB: db, Trail: trail, Now: time.Now})
	systems := system.New(system.Options{DB: db, Trail: trail, Units: units, Now: time.Now})
	asked := requirement.New(requirement.Options{DB: db, Trail: trail, Units: units, Dir: t.TempDir(), Now: time.Now})
	papers := documents.New(documents.Options{DB: db, Trail: trail, Units: documentUnits{units}, Zone: time.UTC, Now: time.Now})
	levels := dossier.New(dossier.Options{DB: db, Trail: trail, Units: units, Systems: dossierSystems{systems}, Register: dossierRegister{systems, units, asked},
		Papers: dossierPapers{papers}, Head: dossierPapers{papers}.Head, Dir: t.TempDir(), Zone: time.UTC, Now: time.Now})
	for _, m := range []module.Module{{Name: "module", Migrations: module.Migrations()}, units.Module(), systems.Module(), asked.Module(), papers.Module(), levels.Module()} {
		if err := sqldb.Migrate(t.Context(), db, m.Name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	if err := units.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &paperNode{systems, asked, papers, levels, units}, module.WithPrincipal(t.Context(), module.Principal{ID: "an", DisplayName: "An", Role: module.RoleAdministrator, Unit: event.CentreUnit})
}

func TestADossierFillsEveryFieldOfTheTemplates(t *testing.T) {
	n, ctx := newPaperNode(t)
	systems, asked, papers, levels, units := n.systems, n.asked, n.papers, n.levels, n.units
	x := documentCases{dossiers: func() *dossier.Service { return levels }, zone: time.UTC}
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

// wordTexts are the paragraphs of a Word file.
func wordTexts(t *testing.T, data []byte) []string {
	t.Helper()
	w, _, err := paper.ParseWord("x", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.Texts(nil)
}

func TestAProvincesOwnFormIsHandedOutFilled(t *testing.T) {
	n, ctx := newPaperNode(t)
	s, err := n.systems.Add(ctx, system.Facts{Name: "Một cửa", Unit: event.CentreUnit, OperatorUnit: event.CentreUnit})
	if err != nil {
		t.Fatal(err)
	}
	d, err := n.levels.Create(ctx, dossier.Begin{System: s.ID})
	if err != nil {
		t.Fatal(err)
	}
	if d, err = n.levels.Answer(ctx, d.ID, level.Current, level.Answers{"type": {"citizen"}, "service": {"procedure"}, "basic": {"500"}, "sensitive": {"0"}, "central": {"no"}}, d.Version); err != nil {
		t.Fatal(err)
	}
	upload := func(id, replaces, text string) {
		t.Helper()
		var file bytes.Buffer
		if err := paper.WriteDOCX(&file, &paper.Document{Agency: "UBND TỈNH", Symbol: "X", Kind: "Z", Body: []paper.Block{{Kind: paper.Paragraph, Runs: []paper.Run{{Text: text}}}}}); err != nil {
			t.Fatal(err)
		}
		if _, problems, err := n.papers.Upload(ctx, documents.OwnTemplate{ID: id, Name: "Mẫu " + id, Replaces: replaces}, file.Bytes()); err != nil || len(problems) > 0 {
			t.Fatal(err, problems)
		}
	}
	upload("de-nghi", "level-form-02", "Hệ thống {{dossier.name}}, cấp độ {{dossier.level}} theo {{dossier.becauseText}}; mục đích: {{dossier.purpose}}")
	upload("tong-quan", "level-overview", "Tổng quan {{dossier.name}}")

	offered, err := n.levels.Forms(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range offered {
		if f.ID != "level-form-02" && (!f.Verify || f.Own != "") {
			t.Errorf("%+v", f)
		}
		if f.ID == "level-form-02" && (f.Verify || f.Own != "Mẫu de-nghi" || len(f.Missing) != 1 || f.Missing[0].Field != "dossier.purpose" || f.Missing[0].Where != "system") {
			t.Errorf("%+v", f)
		}
	}
	_, data, err := n.levels.FormFile(ctx, d.ID, "level-form-02", "docx")
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile(`^Hệ thống Một cửa, cấp độ 3 theo .+ \(.*Điều .+\); mục đích: …$`)
	if texts := wordTexts(t, data); !slices.ContainsFunc(texts, want.MatchString) || !slices.Contains(texts, "UBND TỈNH") {
		t.Errorf("%q", texts)
	}
	var e *fault.Error
	if _, _, err := n.levels.FormFile(ctx, d.ID, "level-form-02", "pdf"); !errors.As(err, &e) || e.Code != "dossier.no-pdf" {
		t.Errorf("%v", err)
	}
	p, err := n.levels.Package(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	if err := p.Write(&packed); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for name, own := range map[string]bool{"00-ho-so.docx": false, "01-tong-quan.docx": true} {
		data, err := fs.ReadFile(z, name)
		if err != nil {
			t.Fatal(err)
		}
		if texts := wordTexts(t, data); slices.Contains(texts, "Tổng quan Một cửa") != own {
			t.Errorf("%s: %q", name, texts)
		}
	}
	if err := n.papers.Drop(ctx, "de-nghi"); err != nil {
		t.Fatal(err)
	}
	if _, data, err = n.levels.FormFile(ctx, d.ID, "level-form-02", "pdf"); err != nil || !bytes.HasPrefix(data, []byte("%PDF")) {
		t.Errorf("the shipped form is not back: %v", err)
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

func TestForm08HasTheLetterheadOfTheUnit(t *testing.T) {
	n, ctx := newPaperNode(t)
	if h, err := n.levels.Head(ctx, event.CentreUnit); err != nil || h.Agency == "" || h.Short != "TTANM" {
		t.Errorf("%+v, %v", h, err)
	}
	if err := n.papers.SaveLetterhead(ctx, event.CentreUnit, documents.Letterhead{Parent: "Công an tỉnh", Agency: "Trung tâm", Short: "TT", Place: "Lâm Đồng", SignLines: []string{"Giám đốc"}, Archive: "VT"}, 0); err != nil {
		t.Fatal(err)
	}
	if h, err := n.levels.Head(ctx, event.CentreUnit); err != nil || h.Parent != "Công an tỉnh" || h.Short != "TT" || h.Place != "Lâm Đồng" || h.Archive != "VT" {
		t.Errorf("%+v, %v", h, err)
	}
}
