package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	documents "github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/drill"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/module/warning"
	"github.com/lachan-vn/lachan/internal/paper"
	"github.com/lachan-vn/lachan/internal/scan"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestAnIncidentFillsEveryFieldOfTheTemplates(t *testing.T) {
	x := documentCases{incidents: incident.New(incident.Options{}), units: unit.New(unit.Options{Now: time.Now}), zone: time.UTC}
	fields := x.fields(&incident.Incident{})
	fields["incident.observables"], fields["incident.timeline"] = paper.Rows{}, paper.Rows{}
	for _, name := range documents.New(documents.Options{}).FieldNames() {
		if _, ok := fields[name]; strings.HasPrefix(name, "incident.") && !ok {
			t.Errorf("the field %s is offered to templates and never filled", name)
		}
		delete(fields, name)
	}
	for name := range fields {
		t.Errorf("%s is filled and no field", name)
	}
}

func TestAWarningFillsEveryFieldOfTheTemplates(t *testing.T) {
	x := documentCases{zone: time.UTC}
	c := x.ofWarning(&warning.Warning{WarningFacts: warning.WarningFacts{TLP: "AMBER",
		Products: []warning.AffectedProduct{{Vendor: "Example", Name: "Gate OS"}}, Indicators: []warning.WarningIndicator{{Type: "domain-name", Value: "xau.example"}}}})
	for _, name := range documents.New(documents.Options{}).FieldNames() {
		if _, ok := c.Fields[name]; strings.HasPrefix(name, "warning.") && !ok {
			t.Errorf("the field %s is offered to templates and never filled", name)
		}
		delete(c.Fields, name)
	}
	for name := range c.Fields {
		t.Errorf("%s is filled and no field", name)
	}
	if !c.Internal {
		t.Error("what is marked AMBER is written without the stamp of internal use")
	}
}

