package httpapi_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/authority"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/httpapi"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/advisory"
	"github.com/lachan-vn/lachan/internal/module/agenda"
	"github.com/lachan-vn/lachan/internal/module/alert"
	"github.com/lachan-vn/lachan/internal/module/antimalware"
	"github.com/lachan-vn/lachan/internal/module/assessment"
	"github.com/lachan-vn/lachan/internal/module/attack"
	"github.com/lachan-vn/lachan/internal/module/audit"
	"github.com/lachan-vn/lachan/internal/module/connection"
	"github.com/lachan-vn/lachan/internal/module/coordination"
	"github.com/lachan-vn/lachan/internal/module/dashboard"
	"github.com/lachan-vn/lachan/internal/module/document"
	"github.com/lachan-vn/lachan/internal/module/dossier"
	"github.com/lachan-vn/lachan/internal/module/drill"
	"github.com/lachan-vn/lachan/internal/module/enrol"
	"github.com/lachan-vn/lachan/internal/module/entity"
	"github.com/lachan-vn/lachan/internal/module/evidence"
	"github.com/lachan-vn/lachan/internal/module/exclusion"
	"github.com/lachan-vn/lachan/internal/module/identity"
	"github.com/lachan-vn/lachan/internal/module/identity/identitytest"
	"github.com/lachan-vn/lachan/internal/module/incident"
	"github.com/lachan-vn/lachan/internal/module/notification"
	"github.com/lachan-vn/lachan/internal/module/obligation"
	"github.com/lachan-vn/lachan/internal/module/overview"
	"github.com/lachan-vn/lachan/internal/module/readiness"
	"github.com/lachan-vn/lachan/internal/module/relay"
	"github.com/lachan-vn/lachan/internal/module/requirement"
	"github.com/lachan-vn/lachan/internal/module/rule"
	"github.com/lachan-vn/lachan/internal/module/savedsearch"
	"github.com/lachan-vn/lachan/internal/module/savedview"
	"github.com/lachan-vn/lachan/internal/module/search"
	"github.com/lachan-vn/lachan/internal/module/source"
	"github.com/lachan-vn/lachan/internal/module/system"
	"github.com/lachan-vn/lachan/internal/module/unit"
	"github.com/lachan-vn/lachan/internal/module/upload"
	"github.com/lachan-vn/lachan/internal/module/vulnerability"
	"github.com/lachan-vn/lachan/internal/module/warning"
	"github.com/lachan-vn/lachan/internal/notify"
	"github.com/lachan-vn/lachan/internal/notify/chat"
	"github.com/lachan-vn/lachan/internal/notify/mail"
	"github.com/lachan-vn/lachan/internal/notify/webhook"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// node is the whole HTTP side on a real database, without spool and inputs.
type node struct {
	t        *testing.T
	db       *bun.DB
	clock    *clock
	lake     *memoryLake
	trail    *module.Trail
	hub      *module.Hub
	units    *unit.Service
	audit    *audit.Service
	identity *identity.Service
	alerts   *alert.Service
	sources  *source.Service
	handler  http.Handler
	server   *httptest.Server
	log      *syncBuffer
	adminPW  string
	adminApp *identitytest.App
	registry *prometheus.Registry
}

