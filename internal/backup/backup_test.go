package backup_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/internal/backup"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// centre is a data folder with a lake in use.
type centre struct {
	t      testing.TB
	folder string
	dsn    string
	db     *bun.DB
	lake   *lake.Lake
	clock  func() time.Time
	events int
}

func openCentre(t testing.TB, folder, dsn string, clock func() time.Time) *centre {
	t.Helper()
	ctx := context.Background()
	db, err := sqldb.Open(ctx, sqldb.Options{DSN: dsn, Dir: filepath.Join(folder, "control")})
	if err != nil {
		t.Fatal(err)
	}
	if err := sqldb.Migrate(ctx, db, "lake", lake.Migrations); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(folder, "lake"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(ctx, lake.Options{Dir: filepath.Join(folder, "lake"), DB: db, Now: clock, Config: lake.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &centre{t: t, folder: folder, dsn: dsn, db: db, lake: l, clock: clock}
}

func (c *centre) commit(n int) {
	c.t.Helper()
	s := c.lake.NewSegment()
	id := event.NewBatchID(c.clock())
	for i := range n {
		c.events++
		at := c.clock().Add(-time.Duration(c.events) * time.Second)
		s.Add(&event.Event{
			ID: id.At(i), Unit: "so-y-te", Time: at, Received: at, Host: "may-1", Raw: fmt.Sprintf("event %d", c.events),
			Fields: []event.Field{{Name: "n", Value: fmt.Sprint(c.events)}},
		}, nil)
	}
	if err := c.lake.Commit(context.Background(), s, nil, nil); err != nil {
		c.t.Fatal(err)
	}
}

func (c *centre) source() backup.Source {
	return backup.Source{Folder: c.folder, DSN: c.dsn, Version: "test", Now: time.Now()}
}

func writing(t testing.TB, dir string) *backup.Repository {
	t.Helper()
	r, err := backup.WriteRepository(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func create(t testing.TB, r *backup.Repository, src backup.Source) *backup.Created {
	t.Helper()
	made, err := r.Create(context.Background(), src, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// files maps the files below a folder to their content.
func files(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(at)
		rel, _ := filepath.Rel(dir, at)
		out[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// table returns every row of the manifest as text.
func table(t testing.TB, db *bun.DB) (rows []string) {
	t.Helper()
	var all []map[string]any
	if err := db.NewRaw("SELECT * FROM lake_segment ORDER BY id").Scan(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		rows = append(rows, fmt.Sprint(r))
	}
	return rows
}

func engines(t *testing.T, test func(t *testing.T, dsn func() string)) {
	t.Run("sqlite", func(t *testing.T) { test(t, func() string { return "" }) })
	t.Run("postgres", func(t *testing.T) { test(t, func() string { return sqldbtest.PostgresDatabase(t) }) })
}

func TestARestoredFolderIsTheOneThatWasBackedUp(t *testing.T) {
	engines(t, func(t *testing.T, dsn func() string) {
		ctx := context.Background()
		c := openCentre(t, t.TempDir(), dsn(), time.Now)
		c.commit(300)
		c.commit(200)
		for name, text := range map[string]string{"rules/pack/a.yml": "title: a", "incidents/ab/abcd": "evidence", "warnings/1": "proof", "tls/ca.key": "PRIVATE", "spool/x": "not copied"} {
			at := filepath.Join(c.folder, name)
			if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		src := c.source()
		src.Config = []byte("http: {}\n")
		made := create(t, writing(t, t.TempDir()), src)
		if made.Events != 500 || len(made.Problems) > 0 {
			t.Fatalf("%d events, problems %v", made.Events, made.Problems)
		}

		r := writing(t, filepath.Join(t.TempDir(), "new"))
		src.Secrets = true
		create(t, r, src)
		snap, err := r.Snapshot("latest")
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "again")
		target := backup.Target{Folder: to, DSN: dsn()}
		if err := r.Restore(ctx, snap, target, nil); err != nil {
			t.Fatal(err)
		}
		got, want := files(t, to), files(t, c.folder)
		for _, name := range []string{"rules/pack/a.yml", "incidents/ab/abcd", "warnings/1", "tls/ca.key"} {
			if got[name] != want[name] {
				t.Errorf("%s: %q, want %q", name, got[name], want[name])
			}
		}
		for name, text := range want {
			if strings.HasPrefix(name, "lake/") && got[name] != text {
				t.Errorf("%s differs", name)
			}
		}
		if got["restored/lachan.yml"] != "http: {}\n" || got["spool/x"] != "" {
			t.Errorf("configuration %q, spool %q", got["restored/lachan.yml"], got["spool/x"])
		}
		again := openCentre(t, to, target.DSN, time.Now)
		if a, b := table(t, c.db), table(t, again.db); len(a) != 2 || fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("manifest\n%v\nwas\n%v", b, a)
		}
		if err := again.lake.Verify(ctx); err != nil {
			t.Error(err)
		}
		if n, err := again.lake.Count(ctx, lake.ScopeAll(), lake.Search{}); n != 500 || err != nil {
			t.Errorf("%d events, %v", n, err)
		}
		if err := r.Restore(ctx, snap, target, nil); fault.KindOf(err) != fault.Conflict {
			t.Errorf("restored over a folder in use: %v", err)
		}
		if target.DSN != "" {
			target.Folder = filepath.Join(t.TempDir(), "third")
			if err := r.Restore(ctx, snap, target, nil); fault.KindOf(err) != fault.Conflict {
				t.Errorf("restored over a database in use: %v", err)
			}
			if _, err := os.Stat(target.Folder); err == nil {
				t.Error("a refused restore left its folder")
			}
		}
	})
}

func TestPrivateKeysAreLeftOutUnlessAsked(t *testing.T) {
	c := openCentre(t, t.TempDir(), "", time.Now)
	if err := os.MkdirAll(filepath.Join(c.folder, "tls"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.folder, "tls", "ca.key"), []byte("PRIVATE"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	create(t, writing(t, dir), c.source())
	for name, text := range files(t, dir) {
		if strings.Contains(text, "PRIVATE") {
			t.Errorf("%s holds a private key", name)
		}
	}
}

func TestOnlyWhatIsNewIsCopied(t *testing.T) {
	c := openCentre(t, t.TempDir(), "", time.Now)
	r := writing(t, t.TempDir())
	c.commit(1000)
	if made := create(t, r, c.source()); made.NewFiles != 2 {
		t.Errorf("the first snapshot copied %d files, want the database and a segment", made.NewFiles)
	}
	c.commit(10)
	made := create(t, r, c.source())
	if made.NewFiles != 2 || len(made.Files) != 3 || made.Events != 1010 {
		t.Errorf("the second copied %d of %d files, %d events", made.NewFiles, len(made.Files), made.Events)
	}
}

// Snapshots taken while segments are written and merged are each whole.
func TestASnapshotWhileSegmentsAreMerged(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	// Time runs fast, so that every flush is old enough to be merged.
	begun := time.Now()
	clock := func() time.Time { return begun.Add(time.Since(begun) * 2000) }
	c := openCentre(t, t.TempDir(), "", clock)
	merging := make(chan error, 1)
	go func() { merging <- c.lake.RunCompaction(ctx) }()
	defer func() {
		stop()
		if err := <-merging; err != nil {
			t.Error(err)
		}
	}()
	r := writing(t, t.TempDir())
	// Of minutes, hours or days. Names alone: a file may be merged away once it is listed.
	merged := func() bool {
		later, err := filepath.Glob(filepath.Join(c.folder, "lake", "[mhd]*", "*.parquet"))
		return err == nil && len(later) > 0
	}
	var snapshots []*backup.Created
	for i := 0; i < 400 && (len(snapshots) < 6 || !merged()); i++ {
		for range 5 {
			c.commit(20)
		}
		made := create(t, r, c.source())
		if made.Events != int64(c.events) || len(made.Problems) > 0 {
			t.Fatalf("snapshot of %d events, %d are stored; %v", made.Events, c.events, made.Problems)
		}
		snapshots = append(snapshots, made)
	}
	if !merged() {
		t.Fatal("nothing was merged meanwhile")
	}
	for _, made := range []*backup.Created{snapshots[0], snapshots[len(snapshots)/2], snapshots[len(snapshots)-1]} {
		to := filepath.Join(t.TempDir(), "again")
		if err := r.Restore(ctx, made.Snapshot, backup.Target{Folder: to}, nil); err != nil {
			t.Fatal(err)
		}
		again := openCentre(t, to, "", time.Now)
		if err := again.lake.Verify(ctx); err != nil {
			t.Error(err)
		}
		if broken, err := again.lake.Broken(ctx); len(broken) > 0 || err != nil {
			t.Errorf("broken after restoring: %v %v", broken, err)
		}
		if n, err := again.lake.Count(ctx, lake.ScopeAll(), lake.Search{}); n != made.Events || err != nil {
			t.Errorf("%d events restored, %v; want %d", n, err, made.Events)
		}
	}
}

func TestDamagedAndMissingSegmentsAreNamedAndTheRestIsKept(t *testing.T) {
	c := openCentre(t, t.TempDir(), "", time.Now)
	for range 3 {
		c.commit(100)
	}
	names, err := filepath.Glob(filepath.Join(c.folder, "lake", "flush", "*.parquet"))
	if err != nil || len(names) != 3 {
		t.Fatal(names, err)
	}
	flip(t, names[0])
	if err := os.Remove(names[1]); err != nil {
		t.Fatal(err)
	}
	made := create(t, writing(t, t.TempDir()), c.source())
	if len(made.Problems) != 2 {
		t.Fatalf("problems %q", made.Problems)
	}
	all := strings.Join(made.Problems, "\n")
	for _, name := range names[:2] {
		if !strings.Contains(all, filepath.Base(name)) {
			t.Errorf("%s is not named in %q", name, all)
		}
	}
	if len(made.Files) != 3 {
		t.Errorf("%d files kept, want the database and two segments", len(made.Files))
	}
}

func flip(t testing.TB, name string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(name, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAnAlteredRepositoryIsFoundOut(t *testing.T) {
	ctx := context.Background()
	c := openCentre(t, t.TempDir(), "", time.Now)
	c.commit(100)
	make := func(t *testing.T) (*backup.Repository, string, *backup.Snapshot) {
		dir := t.TempDir()
		r := writing(t, dir)
		return r, dir, create(t, r, c.source()).Snapshot
	}
	object := func(t *testing.T, dir string, f backup.File) string {
		t.Helper()
		return filepath.Join(dir, "objects", f.SHA256[:2], f.SHA256)
	}
	refused := func(t *testing.T, r *backup.Repository, s *backup.Snapshot, want string) {
		t.Helper()
		to := filepath.Join(t.TempDir(), "to")
		err := r.Restore(ctx, s, backup.Target{Folder: to}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("restored: %v; want %q", err, want)
		}
		if left, _ := filepath.Glob(to + "*"); len(left) > 0 {
			t.Errorf("a failed restore left %v", left)
		}
		problems, err := r.Verify(ctx, []*backup.Snapshot{s}, nil)
		if err != nil || len(problems) != 1 || !strings.Contains(problems[0].Error(), want) {
			t.Errorf("verified: %v %v; want %q", problems, err, want)
		}
	}
	t.Run("a byte of a file", func(t *testing.T) {
		r, dir, s := make(t)
		flip(t, object(t, dir, s.Files[1]))
		refused(t, r, s, s.Files[1].Path+" was altered")
	})
	t.Run("a file gone", func(t *testing.T) {
		r, dir, s := make(t)
		if err := os.Remove(object(t, dir, s.Files[1])); err != nil {
			t.Fatal(err)
		}
		refused(t, r, s, s.Files[1].Path+" is missing")
	})
	t.Run("the snapshot itself", func(t *testing.T) {
		r, dir, s := make(t)
		name := filepath.Join(dir, "snapshots", s.ID+".json")
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, bytes.Replace(text, []byte(`"events": 100`), []byte(`"events": 101`), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Snapshot("latest"); err == nil || !strings.Contains(err.Error(), "altered") {
			t.Errorf("read: %v", err)
		}
		if _, err := r.Prune(1); err == nil {
			t.Error("pruned beside a snapshot that cannot be read")
		}
	})
}

func TestAStoppedBackupHarmsNothing(t *testing.T) {
	c := openCentre(t, t.TempDir(), "", time.Now)
	c.commit(100)
	dir := t.TempDir()
	r := writing(t, dir)
	ctx, stop := context.WithCancel(context.Background())
	_, err := r.Create(ctx, c.source(), func(int64, int64) { stop() })
	if err == nil {
		t.Fatal("a stopped backup ended well")
	}
	if all, err := r.Snapshots(); len(all) > 0 || err != nil {
		t.Errorf("snapshots %v, %v", all, err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.folder, "*.backup.tmp")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	// What a killed process leaves is swept away by the next.
	stale := filepath.Join(c.folder, "999999999.backup.tmp")
	if err := os.Mkdir(stale, 0o700); err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, "objects", "tmp-1")
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.WriteRepository(dir); fault.KindOf(err) != fault.Conflict {
		t.Errorf("two at one repository: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	r, err = backup.WriteRepository(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	create(t, r, c.source())
	for _, name := range []string{stale, half} {
		if _, err := os.Stat(name); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
}

func TestPruneKeepsWhatTheNewestSnapshotsNeed(t *testing.T) {
	c := openCentre(t, t.TempDir(), "", time.Now)
	r := writing(t, t.TempDir())
	at := time.Now()
	for i := range 4 {
		c.commit(10)
		src := c.source()
		src.Now = at.Add(time.Duration(i) * time.Hour)
		create(t, r, src)
	}
	out, err := r.Prune(2)
	if err != nil || len(out.Snapshots) != 2 || out.Files != 2 { // two old copies of the database
		t.Fatalf("%+v %v", out, err)
	}
	all, err := r.Snapshots()
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	if problems, err := r.Verify(context.Background(), all, nil); len(problems) > 0 || err != nil {
		t.Error(problems, err)
	}
	if _, err := r.Prune(0); fault.KindOf(err) != fault.Invalid {
		t.Errorf("pruned everything: %v", err)
	}
}

func TestForeignFoldersAreRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.WriteRepository(dir); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a folder of other files became a repository: %v", err)
	}
	if _, err := backup.OpenRepository(dir); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a folder of other files was opened: %v", err)
	}
	r := writing(t, t.TempDir())
	if _, err := r.Create(context.Background(), backup.Source{Folder: dir}, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a folder without a lake was backed up: %v", err)
	}
	if _, err := r.Snapshot(""); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a snapshot of an empty repository: %v", err)
	}
}
