package connection

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// register holds three systems: s1 of the health department operated by the office, s2 of
// the office, s3 of the home affairs department.
type register map[string]module.Registered

func (r register) Ref(ctx context.Context, id string) (module.Registered, error) {
	x, ok := r[id]
	if p := module.PrincipalOf(ctx); !ok || !p.Sees(x.Unit) && !p.Sees(x.Operator) {
		return module.Registered{}, fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
	}
	return x, nil
}

func (r register) Some(ctx context.Context, ids []string) (map[string]module.Registered, error) {
	out := map[string]module.Registered{}
	for _, id := range ids {
		if x, err := r.Ref(ctx, id); err == nil {
			out[id] = x
		}
	}
	return out, nil
}

func (r register) Machines(ctx context.Context, id string) (module.Machines, error) {
	x, err := r.Ref(ctx, id)
	return module.Machines{Units: []event.UnitID{x.Unit}, Has: func(host string) bool { return host == "10.1.2.3" }, Serves: func(name string) bool { return name == "dvc.example.vn" }}, err
}

type fixture struct {
	*Service
	t     *testing.T
	clock time.Time
}

func onBoth(t *testing.T, test func(*testing.T, *fixture)) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := &fixture{t: t, clock: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}
		f.Service = New(Options{DB: db, Trail: module.NewTrail(db), Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return f.clock },
			Config: Config{AllowedNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}},
			Systems: register{
				"s1": {ID: "s1", Code: "HT-0001", Name: "Một cửa điện tử", Unit: "so-y-te", Operator: "trung-tam-cntt"},
				"s2": {ID: "s2", Code: "HT-0002", Name: "Trục liên thông", Unit: "trung-tam-cntt", Operator: "trung-tam-cntt"},
				"s3": {ID: "s3", Code: "HT-0003", Name: "Hồ sơ cán bộ", Unit: "so-noi-vu"},
			}})
		for name, m := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "connection": f.Module()} {
			if err := sqldb.Migrate(t.Context(), db, name, m.Migrations); err != nil {
				t.Fatal(err)
			}
		}
		test(t, f)
	})
}

func as(name string, role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: name, Name: name, DisplayName: strings.ToUpper(name), Role: role, Unit: unit})
}

var (
	centre    = as("an", module.RoleCoordinator, event.CentreUnit)
	officer   = as("minh", module.RoleSecurityOfficer, "so-y-te")
	operating = as("hoa", module.RoleSecurityOfficer, "trung-tam-cntt")
	stranger  = as("binh", module.RoleSecurityOfficer, "so-noi-vu")
	auditor   = as("lan", module.RoleAuditor, event.CentreUnit)
)

func (f *fixture) add(who context.Context, system string, facts ConnectionFacts) Connection {
	f.t.Helper()
	c, err := f.Add(who, system, facts)
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

func is(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || fault.KindOf(err) != kind || e.Code != code {
		t.Errorf("%v, want %v %s", err, kind, code)
	}
}

func (f *fixture) listed(who context.Context, system string) int {
	f.t.Helper()
	list, _, err := f.List(who, Filter{System: system})
	if err != nil {
		f.t.Fatal(err)
	}
	return len(list)
}

func (f *fixture) view(who context.Context, id string) ConnectionView {
	f.t.Helper()
	c, err := f.Get(who, id)
	out, err2 := f.answer(who, c, err)
	if err2 != nil {
		f.t.Fatal(err2)
	}
	return out.Body
}

// notices returns what people were told, by unit in turn; facts of one kind share a row.
func (f *fixture) notices() (list []module.Notice) {
	f.t.Helper()
	var bodies []string
	if err := f.DB.NewRaw("SELECT body FROM facts WHERE kind LIKE ? ORDER BY id", string(module.FactNotice)+"%").Scan(f.t.Context(), &bodies); err != nil {
		f.t.Fatal(err)
	}
	for _, b := range bodies {
		var row []struct {
			Notice module.Notice `json:"b"`
		}
		if err := json.Unmarshal([]byte(b), &row); err != nil {
			f.t.Fatal(err)
		}
		for _, x := range row {
			list = append(list, x.Notice)
		}
	}
	return list
}

func TestBothSidesSeeAConnection(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		c := f.add(centre, "s1", ConnectionFacts{Other: "s3", Kind: "data", Check: ConnectionCheck{Kind: "tcp", Target: "10.9.9.9:5432"}})
		for _, who := range []context.Context{centre, officer, operating, auditor} {
			if v := f.view(who, c.ID); v.System.Code != "HT-0001" {
				t.Errorf("%s: %+v", module.PrincipalOf(who).Name, v.System)
			}
			if n := f.listed(who, "s1"); n != 1 {
				t.Errorf("%s: %d", module.PrincipalOf(who).Name, n)
			}
		}
		// The owner sees that there is another side; which, the register says only to who sees it.
		if v := f.view(officer, c.ID); v.Other.ID != "" || v.Other.Name != "" || v.Facts.Other != "" || !v.MayChange || v.Facts.Check.Target == "" {
			t.Errorf("%+v", v)
		}
		// The other side sees that it is connected, and nothing of how it is looked after.
		if v := f.view(stranger, c.ID); v.Other.Code != "HT-0003" || v.System.Name != "" || v.Facts.Check.Target != "" || v.UpdatedBy != "" || v.MayChange {
			t.Errorf("%+v", v)
		}
		if n := f.listed(stranger, "s3"); n != 1 {
			t.Errorf("the other side lists %d", n)
		}
		_, _, err := f.List(stranger, Filter{System: "s1"})
		is(t, err, fault.NotFound, "system.unknown")
		_, err = f.Edit(stranger, c.ID, c.ConnectionFacts, c.Version)
		is(t, err, fault.Denied, "connection.not-yours")
		is(t, f.Remove(stranger, c.ID), fault.Denied, "connection.not-yours")
		is(t, f.Remove(auditor, c.ID), fault.Denied, "permission.denied")
		alone := f.add(centre, "s1", ConnectionFacts{Partner: "Kho bạc"})
		_, err = f.Get(stranger, alone.ID)
		is(t, err, fault.NotFound, "connection.unknown")
		_, err = f.Outages(stranger, alone.ID)
		is(t, err, fault.NotFound, "connection.unknown")
	})
}

