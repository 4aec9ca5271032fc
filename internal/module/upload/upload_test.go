package upload

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/input"
	"github.com/lachan-vn/lachan/internal/logfile"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
	"github.com/lachan-vn/lachan/internal/testdata"
)

type units struct{}

func (units) Exists(u event.UnitID) bool { return strings.HasPrefix(string(u), "so-") }
func (units) Name(u event.UnitID) string { return "Sở " + string(u) }

// spool is a node that keeps what it is given.
type spool struct {
	mu      sync.Mutex
	batches []event.Batch
	gate    chan struct{} // closed: Put goes on; nil: at once
	free    int64
	lag     atomic.Int64 // nanoseconds
	meters  *input.Metrics
}

func (s *spool) Sink() input.Sink                                      { return s }
func (s *spool) DiskFree() (int64, error)                              { return s.free, nil }
func (s *spool) Meter(name string) *input.Meter                        { return s.meters.For(name) }
func (s *spool) Stored(context.Context, uint64, uint64) (int64, error) { return 0, nil }

func (s *spool) Lag(context.Context) time.Duration { return time.Duration(s.lag.Load()) }

func (s *spool) Has(_ context.Context, id event.ID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.batches, func(b event.Batch) bool { return b.ID.At(0) == id }), nil
}

func (s *spool) Put(ctx context.Context, b *event.Batch) (uint64, error) {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := *b
	kept.Records = nil
	for _, r := range b.Records {
		kept.Records = append(kept.Records, event.Record{Hint: r.Hint, Data: bytes.Clone(r.Data)})
	}
	s.batches = append(s.batches, kept)
	return uint64(len(s.batches)), nil
}

func (s *spool) hold() (release func()) {
	gate := make(chan struct{})
	s.mu.Lock()
	s.gate = gate
	s.mu.Unlock()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.gate = nil
		s.mu.Unlock()
		close(gate)
	})
}

func (s *spool) records() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.batches {
		for _, r := range b.Records {
			out = append(out, string(r.Data))
		}
	}
	return out
}

type live struct {
	mu       sync.Mutex
	statuses []string
}

func (l *live) Publish(unit event.UnitID, name string, data any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := data.(UploadView)
	if name != "upload" || v.Unit != unit {
		return errors.New("not an upload of the unit")
	}
	l.statuses = append(l.statuses, v.Status)
	return nil
}

type fixture struct {
	*Service
	t     *testing.T
	spool *spool
	live  *live
	now   time.Time
	trail *module.Trail
}

func newFixture(t *testing.T, db *bun.DB, change func(*Options)) *fixture {
	t.Helper()
	ctx := context.Background()
	f := &fixture{t: t, now: time.Date(2026, 11, 22, 3, 30, 0, 0, time.UTC), trail: module.NewTrail(db), live: &live{},
		spool: &spool{free: 100 << 30, meters: input.NewMetrics(nil)}}
	o := Options{DB: db, Trail: f.trail, Units: units{}, Node: f.spool, Live: f.live, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return f.now }, Dir: filepath.Join(t.TempDir(), "uploads"), Config: DefaultConfig()}
	if change != nil {
		change(&o)
	}
	f.Service = New(o)
	if err := errors.Join(sqldb.Migrate(ctx, db, "module", module.Migrations()), sqldb.Migrate(ctx, db, "upload", f.Module().Migrations), f.Load(ctx)); err != nil {
		t.Fatal(err)
	}
	return f
}

// again is the service after a restart.
func (f *fixture) again() *fixture {
	g := *f
	g.Service = New(f.Options)
	if err := g.Load(context.Background()); err != nil {
		f.t.Fatal(err)
	}
	return &g
}

func as(role module.Role, unit event.UnitID) context.Context {
	return module.WithPrincipal(context.Background(), module.Principal{ID: "u1", Name: "an", Role: role, Unit: unit})
}

var (
	centre = as(module.RoleAnalyst, event.CentreUnit)
	agency = as(module.RoleAnalyst, "so-y-te")
	other  = as(module.RoleAdministrator, "so-noi-vu")
	sender = as(module.RoleIngest, "so-y-te")
)

func wantFault(t *testing.T, what string, err error, kind fault.Kind, code string) {
	t.Helper()
	if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != kind || code != "" && f.Code != code {
		t.Errorf("%s: %v, want %v %s", what, err, kind, code)
	}
}

