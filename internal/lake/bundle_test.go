package lake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
)

// bundled makes a bundle of unit a's events of two hours, out of a lake with some
// history before and after.
func bundled(t testing.TB, db *bun.DB) (l *Lake, dir string, done *BundleDone, want []stored) {
	t.Helper()
	ctx := context.Background()
	events := arrived(600, epoch, time.Minute, "a", "b", "c")
	events[30].ev.Raw = "tệp \xff\xfe không phải UTF-8"
	clock := epoch.Add(day)
	l = openLake(t, db, func(o *Options) { o.Now = func() time.Time { return clock } })
	fill(t, l, events, 20)
	compactAll(t, l)
	fill(t, l, arrived(30, epoch.Add(20*time.Hour), time.Second, "d"), 1)
	for _, e := range ofUnit(events, "a") {
		if !e.ev.Time.Before(epoch.Add(time.Hour)) && e.ev.Time.Before(epoch.Add(3*time.Hour)) {
			want = append(want, e)
		}
	}
	dir = t.TempDir()
	done, err := l.Bundle(ctx, ScopeUnits("a", "b"), BundleRequest{
		Case: "VV-12/2026", Reason: "bàn giao cho cơ quan điều tra", By: "an", Query: "unit:*", Units: []event.UnitID{"a", "c"},
		From: epoch.Add(time.Hour), To: epoch.Add(3 * time.Hour),
	}, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l, dir, done, want
}

// A bundle holds exactly the events of the query inside the scope, twice, and
// proves itself; the export is an entry of the chain.
func TestBundle(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		l, dir, done, want := bundled(t, open(t))
		if done.Events != len(want) || len(done.Segments) == 0 {
			t.Fatalf("%d events, want %d", done.Events, len(want))
		}
		text, err := os.ReadFile(filepath.Join(dir, "events.ndjson"))
		if err != nil {
			t.Fatal(err)
		}
		raws := map[string]string{}
		for line := range bytes.Lines(text) {
			var e bundleEvent
			if err := json.Unmarshal(line, &e); err != nil {
				t.Fatal(err)
			}
			raws[e.ID] = e.Raw
		}
		for _, e := range want {
			if got, ok := raws[e.ev.ID.String()]; !ok || got != strings.ToValidUTF8(e.ev.Raw, "\ufffd") {
				t.Errorf("event %s: %q", e.ev.ID, got)
			}
		}
		table, err := os.ReadFile(filepath.Join(dir, bundleParquet))
		if err != nil {
			t.Fatal(err)
		}
		meta, err := readFooter(bytes.NewReader(table), int64(len(table)))
		if err != nil || meta.NumRows != int64(len(want)) {
			t.Errorf("the table is not all events: %v", err)
		}
		r, err := VerifyBundle(context.Background(), dir, nil)
		if err != nil || len(r.Findings) > 0 || r.Sums != done.Sums || r.Events != done.Events {
			t.Fatalf("%+v, %v", r, err)
		}
		if v := verify(t, l); len(v.Findings) > 0 {
			t.Error(v.Findings)
		}
		head, err := l.Head(context.Background())
		if err != nil || head.Seq != done.Head.Seq+1 {
			t.Errorf("the export is no entry: head %d after %d, %v", head.Seq, done.Head.Seq, err)
		}
	})
}

