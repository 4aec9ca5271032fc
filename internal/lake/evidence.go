package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
)

// Kinds of findings.
const (
	FindEntryAltered    = "entry-altered"    // an entry's text does not give its hash, or nothing follows from it
	FindEntryMissing    = "entry-missing"    // a number without an entry
	FindHeadAltered     = "head-altered"     // the head is not the last entry
	FindHeadUnknown     = "head-unknown"     // the noted head is not in the chain
	FindSegmentMissing  = "segment-missing"  // in the chain, not in the manifest
	FindSegmentUnlisted = "segment-unlisted" // in the manifest, not in the chain
	FindSegmentAltered  = "segment-altered"  // the manifest says something else than the chain
	FindFileMissing     = "file-missing"
	FindFileAltered     = "file-altered" // its SHA-256 is not that of the chain
	FindFileUnlisted    = "file-unlisted"
)

// Finding is something that is not as the chain says.
type Finding struct {
	Kind    string `json:"kind"`
	Entry   int64  `json:"entry,omitempty"`
	Segment string `json:"segment,omitempty"`
	File    string `json:"file,omitempty"` // below the lake's folder
	Detail  string `json:"detail"`
}

// EvidenceReport is the outcome of a verification.
type EvidenceReport struct {
	At       time.Time     `json:"at"`
	Took     time.Duration `json:"took"`
	Entries  int64         `json:"entries"`
	Head     string        `json:"head"`
	NotedSeq int64         `json:"notedSeq,omitempty"` // of the noted head, if it was found
	Segments int           `json:"segments"`
	Bytes    int64         `json:"bytes"`
	Findings []Finding     `json:"findings"`
	More     int           `json:"more,omitempty"` // findings beyond maxFindings
}

// maxFindings bounds what a report lists.
const maxFindings = 1000

// VerifyOptions say what to verify.
type VerifyOptions struct {
	DB   bun.IDB // control database; nothing is written
	Dir  string  // the lake's folder
	Head string  // a head noted earlier; "" for none
	// Running: a server uses the folder, so files come and go meanwhile.
	Running bool
	// Progress, if not nil, is called now and then: entries of the chain, then
	// bytes of files.
	Progress func(what string, done, total int64)
	// Pause, if not nil, is called after each MiB of a file with the time it took.
	Pause func(time.Duration)
}

// VerifyEvidence proves the chain and the file of every live segment. The error
// is only that of the work itself; what is wrong stands in the report.
//
// It walks the chain from its first entry and replays it, which gives the
// segments there must be; then it compares them with the manifest, and the
// manifest with the files. A running server goes on meanwhile: what the manifest
// has changed since is asked for again before something is said to be missing.
func VerifyEvidence(ctx context.Context, o VerifyOptions) (*EvidenceReport, error) {
	start := time.Now()
	v := &verifier{VerifyOptions: o, live: map[string]chainedSegment{}, gone: map[string]bool{}, report: &EvidenceReport{At: start.UTC(), Findings: []Finding{}}}
	if err := v.run(ctx); err != nil {
		return nil, fmt.Errorf("verifying evidence: %w", err)
	}
	v.report.Took = time.Since(start)
	return v.report, nil
}

type chainedSegment struct {
	ChainSegment
	seq int64
}

type verifier struct {
	VerifyOptions
	report *EvidenceReport
	head   ChainHead
	rows   []segmentRow
	live   map[string]chainedSegment // by replaying the chain
	gone   map[string]bool           // of what the manifest or a folder names: whether an entry removed it
	total  int64                     // bytes of the files
	buffer []byte
}

func (v *verifier) found(f Finding) {
	if len(v.report.Findings) >= maxFindings {
		v.report.More++
		return
	}
	v.report.Findings = append(v.report.Findings, f)
}

func (v *verifier) run(ctx context.Context) error {
	if err := v.snapshot(ctx); err != nil {
		return err
	}
	if err := v.eachFile(func(_, name string) error {
		v.gone[strings.TrimSuffix(name, segmentSuffix)] = false
		return nil
	}); err != nil {
		return err
	}
	if err := v.walk(ctx); err != nil {
		return err
	}
	v.compareManifest()
	if err := v.hashFiles(ctx); err != nil {
		return err
	}
	return v.findUnlisted(ctx)
}

// snapshot reads the head and the manifest at one moment.
func (v *verifier) snapshot(ctx context.Context) error {
	o := &sql.TxOptions{ReadOnly: true}
	if v.DB.Dialect().Name() == dialect.PG {
		o.Isolation = sql.LevelRepeatableRead
	}
	return v.DB.RunInTx(ctx, o, func(ctx context.Context, tx bun.Tx) error {
		if err := tx.NewRaw("SELECT seq, hash FROM lake_chain_head WHERE id = 1").Scan(ctx, &v.head.Seq, &v.head.Hash); err != nil {
			return fmt.Errorf("the chain's head: %w", err)
		}
		if err := tx.NewSelect().Model(&v.rows).ExcludeColumn("field_list").Scan(ctx); err != nil {
			return fmt.Errorf("the manifest: %w", err)
		}
		for i := range v.rows {
			v.gone[v.rows[i].ID] = false
		}
		// Entries beyond the head belong to no chain.
		var beyond []int64
		if err := tx.NewSelect().Model((*chainRow)(nil)).Column("seq").Where("seq > ?", v.head.Seq).Order("seq").Limit(100).Scan(ctx, &beyond); err != nil {
			return fmt.Errorf("the chain: %w", err)
		}
		for _, seq := range beyond {
			v.found(Finding{Kind: FindHeadAltered, Entry: seq, Detail: fmt.Sprintf("entry %d is beyond the head, which is entry %d: the head was altered", seq, v.head.Seq)})
		}
		return nil
	})
}

