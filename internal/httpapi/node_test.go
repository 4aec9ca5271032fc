package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
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
	"github.com/lachan-vn/lachan/internal/fault"
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
	"github.com/lachan-vn/lachan/internal/query"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
	"github.com/lachan-vn/lachan/sigma"
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

// memoryLake answers by matching every row; it is the slow truth.
type memoryLake struct {
	mu   sync.Mutex
	rows []scopedRow
	err  error

	// Where these are set, a search begins and then waits until it is cancelled.
	begun chan struct{}
	ended chan error

	tail []func() (lake.Tail, error) // what each poll of the live tail gives
}

func (l *memoryLake) wait(ctx context.Context) error {
	if l.begun == nil {
		return nil
	}
	close(l.begun)
	<-ctx.Done()
	l.ended <- context.Cause(ctx)
	return ctx.Err()
}

type scopedRow struct {
	lake.Row
}

func (l *memoryLake) add(r lake.Row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows = append(l.rows, scopedRow{r})
}

func (l *memoryLake) visible(sc lake.Scope, s lake.Search) []*lake.Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []*lake.Row
	for i := len(l.rows) - 1; i >= 0; i-- {
		r := &l.rows[i].Row
		if !sees(sc, r.Unit) || r.Time.Before(s.From) || (!s.To.IsZero() && !r.Time.Before(s.To)) {
			continue
		}
		if s.Query != nil && s.Query.Root != nil && !strings.Contains(strings.ToLower(r.Raw+" rule:"+strings.Join(r.Rules, " ")), firstWord(s.Query.Text)) {
			continue
		}
		out = append(out, r)
	}
	return out
}

func firstWord(q string) string {
	q = strings.TrimPrefix(q, "rule:")
	return strings.ToLower(strings.Trim(strings.Fields(q)[0], `"`))
}

// sees compares scopes as values: the lake does not tell outsiders what one holds.
func sees(sc lake.Scope, u event.UnitID) bool {
	a, b, c := scopeText(sc), scopeText(lake.ScopeAll()), scopeText(lake.ScopeUnits(u))
	return a == b || a == c
}

func (l *memoryLake) Search(ctx context.Context, sc lake.Scope, s lake.Search, each func(*lake.Row) error) (lake.Stats, error) {
	if err := l.wait(ctx); err != nil {
		return lake.Stats{}, err
	}
	if l.err != nil {
		return lake.Stats{}, l.err
	}
	for i, r := range l.visible(sc, s) {
		if s.Limit > 0 && i == s.Limit {
			break
		}
		if err := each(r); err != nil {
			return lake.Stats{}, err
		}
	}
	return lake.Stats{Segments: 1}, nil
}

func (l *memoryLake) Histogram(ctx context.Context, sc lake.Scope, s lake.Search, buckets int) ([]lake.Bucket, time.Duration, lake.Stats, error) {
	if err := l.wait(ctx); err != nil {
		return nil, 0, lake.Stats{}, err
	}
	width := s.To.Sub(s.From) / time.Duration(buckets)
	out := make([]lake.Bucket, buckets)
	for i := range out {
		out[i].Time = s.From.Add(time.Duration(i) * width)
	}
	for _, r := range l.visible(sc, s) {
		out[min(int(r.Time.Sub(s.From)/width), buckets-1)].Count++
	}
	return out, width, lake.Stats{Segments: 1}, nil
}

func (l *memoryLake) Count(_ context.Context, sc lake.Scope, s lake.Search) (int64, error) {
	return int64(len(l.visible(sc, s))), nil
}

func (l *memoryLake) HasField(time.Time, time.Time, string) bool { return false }

func (l *memoryLake) TailEnd() int64 { return 0 }

