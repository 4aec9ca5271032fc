package lake

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
)

// evidenceLake is a lake with a history: commits, merges, more commits.
func evidenceLake(t testing.TB, db *bun.DB) *Lake {
	t.Helper()
	clock := time.Now()
	l := openLake(t, db, func(o *Options) { o.Now = func() time.Time { return clock } })
	r := rand.New(rand.NewPCG(4, 4))
	fill(t, l, randomEvents(r, 400, 3*time.Hour), 10)
	clock = clock.Add(24 * time.Hour)
	compactAll(t, l)
	fill(t, l, randomEvents(r, 60, time.Hour), 3)
	return l
}

func verify(t testing.TB, l *Lake, change ...func(*VerifyOptions)) *EvidenceReport {
	t.Helper()
	o := VerifyOptions{DB: l.db, Dir: l.dir}
	for _, f := range change {
		f(&o)
	}
	report, err := VerifyEvidence(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func (r *EvidenceReport) kinds() []string {
	var kinds []string
	for _, f := range r.Findings {
		kinds = append(kinds, f.Kind)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func TestEvidenceOfAnUntouchedLake(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		l := evidenceLake(t, open(t))
		report := verify(t, l)
		if len(report.Findings) > 0 {
			t.Fatalf("findings in an untouched lake: %v", report.Findings)
		}
		head, err := l.Head(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if report.Segments != len(l.segments) || report.Entries != head.Seq || report.Head != head.Hash || head.Seq < 14 {
			t.Errorf("report %+v of %d segments and head %+v", report, len(l.segments), head)
		}
	})
}

// What an attacker who can write files, or the database, may do, and what is
// said about it.
func TestEvidenceNamesWhatWasDone(t *testing.T) {
	ctx := context.Background()
	exec := func(t *testing.T, l *Lake, text string, args ...any) {
		t.Helper()
		res, err := l.db.NewRaw(text, args...).Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			t.Fatalf("%s: nothing was changed", text)
		}
	}
	oldest := func(l *Lake) *segment {
		all := make([]*segment, 0, len(l.segments))
		for _, s := range l.segments {
			all = append(all, s)
		}
		return byAge(all)[0]
	}
	entry := func(t *testing.T, l *Lake, seq int64) chainRow {
		t.Helper()
		var r chainRow
		if err := l.db.NewSelect().Model(&r).Where("seq = ?", seq).Scan(ctx); err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		name string
		do   func(t *testing.T, l *Lake)
		want []string
		says string // in some finding's detail; "" for any
	}{
		{"a byte of a file is altered", func(t *testing.T, l *Lake) {
			path := l.path(oldest(l))
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b[len(b)/2] ^= 1
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{FindFileAltered}, "SHA-256"},
		{"a file is deleted", func(t *testing.T, l *Lake) {
			if err := os.Remove(l.path(oldest(l))); err != nil {
				t.Fatal(err)
			}
		}, []string{FindFileMissing}, ""},
		{"a file is added", func(t *testing.T, l *Lake) {
			if err := os.WriteFile(filepath.Join(l.dir, "day", newSegmentID(time.Now())+segmentSuffix), []byte("PAR1"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, []string{FindFileUnlisted}, ""},
		{"a file and its checksum in the manifest are altered", func(t *testing.T, l *Lake) {
			s := oldest(l)
			if err := os.WriteFile(l.path(s), []byte("other"), 0o600); err != nil {
				t.Fatal(err)
			}
			exec(t, l, "UPDATE lake_segment SET sha256 = ? WHERE id = ?", chainHash("other"), s.id)
		}, []string{FindFileAltered, FindSegmentAltered}, "the manifest differs from the chain in SHA-256"},
		{"a segment's number of events is edited", func(t *testing.T, l *Lake) {
			exec(t, l, "UPDATE lake_segment SET row_count = row_count - 1 WHERE id = ?", oldest(l).id)
		}, []string{FindSegmentAltered}, "number of events"},
		{"a segment is taken out of the manifest", func(t *testing.T, l *Lake) {
			exec(t, l, "DELETE FROM lake_segment WHERE id = ?", oldest(l).id)
		}, []string{FindSegmentMissing}, "no entry removed it"},
		{"a segment is slipped into the manifest", func(t *testing.T, l *Lake) {
			row := oldest(l).row()
			row.ID = newSegmentID(time.Now())
			if _, err := l.db.NewInsert().Model(row).Exec(ctx); err != nil {
				t.Fatal(err)
			}
		}, []string{FindSegmentUnlisted}, ""},
		{"an entry's text is edited", func(t *testing.T, l *Lake) {
			exec(t, l, "UPDATE lake_chain SET entry = replace(entry, '\"kind\":\"commit\"', '\"kind\":\"rebuild\"') WHERE seq = 5")
		}, []string{FindEntryAltered}, "entry 5: it was altered"},
		{"an entry is forged with its hash", func(t *testing.T, l *Lake) {
			line := strings.Replace(entry(t, l, 5).Entry, `"kind":"commit"`, `"kind":"rebuild"`, 1)
			exec(t, l, "UPDATE lake_chain SET entry = ?, hash = ? WHERE seq = 5", line, chainHash(line))
		}, []string{FindEntryAltered}, "entry 6: it does not follow entry 5"},
		{"an entry in the middle is removed", func(t *testing.T, l *Lake) {
			exec(t, l, "DELETE FROM lake_chain WHERE seq = 5")
		}, []string{FindEntryMissing, FindEntryAltered}, "entry 5 is missing"},
		{"the last entry is removed", func(t *testing.T, l *Lake) {
			exec(t, l, "DELETE FROM lake_chain WHERE seq = (SELECT seq FROM lake_chain_head)")
		}, []string{FindEntryMissing, FindSegmentUnlisted, FindFileUnlisted}, "is missing"},
		{"the last entry is removed and the head put back", func(t *testing.T, l *Lake) {
			last, err := l.Head(ctx)
			if err != nil {
				t.Fatal(err)
			}
			exec(t, l, "DELETE FROM lake_chain WHERE seq = ?", last.Seq)
			exec(t, l, "UPDATE lake_chain_head SET seq = ?, hash = ?", last.Seq-1, entry(t, l, last.Seq-1).Hash)
		}, []string{FindSegmentUnlisted, FindFileUnlisted}, "no entry of the chain added"},
		{"only the head is put back", func(t *testing.T, l *Lake) {
			exec(t, l, "UPDATE lake_chain_head SET seq = 5, hash = ?", entry(t, l, 5).Hash)
		}, []string{FindHeadAltered, FindSegmentUnlisted, FindFileUnlisted, FindFileMissing, FindSegmentMissing}, "beyond the head"},
		{"two entries change places", func(t *testing.T, l *Lake) {
			a, b := entry(t, l, 5), entry(t, l, 6)
			exec(t, l, "UPDATE lake_chain SET entry = ?, hash = ? WHERE seq = 5", b.Entry, b.Hash)
			exec(t, l, "UPDATE lake_chain SET entry = ?, hash = ? WHERE seq = 6", a.Entry, a.Hash)
		}, []string{FindEntryAltered}, "it says that it is entry 6"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := evidenceLake(t, openSQLite(t))
			c.do(t, l)
			report := verify(t, l)
			slices.Sort(c.want)
			if got := report.kinds(); !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v: %v", got, c.want, report.Findings)
			}
			if !slices.ContainsFunc(report.Findings, func(f Finding) bool { return strings.Contains(f.Detail, c.says) }) {
				t.Errorf("nothing says %q: %v", c.says, report.Findings)
			}
		})
	}
}

// Who rewrites the whole chain is found out by a head that was noted before, and
// by nothing else.
func TestANotedHeadFindsOutAWholeForgery(t *testing.T) {
	ctx := context.Background()
	l := evidenceLake(t, openSQLite(t))
	noted, err := l.Head(ctx)
	if err != nil {
		t.Fatal(err)
	}
	withHead := func(o *VerifyOptions) { o.Head = noted.Hash }
	if r := verify(t, l, withHead); len(r.Findings) > 0 || r.NotedSeq != noted.Seq {
		t.Fatalf("a true head: %+v", r)
	}
	fill(t, l, randomEvents(rand.New(rand.NewPCG(9, 9)), 10, time.Hour), 1)
	if r := verify(t, l, withHead); len(r.Findings) > 0 || r.NotedSeq != noted.Seq {
		t.Fatalf("a head since grown: %+v", r)
	}
	var rows []chainRow
	if err := l.db.NewSelect().Model(&rows).Order("seq").Scan(ctx); err != nil {
		t.Fatal(err)
	}
	prev := ChainStart
	for _, r := range rows {
		line := r.Entry[:strings.LastIndex(r.Entry, `"prev":`)] + fmt.Sprintf(`"prev":%q}`, prev)
		if r.Seq == 1 {
			line = strings.Replace(line, `"kind":"commit"`, `"kind":"rebuild"`, 1)
		}
		prev = chainHash(line)
		if _, err := l.db.NewRaw("UPDATE lake_chain SET entry = ?, hash = ? WHERE seq = ?", line, prev, r.Seq).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.db.NewRaw("UPDATE lake_chain_head SET hash = ?", prev).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, l); len(r.Findings) > 0 {
		t.Fatalf("the forgery is not whole: %v", r.Findings)
	}
	if r := verify(t, l, withHead); !slices.Equal(r.kinds(), []string{FindHeadUnknown}) {
		t.Errorf("found %v", r.Findings)
	}
}

func TestALakeOlderThanItsChainIsAdopted(t *testing.T) {
	ctx := context.Background()
	l := evidenceLake(t, openSQLite(t))
	for _, q := range []string{"DELETE FROM lake_chain", "UPDATE lake_chain_head SET seq = 0, hash = '" + ChainStart + "'", "UPDATE lake_segment SET chain_seq = 0"} {
		if _, err := l.db.NewRaw(q).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.adopt(ctx); err != nil {
		t.Fatal(err)
	}
	r := verify(t, l)
	if len(r.Findings) > 0 || r.Entries != 1 || r.Segments != len(l.segments) {
		t.Errorf("%+v", r)
	}
}

// The chain reads the same, and breaks as loudly, when its old part is archived.
func TestArchivedEntriesStayProven(t *testing.T) {
	dialects(t, func(t *testing.T, open func(testing.TB) *bun.DB) {
		ctx := context.Background()
		l := evidenceLake(t, open(t))
		grow := func(n int) {
			t.Helper()
			if err := l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for range n {
					if err := l.appendChain(ctx, tx, change{kind: chainHold, note: map[string]string{"hold": "x"}}, nil, nil); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		grow(3*archiveBlock + 2*chainStride)
		blocks := 0
		for more := true; more; blocks++ {
			var err error
			if more, err = l.archiveChain(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if blocks < 2 {
			t.Fatal("nothing was archived")
		}
		grow(chainStride)
		report := verify(t, l)
		if len(report.Findings) > 0 || report.Segments != len(l.segments) || report.Entries < 3*archiveBlock {
			t.Fatalf("%+v", report)
		}
		var a archiveRow
		if err := l.db.NewSelect().Model(&a).Order("first_seq").Limit(1).Scan(ctx); err != nil {
			t.Fatal(err)
		}
		text, err := l.unzstd.DecodeAll(a.Entries, nil)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(text, []byte("\n"))
		lines[999] = bytes.Replace(lines[999], []byte(`"x"`), []byte(`"y"`), 1)
		a.Entries = l.best.EncodeAll(bytes.Join(lines, []byte("\n")), nil)
		if _, err := l.db.NewUpdate().Model(&a).WherePK().Exec(ctx); err != nil {
			t.Fatal(err)
		}
		report = verify(t, l)
		if len(report.Findings) == 0 || report.Findings[0].Entry != a.FirstSeq+1000 || len(report.kinds()) != 1 {
			t.Errorf("an altered entry of the archive: %v", report.Findings)
		}
		a.Entries = a.Entries[:len(a.Entries)/2]
		if _, err := l.db.NewUpdate().Model(&a).WherePK().Exec(ctx); err != nil {
			t.Fatal(err)
		}
		report = verify(t, l)
		if !slices.Contains(report.kinds(), FindEntryMissing) {
			t.Errorf("a damaged block of the archive: %v", report.Findings)
		}
	})
}

func TestEvidenceOfARunningLake(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	l := openLake(t, openSQLite(t), later)
	r := rand.New(rand.NewPCG(6, 6))
	events := randomEvents(r, 1500, 12*time.Hour)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			if _, err := l.compactOnce(ctx); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
			if i < len(events)/50 {
				if err := l.Commit(ctx, segmentOf(l, events[i*50:][:50]), nil, nil); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		}
	}()
	for range 20 {
		if r := verify(t, l, func(o *VerifyOptions) { o.Running = true }); len(r.Findings) > 0 {
			t.Errorf("findings while segments come and go: %v", r.Findings)
		}
	}
	stop()
	<-done
	kept, err := l.VerifyAndKeep(context.Background())
	if err != nil || len(kept.Findings) > 0 {
		t.Fatalf("%+v, %v", kept, err)
	}
	last, err := l.LastVerification(context.Background())
	if err != nil || last == nil || last.Head != kept.Head || last.Segments != kept.Segments {
		t.Errorf("kept %+v, read %+v, %v", kept, last, err)
	}
}
