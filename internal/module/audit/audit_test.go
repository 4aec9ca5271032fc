package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// patience is how long a test waits for what must happen, on however busy a
// machine.
const patience = time.Minute

func newService(t *testing.T, db *bun.DB, c Config) *Service {
	t.Helper()
	trail := module.NewTrail(db)
	log := slog.New(slog.DiscardHandler)
	s := New(Options{DB: db, Trail: trail, Notes: module.NewNotes(trail, log, time.Now), Config: c, Log: log, Now: time.Now})
	for name, fsys := range map[string]module.Module{"module": {Migrations: module.Migrations()}, "audit": s.Module()} {
		if err := sqldb.Migrate(context.Background(), db, name, fsys.Migrations); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "1", Name: "lan", Role: role, Unit: unit, Address: "10.0.0.1"})
}

func (s *Service) add(t *testing.T, entries ...module.Entry) {
	t.Helper()
	for _, e := range entries {
		err := s.DB.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) error {
			return s.Trail.Append(module.WithPrincipal(ctx, module.System()), tx, e)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (s *Service) actions(t *testing.T) string {
	t.Helper()
	records, err := s.Trail.Find(context.Background(), module.RecordFilter{}, true, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range records {
		all = append(all, r.Actor+" "+r.Action)
	}
	return strings.Join(all, ", ")
}

func TestWhoMayReadTheTrail(t *testing.T) {
	s := newService(t, sqldbtest.SQLite(t), Config{})
	for _, role := range module.Roles() {
		for _, unit := range []event.UnitID{event.CentreUnit, "so-y-te"} {
			ctx := as(role, unit)
			reads := unit == event.CentreUnit && (role == module.RoleAdministrator || role == module.RoleAuditor || role == module.RoleLeader)
			takes := unit == event.CentreUnit && (role == module.RoleAdministrator || role == module.RoleAuditor)
			_, listErr := s.List(ctx, Filter{}, 10)
			_, facetErr := s.Facets(ctx, time.Time{}, time.Time{})
			_, verifyErr := s.Verify(ctx)
			_, exportErr := s.Export(ctx, Filter{}, "csv")
			for what, c := range map[string]struct {
				err error
				may bool
			}{"list": {listErr, reads}, "facets": {facetErr, reads}, "verify": {verifyErr, reads}, "export": {exportErr, takes}} {
				if (c.err == nil) != c.may || c.err != nil && fault.KindOf(c.err) != fault.Denied {
					t.Errorf("%s as %s of %s: %v", what, role, unit, c.err)
				}
			}
		}
	}
}

// Reading, taking away and verifying the trail stand in the trail themselves.
func TestWhoReadsTheTrailStandsInIt(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		s := newService(t, db, Config{})
		ctx := as(module.RoleAuditor, event.CentreUnit)
		for range 3 {
			if _, err := s.List(ctx, Filter{}, 10); err != nil {
				t.Fatal(err)
			}
		}
		write, err := s.Export(ctx, Filter{}, "ndjson")
		if err != nil {
			t.Fatal(err)
		}
		proof, err := s.Verify(ctx)
		if err != nil || proof.Broken != "" || proof.Head.Seq != 2 {
			t.Fatal(proof, err)
		}
		if got := s.actions(t); got != "lan audit.read, lan audit.export, lan audit.verify" {
			t.Error(got)
		}
		var file bytes.Buffer
		if err := write(&file); err != nil {
			t.Fatal(err)
		}
		if report, err := module.VerifyLines(&file); err != nil || report.Records != 3 || report.Gaps != 0 {
			t.Errorf("%+v %v", report, err)
		}
	})
}

func TestExportIsWholeAndOpensInASpreadsheet(t *testing.T) {
	s := newService(t, sqldbtest.SQLite(t), Config{})
	for i := range exportPage + 5 {
		s.add(t, module.Entry{Action: "x", Object: "=cmd|' /C calc'!" + strconv.Itoa(i), Detail: map[string]string{"tên": "Sở Y tế"}})
	}
	for format, lines := range map[string]int{"ndjson": exportPage + 5, "csv": exportPage + 6} {
		var file bytes.Buffer
		if err := Write(t.Context(), s.Trail, module.RecordFilter{}, format, &file); err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(file.Bytes(), []byte("\n")); n != lines {
			t.Errorf("%s: %d lines", format, n)
		}
		if format == "csv" {
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.String(), "\ufeff"))).ReadAll()
			if err != nil || rows[1][4] != "'=cmd|' /C calc'!0" || !strings.Contains(rows[1][5], "Sở Y tế") {
				t.Errorf("%v %v", rows[1], err)
			}
		} else if report, err := module.VerifyLines(&file); err != nil || report.Records != exportPage+5 {
			t.Errorf("%+v %v", report, err)
		}
	}
}

