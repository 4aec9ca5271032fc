package retro_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lachan-vn/lachan/evtx"
	"github.com/lachan-vn/lachan/internal/detect"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/parse"
	"github.com/lachan-vn/lachan/internal/retro"
	"github.com/lachan-vn/lachan/internal/sqldb"
	"github.com/lachan-vn/lachan/internal/sqldb/sqldbtest"
	"github.com/lachan-vn/lachan/internal/testdata"
	"github.com/lachan-vn/lachan/sigma"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("database/sql.(*DB).connectionOpener"))
}

// openLake opens an empty store.
func openLake(t testing.TB) *lake.Lake {
	t.Helper()
	db := sqldbtest.SQLite(t)
	if err := sqldb.Migrate(context.Background(), db, "lake", lake.Migrations); err != nil {
		t.Fatal(err)
	}
	l, err := lake.Open(context.Background(), lake.Options{Dir: t.TempDir(), DB: db, Config: lake.DefaultConfig()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// ingest takes records the way a node does: parse, detect, store. It remembers
// what the rules found. What it stores beside the events as having fired is wrong:
// nobody may believe it.
type ingest struct {
	t      testing.TB
	lake   *lake.Lake
	worker *detect.Worker
	parser *parse.Parser
	batch  event.Batch
	seg    *lake.Segment
	found  map[string]bool // event and rule
	ids    map[event.ID]string
	event  event.Event
}

// received is when everything arrived.
var received = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

func newIngest(t testing.TB, set *detect.Set) *ingest {
	l := openLake(t)
	return &ingest{t: t, lake: l, worker: set.NewWorker(), parser: parse.New(parse.Options{}), seg: l.NewSegment(),
		found: map[string]bool{}, ids: map[event.ID]string{}}
}

// add takes one record; name tells it from others.
func (in *ingest) add(name string, record []byte, hint event.Hint) {
	in.batch = event.Batch{ID: event.NewBatchID(received), Unit: "so-y-te", Input: "import", Peer: "10.1.1.1", Received: received,
		Records: []event.Record{{Data: record, Hint: hint}}}
	in.parser.Parse(&in.batch, 0, &in.event)
	in.ids[in.event.ID] = name
	for _, r := range in.worker.Match(&in.event) {
		in.found[name+"\t"+r.ID] = true
	}
	in.seg.Add(&in.event, []string{"not-a-rule"})
	if in.seg.Len() == 5000 {
		in.flush()
	}
}

func (in *ingest) flush() {
	if err := in.lake.Commit(context.Background(), in.seg, nil, nil); err != nil {
		in.t.Fatal(err)
	}
	in.seg.Reset()
}

func (in *ingest) lines(short string, elem ...string) {
	for i, line := range testdata.Lines(in.t, elem...) {
		in.add(fmt.Sprintf("%s:%d", short, i), line, event.HintNone)
	}
}

// logs takes all event logs below a folder of the test data.
func (in *ingest) logs(folder string) {
	err := filepath.WalkDir(testdata.Path(in.t, folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".evtx" {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		r, err := evtx.NewReader(f, info.Size())
		if err != nil {
			return err
		}
		for i := 0; ; i++ {
			rec, err := r.Next()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			in.add(fmt.Sprintf("%s:%d", path, i), rec.AppendJSON(nil), event.HintJSON)
		}
	})
	if err != nil {
		in.t.Fatal(err)
	}
}

func (in *ingest) text(elem ...string) {
	data, err := os.ReadFile(testdata.Path(in.t, elem...))
	if err != nil {
		in.t.Fatal(err)
	}
	for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		in.add(fmt.Sprintf("%s:%d", filepath.Base(elem[len(elem)-1]), i), line, event.HintText)
	}
}

func sigmaHQ(t testing.TB, o detect.Options, folders ...string) *detect.Set {
	t.Helper()
	var files []detect.File
	for _, folder := range folders {
		err := filepath.WalkDir(testdata.Path(t, "sigma", folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".yml" {
				return err
			}
			data, err := os.ReadFile(path)
			files = append(files, detect.File{Name: path, Pack: "sigmahq", Data: data})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	o.Mapping = sigma.DefaultMapping()
	return detect.Compile(files, o)
}

// look runs the picked rules over the store and returns the pairs of event and
// rule found.
func (in *ingest) look(set *detect.Set, pick func(*detect.Rule) bool) (map[string]bool, *retro.Result) {
	in.t.Helper()
	pairs := map[string]bool{}
	result, err := retro.Run(context.Background(), in.lake, retro.Options{
		Rules: set, Wanted: pick, Scope: lake.ScopeAll(),
		Found: func(f *retro.Finding) error {
			for _, r := range f.Rules {
				pair := in.ids[f.Row.ID] + "\t" + r.ID
				if pairs[pair] {
					return fmt.Errorf("%s is found twice", pair)
				}
				pairs[pair] = true
			}
			return nil
		},
	})
	if err != nil {
		in.t.Fatal(err)
	}
	return pairs, result
}

func compare(t *testing.T, got, want map[string]bool) {
	t.Helper()
	missing, extra := 0, 0
	for _, pair := range slices.Sorted(maps.Keys(want)) {
		if !got[pair] {
			if missing++; missing <= 20 {
				t.Errorf("missing: %s", pair)
			}
		}
	}
	for _, pair := range slices.Sorted(maps.Keys(got)) {
		if !want[pair] {
			if extra++; extra <= 20 {
				t.Errorf("extra: %s", pair)
			}
		}
	}
	if missing+extra > 0 {
		t.Errorf("%d missing, %d extra, of %d", missing, extra, len(want))
	}
}

// With all rules of SigmaHQ, what is found through the store is what was found when
// the events came: all rules at once, which show every event to the rules, and the
// rules in groups, for each of which the store is asked for candidates.
func TestStoredEventsGiveWhatLiveDetectionGave(t *testing.T) {
	set := sigmaHQ(t, detect.Options{}, "rules", "rules-emerging-threats", "rules-threat-hunting")
	in := newIngest(t, set)
	in.lines("attack", "ndjson", "windows-attack.ndjson.gz")
	in.lines("estate", "ndjson", "windows-estate.ndjson.gz")
	in.lines("lane", "ndjson", "lane-structured-windows.ndjson.gz")
	in.lines("cisco", "ndjson", "lane-cisco-syslog.ndjson.gz")
	in.logs("evtx")
	in.logs("regression")
	for _, file := range []string{"Linux", "OpenSSH", "Apache"} {
		in.text("loghub", file+"_2k.log")
	}
	in.flush()
	if len(in.found) < 5000 {
		t.Fatalf("only %d findings in %d events", len(in.found), len(in.ids))
	}

	got, all := in.look(set, nil)
	compare(t, got, in.found)
	if all.Findings == 0 || all.Candidates != int64(len(in.ids)) || all.Scanned != int64(len(in.ids)) {
		t.Errorf("%d findings, %d candidates of %d; want every of %d events looked at", all.Findings, all.Candidates, all.Scanned, len(in.ids))
	}

	// Rules of one name stand together as they do in a folder of rules.
	rules := slices.SortedFunc(slices.Values(set.Rules()), func(a, b *detect.Rule) int { return cmp.Compare(a.File, b.File) })
	const atOnce = 60
	through := map[string]bool{}
	candidates, passes := int64(0), 0
	for from := 0; from < len(rules); from += atOnce {
		group := rules[from:min(from+atOnce, len(rules))]
		found, result := in.look(set, func(r *detect.Rule) bool { return slices.Contains(group, r) })
		maps.Copy(through, found)
		candidates += result.Candidates
		passes++
	}
	compare(t, through, in.found)
	if most := int64(len(in.ids)) * int64(passes) / 4; candidates > most {
		t.Errorf("%d candidates in %d passes over %d events; want at most %d: too little is left out", candidates, passes, len(in.ids), most)
	}
	t.Logf("%d events, %d findings; in %d passes %d candidates", len(in.ids), len(in.found), passes, candidates)
}

// The pairs that an independent evaluator found in the recorded attacks.
func TestGoldenPairsAreFoundInTheStore(t *testing.T) {
	set := sigmaHQ(t, detect.Options{}, "rules")
	in := newIngest(t, set)
	in.lines("attack", "ndjson", "windows-attack.ndjson.gz")
	in.flush()
	text, err := os.ReadFile(testdata.Path(t, "golden", "windows-attack.pairs.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		want["attack:"+strings.TrimSpace(line)] = true
	}
	if len(want) != 1200 {
		t.Fatalf("%d golden pairs", len(want))
	}
	got, _ := in.look(set, nil)
	compare(t, got, want)
}