func (l *memoryLake) TailWait(ctx context.Context, _ int64) error {
	l.mu.Lock()
	more := len(l.tail) > 0
	l.mu.Unlock()
	if more {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (l *memoryLake) Tail(_ context.Context, sc lake.Scope, _ *query.Query, after int64, limit int) (lake.Tail, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.tail) == 0 || !sees(sc, "so-y-te") || sees(sc, "so-noi-vu") || limit > 100 {
		return lake.Tail{Next: after}, nil
	}
	next := l.tail[0]
	l.tail = l.tail[1:]
	return next()
}

func (l *memoryLake) Aggregate(ctx context.Context, sc lake.Scope, p *query.Pipeline, from, to time.Time) (*query.Table, lake.Stats, error) {
	if err := l.wait(ctx); err != nil {
		return nil, lake.Stats{}, err
	}
	return p.Evaluate(func(yield func(*event.Event, []string) bool) {
		for _, r := range l.visible(sc, lake.Search{From: from, To: to}) {
			ev := &event.Event{ID: r.ID, Unit: r.Unit, Time: r.Time, Host: r.Host, Raw: r.Raw, Fields: r.Fields}
			if !yield(ev, r.Rules) {
				return
			}
		}
	}, query.MaxTableRows), lake.Stats{}, nil
}

func (l *memoryLake) FieldNames(_ context.Context, sc lake.Scope, from, to time.Time) ([]lake.NameCount, bool, lake.Stats, error) {
	counts := map[string]int64{}
	for _, r := range l.visible(sc, lake.Search{From: from, To: to}) {
		for _, f := range r.Fields {
			counts[f.Name]++
		}
	}
	var out []lake.NameCount
	for n, c := range counts {
		out = append(out, lake.NameCount{Name: n, Count: c})
	}
	return out, true, lake.Stats{}, nil
}

func (l *memoryLake) FieldValues(_ context.Context, sc lake.Scope, s lake.Search, field, prefix string, _ int) (out []lake.ValueCount, _ lake.Stats, _ error) {
	for _, r := range l.visible(sc, s) {
		for _, f := range r.Fields {
			if f.Name == field && strings.HasPrefix(f.Value, prefix) {
				out = append(out, lake.ValueCount{Value: f.Value, Count: 1})
			}
		}
	}
	return out, lake.Stats{}, nil
}

func (l *memoryLake) FieldStats(_ context.Context, sc lake.Scope, s lake.Search, _ int) ([]lake.FieldStats, int, lake.Stats, error) {
	n := len(l.visible(sc, s))
	return []lake.FieldStats{{Name: "host", Count: int64(n)}}, n, lake.Stats{}, nil
}

func (l *memoryLake) Event(_ context.Context, sc lake.Scope, id event.ID) (*lake.Row, error) {
	for _, r := range l.visible(sc, lake.Search{}) {
		if r.ID == id {
			return r, nil
		}
	}
	return nil, fault.New(fault.NotFound, "no such event")
}

func (l *memoryLake) Around(ctx context.Context, sc lake.Scope, id event.ID, _ time.Duration, _ int) ([]lake.Row, error) {
	r, err := l.Event(ctx, sc, id)
	if err != nil {
		return nil, err
	}
	return []lake.Row{*r}, nil
}

type quietNode struct{}

func (quietNode) Health(context.Context) (overview.Health, error) {
	return overview.Health{SpoolPending: 3, Lag: 1500 * time.Millisecond, RulesLoaded: 1}, nil
}
func (quietNode) EventsPerSecond(event.UnitID) float64 { return 12.5 }
func (quietNode) Backlog(context.Context) (uint64, time.Duration, error) {
	return 3, 1500 * time.Millisecond, nil
}

type boardUnits struct{ *unit.Service }

func (u boardUnits) Within(ctx context.Context) (ids []event.UnitID, _ error) {
	list, err := u.List(ctx, unit.Filter{Status: unit.StatusActive})
	for _, x := range list {
		if x.ID != event.CentreUnit {
			ids = append(ids, x.ID)
		}
	}
	return ids, err
}

// noFigures stands in where the pages of rules, techniques and entities count alerts.
type noFigures struct{}

func (noFigures) Shares(context.Context, time.Time) (map[string]rule.Share, error) {
	return map[string]rule.Share{"6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f10": {Alerts: 12, Closed: 4, FalsePositive: 3}}, nil
}
func (noFigures) NoiseOf(_ context.Context, _ string, since time.Time) (rule.RuleNoise, error) {
	return rule.RuleNoise{Days: []rule.NoiseDay{{Day: since, Count: 12}}, ByReason: map[string]int64{"false_positive": 3, "benign": 1}, Alerts: 12, Judged: 4, MedianToClose: time.Hour}, nil
}
func (noFigures) ByRule(context.Context, attack.Range) ([]attack.RuleHits, error) {
	return []attack.RuleHits{{RuleID: "6a1f0f7e-0c53-4a38-9a3e-2d0d6f6d6f10", Tags: []string{"attack.t1110"}, Alerts: 2, Findings: 9, Last: time.Unix(1_790_000_000, 0)}}, nil
}
func (noFigures) OfRules(context.Context, []string, attack.Range, int) ([]module.AlertView, error) {
	return nil, nil
}
func (noFigures) About(context.Context, []string, []string, time.Time, time.Time, int) ([]module.AlertView, entity.Counts, error) {
	return nil, entity.Counts{}, nil
}
func (noFigures) Steps(context.Context, []string, int) ([]entity.Step, error) { return nil, nil }
func (noFigures) Titles(string) (title, titleVi, level string)                { return "", "", "" }

type blocks struct{}

func (blocks) Status(context.Context, uint64, uint64) (bool, int64, int64, error) {
	return true, 2, 1, nil
}

type catalogue struct{ set *detect.Set }

func (c catalogue) Current() (*detect.Set, time.Time)           { return c.set, time.Unix(1_790_000_000, 0) }
func (c catalogue) Reload(context.Context) (*detect.Set, error) { return c.set, nil }
func (c catalogue) Switched()                                   {}
func (c catalogue) Rule(id string) *detect.Rule                 { return c.set.Rule(id) }

func (c catalogue) Exclude([]detect.Exclusion) map[string][]sigma.Problem { return nil }

// noSubjects knows no alert.
type noSubjects struct{}

// warningUnits are units of no kind.
type warningUnits struct{ *unit.Service }

func (warningUnits) Kinds() map[event.UnitID]string { return nil }

// documentUnits are units that are reached nowhere.
type documentUnits struct{ *unit.Service }

func (documentUnits) Reached(event.UnitID) string { return "" }

// noCases knows nothing that is written about.
type noCases struct{}

func (noCases) Case(context.Context, string, string) (document.Case, error) {
	return document.Case{}, fault.New(fault.NotFound, "no such case").WithCode("document.subject")
}

// noDuties knows no obligation and no recipient.
type noDuties struct{}

func (noDuties) Owed(context.Context, string) (document.Owed, error) {
	return document.Owed{}, fault.New(fault.NotFound, "no such obligation").WithCode("obligation.unknown")
}

func (noDuties) Addressees(context.Context) ([]document.Addressee, error) { return nil, nil }

// noAlerts knows no alert that could be part of an incident.
// noSystems is an empty register.
type noSystems struct{}

func noSystem() error {
	return fault.New(fault.NotFound, "no such system").WithCode("system.unknown")
}

func (noSystems) Ref(context.Context, string) (module.Registered, error) {
	return module.Registered{}, noSystem()
}
func (noSystems) Some(context.Context, []string) (map[string]module.Registered, error) {
	return nil, nil
}
func (noSystems) Machines(context.Context, string) (module.Machines, error) {
	return module.Machines{}, noSystem()
}
func (noSystems) Refs(context.Context) ([]module.Registered, error) { return nil, nil }
func (noSystems) System(context.Context, string) (dossier.System, error) {
	return dossier.System{}, noSystem()
}
func (noSystems) Systems(context.Context) ([]dossier.System, error)               { return nil, nil }
func (noSystems) SetLevel(context.Context, bun.Tx, string, int, int) error        { return noSystem() }
func (noSystems) SetCritical(context.Context, bun.Tx, string, bool, string) error { return noSystem() }
func (noSystems) Papers(context.Context, string) (readiness.Papers, error) {
	return readiness.Papers{}, noSystem()
}
func (noSystems) Heard(context.Context, []event.UnitID) (map[event.UnitID]readiness.Feeds, error) {
	return nil, nil
}

type noAlerts struct{}

func (noAlerts) Alert(context.Context, string) (incident.Alert, error) {
	return incident.Alert{}, fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
}

func (noSubjects) Subject(context.Context, string) (exclusion.Subject, error) {
	return exclusion.Subject{}, fault.New(fault.NotFound, "no such alert").WithCode("alert.unknown")
}

func (noSubjects) Close(context.Context, bun.Tx, string, string, string) error { return nil }

func (noSubjects) Closed(string) {}

func (noSubjects) OfRules(context.Context, []string, []event.UnitID, time.Time, int) ([]exclusion.Subject, error) {
	return nil, nil
}

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

// client is one browser or program.
type client struct {
	n      *node
	cookie string
	token  string
}

func (n *node) anonymous() *client { return &client{n: n} }

// do sends a request and decodes a JSON answer into out, if out is not nil.
func (c *client) do(method, path string, body, out any) *http.Response {
	c.n.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			c.n.t.Fatal(err)
		}
		r = bytes.NewReader(text)
	}
	req := httptest.NewRequest(method, path, r)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.cookie != "" {
		req.AddCookie(&http.Cookie{Name: identity.CookieName, Value: c.cookie})
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.RemoteAddr = "203.0.113.7:4711"
	w := httptest.NewRecorder()
	c.n.handler.ServeHTTP(w, req)
	resp := w.Result()
	for _, ck := range resp.Cookies() {
		if ck.Name == identity.CookieName {
			c.cookie = ck.Value
		}
	}
	if out != nil {
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			c.n.t.Fatal(err)
		}
		if err := json.Unmarshal(text, out); err != nil {
			c.n.t.Fatalf("%s %s: %d %s: %v", method, path, resp.StatusCode, text, err)
		}
	}
	return resp
}