// Every refused attempt leaves a record, whatever kind of refusal it was; what
// merely failed does not.
func TestRefusedAttemptsAreRecorded(t *testing.T) {
	unknown := fault.New(fault.NotFound, "no such alert")
	for name, c := range map[string]struct {
		err    error
		token  bool
		action string
	}{
		"not allowed":                {err: fault.New(fault.Denied, "no"), action: "access.denied"},
		"of another unit":            {err: module.Outside(unknown), action: "access.outside"},
		"of another unit, wrapped":   {err: fmt.Errorf("close: %w", module.Outside(unknown)), action: "access.outside"},
		"a token that is not valid":  {err: fault.New(fault.Unauthenticated, "no"), token: true, action: "access.unauthenticated"},
		"a session that is over":     {err: fault.New(fault.Unauthenticated, "no")},
		"nothing there":              {err: unknown},
		"wrong input":                {err: fault.New(fault.Invalid, "no")},
		"an error of the programmer": {err: errors.New("boom")},
	} {
		s := newService(t, sqldbtest.SQLite(t), Config{})
		r := httptest.NewRequest(http.MethodGet, "/api/v1/alerts/1?secret=1", nil)
		ctx := as(module.RoleAnalyst, "so-y-te")
		who := "lan"
		if c.token {
			r.Header.Set("Authorization", "Bearer lc_wrong")
			ctx, who = context.Background(), "anonymous"
		}
		s.Failed(ctx, r, "get-alert", c.err)
		want := ""
		if c.action != "" {
			want = who + " " + c.action
		}
		if got := s.actions(t); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		records, err := s.Trail.Find(context.Background(), module.RecordFilter{}, true, 1)
		if err != nil || len(records) == 1 && (records[0].Object != "operation:get-alert" || records[0].Detail["path"] != "/api/v1/alerts/1") {
			t.Errorf("%s: %+v %v", name, records, err)
		}
	}
}

// collector is a syslog server with octet counting that can be taken away.
type collector struct {
	net.Listener
	mu    sync.Mutex
	lines []string
	conns []net.Conn
}

func collect(t *testing.T, address string) *collector {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{Listener: l}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.mu.Lock()
			c.conns = append(c.conns, conn)
			c.mu.Unlock()
			go c.read(conn)
		}
	}()
	return c
}

func (c *collector) read(conn net.Conn) {
	in := bufio.NewReader(conn)
	for {
		count, err := in.ReadString(' ')
		if err != nil {
			return
		}
		n, err := strconv.Atoi(strings.TrimSpace(count))
		if err != nil {
			return
		}
		text := make([]byte, n)
		for got := 0; got < n; {
			m, err := in.Read(text[got:])
			if err != nil {
				return
			}
			got += m
		}
		c.mu.Lock()
		c.lines = append(c.lines, string(text))
		c.mu.Unlock()
	}
}

func (c *collector) stop() {
	c.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.conns {
		conn.Close()
	}
}

func (c *collector) all() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.lines...)
}

// eventually waits until what holds.
func eventually(t *testing.T, why string, what func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !what(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(why)
		}
	}
}

// The copy is the whole chain although the collector went away in the middle and
// the node was started anew.
func TestTheCopyIsWholeAfterTheCollectorWasGone(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		first := collect(t, "127.0.0.1:0")
		address := first.Addr().String()
		s := newService(t, db, Config{Syslog: "tcp://" + address})
		s.add(t, module.Entry{Action: "a"}, module.Entry{Action: "access.denied"})
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() {
			if err := s.forward.run(ctx); err != nil {
				t.Error(err)
			}
		})
		eventually(t, "two records did not arrive", func() bool { return len(first.all()) == 2 })
		first.stop()
		s.add(t, module.Entry{Action: "c"})
		eventually(t, "that the collector is gone is not said", func() bool {
			state, err := s.forward.state(t.Context())
			return err == nil && state.Error != ""
		})
		second := collect(t, address)
		eventually(t, "the third did not arrive", func() bool { return strings.Contains(strings.Join(second.all(), "\n"), `"seq":3`) })
		stop()
		running.Wait()
		second.stop()
		lines := append(first.all(), second.all()...)
		if !strings.HasPrefix(lines[0], "<109>1 ") || !strings.HasPrefix(lines[1], "<108>1 ") || !strings.Contains(lines[0], " lachan - audit - {") {
			t.Errorf("%q", lines[:2])
		}
		report, err := module.VerifyLines(strings.NewReader(strings.Join(second.all(), "\n")))
		if err != nil || report.Last.Seq != 3 || report.Gaps != 0 {
			t.Errorf("%+v %v", report, err)
		}
	})
}

// What counts as forwarded is not sent again by the next process.
func TestForwardedRecordsAreNotSentAgain(t *testing.T) {
	c := collect(t, "127.0.0.1:0")
	defer c.stop()
	db := sqldbtest.SQLite(t)
	s := newService(t, db, Config{Syslog: "tcp://" + c.Addr().String()})
	s.add(t, module.Entry{Action: "a"})
	if waiting, err := s.forward.settle(t.Context(), []sent{{1, time.Now().Add(-time.Hour)}, {2, time.Now()}}); err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	s.add(t, module.Entry{Action: "b"})
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = s.forward.run(ctx) })
	eventually(t, "the second did not arrive", func() bool { return len(c.all()) == 1 })
	stop()
	running.Wait()
	if got := c.all()[0]; !strings.Contains(got, `"seq":2`) {
		t.Error(got)
	}
}

func TestConfigurationSaysWhatIsWrong(t *testing.T) {
	for text, c := range map[string]Config{
		"":                             {},
		`audit.syslog: "host:514"`:     {Syslog: "host:514"},
		`"http://host": scheme "http"`: {Syslog: "http://host"},
		`port "0"`:                     {Syslog: "tls://host:0"},
		"belong together":              {Syslog: "tls://host", SyslogKey: "key.pem"},
		"audit.syslogCA":               {Syslog: "tls://host", SyslogCA: "/nothing/ca.pem"},
	} {
		err := c.Validate()
		if text == "" && err == nil {
			continue
		}
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), text) {
			t.Errorf("%+v: %v, want %q", c, err, text)
		}
	}
}