func (f *fixture) add(name, text string) Upload {
	f.t.Helper()
	u, err := f.Add(agency, Request{Unit: "so-y-te", Name: name, As: logfile.AsAuto, Size: -1, Body: strings.NewReader(text)})
	if err != nil {
		f.t.Fatal(err)
	}
	return u
}

// working runs the worker until the test, or stop, ends it.
func (f *fixture) working() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Error(err)
		}
	})
	f.t.Cleanup(stop)
	return stop
}

// wait returns the upload once it has one of the states.
func (f *fixture) wait(id string, status ...Status) Upload {
	f.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		u, err := f.Get(centre, id)
		if err != nil {
			f.t.Fatal(err)
		}
		// The file goes right after the last state is written.
		if slices.Contains(status, u.Status) && !(u.Status.over() && u.Original && f.Config.Keep == 0) {
			return u
		}
		if time.Now().After(end) {
			f.t.Fatalf("upload is %s, want %v", u.Status, status)
		}
	}
}

func (f *fixture) files() (names []string) {
	entries, err := os.ReadDir(f.Dir)
	if err != nil {
		f.t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (f *fixture) audited() map[string]int {
	f.t.Helper()
	records, err := f.trail.Find(as(module.RoleAdministrator, event.CentreUnit), module.RecordFilter{}, false, 100)
	if err != nil {
		f.t.Fatal(err)
	}
	n := map[string]int{}
	for _, r := range records {
		n[r.Action]++
	}
	return n
}

func gzipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, text)
	z.Close()
	return b.String()
}

func TestAFileBecomesEvents(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, nil)
		const text = "time,user\n1,an\n2\n3,bình\n"
		u := f.add(`C:\logs\users.csv`, gzipped(text))
		sum := sha256.Sum256([]byte(gzipped(text)))
		if u.Status != Waiting || u.Kind != "csv" || u.Name != "users.csv" || u.SHA256 != hex.EncodeToString(sum[:]) || !u.Original {
			t.Fatalf("%+v", u)
		}
		if len(f.files()) != 1 {
			t.Errorf("on disk: %q", f.files())
		}
		f.working()
		u = f.wait(u.ID, Done)
		want := []string{`{"time":"1","user":"an"}`, "2", `{"time":"3","user":"bình"}`}
		if d := cmp.Diff(want, f.spool.records()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
		b := f.spool.batches[0]
		if b.Unit != "so-y-te" || b.Input != "upload" || b.Peer != "users.csv" || b.Records[0].Hint != event.HintJSON || b.Records[1].Hint != event.HintText {
			t.Errorf("%+v", b)
		}
		problems := []LineProblem{{Place: "users.csv:3", Code: "csv.columns", Detail: "1 values under 2 headings; the row is stored as it is", Stored: true}}
		if d := cmp.Diff(problems, u.ProblemList); d != "" || u.Records != 3 || u.Stored != 3 || u.Problems != 1 || u.BytesRead != u.Size || u.Original {
			t.Errorf("%+v\n%s", u, d)
		}
		if len(f.files()) != 0 {
			t.Errorf("the original stays: %q", f.files())
		}
		if n := f.audited(); n["upload.add"] != 1 || n["upload.done"] != 1 {
			t.Errorf("audited: %v", n)
		}
		if got := f.live.statuses; len(got) < 3 || got[0] != "waiting" || got[len(got)-1] != "done" {
			t.Errorf("told: %v", got)
		}
	})
}