func TestACheckOpensWhatIsDeclared(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		target := func(s string) ConnectionFacts {
			return ConnectionFacts{Other: "s2", Check: ConnectionCheck{Kind: "tcp", Target: s}}
		}
		_, err := f.Add(operating, "s1", target("10.9.9.9:22"))
		is(t, err, fault.Invalid, "connection.target-undeclared")
		f.add(operating, "s1", target("10.1.2.3:22"))
		f.add(operating, "s1", target("dvc.example.vn:443"))
		c := f.add(centre, "s1", target("10.9.9.9:22"))
		// What the centre set stays where the unit changes other words.
		facts := c.ConnectionFacts
		facts.Purpose = "đồng bộ hồ sơ"
		if c, err = f.Edit(operating, c.ID, facts, c.Version); err != nil || c.Purpose != "đồng bộ hồ sơ" {
			t.Errorf("%v", err)
		}
		_, err = f.Edit(operating, c.ID, facts, 1)
		is(t, err, fault.Conflict, "connection.changed")
		_, err = f.Add(operating, "s1", ConnectionFacts{Other: "s3"})
		is(t, err, fault.NotFound, "system.unknown")
		_, err = f.Add(operating, "s3", ConnectionFacts{Partner: "x"})
		is(t, err, fault.NotFound, "system.unknown")
		_, err = f.Add(centre, "s1", ConnectionFacts{Other: "s1"})
		is(t, err, fault.Invalid, "connection.bad-other")
	})
}

func TestAConnectionFollowsItsSystems(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		c := f.add(centre, "s1", ConnectionFacts{Other: "s2"})
		moved := module.Registered{ID: "s1", Unit: "so-noi-vu"}
		fact, err := moved.Fact()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.hear(t.Context(), fact); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Get(stranger, c.ID); err != nil {
			t.Errorf("its new owner: %v", err)
		}
		_, err = f.Get(officer, c.ID)
		is(t, err, fault.NotFound, "connection.unknown")
	})
}

// check makes a check that is due, after the time between two.
func (f *fixture) check(id string) Health {
	f.t.Helper()
	f.clock = f.clock.Add(5 * time.Minute)
	if err := f.look(module.WithPrincipal(f.t.Context(), module.System())); err != nil {
		f.t.Fatal(err)
	}
	c, err := f.Get(centre, id)
	if err != nil {
		f.t.Fatal(err)
	}
	return c.Health
}

