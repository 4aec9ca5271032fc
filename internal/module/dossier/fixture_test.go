package dossier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/level"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// tree has two departments and a centre of one of them.
type tree struct{}

func (tree) Name(id event.UnitID) string { return "Đơn vị " + string(id) }
func (tree) Below(id event.UnitID) []event.UnitID {
	if id == "so-y-te" {
		return []event.UnitID{"tt-yte"}
	}
	return nil
}

// register is the systems, in memory.
type register struct {
	systems []*System
	was     []System // how some stood before the moment that is asked for
}

func (r *register) find(id string) *System {
	i := slices.IndexFunc(r.systems, func(x *System) bool { return x.ID == id })
	if i < 0 {
		return nil
	}
	return r.systems[i]
}

func (r *register) System(ctx context.Context, id string) (System, error) {
	x, p := r.find(id), module.PrincipalOf(ctx)
	if x == nil || !p.Sees(x.Unit) && (x.Operator == "" || !p.Sees(x.Operator)) {
		return System{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
	}
	return *x, nil
}

func (r *register) Systems(ctx context.Context) ([]System, error) {
	var list []System
	for _, x := range r.systems {
		if p := module.PrincipalOf(ctx); p.Sees(x.Unit) || x.Operator != "" && p.Sees(x.Operator) {
			list = append(list, *x)
		}
	}
	return list, nil
}

func (r *register) SystemsAt(ctx context.Context, _ time.Time) ([]System, error) {
	list, err := r.Systems(ctx)
	for i := range list {
		for _, x := range r.was {
			if x.ID == list[i].ID {
				list[i] = x
			}
		}
	}
	return list, err
}

func (r *register) SetLevel(_ context.Context, _ bun.Tx, id string, proposed, approved int) error {
	x := r.find(id)
	if proposed >= 0 {
		x.Proposed = proposed
	}
	if approved >= 0 {
		x.Level = approved
	}
	return nil
}

// weekdays is a calendar without holidays.
type weekdays struct{}

func (weekdays) AfterWorkingDays(start time.Time, n int) time.Time {
	day := start.Truncate(24 * time.Hour)
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		if day.Weekday() != time.Saturday && day.Weekday() != time.Sunday {
			n--
		}
	}
	return day.AddDate(0, 0, 1)
}

type fixture struct {
	*Service
	t       testing.TB
	clock   time.Time
	reg     *register
	aspects map[level.Aspect]string
}

func newFixture(t testing.TB, db *bun.DB) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC), aspects: map[level.Aspect]string{level.Purpose: "một cửa"}, reg: &register{systems: []*System{
		{Plan: "none", Registered: module.Registered{ID: "s1", Code: "HT-0001", Name: "Một cửa điện tử", Unit: "so-y-te", Operator: "tt-yte", OperatorName: "Trung tâm Y tế", State: module.SystemOperating}},
		{Plan: "none", Registered: module.Registered{ID: "s2", Code: "HT-0002", Name: "Cổng thông tin", Unit: "so-y-te", OperatorName: "Công ty X", State: module.SystemPlanned}},
		{Plan: "none", Registered: module.Registered{ID: "s3", Code: "HT-0003", Name: "Quản lý cán bộ", Unit: "so-noi-vu", Operator: event.CentreUnit, OperatorName: "Trung tâm ANM", State: module.SystemOperating}},
		{Plan: "none", Registered: module.Registered{ID: "s4", Code: "HT-0004", Name: "Hệ thống cũ", Unit: "so-noi-vu", State: module.SystemRetired}},
	}}}
	log := slog.New(slog.DiscardHandler)
	f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Units: tree{}, Systems: f.reg, Calendar: weekdays{}, Dir: t.TempDir(), Zone: time.FixedZone("+07", 7*3600),
		Aspects:    func(context.Context, string) (map[level.Aspect]string, error) { return f.aspects, nil },
		Signatures: module.NewSignatures(nil, log), Log: log, Now: func() time.Time { return f.clock }})
	ctx := context.Background()
	for _, m := range []module.Module{{Name: "module", Migrations: module.Migrations()}, f.Module()} {
		if err := sqldb.Migrate(ctx, db, m.Name, m.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Load(ctx); err != nil {
		t.Fatal(err)
	}
	return f
}

func onBoth(t *testing.T, test func(t *testing.T, f *fixture)) {
	t.Helper()
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) { test(t, newFixture(t, db)) })
}