func TestKindsAreRecognised(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), nil)
	var z bytes.Buffer
	w := zip.NewWriter(&z)
	for _, name := range []string{"a.log", "sub/b.ndjson"} {
		e, _ := w.Create(name)
		io.WriteString(e, "{\"in\":\""+name+"\"}\nno json\n")
	}
	w.Close()
	for kind, text := range map[string]string{
		"ndjson": "{\"a\":1}\nbroken {\n", "lines": "one\ntwo\n", "json": "[{\"a\":1},\n{\"a\":2}]", "csv": "a;b\n1;2\n",
	} {
		if u := f.add(kind, text); u.Kind != kind {
			t.Errorf("%s is taken for %s", kind, u.Kind)
		}
	}
	archive := f.add("many.zip", z.String())
	if archive.Kind != "archive" {
		t.Errorf("%+v", archive)
	}
	asked, err := f.Add(centre, Request{Unit: "so-noi-vu", Name: "x", As: logfile.AsLines, Size: 9, Body: strings.NewReader("a;b\n1;2\n")})
	if err != nil || asked.Kind != "lines" {
		t.Errorf("%+v, %v", asked, err)
	}
	for name, text := range map[string]string{"binary": "MZ\x00\x00\x01", "an event log cut short": "ElfFile\x00", "packed badly": "\x1f\x8b\x08\x00nonsense", "bad.zip": "PK\x03\x04 no"} {
		_, err := f.Add(centre, Request{Unit: "so-y-te", Name: name, As: logfile.AsAuto, Size: -1, Body: strings.NewReader(text)})
		wantFault(t, name, err, fault.Invalid, "upload.unknown-format")
		if err != nil && strings.Contains(err.Error(), f.Dir) {
			t.Errorf("%s: the error names a path of the server: %v", name, err)
		}
	}
	f.working()
	u := f.wait(archive.ID, Done)
	if u.Stored != 4 || u.Problems != 2 || !strings.HasPrefix(u.ProblemList[0].Place, "many.zip/a.log:2") || u.ProblemList[0].Code != "json.invalid" {
		t.Errorf("%+v", u)
	}
	f.wait(asked.ID, Done)
	if len(f.files()) != 0 {
		t.Errorf("on disk: %q", f.files())
	}
}

// A real event log arrives with all its records.
func TestAnEventLog(t *testing.T) {
	files, err := logfile.Find([]string{testdata.Path(t, "evtx")})
	if err != nil || len(files) == 0 {
		t.Fatal("no event logs in the test data", err)
	}
	text, err := os.ReadFile(files[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	f := newFixture(t, sqldbtest.SQLite(t), nil)
	u := f.add("Security", string(text))
	f.working()
	if u = f.wait(u.ID, Done); u.Kind != "evtx" || u.Stored == 0 || u.Stored != int64(len(f.spool.records())) {
		t.Errorf("%+v", u)
	}
}

func TestWhoMayAndForWhom(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, nil)
		add := func(ctx context.Context, unit event.UnitID) error {
			_, err := f.Add(ctx, Request{Unit: unit, Name: "x", As: logfile.AsAuto, Size: -1, Body: strings.NewReader("one\n" + string(unit))})
			return err
		}
		wantFault(t, "another agency's unit", add(agency, "so-noi-vu"), fault.Invalid, "unit.unknown")
		wantFault(t, "no unit", add(centre, ""), fault.Invalid, "unit.unknown")
		wantFault(t, "an unknown unit", add(centre, "khong-co"), fault.Invalid, "unit.unknown")
		wantFault(t, "a sender's token", add(sender, "so-y-te"), fault.Denied, "")
		wantFault(t, "nobody", add(context.Background(), "so-y-te"), fault.Unauthenticated, "")
		if err := errors.Join(add(agency, "so-y-te"), add(other, "so-noi-vu")); err != nil {
			t.Fatal(err)
		}
		for who, want := range map[context.Context]int{centre: 2, agency: 1, other: 1} {
			list, err := f.List(who, Filter{Limit: 10})
			if err != nil || len(list) != want {
				t.Errorf("%s sees %d, %v; want %d", module.PrincipalOf(who).Unit, len(list), err, want)
			}
			if list, err := f.List(who, Filter{Limit: 10, Unit: "so-noi-vu"}); err != nil || (len(list) == 1) != (who != agency) {
				t.Errorf("%s sees %d of so-noi-vu, %v", module.PrincipalOf(who).Unit, len(list), err)
			}
		}
		list, _ := f.List(agency, Filter{Limit: 10})
		_, err := f.Get(other, list[0].ID)
		wantFault(t, "another agency's upload", err, fault.NotFound, "upload.not-found")
		_, err = f.Cancel(other, list[0].ID)
		wantFault(t, "ending another agency's upload", err, fault.NotFound, "upload.not-found")
		_, err = f.List(sender, Filter{Limit: 10})
		wantFault(t, "a sender's list", err, fault.Denied, "")
		if n := len(f.files()); n != 2 {
			t.Errorf("%d files on disk", n)
		}
	})
}