// The steps of the bundle's own README, run by a shell: a second party needs
// nothing of ours.
func TestTheBundlesOwnInstructions(t *testing.T) {
	for _, tool := range []string{"sh", "sha256sum", "sed", "grep"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	_, dir, done, _ := bundled(t, openSQLite(t))
	readme, err := os.ReadFile(filepath.Join(dir, bundleReadme))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "```sh\n")
	script, _, ok := strings.Cut(after, "```")
	if !ok {
		t.Fatal("the README has no commands")
	}
	run := func() string {
		cmd := exec.Command("sh")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(script)
		out, _ := cmd.CombinedOutput() // sha256sum -c fails where it finds something
		return string(out)
	}
	wantHead := "\n" + done.Head.Hash + "\n"
	out := run()
	if !strings.HasPrefix(out, done.Sums+"  SHA256SUMS\n") || !strings.HasSuffix(out, wantHead) || strings.Contains(out, "FAILED") ||
		strings.Count(out, ": OK\n") != 5 {
		t.Fatalf("of a true bundle the commands print:\n%s", out)
	}
	damage := func(name string, from, to string) (undo func()) {
		path := filepath.Join(dir, name)
		old, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		changed := bytes.Replace(old, []byte(from), []byte(to), 1)
		if bytes.Equal(old, changed) {
			t.Fatalf("%s holds no %q", name, from)
		}
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		return func() {
			if err := os.WriteFile(path, old, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct{ file, from, to, says string }{
		{bundleEvents, `"unit":"a"`, `"unit":"b"`, "events.ndjson: FAILED"},
		{bundleParquet, "PAR1", "PAR2", "events.parquet: FAILED"},
		{bundleCase, "VV-12", "VV-13", "case.json: FAILED"},
		{bundleChain, `"kind":"`, `"kind":"x`, "BROKEN"},
		{bundleCase, `"sha256": "` + done.Segments[0].SHA256[:8], `"sha256": "00000000`, "MISSING 00000000"},
	} {
		undo := damage(c.file, c.from, c.to)
		if out := run(); !strings.Contains(out, c.says) {
			t.Errorf("%s altered, the commands print:\n%s", c.file, out)
		}
		r, err := VerifyBundle(context.Background(), dir, nil)
		if err != nil || len(r.Findings) == 0 {
			t.Errorf("%s altered, we find %v, %v", c.file, r.Findings, err)
		}
		undo()
	}
}

func TestPackedBundles(t *testing.T) {
	_, dir, done, _ := bundled(t, openSQLite(t))
	for _, format := range []string{"zip", "tar.zst"} {
		path := filepath.Join(t.TempDir(), "vv."+format)
		var b bytes.Buffer
		if err := PackBundle(dir, format, &b); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := VerifyBundle(context.Background(), path, nil)
		if err != nil || len(r.Findings) > 0 || r.Sums != done.Sums || r.Files != 6 {
			t.Errorf("%s: %+v, %v", format, r, err)
		}
		// Whatever bit is damaged, it is noticed, one way or the other.
		for at := 7; at < b.Len(); at += b.Len() / 13 {
			damaged := slices.Clone(b.Bytes())
			damaged[at] ^= 4
			if err := os.WriteFile(path, damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			if r, err := VerifyBundle(context.Background(), path, nil); err == nil && len(r.Findings) == 0 && !sameFiles(t, path, dir) {
				t.Errorf("%s: damage at byte %d goes unnoticed", format, at)
			}
		}
	}
}

// sameFiles tells whether an archive still holds exactly the files of dir: a bit
// of padding or of a date is no part of any.
func sameFiles(t *testing.T, path, dir string) bool {
	t.Helper()
	same := true
	err := eachBundleFile(path, func(name string, r io.Reader) error {
		is, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		was, err := os.ReadFile(filepath.Join(dir, name))
		same = same && err == nil && bytes.Equal(is, was)
		return nil
	})
	return err == nil && same
}

func TestBundlesThatCannotBe(t *testing.T) {
	ctx := context.Background()
	l := openLake(t, openSQLite(t))
	fill(t, l, arrived(20, epoch, time.Minute, "a"), 2)
	for field, r := range map[string]BundleRequest{
		"body.case":   {Reason: "x"},
		"body.reason": {Case: "x"},
		"body.query":  {Case: "x", Reason: "x", Query: "a:("},
		"body.limit":  {Case: "x", Reason: "x", Limit: -1},
		"body.ids":    {Case: "x", Reason: "x", IDs: make([]event.ID, maxBundleIDs+1)},
	} {
		_, err := l.Bundle(ctx, ScopeAll(), r, t.TempDir(), nil)
		if f, ok := errors.AsType[*fault.Error](err); !ok || f.Kind != fault.Invalid || f.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := l.Bundle(ctx, ScopeUnits("b"), BundleRequest{Case: "x", Reason: "x"}, t.TempDir(), nil); fault.KindOf(err) != fault.NotFound {
		t.Errorf("another's events: %v", err)
	}
	if _, err := l.Bundle(ctx, ScopeAll(), BundleRequest{Case: "x", Reason: "x", Limit: 3}, t.TempDir(), nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("too many events: %v", err)
	}
	var id event.ID
	for _, s := range l.segments {
		id = s.minID
	}
	done, err := l.Bundle(ctx, ScopeAll(), BundleRequest{Case: "x", Reason: "x", IDs: []event.ID{id}}, t.TempDir(), nil)
	if err != nil || done.Events != 1 {
		t.Errorf("one event by its ID: %+v, %v", done, err)
	}
}

// The way to the head is short, whatever the length of the chain, and every step
// is one that an entry proves.
func TestChainPath(t *testing.T) {
	for _, c := range []struct {
		needed []int64
		head   int64
		most   int64
	}{
		{[]int64{5}, 5, 1},
		{[]int64{5}, 900, 896},
		{[]int64{5}, 1_000_500, 1 + 995 + 1000 + 500},
		{[]int64{1500, 7, 900_001}, 1_000_000, 993 + 3000},
		{[]int64{1000, 2000}, 3000, 3},
	} {
		n, last := int64(0), int64(0)
		seen := map[int64]bool{}
		for _, run := range chainPath(c.needed, c.head) {
			if last > 0 && (run[0] != last+chainStride || run[0]%chainStride != 0) {
				t.Errorf("%v to %d: a step from %d to %d", c.needed, c.head, last, run[0])
			}
			for s := run[0]; s <= run[1]; s++ {
				seen[s] = true
			}
			n, last = n+run[1]-run[0]+1, run[1]
		}
		for _, s := range append(c.needed, c.head) {
			if !seen[s] {
				t.Errorf("%v to %d: not over %d", c.needed, c.head, s)
			}
		}
		if last != c.head || n > c.most {
			t.Errorf("%v to %d: %d entries, the last %d", c.needed, c.head, n, last)
		}
	}
}

func FuzzBundle(f *testing.F) {
	first := `{"seq":1,"at":"2026-11-22T00:00:00.000000Z","kind":"commit","added":[{"segment":"aa","level":"flush","sha256":"00","bytes":1,"events":1,"from":"","to":"","received":["",""],"units":["a"]}],"prev":"` + ChainStart + `"}`
	second := `{"seq":2,"at":"2026-11-22T00:00:01.000000Z","kind":"merge","removed":["aa"],"prev":"` + chainHash(first) + `"}`
	about := `{"format":"lachan-evidence/1","case":"x","events":1,"segments":[{"segment":"aa","sha256":"00","entry":1,"events":1}],"head":{"seq":2,"sha256":"` + chainHash(second) + `"}}`
	f.Add([]byte(chainHash(about)+"  case.json\n"), []byte(about), []byte(first+"\n"+second+"\n"), []byte("{}\n"))
	f.Fuzz(func(t *testing.T, sums, about, chain, events []byte) {
		c := newBundleCheck()
		for name, b := range map[string][]byte{bundleSums: sums, bundleCase: about, bundleChain: chain, bundleEvents: events} {
			if err := c.file(name, bytes.NewReader(b), nil); err != nil {
				t.Fatal(err)
			}
		}
		if r, err := c.finish(); err != nil || r.Files != 4 {
			t.Fatal(r, err)
		}
		none := func(string, io.Reader) error { return nil }
		_ = eachOfZip(bytes.NewReader(events), int64(len(events)), none)
		_ = eachOfTar(bytes.NewReader(events), none)
	})
}