// want is do with an expected status.
func (c *client) want(status int, method, path string, body, out any) *http.Response {
	c.n.t.Helper()
	var problem json.RawMessage
	target := out
	if target == nil {
		target = &problem
	}
	resp := c.doRaw(method, path, body)
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.n.t.Fatal(err)
	}
	if resp.StatusCode != status {
		c.n.t.Fatalf("%s %s: status %d, want %d: %s", method, path, resp.StatusCode, status, text)
	}
	if len(text) > 0 && out != nil {
		if err := json.Unmarshal(text, target); err != nil {
			c.n.t.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
	return resp
}

func (c *client) doRaw(method, path string, body any) *http.Response {
	c.n.t.Helper()
	return c.do(method, path, body, nil)
}

type problem struct {
	Type, Title, Detail, Code string
	Status                    int
	Errors                    []struct{ Location, Message string }
}

func (c *client) refused(status int, code, method, path string, body any) problem {
	c.n.t.Helper()
	var p problem
	resp := c.want(status, method, path, body, &p)
	if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
		c.n.t.Fatalf("%s %s: content type %q", method, path, got)
	}
	if p.Code != code || p.Status != status {
		c.n.t.Fatalf("%s %s: %+v, want code %s", method, path, p, code)
	}
	return p
}

const goodPassword = "con trâu đen 47 gặm cỏ"