func TestTheSameFileAgain(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		f := newFixture(t, db, nil)
		first := f.add("a.log", "one\n")
		request := func(unit event.UnitID, again bool) error {
			_, err := f.Add(centre, Request{Unit: unit, Name: "b.log", As: logfile.AsAuto, Again: again, Size: -1, Body: strings.NewReader("one\n")})
			return err
		}
		err := request("so-y-te", false)
		wantFault(t, "the same bytes", err, fault.Conflict, "upload.repeated")
		if fe, ok := errors.AsType[*fault.Error](err); !ok || fe.Field != "upload."+first.ID || !strings.Contains(err.Error(), "a.log") {
			t.Errorf("the earlier one is not named: %v", err)
		}
		if err := errors.Join(request("so-noi-vu", false), request("so-y-te", true)); err != nil {
			t.Error(err)
		}
		if n := len(f.files()); n != 3 {
			t.Errorf("%d files on disk", n)
		}
	})
}

// An upload that stored nothing is no reason to refuse the file.
func TestAfterACancelledOneTheFileMayComeAgain(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), nil)
	u := f.add("a.log", "one\n")
	u, err := f.Cancel(agency, u.ID)
	if err != nil || u.Status != Cancelled || len(f.files()) != 0 {
		t.Fatalf("%+v, %v, %q", u, err, f.files())
	}
	_, err = f.Cancel(agency, u.ID)
	wantFault(t, "once more", err, fault.Conflict, "upload.ended")
	f.add("a.log", "one\n")
	if n := f.audited(); n["upload.cancel"] != 1 {
		t.Errorf("audited: %v", n)
	}
}

func lines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "line %06d %s\n", i, strings.Repeat("x", 100))
	}
	return b.String()
}

func TestCancelledInTheMiddle(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), nil)
	release := f.spool.hold()
	defer release()
	u := f.add("a.log", lines(20_000))
	f.working()
	f.wait(u.ID, Running)
	if _, err := f.Cancel(agency, u.ID); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); len(f.files()) > 0 && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	u = f.wait(u.ID, Cancelled)
	if u.Original || len(f.files()) > 0 || u.Stored != int64(len(f.spool.records())) {
		t.Errorf("%+v, %q", u, f.files())
	}
	release()
	next := f.add("b.log", "next\n")
	if next = f.wait(next.ID, Done); next.Stored != 1 {
		t.Errorf("the next one: %+v", next)
	}
}

// The server ends at any batch, with or without a note in the database of what was
// stored last; the next start goes on and stores every line once.
func TestRestartInTheMiddle(t *testing.T) {
	sqldbtest.Run(t, func(t *testing.T, db *bun.DB) {
		text := lines(60_000)
		for _, forgets := range []bool{false, true} {
			t.Run(fmt.Sprintf("killed %v", forgets), func(t *testing.T) {
				f := newFixture(t, db, func(o *Options) { o.Config.Keep = 0 })
				u := f.add(fmt.Sprintf("a%v.log", forgets), text+fmt.Sprint(forgets))
				for starts := 0; ; starts++ {
					g := f.again()
					stop := g.working()
					for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
						g.spool.mu.Lock()
						n := len(g.spool.batches)
						g.spool.mu.Unlock()
						if n > 3*starts {
							break
						}
					}
					var before Upload
					if forgets {
						before, _ = g.Get(centre, u.ID)
					}
					now, err := g.Get(centre, u.ID)
					if err != nil {
						t.Fatal(err)
					}
					if starts >= 3 || now.Status == Done {
						u = g.wait(u.ID, Done)
						stop()
						break
					}
					stop()
					if forgets && before.Status == Running { // as if the last note was not written
						if now, _ = g.Get(centre, u.ID); now.Status == Running {
							before.Batches, before.Stored, before.Records = 0, 0, 0
							if err := g.store.count(context.Background(), &before); err != nil {
								t.Fatal(err)
							}
						}
					}
				}
				got := f.spool.records()
				want := strings.Split(text+fmt.Sprint(forgets), "\n")
				if !slices.Equal(want, got) || u.Stored != int64(len(want)) || u.Records != u.Stored {
					t.Errorf("%d records in the spool, %d read, %d stored; want %d", len(got), u.Records, u.Stored, len(want))
				}
			})
		}
	})
}

// While live events wait, an import waits.
func TestLiveEventsComeFirst(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), nil)
	f.spool.lag.Store(int64(time.Minute))
	u := f.add("a.log", "one\n")
	f.working()
	f.wait(u.ID, Running)
	time.Sleep(300 * time.Millisecond)
	if n := len(f.spool.records()); n != 0 {
		t.Errorf("%d records were stored meanwhile", n)
	}
	f.spool.lag.Store(0)
	f.wait(u.ID, Done)
}

