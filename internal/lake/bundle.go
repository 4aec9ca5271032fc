package lake

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/query"
)

// BundleRequest says which events go into a bundle of evidence, and for what.
type BundleRequest struct {
	Case   string // number of the incident, or what it is called
	Reason string
	By     string
	Query  string
	// From <= time < To; zero: open.
	From, To time.Time
	Units    []event.UnitID // none: all of the scope
	IDs      []event.ID     // none: all that match
	Limit    int            // more events than this are refused
}

// Limits of a bundle.
const (
	MaxBundleEvents = 1_000_000
	maxBundleIDs    = 1000
	bundlePart      = groupRows // events in one Parquet file
)

// Names in a bundle.
const (
	bundleFormat  = "lachan-evidence/1"
	bundleCase    = "case.json"
	bundleEvents  = "events.ndjson"
	bundleParquet = "events.parquet" // further ones: events-2.parquet, …
	bundleChain   = "chain.ndjson"
	bundleReadme  = "README.md"
	bundleSums    = "SHA256SUMS"
)

//go:embed bundle.md
var bundleText []byte

// BundleCase is case.json.
type BundleCase struct {
	Format   string          `json:"format"`
	ID       string          `json:"id"`
	Case     string          `json:"case"`
	Reason   string          `json:"reason"`
	By       string          `json:"by"`
	At       string          `json:"at"`
	Query    string          `json:"query"`
	From     string          `json:"from,omitempty"`
	To       string          `json:"to,omitempty"`
	Units    []event.UnitID  `json:"units,omitempty"`
	EventIDs []string        `json:"eventIds,omitempty"`
	Events   int             `json:"events"`
	First    string          `json:"first,omitempty"` // time of the earliest event
	Last     string          `json:"last,omitempty"`
	Segments []BundleSegment `json:"segments"`
	Head     BundleHead      `json:"head"`
	Warnings []string        `json:"warnings,omitempty"`
}

// BundleSegment is a segment that events of a bundle come from.
type BundleSegment struct {
	ID     string `json:"segment"`
	SHA256 string `json:"sha256"`
	Entry  int64  `json:"entry"` // of the chain
	Events int    `json:"events"`
}