// administrator signs the first administrator in, with a password of its own.
func (n *node) administrator() *client {
	n.t.Helper()
	c := n.anonymous()
	pw := n.adminPW
	if pw != goodPassword {
		n.adminApp = c.firstSignIn("admin", pw)
		n.adminPW = goodPassword
		return c
	}
	c.want(200, "POST", "/api/v1/session", map[string]string{"username": "admin", "password": pw}, nil)
	code := n.adminApp.Next(n.t, n.clock.now())
	if code == "" {
		n.t.Fatal("no code of the administrator's is left at this time; move the clock")
	}
	c.want(200, "POST", "/api/v1/session/factor", map[string]string{"code": code}, nil)
	return c
}

// firstSignIn replaces a one-time password and sets up an authenticator app where
// the role needs one; nil where it does not.
func (c *client) firstSignIn(name, oneTime string) *identitytest.App {
	c.n.t.Helper()
	c.want(200, "POST", "/api/v1/session", map[string]string{"username": name, "password": oneTime}, nil)
	c.want(204, "POST", "/api/v1/session/password", map[string]string{"current": oneTime, "new": goodPassword}, nil)
	var session struct{ Pending string }
	c.want(200, "GET", "/api/v1/session", nil, &session)
	if session.Pending == "" {
		return nil
	}
	var setup struct{ Secret string }
	c.want(200, "POST", "/api/v1/me/totp", nil, &setup)
	app := identitytest.NewApp(setup.Secret)
	c.want(200, "POST", "/api/v1/me/totp/confirm", map[string]string{"code": app.Next(c.n.t, c.n.clock.now())}, nil)
	return app
}

// analyst makes an analyst of a unit and signs him in.
func (n *node) analyst(admin *client, name, unitID string) *client {
	n.t.Helper()
	return n.account(admin, name, "analyst", unitID)
}

// account makes an account of a unit (registered if need be) and signs it in.
func (n *node) account(admin *client, name, role, unitID string) *client {
	n.t.Helper()
	if !n.units.Exists(event.UnitID(unitID)) {
		admin.want(200, "POST", "/api/v1/units", map[string]string{"id": unitID, "name": "Đơn vị " + unitID}, nil)
	}
	var made struct{ OneTimePassword string }
	admin.want(200, "POST", "/api/v1/users", map[string]string{"username": name, "displayName": "Người " + name, "role": role, "unit": unitID}, &made)
	c := n.anonymous()
	c.firstSignIn(name, made.OneTimePassword)
	return c
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

// deafSignals raises no alarm.
type deafSignals struct{}

func (deafSignals) Raise(context.Context, string, event.UnitID, string, map[string]string) error {
	return nil
}
func (deafSignals) Settle(context.Context, string, event.UnitID, string) error { return nil }

type noticeUnits struct{ *unit.Service }

func (noticeUnits) DutyMail(context.Context, event.UnitID) string { return "" }