func TestAConnectionIsDownAfterThreeChecksAndComesBack(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		var broken atomic.Bool
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if broken.Load() {
				w.WriteHeader(http.StatusBadGateway)
			}
		}))
		defer server.Close()
		f.prober.trust.now.roots = x509.NewCertPool()
		f.prober.trust.now.roots.AddCert(server.Certificate())
		c := f.add(centre, "s1", ConnectionFacts{Partner: "Cơ sở dữ liệu quốc gia về dân cư", Kind: "population", Check: ConnectionCheck{Kind: "http", Target: server.URL + "/"}})
		if h := f.check(c.ID); h.State != Up || h.Checked != f.clock || h.Ends.IsZero() {
			t.Fatalf("%+v", h)
		}
		broken.Store(true)
		began := f.clock.Add(5 * time.Minute)
		for n, want := range []string{Failing, Failing, Down, Down} {
			if h := f.check(c.ID); h.State != want || h.Failures != n+1 || h.Code != codeStatus || !strings.Contains(h.Reason, "502") || !h.Began.Equal(began) {
				t.Fatalf("after %d: %+v", n+1, h)
			}
		}
		// One notice to each unit of its side, however long it lasts.
		told := f.notices()
		if len(told) != 2 || told[0].Kind != "connection.down" || told[0].Level != "critical" || told[0].Object != "system:s1" || !strings.Contains(told[0].TitleVi, "dân cư") {
			t.Fatalf("%+v", told)
		}
		if list, err := f.Outages(officer, c.ID); err != nil || len(list) != 1 || !list[0].To.IsZero() || !list[0].From.Equal(began) {
			t.Errorf("%+v %v", list, err)
		}
		broken.Store(false)
		if h := f.check(c.ID); h.State != Up || h.Failures != 0 || h.Reason != "" {
			t.Errorf("%+v", h)
		}
		if told = f.notices(); len(told) != 4 || told[3].Kind != "connection.up" {
			t.Errorf("%+v", told)
		}
		if list, err := f.Outages(officer, c.ID); err != nil || len(list) != 1 || !list[0].To.Equal(f.clock) {
			t.Errorf("%+v %v", list, err)
		}
	})
}

func TestProbes(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		server := httptest.NewTLSServer(http.NotFoundHandler())
		defer server.Close()
		address := server.Listener.Addr().String()
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		nobody := closed.Addr().String()
		if err := closed.Close(); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			check ConnectionCheck
			code  string // "": it works
		}{
			{ConnectionCheck{Kind: "tcp", Target: address}, ""},
			{ConnectionCheck{Kind: "tcp", Target: nobody}, notify.CodeUnreachable},
			{ConnectionCheck{Kind: "tls", Target: address}, notify.CodeCertificate}, // signed by nobody we trust
			{ConnectionCheck{Kind: "http", Target: server.URL}, notify.CodeCertificate},
			{ConnectionCheck{Kind: "tcp", Target: "10.255.255.1:443"}, notify.CodeBlocked},
			{ConnectionCheck{Kind: "http", Target: "http://169.254.169.254/latest/meta-data/"}, notify.CodeBlocked},
		} {
			r := f.prober.probe(t.Context(), c.check)
			if code := codeOf(r); code != c.code {
				t.Errorf("%+v: %q %v, want %q", c.check, code, r.failure, c.code)
			}
		}
		f.prober.trust.now.roots = x509.NewCertPool()
		f.prober.trust.now.roots.AddCert(server.Certificate())
		if r := f.prober.probe(t.Context(), ConnectionCheck{Kind: "tls", Target: address}); r.failure != nil || r.ends.IsZero() {
			t.Errorf("%+v", r)
		}
		if r := f.prober.probe(t.Context(), ConnectionCheck{Kind: "http", Target: server.URL}); codeOf(r) != codeStatus {
			t.Errorf("%+v", r)
		}
	})
}

func codeOf(r reading) string {
	if r.failure == nil {
		return ""
	}
	return r.failure.Code
}

func TestACheckIsAskedForByHand(t *testing.T) {
	onBoth(t, func(t *testing.T, f *fixture) {
		server := httptest.NewServer(http.NotFoundHandler())
		defer server.Close()
		c := f.add(centre, "s1", ConnectionFacts{Other: "s2", Check: ConnectionCheck{Kind: "tcp", Target: server.Listener.Addr().String()}})
		h, err := f.CheckNow(operating, c.ID)
		if err != nil || h.Health.State != Up {
			t.Fatalf("%+v %v", h.Health, err)
		}
		_, err = f.CheckNow(operating, c.ID)
		is(t, err, fault.Conflict, "connection.just-checked")
		none := f.add(centre, "s1", ConnectionFacts{Other: "s2"})
		_, err = f.CheckNow(operating, none.ID)
		is(t, err, fault.Conflict, "connection.no-check")
		// Nothing that is checked by nobody is ever looked at.
		if h := f.check(none.ID); h.State != Unchecked {
			t.Errorf("%+v", h)
		}
		if err := f.Remove(operating, c.ID); err != nil {
			t.Fatal(err)
		}
		if n := f.listed(centre, "s2"); n != 1 {
			t.Errorf("%d left", n)
		}
	})
}