type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}
func (b *syncBuffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// The real lake is what the modules ask for.
var (
	_ search.Lake   = (*lake.Lake)(nil)
	_ alert.Events  = (*lake.Lake)(nil)
	_ overview.Lake = (*lake.Lake)(nil)
)

const bruteForceRule = `title: Many failed logins
id: 6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f10
status: stable
description: Somebody guesses passwords.
references: [https://attack.mitre.org/techniques/T1110/]
tags: [attack.credential-access, attack.t1110]
logsource: {product: linux, service: sshd}
detection:
  sel: {event: failed}
  condition: sel
falsepositives: [A person who forgot]
level: high
lachan:
  title: Đăng nhập sai nhiều lần
  explanation: Có người đang dò mật khẩu.
  checks: [Xem địa chỉ nguồn, Xem tài khoản, Xem có lần nào thành công]
`

// seriesRule counts events of bruteForceRule, which it leaves its own alerts.
const seriesRule = `title: Failed logins in a row
id: 0b8c1f2e-3d4a-4c5b-8e6f-7a8b9c0d1e2f
correlation:
  type: event_count
  rules: [6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f10]
  group-by: [src_ip]
  timespan: 5m
  condition: {gte: 10}
  generate: true
level: medium
`

const ruleID = "6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f10"

func newNode(t *testing.T) *node {
	t.Helper()
	ctx := context.Background()
	n := &node{t: t, db: sqldbtest.SQLite(t), clock: &clock{t: time.Date(2026, 11, 22, 3, 20, 58, 123_000_000, time.UTC)}, lake: &memoryLake{}, log: &syncBuffer{}}
	log := slog.New(slog.NewTextHandler(n.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	n.trail, n.hub = module.NewTrail(n.db), module.NewHub()
	n.units = unit.New(unit.Options{DB: n.db, Trail: n.trail, Now: n.clock.now})
	n.identity = identity.New(identity.Options{
		DB: n.db, Trail: n.trail, Units: n.units, Log: log, Now: n.clock.now, Version: "test",
		Cost: identity.Cost{MemoryKiB: 64, Passes: 1, Lanes: 1},
	})
	rules := catalogue{detect.Compile([]detect.File{{Name: "brute.yml", Pack: "lachan", Data: []byte(bruteForceRule)}, {Name: "series.yml", Pack: "lachan", Data: []byte(seriesRule)}, {Name: "broken.yml", Data: []byte("title: x\n")}}, detect.Options{})}
	n.alerts = alert.New(alert.Options{DB: n.db, Trail: n.trail, Hub: n.hub, Units: n.units, People: n.identity, Rules: rules, Events: n.lake, Log: log, Now: n.clock.now})
	n.sources = source.New(source.Options{DB: n.db, Trail: n.trail, Blocks: blocks{}, Now: n.clock.now})
	searches := search.New(search.Options{Lake: n.lake, DB: n.db, Trail: n.trail, Units: n.units, Dir: t.TempDir(), Config: search.DefaultConfig(), Log: log, Now: n.clock.now})
	saved := savedsearch.New(n.db, n.trail, n.identity, n.clock.now)
	ruleService := rule.New(rule.Options{DB: n.db, Trail: n.trail, Catalogue: rules, Hits: n.alerts, Units: n.units, Noise: noFigures{}, Log: log, Now: n.clock.now})
	matrix := attack.New(attack.Options{Rules: rules, Alerts: noFigures{}, Lake: n.lake, Units: n.units, Now: n.clock.now})
	entities := entity.New(entity.Options{DB: n.db, Trail: n.trail, Alerts: noFigures{}, Lake: n.lake, Units: n.units, Rules: noFigures{}, Now: n.clock.now})
	overviews := overview.New(overview.Options{Alerts: n.alerts, Sources: n.sources, Lake: n.lake, Node: quietNode{}, Hub: n.hub, Log: log, Now: n.clock.now})
	if err := sqldb.Migrate(ctx, n.db, "lake", lake.Migrations); err != nil {
		t.Fatal(err)
	}
	store, err := lake.Open(ctx, lake.Options{Dir: t.TempDir(), DB: n.db, Log: log, Now: n.clock.now, Config: lake.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	proofs := evidence.New(evidence.Options{DB: n.db, Trail: n.trail, Lake: store, Units: n.units, Log: log, Now: n.clock.now, Dir: t.TempDir()})
	issuer, err := authority.Open(authority.Options{Dir: t.TempDir(), Now: n.clock.now})
	if err != nil {
		t.Fatal(err)
	}
	enrolments := enrol.New(enrol.Options{DB: n.db, Trail: n.trail, Hub: n.hub, Units: n.units, Tokens: n.identity.Tokens(), Authority: issuer,
		PublicHost: "lachan.tinh.example", Log: log, Now: n.clock.now})
	relays := relay.New(relay.Options{DB: n.db, Trail: n.trail, Signals: deafSignals{}, Units: n.units, Log: log, Now: n.clock.now, SilentAfter: time.Hour})
	relays.Contacted(relay.Relay{ID: "token:1", Unit: "so-noi-vu", LastContact: n.clock.now()})
	uploads := upload.New(upload.Options{DB: n.db, Trail: n.trail, Units: n.units, Node: uploadNode{}, Live: n.hub, Log: log, Now: n.clock.now,
		Dir: t.TempDir(), Config: upload.DefaultConfig()})
	boards := dashboard.New(dashboard.Options{DB: n.db, Trail: n.trail, Alerts: n.alerts, Sources: n.sources, Lake: n.lake, Node: quietNode{},
		Units: boardUnits{n.units}, People: n.identity, Log: log, Now: n.clock.now})
	exclusions := exclusion.New(exclusion.Options{DB: n.db, Trail: n.trail, Units: n.units, Rules: rules, Alerts: noSubjects{}, Events: n.lake, Log: log, Now: n.clock.now})
	vault, err := notify.OpenVault(filepath.Join(t.TempDir(), "key"), "")
	if err != nil {
		t.Fatal(err)
	}
	notices := notification.New(notification.Options{DB: n.db, Trail: n.trail, People: n.identity, Units: noticeUnits{n.units}, Live: n.hub,
		Kinds: []notify.Kind{mail.Kind(), webhook.Kind(), chat.Kind()}, Vault: vault, Config: notification.DefaultConfig(),
		Console: "https://lachan.example", Zone: time.UTC, Log: log, Now: n.clock.now})
	n.audit = audit.New(audit.Options{DB: n.db, Trail: n.trail, Notes: module.NewNotes(n.trail, log, n.clock.now), Log: log, Now: n.clock.now})
	modules := []module.Module{
		exclusions.Module(),
		advisory.New(advisory.Options{DB: n.db, Trail: n.trail, Units: n.units, Config: advisory.DefaultConfig(), Log: log, Now: n.clock.now}).Module(),
		connection.New(connection.Options{DB: n.db, Trail: n.trail, Systems: noSystems{}, Log: log, Now: n.clock.now}).Module(),
		antimalware.New(antimalware.Options{DB: n.db, Trail: n.trail, Units: n.units, Config: antimalware.DefaultConfig(), Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		assessment.New(assessment.Options{DB: n.db, Trail: n.trail, Units: n.units, Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		drill.New(drill.Options{DB: n.db, Trail: n.trail, Units: n.units, Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		agenda.New(agenda.Options{DB: n.db, Units: n.units, Log: log, Now: n.clock.now}).Module(),
		readiness.New(readiness.Options{DB: n.db, Trail: n.trail, Units: n.units, Systems: noSystems{}, Heard: noSystems{}, Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		requirement.New(requirement.Options{DB: n.db, Trail: n.trail, Units: n.units, Log: log, Now: n.clock.now}).Module(),
		coordination.New(coordination.Options{DB: n.db, Trail: n.trail, Units: n.units, Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		obligation.New(obligation.Options{DB: n.db, Trail: n.trail, Units: n.units, Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		document.New(document.Options{DB: n.db, Trail: n.trail, Units: documentUnits{n.units}, Cases: noCases{}, Duties: noDuties{}, Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		incident.New(incident.Options{DB: n.db, Trail: n.trail, Units: n.units, Alerts: noAlerts{}, People: n.identity, Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		dossier.New(dossier.Options{DB: n.db, Trail: n.trail, Units: n.units, Systems: noSystems{}, Dir: t.TempDir(), Zone: time.UTC, Log: log, Now: n.clock.now}).Module(),
		warning.New(warning.Options{DB: n.db, Trail: n.trail, Units: warningUnits{n.units}, Events: n.lake, Dir: t.TempDir(), Zone: time.UTC,
			Log: log, Now: n.clock.now}).Module(),
		vulnerability.New(vulnerability.Options{DB: n.db, Trail: n.trail, Units: n.units, Dir: t.TempDir(), Log: log, Now: n.clock.now}).Module(),
		boards.Module(),
		n.units.Module(),
		system.New(system.Options{DB: n.db, Trail: n.trail, Units: n.units, Log: log, Now: n.clock.now}).Module(),
		n.identity.Module(),
		n.alerts.Module(),
		n.sources.Module(),
		searches.Module(),
		saved.Module(),
		savedview.New(n.db, n.trail, n.clock.now).Module(),
		ruleService.Module(),
		overviews.Module(),
		proofs.Module(),
		enrolments.Module(),
		relays.Module(),
		uploads.Module(),
		matrix.Module(),
		entities.Module(),
		n.audit.Module(),
		notices.Module(),
	}

	if err := sqldb.Migrate(ctx, n.db, "module", module.Migrations()); err != nil {
		t.Fatal(err)
	}
	routes := []func(huma.API){n.hub.Routes}
	for _, m := range modules {
		if err := sqldb.Migrate(ctx, n.db, m.Name, m.Migrations); err != nil {
			t.Fatal(err)
		}
		if m.Routes != nil {
			routes = append(routes, m.Routes)
		}
	}
	if err := n.units.Load(ctx); err != nil {
		t.Fatal(err)
	}
	if err := n.identity.Load(ctx); err != nil {
		t.Fatal(err)
	}
	_, pw, created, err := n.identity.Bootstrap(ctx)
	if err != nil || !created {
		t.Fatalf("first start: created %v, %v", created, err)
	}
	n.adminPW = pw
	workers, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for _, m := range modules {
		for _, w := range m.Workers {
			wg.Go(func() {
				if err := w.Run(workers); err != nil {
					t.Errorf("worker %s: %v", w.Name, err)
				}
			})
		}
	}
	n.registry = prometheus.NewRegistry()
	n.handler = httpapi.New(httpapi.Options{
		Version: "test", Routes: routes, Authenticate: n.identity.Authenticate, Authorize: module.Authorize, Failed: n.audit.Failed,
		Log: log, Registry: n.registry,
		Raw: map[string]http.Handler{"/ingest/*": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			u, err := n.identity.Tokens().Ingest(r.Context(), secret, "198.51.100.4")
			if err != nil {
				http.Error(w, err.Error(), http.StatusUnauthorized)
				return
			}
			_, _ = io.WriteString(w, string(u.Unit))
		})},
		Console: fstest.MapFS{
			"index.html":            {Data: []byte(`<!doctype html><title>Lá Chắn</title><meta nonce="{{nonce}}">`)},
			"assets/app-1a2b.js":    {Data: []byte("plain")},
			"assets/app-1a2b.js.br": {Data: []byte("brotli")},
			"assets/app-1a2b.js.gz": {Data: []byte("gzip")},
		},
		Ready: func(context.Context) map[string]error { return nil },
	})
	n.server = httptest.NewServer(n.handler)
	t.Cleanup(func() {
		n.hub.Close()
		n.server.Close()
		stop()
		wg.Wait()
	})
	return n
}

// makeToken makes a token of a unit.
func (n *node) makeToken(admin *client, unitID, scope string) *client {
	n.t.Helper()
	var made struct{ Token string }
	admin.want(200, "POST", "/api/v1/tokens", map[string]any{"name": scope + " of " + unitID, "unit": unitID, "scope": scope}, &made)
	return &client{n: n, token: made.Token}
}

// record stores findings as the pipeline does.
func (n *node) record(findings ...detect.Finding) []alert.Recorded {
	n.t.Helper()
	var rec []alert.Recorded
	err := n.db.RunInTx(context.Background(), nil, func(ctx context.Context, tx bun.Tx) (err error) {
		rec, err = n.alerts.Record(ctx, tx, findings)
		return err
	})
	if err != nil {
		n.t.Fatal(err)
	}
	n.alerts.Committed(rec)
	return rec
}

func (n *node) finding(unitID, host string) detect.Finding {
	at := n.clock.now()
	return detect.Finding{
		RuleID: ruleID, Title: "Many failed logins", TitleVi: "Đăng nhập sai nhiều lần", Level: "high", Tags: []string{"attack.t1110"},
		Unit: event.UnitID(unitID), EntityField: "host", EntityValue: host, EventID: event.NewBatchID(at).At(0), Time: at, Received: at,
	}
}