func TestAYearFillsEveryFieldOfTheTemplates(t *testing.T) {
	db := sqldbtest.SQLite(t)
	x := documentCases{incidents: incident.New(incident.Options{DB: db, Now: time.Now}), warnings: warning.New(warning.Options{DB: db, Now: time.Now}), zone: time.UTC,
		now: func() time.Time { return time.Date(2026, 6, 30, 12, 0, 0, 0, time.UTC) }}
	for _, m := range []module.Module{{Name: "module", Migrations: module.Migrations()}, x.incidents.Module(), x.warnings.Module()} {
		if err := sqldb.Migrate(t.Context(), db, m.Name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	ctx := module.WithPrincipal(t.Context(), module.Principal{ID: "an", Role: module.RoleAnalyst, Unit: event.CentreUnit})
	for day, want := range map[string]string{
		"2026-11-15": "2026 từ ngày 01 tháng 01 năm 2026 đến ngày 30 tháng 6 năm 2026",
		"2026-01-15": "2025 từ ngày 01 tháng 01 năm 2025 đến ngày 31 tháng 12 năm 2025",
		"2025-11-15": "2025 từ ngày 01 tháng 01 năm 2025 đến ngày 14 tháng 11 năm 2025",
	} {
		c, err := x.Case(ctx, "date", day)
		if got := fmt.Sprint(c.Fields["year.number"], " ", c.Fields["year.period"]); err != nil || got != want {
			t.Errorf("%s: %v %s", day, err, got)
		}
		for _, name := range documents.New(documents.Options{}).FieldNames() {
			if _, ok := c.Fields[name]; strings.HasPrefix(name, "year.") && !ok {
				t.Errorf("the field %s is offered to templates and never filled", name)
			}
		}
		if c.Fields["year.incidents"] != "0" || c.Fields["year.warnings"] != "0" {
			t.Errorf("%v", c.Fields)
		}
	}
	if _, err := x.Case(ctx, "date", "2026-13-01"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a day there is not: %v", err)
	}
}

func TestTimesAreSaidAsAReportSaysThem(t *testing.T) {
	for took, want := range map[time.Duration]string{0: "", 50 * time.Second: "1 phút", 200 * time.Minute: "3 giờ 20 phút", 60 * time.Hour: "3 ngày"} {
		d := module.Durations{Median: took}
		if took > 0 {
			d.Count = 1
		}
		if got := lasting(d); got != want {
			t.Errorf("%v: %q", took, got)
		}
	}
}

func TestOpenVulnerabilitiesFillEveryFieldOfTheTemplates(t *testing.T) {
	day := time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC)
	x := documentCases{zone: time.UTC, now: func() time.Time { return day }}
	c := x.ofVulnerabilities(&vulnerability.Standing{Card: vulnerability.Card{Unit: "so-y-te", Open: [scan.Critical + 1]int64{5, 0, 1, 2, 3}, KEV: 1, Late: 2}, More: 1, Weaknesses: []vulnerability.Weakness{
		{Finding: vulnerability.Finding{Code: "CVE-2021-44228", Title: "Log4Shell", Severity: scan.Critical, KEV: true, Late: true}, Places: []string{"10.0.0.1 (443/tcp)"}, N: 3, Advice: "Nâng cấp log4j-core"},
		{Finding: vulnerability.Finding{Code: "nessus:1", Severity: scan.High, EPSS: 0.4}, Due: day.AddDate(0, 0, 10), N: 1},
		{Finding: vulnerability.Finding{Code: "CVE-2026-1", Title: "CVE-2026-1", Severity: scan.Medium, EPSS: -1}},
	}}, "Sở Y tế")
	for _, name := range documents.New(documents.Options{}).FieldNames() {
		if _, ok := c.Fields[name]; strings.HasPrefix(name, "vulnerabilities.") && !ok {
			t.Errorf("the field %s is offered to templates and never filled", name)
		}
		delete(c.Fields, strings.TrimSuffix(name, "weaknesses"))
	}
	rows := c.Fields["vulnerabilities.weaknesses"].(paper.Rows)
	delete(c.Fields, "vulnerabilities.weaknesses")
	for name := range c.Fields {
		t.Errorf("%s is filled and no field", name)
	}
	if !c.Internal {
		t.Error("where the holes of a unit are is written without the stamp of internal use")
	}
	for i, want := range []string{
		"CVE-2021-44228: Log4Shell|nghiêm trọng; đang bị khai thác|10.0.0.1 (443/tcp) và 2 nơi khác|Nâng cấp log4j-core|đã quá hạn, xử lý ngay",
		"nessus:1|cao; nhiều khả năng bị khai thác| và 1 nơi khác||trước 30/11/2026",
		"CVE-2026-1|trung bình|||trong kế hoạch bảo trì",
	} {
		r := rows[i]
		if got := strings.Join([]string{r["what"], r["severity"], r["where"], r["action"], r["due"]}, "|"); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func TestAnExerciseFillsEveryFieldOfTheTemplates(t *testing.T) {
	x := documentCases{zone: time.UTC}
	c := x.ofDrill(&drill.Told{Exercise: drill.Exercise{Plan: drill.Plan{Injects: []drill.Inject{{Text: "Mã hóa tệp"}}}}, Missed: []string{"x"},
		Matters: []drill.ToldMatter{{Code: "DT-2026-0001"}}, Calls: []drill.ToldLine{{What: "An"}}})
	for _, name := range documents.New(documents.Options{}).FieldNames() {
		if _, ok := c.Fields[name]; strings.HasPrefix(name, "drill.") && !ok {
			t.Errorf("the field %s is offered to templates and never filled", name)
		}
		delete(c.Fields, name)
	}
	for name := range c.Fields {
		t.Errorf("%s is filled and no field", name)
	}
	if c.Drill {
		t.Error("the report of an exercise is itself taken for an exercise")
	}
}

func TestWhatIsForOnePersonStaysOutOfDocuments(t *testing.T) {
	rows := observableRows([]incident.Observable{{Type: "ipv4-addr", Value: "192.0.2.1", TLP: incident.Amber}, {Type: "url", Value: "x", TLP: incident.Red}, {Type: "url", Value: "y", Struck: "sai"}})
	if len(rows) != 1 || !slices.Contains([]string{"192.0.2.1"}, rows[0]["value"]) || rows[0]["type"] != "Địa chỉ IPv4" {
		t.Errorf("%v", rows)
	}
}
