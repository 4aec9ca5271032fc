package dossier

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// said is the counters in their order.
func said(n *Counts) string {
	var list []string
	for _, c := range Counters() {
		list = append(list, fmt.Sprint(n.Of[c]))
	}
	return strings.Join(list, " ") + " " + string(n.Completion) + " " + fmt.Sprint(n.Unplanned)
}

func TestForm08Counts(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.approved(f.ready(officer, "s1", level3()))
		f.take(officer, f.ready(officer, "s2", level3()), Send)
		f.reg.find("s2").PlannedApproval = "2026-12-30"
		must[Inspection](f)(f.Inspect(officer, Inspection{System: "s1", BeforeUse: true, InspectedAt: "2026-11-10"}))

		r := must[*Form08](f)(f.Form08(auditor, FormAsk{}))
		if r.Period.Year != 2026 || r.AsOf != "2026-11-23" || len(r.Lines) != 3 { // a retired system is not in it
			t.Errorf("%+v", r)
		}
		// total classified written appraised approved inspected pending, completion, unplanned
		for unit, want := range map[event.UnitID]string{"": "3 2 2 1 1 1 2 2026-12-30 1", "so-y-te": "2 2 2 1 1 1 1 2026-12-30 0", "so-noi-vu": "1 0 0 0 0 0 1  1"} {
			n := &r.All
			if unit != "" {
				n = r.Units[unit]
			}
			if got := said(n); got != want {
				t.Errorf("%q: %s, want %s", unit, got, want)
			}
		}
		// Every counter is as many as the list behind it.
		for _, c := range Counters() {
			if got := len(r.behind(c, "")); got != r.All.Of[c] {
				t.Errorf("%d systems behind %s, which says %d", got, c, r.All.Of[c])
			}
		}
		if got := r.behind("", "mot cua"); len(got) != 1 || got[0].Inspected != "Trước khi đưa vào sử dụng; Định kỳ" || got[0].Decision.Number != "12/QĐ-UBND" {
			t.Errorf("%+v", got)
		}
		if r = must[*Form08](f)(f.Form08(stranger, FormAsk{})); len(r.Lines) != 1 || r.Units["so-y-te"] != nil {
			t.Errorf("a unit sees %+v", r.Lines)
		}
		if r = must[*Form08](f)(f.Form08(as("ha", module.RoleSecurityOfficer, "tt-yte"), FormAsk{Unit: "so-y-te"})); len(r.Lines) != 0 {
			t.Errorf("a unit above is asked for, and tells %+v", r.Lines)
		}
		if r = must[*Form08](f)(f.Form08(operator, FormAsk{})); len(r.Lines) != 0 {
			t.Errorf("what a unit only operates is in its report: %+v", r.Lines)
		}
		if r = must[*Form08](f)(f.Form08(auditor, FormAsk{Unit: "so-y-te"})); len(r.Lines) != 2 {
			t.Errorf("%d systems of one unit", len(r.Lines))
		}
		// The row of a unit is as many as the list of it alone.
		f.reg.find("s2").Unit = "tt-yte"
		r = must[*Form08](f)(f.Form08(auditor, FormAsk{Unit: "so-y-te"}))
		alone := must[*Form08](f)(f.Form08(auditor, FormAsk{Unit: "so-y-te", Alone: true}))
		if len(r.Lines) != 2 || len(alone.Lines) != 1 || r.Units["so-y-te"].Of[CountTotal] != 1 {
			t.Errorf("%d systems of a unit and those below it, %d of it alone, its row says %d", len(r.Lines), len(alone.Lines), r.Units["so-y-te"].Of[CountTotal])
		}
	})
}

// The report of a year that is over tells how it stood on 14/12, whatever came after.
func TestForm08TellsOfTheCutOff(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.clock = time.Date(2026, 12, 14, 16, 59, 0, 0, time.UTC) // 23:59 in Vietnam
		d := f.take(officer, f.ready(officer, "s1", level3()), Send)
		gone := f.ready(officer, "s2", level3())
		f.clock = f.clock.Add(2 * time.Minute)
		d = f.take(appraiser, f.take(appraiser, d, Accept), Judge)
		f.take(officer, gone, Withdraw)
		f.ready(officer, "s2", level3())
		for year, want := range map[int]string{2026: "Đã gửi thẩm định Đang dự thảo " + gone.Code, 2027: "Đã thẩm định Đang dự thảo HS-2026-0003"} {
			r := must[*Form08](f)(f.Form08(officer, FormAsk{Year: year}))
			if got := r.Lines[0].Status + " " + r.Lines[1].Status + " " + r.Lines[1].Code; got != want || r.Rebuilt != (year == 2026) {
				t.Errorf("%d: %q, want %q", year, got, want)
			}
		}
		f.regulate("s1")
		f.take(leader, d, Approve) // by a decision of 20/11/2026
		r := must[*Form08](f)(f.Form08(officer, FormAsk{Year: 2026}))
		if l := &r.Lines[0]; l.Status != "Đã được phê duyệt" || l.Decision.Date != "2026-11-20" {
			t.Errorf("a decision of before the cut-off that was entered after it: %+v", l)
		}
	})
}

