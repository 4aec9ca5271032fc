package app

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

// BenchmarkLists asks the API for its lists when the database holds what a
// province has after years: a million alerts of which one in a hundred is open,
// a hundred thousand incidents of which one in fifty is, their clocks and what
// they speak against, over two hundred units.
func BenchmarkLists(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { lists(b, quietConfig()) })
	b.Run("postgres", func(b *testing.B) {
		c := quietConfig()
		c.Database.URL = config.Secret(sqldbtest.PostgresDatabase(b))
		lists(b, c)
	})
}

const (
	manyAlerts    = 1_000_000
	manyIncidents = 100_000
	manyUnits     = 200
)

func lists(b *testing.B, c Config) {
	w := openWorld(b, c)
	tn := w.newTenant("don-vi", nil, []string{"security-officer"})
	for i := range manyUnits {
		w.admin.must("POST", apiPath+"/units", map[string]any{"id": fmt.Sprint("xa-", i), "name": fmt.Sprint("Ủy ban nhân dân xã ", i), "parent": tn.unit})
	}
	w.multiply(tn)
	lead := w.admin.get("GET", apiPath+"/session", nil)["user"].(map[string]any)["id"].(string)
	for _, path := range []string{
		"/alerts", "/alerts?unit=xa-7", "/alerts?status=closed", "/alerts?level=critical", "/alerts?q=203.0.113.66", "/alerts?q=khong-co-gi-nhu-the",
		"/alerts?assignee=" + lead, "/alerts/today", "/alerts/groups?by=campaign",
		"/incidents", "/incidents?unit=xa-7", "/incidents?phase=closed", "/incidents?severity=critical", "/incidents?q=" + url.QueryEscape("một cửa"), "/incidents?q=SC-2026-054321", "/incidents?lead=" + lead,
		"/obligations", "/obligations?late=true", "/obligations?unit=xa-7", "/obligations?state=any&q=khong-co-gi-nhu-the", "/obligations/wall",
		"/requirement-findings", "/requirement-findings?unit=xa-7", "/requirement-findings?state=any", "/requirement-findings/units",
		"/requirement-overview", "/requirement-systems", "/layer-overview", "/overrides", "/critical-systems",
	} {
		for name, c := range map[string]*caller{"centre": w.admin, "unit": tn.as("security-officer")} {
			ask(b, strings.TrimPrefix(path, "/")+" as "+name, c, path)
		}
	}
	// The page after a hundred: what is far down is as near.
	for path, by := range map[string]string{"/alerts?status=closed&limit=100": "&cursor=", "/incidents?status=closed&limit=100": "&after="} {
		next, cursor := "", map[string]string{"&cursor=": "nextCursor", "&after=": "next"}[by]
		for range 20 {
			var ok bool
			if next, ok = w.admin.get("GET", apiPath+path+next, nil)[cursor].(string); !ok || next == "" {
				b.Fatalf("%s ended early", path)
			}
			next = by + url.QueryEscape(next)
		}
		ask(b, strings.TrimPrefix(path, "/")+" far down", w.admin, path+next)
	}
}

func ask(b *testing.B, name string, c *caller, path string) {
	b.Run(strings.NewReplacer("/", "_", "&", "_", "?", "_", "=", "-", "%", "").Replace(name), func(b *testing.B) {
		if a := c.do("GET", apiPath+path, nil); a.status != 200 {
			b.Skipf("%d %s", a.status, a.body)
		}
		worst, sum := time.Duration(0), time.Duration(0)
		for b.Loop() {
			begun := time.Now()
			c.must("GET", apiPath+path, nil)
			took := time.Since(begun)
			worst, sum = max(worst, took), sum+took
		}
		b.ReportMetric(float64(sum.Microseconds())/1000/float64(b.N), "ms")
		b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
	})
}