// walk goes through the chain up to the head.
func (v *verifier) walk(ctx context.Context) error {
	v.report.Head = v.head.Hash
	prev, next := ChainStart, int64(1)
	if v.Head == ChainStart {
		v.report.NotedSeq = -1 // an empty chain was noted: every chain begins with it
	}
	marks := map[int64]string{} // hashes that entries name in "back"
	err := eachChainRow(ctx, v.DB, 1, v.head.Seq, func(r chainRow) error {
		if r.Seq > next {
			v.missing(next, r.Seq-1)
			prev = ""
		}
		next = r.Seq + 1
		v.report.Entries++
		v.entry(r, prev, marks)
		prev = r.Hash
		if v.Head != "" && r.Hash == strings.ToLower(v.Head) {
			v.report.NotedSeq = r.Seq
		}
		if v.Progress != nil && r.Seq%10_000 == 0 {
			v.Progress("chain", r.Seq, v.head.Seq)
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if next <= v.head.Seq {
		v.missing(next, v.head.Seq)
	} else if prev != v.head.Hash {
		v.found(Finding{Kind: FindHeadAltered, Entry: v.head.Seq, Detail: fmt.Sprintf("the head does not fit the last entry, %d", v.head.Seq)})
	}
	switch {
	case v.Head != "" && v.report.NotedSeq == 0:
		v.found(Finding{Kind: FindHeadUnknown, Detail: "the noted head " + v.Head + " is not in the chain: entries were rewritten or cut off since it was noted, or the database is an older copy"})
	case v.report.NotedSeq < 0:
		v.report.NotedSeq = 0
	}
	return nil
}

func (v *verifier) missing(from, to int64) {
	what := fmt.Sprintf("entry %d is missing", from)
	if to > from {
		what = fmt.Sprintf("entries %d to %d are missing", from, to)
	}
	v.found(Finding{Kind: FindEntryMissing, Entry: from, Detail: what})
}

// entry checks one entry and replays it. prev is the hash of the one before, ""
// if that is missing.
func (v *verifier) entry(r chainRow, prev string, marks map[int64]string) {
	bad := func(format string, args ...any) {
		v.found(Finding{Kind: FindEntryAltered, Entry: r.Seq, Detail: fmt.Sprintf("entry %d: ", r.Seq) + fmt.Sprintf(format, args...)})
	}
	var e ChainEntry
	if err := json.Unmarshal([]byte(r.Entry), &e); err != nil {
		bad("it cannot be read: %v", err)
		return
	}
	switch {
	case chainHash(r.Entry) != r.Hash:
		bad("it was altered: its text does not give its hash")
	case e.Seq != r.Seq:
		bad("it says that it is entry %d: entries were moved", e.Seq)
	case prev != "" && e.Prev != prev:
		bad("it does not follow entry %d: one of the two was replaced", r.Seq-1)
	case e.Back != "" && marks[r.Seq-chainStride] != e.Back:
		bad("it does not follow entry %d: one of the two was replaced", r.Seq-chainStride)
	}
	if r.Seq%chainStride == 0 {
		marks[r.Seq] = r.Hash
		delete(marks, r.Seq-2*chainStride)
	}
	for _, id := range e.Removed {
		if _, ok := v.live[id]; !ok {
			bad("it removes segment %s, which is not there", id)
		}
		delete(v.live, id)
		if _, asked := v.gone[id]; asked { // a year's worth of all would not fit into memory
			v.gone[id] = true
		}
	}
	for _, s := range e.Added {
		v.live[s.ID] = chainedSegment{s, r.Seq}
	}
}

// compareManifest compares the segments that the chain gives with those of the
// manifest.
func (v *verifier) compareManifest() {
	listed := make(map[string]bool, len(v.rows))
	for i := range v.rows {
		r := &v.rows[i]
		listed[r.ID] = true
		s, ok := v.live[r.ID]
		if !ok {
			detail := "the manifest lists a segment that no entry of the chain added"
			if v.gone[r.ID] {
				detail = "the manifest lists a segment that an entry of the chain removed"
			}
			v.found(Finding{Kind: FindSegmentUnlisted, Segment: r.ID, Detail: detail})
			continue
		}
		if what := differs(r, s); what != "" {
			v.found(Finding{Kind: FindSegmentAltered, Segment: r.ID, Entry: s.seq, Detail: "the manifest differs from the chain in " + what})
		}
	}
	for id, s := range v.live {
		if !listed[id] {
			v.found(Finding{Kind: FindSegmentMissing, Segment: id, Entry: s.seq, Detail: fmt.Sprintf("a segment of %d events is not in the manifest any more, and no entry removed it", s.Events)})
		}
	}
}

// differs names what the manifest says otherwise than the chain.
func differs(r *segmentRow, s chainedSegment) string {
	var what []string
	add := func(name string, differs bool) {
		if differs {
			what = append(what, name)
		}
	}
	add("level", r.Level < 0 || r.Level >= levels || levelNames[r.Level] != s.Level)
	add("SHA-256", r.SHA256 != s.SHA256)
	add("size", r.Bytes != s.Bytes)
	add("number of events", r.Rows != s.Events)
	add("time", chainTime(r.MinTime) != s.From || chainTime(r.MaxTime) != s.To)
	add("time of arrival", chainTime(r.MinReceived) != s.Received[0] || chainTime(r.MaxReceived) != s.Received[1])
	units := make([]string, len(s.Units))
	for i, u := range s.Units {
		units[i] = string(u)
	}
	add("units", r.Units != strings.Join(units, "\x1f"))
	add("entry", r.ChainSeq != s.seq)
	return strings.Join(what, ", ")
}