// The year whose report is due is shown until it ends.
func TestForm08IsOfTheYearWhoseReportIsDue(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	for day, want := range map[string]string{"2026-12-14": "2026 2026-12-14 2025-12-15 false", "2026-12-15": "2026 2026-12-14 2025-12-15 true", "2026-12-31": "2026 2026-12-14 2025-12-15 true", "2027-01-01": "2027 2027-01-01 2026-12-15 false"} {
		f.clock = must[time.Time](f)(time.ParseInLocation(time.DateOnly, day, f.Zone))
		r := must[*Form08](f)(f.Form08(officer, FormAsk{}))
		if got := fmt.Sprintf("%d %s %s %v", r.Period.Year, r.AsOf, r.Period.From, r.Rebuilt); got != want {
			t.Errorf("on %s: %s, want %s", day, got, want)
		}
		if r.Period.ToOwner != module.Date(fmt.Sprint(r.Period.Year, "-12-20")) || r.Period.ToMinistry != module.Date(fmt.Sprint(r.Period.Year, "-12-25")) {
			t.Errorf("%+v", r.Period)
		}
	}
}

// A year before the register was there has the systems that a decision of that time names,
// and no others; what the register had then is told as it was.
func TestForm08OfAYearBeforeAnythingWasEntered(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for _, id := range []string{"s1", "s2"} {
			f.reg.find(id).Entered = f.clock
			f.reg.find(id).Plan = "full"
		}
		must[Dossier](f)(f.Enter(appraiser, Earlier{System: "s1", Level: 3, Decision: Decision{Number: "123/QĐ-SYT", Date: "2024-05-20", Issuer: "Sở Y tế"}}))
		f.regulate("s1")                   // on 01/11/2026
		f.reg.find("s3").State = "retired" // since
		was := *f.reg.find("s3")
		was.State, was.Proposed = module.SystemOperating, 2
		f.reg.was = []System{was}
		for year, want := range map[int]string{2023: "1 1 0 0 0 0 1  1", 2024: "2 2 1 1 1 0 1  1", 2025: "2 2 1 1 1 0 1  1", 2026: "2 1 1 1 1 0 1  1"} {
			r := must[*Form08](f)(f.Form08(auditor, FormAsk{Year: year}))
			if got := said(&r.All); got != want {
				t.Errorf("%d: %s, want %s", year, got, want)
			}
		}
		r := must[*Form08](f)(f.Form08(officer, FormAsk{Year: 2025}))
		if l := &r.Lines[0]; len(r.Lines) != 1 || l.Level != 3 || l.Decision.Number != "123/QĐ-SYT" || l.System.Plan != "" || !l.System.Regulation.IsZero() {
			t.Errorf("of a day before it was entered: %+v", r.Lines)
		}
	})
}

func TestAnApprovedLevelStandsWhileItIsDeterminedAnew(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		f.approved(f.ready(officer, "s1", level3()))
		f.clock = f.clock.Add(time.Hour)
		must[Dossier](f)(f.Create(officer, Begin{System: "s1", Trigger: "order"}))
		if r := must[*Form08](f)(f.Form08(officer, FormAsk{})); r.Lines[0].Status != "Đã được phê duyệt" {
			t.Errorf("%+v", r.Lines[0])
		}
	})
}

func TestInspectionsAreChecked(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		for want, x := range map[string]Inspection{
			"dossier.date": {InspectedAt: "30/12/2026"}, "dossier.future": {InspectedAt: "2026-11-24"}, "dossier.changed": {Version: 4},
		} {
			x.System = "s1"
			_, err := f.Inspect(officer, x)
			f.is(err, want)
		}
		_, err := f.Inspect(stranger, Inspection{System: "s1"})
		f.is(err, "system.unknown")
		_, err = f.Inspect(auditor, Inspection{System: "s1"})
		f.is(err, "permission.denied")
		must[Inspection](f)(f.Inspect(officer, Inspection{System: "s1", BeforeUse: true}))
		_, err = f.Inspect(officer, Inspection{System: "s1"})
		f.is(err, "dossier.changed")
		must[Inspection](f)(f.Inspect(officer, Inspection{System: "s1", InspectedAt: "2026-11-01", Version: 1}))
	})
}