// multiply makes one alert and one incident the usual way, and then copies of
// them and of all that follows.
func (w *world) multiply(tn *tenant) {
	w.t.Helper()
	at := time.Now()
	stamp := at.UTC().Format("2006-01-02T15:04:05.000000Z")
	batch := &event.Batch{ID: event.NewBatchID(at), Unit: event.UnitID(tn.unit), Input: "syslog", Peer: "192.0.2.1", Received: at}
	batch.Records = []event.Record{{Data: fmt.Appendf(nil, "<86>1 %s motcua-web1 sshd 812 - - Failed password for root from 203.0.113.66 port 4022 ssh2", stamp)}}
	if _, err := w.n.Sink().Put(w.t.Context(), batch); err != nil {
		w.t.Fatal(err)
	}
	tn.settle()
	alert := w.admin.get("GET", apiPath+"/alerts", nil)["items"].([]any)[0].(map[string]any)["id"]
	w.admin.must("POST", apiPath+"/incidents", map[string]any{"origin": "alert", "alerts": []any{alert}, "facts": map[string]any{
		"title": "Mã hóa dữ liệu tại một cửa", "unit": tn.unit, "severity": "high", "category": "vn-a-ransomware", "grave": true,
		"detectedAt": at.Add(-time.Hour), "confirmedAt": at.Add(-time.Minute), "systems": []any{map[string]any{"name": "Một cửa điện tử", "level": 3}}}})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if w.count("requirement_findings") > 0 && w.count("obligations") > 0 {
			break
		}
		if time.Now().After(deadline) {
			w.t.Fatal("nothing followed from the incident")
		}
	}
	unit := fmt.Sprintf("'xa-' || (n %% %d)", manyUnits)
	open := func(every int) string {
		return fmt.Sprintf("CASE WHEN n %% %d = 0 THEN %s ELSE %s END", every, yes, no)
	}
	minutesAgo := func(each int) string { return fmt.Sprintf("%d - n * %d", sqldb.MicrosOf(at), each*60_000_000) }
	w.copies("alerts", manyAlerts, map[string]string{
		"id": "'c' || (100000000 + n)", "group_key": "'g' || n", "unit": unit, "entity_value": "'203.0.' || (n % 200) || '.' || (n % 250)",
		"status": "CASE WHEN n % 100 = 0 THEN 'new' ELSE 'closed' END", "level": "CASE WHEN n % 50 = 0 THEN 'critical' ELSE 'medium' END",
		"level_rank": "CASE WHEN n % 50 = 0 THEN 4 ELSE 2 END", "rule_id": "'r' || (n % 300)",
		"last_seen": minutesAgo(1), "first_seen": minutesAgo(1), "created_at": minutesAgo(1), "updated_at": minutesAgo(1), "closed_at": minutesAgo(1),
		"search_text": "'dang nhap that bai ' || (n % 300) || ' 203.0.' || (n % 200) || '.' || (n % 250)",
	})
	w.copies("incidents", manyIncidents, map[string]string{
		"id": "'c' || (100000000 + n)", "code": "'SC-2026-' || (n + 1000000)", "unit": unit, "is_open": open(50),
		"phase": "CASE WHEN n % 50 = 0 THEN 'isolate' ELSE 'closed' END", "severity": "CASE WHEN n % 50 = 0 THEN 'critical' ELSE 'medium' END",
		"severity_rank": "CASE WHEN n % 50 = 0 THEN 0 ELSE 2 END", "opened_at": minutesAgo(10), "detected_at": minutesAgo(10), "changed_at": minutesAgo(10),
		"search_text": "'sc-2026-' || (n + 1000000) || ' ma hoa du lieu tai mot cua ' || n",
	})
	w.copies("obligations", manyIncidents*2, map[string]string{
		"id": "'c' || (100000000 + n)", "subject_id": "'c' || (100000000 + n)", "unit": unit, "is_open": open(50), "due_at": minutesAgo(5),
		"state": "CASE WHEN n % 50 = 0 THEN 'pending' ELSE 'acknowledged' END", "done_at": minutesAgo(7), "next_look": "0",
	})
	w.copies("requirement_findings", manyIncidents, map[string]string{
		"id": "'c' || (100000000 + n)", "subject_id": "'c' || (100000000 + n)", "unit": unit, "is_open": open(50), "since": minutesAgo(10),
		"state": "CASE WHEN n % 50 = 0 THEN 'failing' ELSE 'met' END",
	})
	if _, err := w.n.store.DB.ExecContext(w.t.Context(), "ANALYZE"); err != nil {
		w.t.Fatal(err)
	}
}

const yes, no = "(1 = 1)", "(1 = 0)"

func (w *world) count(table string) (n int) {
	w.t.Helper()
	if err := w.n.store.DB.NewSelect().Table(table).ColumnExpr("count(*)").Scan(w.t.Context(), &n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// copies fills a table with copies of its first row; n, from 1, is the number of
// the copy in the expressions of the columns that differ.
func (w *world) copies(table string, n int, differ map[string]string) {
	w.t.Helper()
	ctx, db := w.t.Context(), w.n.store.DB
	var row map[string]any
	if err := db.NewSelect().Table(table).Limit(1).Scan(ctx, &row); err != nil {
		w.t.Fatal(err)
	}
	columns := slices.Sorted(maps.Keys(row))
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for i, column := range columns {
		names[i] = `"` + column + `"` // some are words of SQL
		values[i] = names[i]
		if x, ok := differ[column]; ok {
			values[i] = x
		}
	}
	for column := range differ {
		if !slices.Contains(columns, column) {
			w.t.Fatalf("%s has no column %s", table, column)
		}
	}
	id, err := json.Marshal(row["id"])
	if err != nil {
		w.t.Fatal(err)
	}
	const each = 100_000
	for from := 0; from < n; from += each {
		_, err := db.ExecContext(ctx, `WITH RECURSIVE copies(n) AS (SELECT CAST(? AS BIGINT) UNION ALL SELECT n + 1 FROM copies WHERE n < ?) INSERT INTO ? (?) SELECT ? FROM ?, copies WHERE id = ?`,
			from+1, min(from+each, n), bun.Ident(table), bun.Safe(strings.Join(names, ", ")), bun.Safe(strings.Join(values, ", ")), bun.Ident(table), strings.Trim(string(id), `"`))
		if err != nil {
			w.t.Fatal(err)
		}
	}
}