// What cannot go on says so.
func TestFailures(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), func(o *Options) { o.Config.MaxUnpacked = o.Config.MaxBytes })
	f.Config.MaxUnpacked = 3 << 20
	bomb := f.add("bomb.gz", gzipped(lines(40_000)))
	half := gzipped(lines(10_000))
	broken := f.add("broken.gz", half[:len(half)/2])
	gone := f.add("gone.log", "one\n")
	if err := os.Remove(f.path(&gone)); err != nil {
		t.Fatal(err)
	}
	f.working()
	for u, reason := range map[string]string{bomb.ID: reasonTooMuch, broken.ID: reasonBroken, gone.ID: reasonLost} {
		now := f.wait(u, Failed)
		if now.Reason != reason || now.Detail == "" || strings.Contains(now.Detail, f.Dir) || now.Original {
			t.Errorf("%+v, want %s", now, reason)
		}
	}
	if n := f.audited(); n["upload.fail"] != 3 {
		t.Errorf("audited: %v", n)
	}
}

func TestLimits(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), func(o *Options) { o.Config.MaxBytes, o.Config.MaxTotal = 1<<20, 2<<20 })
	request := func(size int64, body io.Reader) error {
		_, err := f.Add(agency, Request{Unit: "so-y-te", Name: "x", As: logfile.AsAuto, Size: size, Body: body})
		return err
	}
	wantFault(t, "announced too large", request(2<<20, nil), fault.TooLarge, "upload.too-large")
	wantFault(t, "too large", request(-1, strings.NewReader(lines(20_000))), fault.TooLarge, "upload.too-large")
	wantFault(t, "empty", request(0, strings.NewReader("")), fault.Invalid, "upload.empty")
	wantFault(t, "broken off", request(-1, io.MultiReader(strings.NewReader("half"), iotestErr{})), fault.Invalid, "upload.broken-off")
	if len(f.files()) != 0 {
		t.Errorf("what was refused stays: %q", f.files())
	}
	for i := range 2 {
		if err := request(-1, strings.NewReader(lines(8000-i))); err != nil {
			t.Fatal(err)
		}
	}
	wantFault(t, "no more room", request(1<<20, strings.NewReader("x")), fault.Busy, "upload.disk")
	f.spool.free = reserve
	wantFault(t, "a full disk", request(1, strings.NewReader("x")), fault.Busy, "upload.disk")
	for range maxReceiving {
		f.receiving <- struct{}{}
	}
	wantFault(t, "too many at once", request(1, strings.NewReader("x")), fault.Busy, "upload.busy")
}

type iotestErr struct{}

func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestOriginalsAreKeptAsLongAsConfigured(t *testing.T) {
	f := newFixture(t, sqldbtest.SQLite(t), func(o *Options) { o.Config.Keep = time.Hour })
	u := f.add("a.log", "one\n")
	stop := f.working()
	u = f.wait(u.ID, Done)
	stop()
	if !u.Original || len(f.files()) != 1 || !u.KeptUntil.Equal(f.now.Add(time.Hour)) {
		t.Fatalf("%+v, %q", u, f.files())
	}
	// A restart keeps it, and removes what no upload knows.
	if err := os.WriteFile(filepath.Join(f.Dir, "xyz.part"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f = f.again()
	if len(f.files()) != 1 {
		t.Errorf("%q", f.files())
	}
	f.now = f.now.Add(2 * time.Hour)
	f.Service.Now = func() time.Time { return f.now }
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.runExpiry(ctx) }()
	for end := time.Now().Add(10 * time.Second); u.Original && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
		var err error
		if u, err = f.Get(centre, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if u, err := f.Get(centre, u.ID); err != nil || u.Original || len(f.files()) > 0 {
		t.Errorf("%+v, %v", u, err)
	}
}

func TestConfigurationIsRefusedByItsKey(t *testing.T) {
	for field, change := range map[string]func(*Config){
		"uploads.maxBytes":    func(c *Config) { c.MaxBytes = 1 },
		"uploads.maxUnpacked": func(c *Config) { c.MaxUnpacked = 1 },
		"uploads.maxTotal":    func(c *Config) { c.MaxTotal = 1 },
		"uploads.keep":        func(c *Config) { c.Keep = -1 },
	} {
		c := DefaultConfig()
		if err := c.Validate(); err != nil {
			t.Fatal(err)
		}
		change(&c)
		if f, ok := errors.AsType[*fault.Error](c.Validate()); !ok || f.Field != field {
			t.Errorf("%s: %v", field, c.Validate())
		}
	}
}