func TestForm08AsFiles(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t))
	f.reg.find("s1").Name = "=1+1"
	f.approved(f.ready(officer, "s1", level3()))
	r := must[*Form08](f)(f.Form08(auditor, FormAsk{}))
	book, err := excelize.OpenReader(bytes.NewReader(must[[]byte](f)(f.workbook(auditor, r))))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows("Danh sách")
	if err != nil || len(rows) != 4 || len(rows[0]) != 12 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	found := false
	for _, row := range rows {
		if row[1] == "=1+1" {
			found = true
			if row[5] != "Đã được phê duyệt" || row[6] != "12/QĐ-UBND, 20/11/2026, UBND tỉnh" || row[7] != "5/QC-SYT, 01/11/2026, Sở Y tế" || row[9] != "Đã triển khai một số hạng mục" {
				t.Errorf("%q", row)
			}
		}
	}
	if !found {
		t.Errorf("a name that looks like a formula is not there as text: %q", rows)
	}
	if a, b := must[[]byte](f)(f.workbook(auditor, r)), must[[]byte](f)(f.workbook(auditor, r)); !bytes.Equal(a, b) {
		t.Error("the same report gives two different workbooks")
	}
	for _, c := range []struct{ sheet, of, want string }{
		{"Tổng hợp", "SUM(B3:B8)", "7"}, {"Theo đơn vị", "SUM(B2:B3)", "3"}, {"Danh sách", "SUM(A2:A4)", "6"}, {"Danh sách", "SUM(E2:E4)", "3"},
	} {
		if err := book.SetCellFormula(c.sheet, "Z1", c.of); err != nil {
			t.Fatal(err)
		}
		if got, err := book.CalcCellValue(c.sheet, "Z1"); err != nil || got != c.want {
			t.Errorf("%s of %s is %q, want %s: %v", c.of, c.sheet, got, c.want, err)
		}
	}
	f.Head = func(_ context.Context, issuer event.UnitID) (Head, error) {
		if issuer != event.CentreUnit {
			t.Errorf("the letterhead of %s", issuer)
		}
		return Head{Parent: "UBND tỉnh Lâm Đồng", Agency: "Sở Y tế", Short: "SYT", Place: "Lâm Đồng", SignLines: []string{"GIÁM ĐỐC"}, Signer: "Nguyễn Văn An", Archive: "VT"}, nil
	}
	data := must[[]byte](f)(f.document(auditor, r))
	parts, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	body, err := parts.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if n := bytes.Count(text, []byte("<w:tblHeader/>")); n != 3 || !bytes.Contains(text, []byte(`w:orient="landscape"`)) {
		t.Errorf("%d heads of tables, or the list does not lie on its side", n)
	}
	for _, want := range append([]string{"UBND TỈNH LÂM ĐỒNG", "SỞ Y TẾ", "BC-SYT", "Lâm Đồng, ngày", "GIÁM ĐỐC", "Nguyễn Văn An", "Đơn vị so-noi-vu", "Tổng số hệ thống thông tin", "Đã được phê duyệt", "12/QĐ-UBND"}, columns...) {
		if err != nil || !bytes.Contains(text, []byte(want)) {
			t.Errorf("the document does not say %q: %v", want, err)
		}
	}
}

// A province: 500 units, 5,000 systems, each with a dossier and what the form asks.
func benchmarkForm08(b *testing.B, db *bun.DB) {
	f := newFixture(b, db)
	f.reg.systems = nil
	err := db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
		for i := range 5000 {
			unit := event.UnitID(fmt.Sprintf("u%03d", i%500))
			r := &System{Plan: "full", Registered: module.Registered{ID: fmt.Sprintf("s%04d", i), Code: fmt.Sprintf("HT-%04d", i), Name: fmt.Sprintf("Hệ thống %d", i), Unit: unit, State: module.SystemOperating}}
			f.reg.systems = append(f.reg.systems, r)
			d := Dossier{ID: module.NewID(), Code: fmt.Sprintf("HS-%04d", i), State: Approved, Criteria: level.Current, Answers: level3(), Level: 3, CreatedAt: f.clock, ChangedAt: f.clock, Version: 1}
			d.Sender.At, d.Judge.At, d.Decider.At, d.Decision = f.clock, f.clock, f.clock, paperOf("1/QĐ")
			d.of(&r.Registered)
			if err := f.store.insert(ctx, tx, &d); err != nil {
				return err
			}
			if _, err := f.store.inspect(ctx, tx, &Inspection{System: r.ID, InspectedAt: "2026-11-01", Version: 1}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, do := range map[string]func(ctx context.Context, r *Form08) ([]byte, error){"counters": func(context.Context, *Form08) ([]byte, error) { return nil, nil }, "xlsx": f.workbook, "docx": f.document} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				r, err := f.Form08(auditor, FormAsk{Year: 2026})
				if err != nil || r.All.Of[CountInspected] != 5000 || len(r.Order) != 500 {
					b.Fatal(err, r.All)
				}
				if _, err := do(auditor, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if list, _, err := f.List(auditor, Filter{}); err != nil || len(list) != pageSize {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkForm08SQLite(b *testing.B)   { benchmarkForm08(b, sqldbtest.SQLite(b)) }
func BenchmarkForm08Postgres(b *testing.B) { benchmarkForm08(b, sqldbtest.Postgres(b)) }