// BundleHead is the head of the chain when the bundle was made.
type BundleHead struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"sha256"`
}

// bundleEvent is a line of events.ndjson.
type bundleEvent struct {
	ID       string              `json:"id"`
	Time     string              `json:"time"`
	Received string              `json:"received"`
	Unit     event.UnitID        `json:"unit"`
	Host     string              `json:"host"`
	Input    string              `json:"input"`
	Peer     string              `json:"peer"`
	Format   string              `json:"format"`
	Product  string              `json:"product,omitempty"`
	Category string              `json:"category,omitempty"`
	Service  string              `json:"service,omitempty"`
	Skewed   bool                `json:"skewed,omitempty"`
	Rules    []string            `json:"rules,omitempty"`
	Raw      string              `json:"raw"`
	Base64   string              `json:"rawBase64,omitempty"` // where raw is not UTF-8
	Fields   map[string][]string `json:"fields"`
	Segment  string              `json:"segment"`
}

func newBundleEvent(r *Row, segment string) bundleEvent {
	e := bundleEvent{
		ID: r.ID.String(), Time: chainTime(r.Time.UnixMicro()), Received: chainTime(r.Received.UnixMicro()), Unit: r.Unit, Host: r.Host,
		Input: r.Input, Peer: r.Peer, Format: r.Format, Product: r.Source.Product, Category: r.Source.Category, Service: r.Source.Service,
		Skewed: r.Skewed, Rules: r.Rules, Raw: r.Raw, Fields: map[string][]string{}, Segment: segment,
	}
	if !utf8.ValidString(r.Raw) {
		e.Raw, e.Base64 = strings.ToValidUTF8(r.Raw, "\ufffd"), base64.StdEncoding.EncodeToString([]byte(r.Raw))
	}
	for _, f := range r.Fields {
		e.Fields[f.Name] = append(e.Fields[f.Name], f.Value)
	}
	return e
}

// BundleDone tells of a bundle that was made.
type BundleDone struct {
	BundleCase
	Sums string // SHA-256 of SHA256SUMS: who notes it notices any later change
}

// check refuses what cannot be, and returns the query.
func (r *BundleRequest) check() (*query.Query, error) {
	r.Case, r.Reason = strings.TrimSpace(r.Case), strings.TrimSpace(r.Reason)
	switch {
	case r.Case == "" || len(r.Case) > maxHoldText:
		return nil, fault.New(fault.Invalid, "case: name the incident the evidence is for").WithCode("evidence.case").OnField("body.case")
	case r.Reason == "" || len(r.Reason) > maxHoldText:
		return nil, fault.New(fault.Invalid, "reason: write why the evidence is handed over").WithCode("evidence.reason").OnField("body.reason")
	case len(r.IDs) > maxBundleIDs:
		return nil, fault.New(fault.Invalid, "ids: at most %d", maxBundleIDs).WithCode("evidence.ids").OnField("body.ids")
	case r.Limit < 0 || r.Limit > MaxBundleEvents:
		return nil, fault.New(fault.Invalid, "limit: 1 to %d", MaxBundleEvents).WithCode("evidence.limit").OnField("body.limit")
	}
	if r.Limit == 0 {
		r.Limit = MaxBundleEvents
	}
	q, err := query.Parse(r.Query)
	if err != nil {
		return nil, fault.New(fault.Invalid, "query: %w", err).WithCode("query.syntax").OnField("body.query")
	}
	if len(r.IDs) > 0 {
		or := query.Or{}
		for _, id := range r.IDs {
			or.Parts = append(or.Parts, literal("_id", id.String()))
		}
		root := query.Node(or)
		if q != nil && q.Root != nil {
			root = query.And{Parts: []query.Node{q.Root, or}}
		}
		q = &query.Query{Root: root}
	}
	return q, nil
}

// found is the matching rows of one row group.
type foundRows struct {
	seg   *segment
	group int
	rows  []uint32
}

// Bundle writes the files of a bundle into dir, which is empty, and an entry
// with the hash of its SHA256SUMS into the chain. inTx, which may be nil, runs in
// that entry's transaction. Errors: fault.Invalid, NotFound if no event matches.
//
// Events stand in the order of their segments (unit, host, time), so that months
// can be handed over in little memory.
func (l *Lake) Bundle(ctx context.Context, sc Scope, r BundleRequest, dir string, inTx func(ctx context.Context, tx bun.Tx, done *BundleDone) error) (*BundleDone, error) {
	q, err := r.check()
	if err != nil {
		return nil, err
	}
	if len(r.Units) > 0 {
		units := slices.DeleteFunc(slices.Clone(r.Units), func(u event.UnitID) bool { return !sc.Sees(u) })
		sc = ScopeUnits(units...)
	}
	p := l.newPlan(sc, Search{Query: q, From: r.From, To: r.To})
	defer p.close()
	found, n, err := p.collect(ctx, r.Limit)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, fault.New(fault.NotFound, "no event matches; there is nothing to hand over").WithCode("evidence.empty")
	}
	now := l.now()
	b := &bundle{l: l, dir: dir, done: &BundleDone{BundleCase: BundleCase{
		Format: bundleFormat, ID: newSegmentID(now), Case: r.Case, Reason: r.Reason, By: r.By, At: chainTime(now.UnixMicro()),
		Query: r.Query, Units: r.Units, Warnings: p.warnings,
	}}}
	if !r.From.IsZero() {
		b.done.From = chainTime(r.From.UnixMicro())
	}
	if !r.To.IsZero() {
		b.done.To = chainTime(r.To.UnixMicro())
	}
	for _, id := range r.IDs {
		b.done.EventIDs = append(b.done.EventIDs, id.String())
	}
	if err := b.write(ctx, found); err != nil {
		return nil, fmt.Errorf("evidence bundle: %w", err)
	}
	err = l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		note := map[string]string{"bundle": b.done.ID, "sums": b.done.Sums, "case": r.Case, "by": r.By, "reason": r.Reason}
		if err := l.appendChain(ctx, tx, change{kind: chainExport, note: note}, nil, nil); err != nil {
			return err
		}
		if inTx == nil {
			return nil
		}
		return inTx(ctx, tx, b.done)
	})
	if err != nil {
		return nil, fmt.Errorf("evidence bundle: %w", err)
	}
	l.log.Info("evidence was exported", "bundle", b.done.ID, "case", r.Case, "by", r.By, "events", b.done.Events, "sums", b.done.Sums)
	return b.done, nil
}

// NoteExport writes into the chain, in the transaction of who hands it over, that
// something other than events was handed over; note tells what, with its hash.
func (l *Lake) NoteExport(ctx context.Context, tx bun.Tx, note map[string]string) error {
	return l.appendChain(ctx, tx, change{kind: chainExport, note: note}, nil, nil)
}

// collect finds the rows, in the order in which they are written.
func (p *plan) collect(ctx context.Context, limit int) ([]foundRows, int, error) {
	byWorker := make([][]foundRows, p.workers())
	if err := p.scan(ctx, p.segs, func(worker int, g *groupHits) error {
		byWorker[worker] = append(byWorker[worker], foundRows{g.seg, g.group, slices.Clone(g.rows)})
		return nil
	}); err != nil {
		return nil, 0, err
	}
	found, n := slices.Concat(byWorker...), 0
	for _, f := range found {
		n += len(f.rows)
	}
	if n > limit {
		return nil, 0, fault.New(fault.Invalid, "%d events match, more than %d; narrow the time or the query", n, limit).WithCode("evidence.too-many").OnField("body.query")
	}
	slices.SortFunc(found, func(a, b foundRows) int {
		return cmp.Or(cmp.Compare(a.seg.minTime, b.seg.minTime), strings.Compare(a.seg.id, b.seg.id), cmp.Compare(a.group, b.group))
	})
	return found, n, nil
}

// bundle is one being written.
type bundle struct {
	l     *Lake
	dir   string
	done  *BundleDone
	sums  strings.Builder
	part  *Segment
	parts int
}

func (b *bundle) write(ctx context.Context, found []foundRows) error {
	if err := b.file(bundleEvents, func(w io.Writer) error { return b.events(ctx, w, found) }); err != nil {
		return err
	}
	head, err := b.l.Head(ctx)
	if err != nil {
		return err
	}
	b.done.Head = BundleHead{head.Seq, head.Hash}
	if err := b.file(bundleChain, func(w io.Writer) error { return b.chain(ctx, w, head.Seq) }); err != nil {
		return err
	}
	if err := b.file(bundleReadme, func(w io.Writer) error { _, err := w.Write(bundleText); return err }); err != nil {
		return err
	}
	if err := b.file(bundleCase, func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(b.done.BundleCase)
	}); err != nil {
		return err
	}
	sums := b.sums.String()
	b.done.Sums = chainHash(sums)
	return os.WriteFile(filepath.Join(b.dir, bundleSums), []byte(sums), 0o640)
}

// file writes one file and its line of SHA256SUMS.
func (b *bundle) file(name string, write func(io.Writer) error) (err error) {
	f, err := os.OpenFile(filepath.Join(b.dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o640)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	w := bufio.NewWriterSize(io.MultiWriter(f, h), 256<<10)
	if err := errors.Join(write(w), w.Flush()); err != nil {
		return diskFault(err)
	}
	fmt.Fprintf(&b.sums, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), name)
	return nil
}

// events writes every event twice: as a line and as a row of a Parquet file.
func (b *bundle) events(ctx context.Context, w io.Writer, found []foundRows) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	b.part = b.l.NewSegment()
	for i, f := range found {
		if i == 0 || f.seg != found[i-1].seg {
			b.done.Segments = append(b.done.Segments, BundleSegment{ID: f.seg.id, SHA256: f.seg.sum, Entry: f.seg.chainSeq})
		}
		if err := b.rows(ctx, enc, f); err != nil {
			return fmt.Errorf("segment %s: %w", f.seg.id, err)
		}
	}
	return b.endPart()
}

func (b *bundle) rows(ctx context.Context, enc *json.Encoder, f foundRows) error {
	for rows := range slices.Chunk(f.rows, scanRows) {
		if err := ctx.Err(); err != nil {
			return err
		}
		out, err := b.l.readRows(f.seg, f.group, rows)
		if err != nil {
			return err
		}
		for i := range out {
			if err := b.event(enc, &out[i], f.seg); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bundle) event(enc *json.Encoder, row *Row, s *segment) error {
	line := newBundleEvent(row, s.id)
	if err := enc.Encode(line); err != nil {
		return err
	}
	d := b.done
	if d.First == "" || line.Time < d.First {
		d.First = line.Time
	}
	d.Last = max(d.Last, line.Time)
	d.Events++
	d.Segments[len(d.Segments)-1].Events++
	b.part.Add(&event.Event{
		ID: row.ID, Unit: row.Unit, Input: row.Input, Peer: row.Peer, Host: row.Host, Format: row.Format, Source: row.Source,
		Time: row.Time, Received: row.Received, Skewed: row.Skewed, Raw: row.Raw, Fields: row.Fields,
	}, row.Rules)
	if b.part.Len() < bundlePart && b.part.Bytes() < groupBytes {
		return nil
	}
	return b.endPart()
}

// endPart writes the events so far as a Parquet file.
func (b *bundle) endPart() error {
	if b.part.Len() == 0 {
		return nil
	}
	b.parts++
	name := bundleParquet
	if b.parts > 1 {
		name = fmt.Sprintf("events-%d.parquet", b.parts)
	}
	err := b.file(name, func(w io.Writer) error {
		e := b.l.encoders.Get().(*encoder)
		defer b.l.encoders.Put(e)
		_, _, err := b.part.writeTo(w, e, b.l.best, append(b.part.order(false), b.part.order(true)...))
		return err
	})
	b.part.Reset()
	return err
}

// chain writes the entries that added the segments and the way from each to the
// head.
func (b *bundle) chain(ctx context.Context, w io.Writer, head int64) error {
	var needed []int64
	for _, s := range b.done.Segments {
		needed = append(needed, s.Entry)
	}
	for _, run := range chainPath(needed, head) {
		next := run[0]
		if err := eachChainRow(ctx, b.l.db, run[0], run[1], func(r chainRow) error {
			if r.Seq != next {
				return nil // said below
			}
			next++
			_, err := io.WriteString(w, r.Entry+"\n")
			return err
		}); err != nil {
			return err
		}
		if next != run[1]+1 {
			return fault.New(fault.Conflict, "entry %d of the evidence chain is missing; run `lachan evidence verify`", next).WithCode("evidence.broken")
		}
	}
	return nil
}

// chainPath returns runs of entries, first and last, that lead from the smallest
// of needed to the head through all of them: each entry's hash stands in the one
// after it as "prev", or as "back" between entries chainStride apart.
func chainPath(needed []int64, head int64) (runs [][2]int64) {
	needed = slices.Compact(slices.Sorted(slices.Values(append(needed, head))))
	if needed[0] == 0 { // a manifest that was tampered with
		needed = needed[1:]
	}
	at := needed[0]
	run := [2]int64{at, at}
	for at < head {
		for needed[0] <= at {
			needed = needed[1:]
		}
		if at%chainStride == 0 && at+chainStride <= needed[0] {
			runs = append(runs, run)
			at += chainStride
			run = [2]int64{at, at}
			continue
		}
		at++
		run[1] = at
	}
	return append(runs, run)
}