func as(name string, role module.Role, unit event.UnitID, below ...event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit, Below: below})
}

var (
	officer   = as("minh", module.RoleSecurityOfficer, "so-y-te", "tt-yte")
	operator  = as("tam", module.RoleSecurityOfficer, "tt-yte")
	stranger  = as("hoa", module.RoleSecurityOfficer, "so-noi-vu")
	appraiser = as("binh", module.RoleAppraiser, event.CentreUnit)
	leader    = as("long", module.RoleLeader, event.CentreUnit)
	admin     = as("quan", module.RoleAdministrator, event.CentreUnit)
	auditor   = as("kt", module.RoleAuditor, event.CentreUnit)
)

// is checks that err has a code, "" that there is none.
func (f *fixture) is(err error, code string) {
	f.t.Helper()
	got := ""
	if err != nil {
		got = fault.KindOf(err).String()
		var e *fault.Error
		if errors.As(err, &e) && e.Code != "" {
			got = e.Code
		}
	}
	if got != code {
		f.t.Errorf("error %q (%v), want %q", got, err, code)
	}
}

func must[T any](f *fixture) func(T, error) T {
	return func(v T, err error) T {
		f.t.Helper()
		if err != nil {
			f.t.Fatal(err)
		}
		return v
	}
}

// answers that come to level 3.
func level3() level.Answers {
	return level.Answers{"type": {"citizen"}, "service": {"procedure"}, "basic": {"500"}, "sensitive": {"0"}, "central": {"no"}}
}

func (f *fixture) file(ctx context.Context, d *Dossier, part, expires string) File {
	f.t.Helper()
	return must[File](f)(f.AddFile(ctx, d.ID, FileFacts{part + ".pdf", part, expires}, strings.NewReader("tệp "+part)))
}

// ready is a draft of a system that lacks nothing.
func (f *fixture) ready(ctx context.Context, system string, answers level.Answers) Dossier {
	f.t.Helper()
	d := must[Dossier](f)(f.Create(ctx, Begin{System: system}))
	d = must[Dossier](f)(f.Answer(ctx, d.ID, level.Current, answers, d.Version))
	f.file(ctx, &d, "design", "")
	f.file(ctx, &d, "plan", "")
	return must[Dossier](f)(f.Get(ctx, d.ID))
}

func paperOf(number string) Decision { return Decision{number, "2026-11-20", "UBND tỉnh"} }

func (f *fixture) take(ctx context.Context, d Dossier, v Verb) Dossier {
	f.t.Helper()
	return must[Dossier](f)(f.try(ctx, d, v))
}

func (f *fixture) try(ctx context.Context, d Dossier, v Verb) (Dossier, error) {
	return f.Take(ctx, d.ID, Do{Verb: v, Note: "cần bổ sung sơ đồ mạng", Paper: paperOf("12/QĐ-UBND"), Version: d.Version})
}

// regulate enters the regulation of a system.
func (f *fixture) regulate(system string) {
	x := f.reg.find(system)
	x.Plan, x.Regulation = "partly", Decision{"5/QC-SYT", "2026-11-01", "Sở Y tế"}
}

// approved takes a dossier all the way.
func (f *fixture) approved(d Dossier) Dossier {
	f.t.Helper()
	f.regulate(d.System)
	d = f.take(officer, d, Send)
	d = f.take(appraiser, d, Accept)
	d = f.take(appraiser, d, Judge)
	return f.take(leader, d, Approve)
}

// told returns what facts of a kind were told, as "unit: body".
func (f *fixture) told(kind module.FactKind) []string {
	f.t.Helper()
	var rows []struct{ Unit, Body string }
	if err := f.DB.NewRaw("SELECT unit, body FROM facts WHERE kind = ? ORDER BY id", string(kind)).Scan(context.Background(), &rows); err != nil {
		f.t.Fatal(err)
	}
	var out []string
	for _, r := range rows {
		out = append(out, r.Unit+": "+r.Body)
	}
	return out
}

// notices returns who was told what: "unit kind roles or user".
func (f *fixture) notices() []string {
	f.t.Helper()
	var out []string
	for _, line := range f.told(module.FactNotice) {
		unit, body, _ := strings.Cut(line, ": ")
		var n module.Notice
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			f.t.Fatal(err)
		}
		who := n.User
		for _, r := range n.Told {
			who += "+" + r.ID
		}
		out = append(out, fmt.Sprint(unit, " ", n.Kind, " ", who))
	}
	return out
}
