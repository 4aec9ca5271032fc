package lake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
)

// The evidence chain lists every change of the manifest, in the transaction of
// the change. An entry is one line of JSON that holds the hash of the entry
// before it; its own hash is SHA-256 of that line. docs/format/evidence.md
// describes it for people who check it without us, and says what it proves.

// Kinds of entries.
const (
	chainAdopt   = "adopt"   // segments that were there before the chain
	chainCommit  = "commit"  // new events
	chainMerge   = "merge"   // segments replaced by their merger
	chainDelete  = "delete"  // by retention: a whole segment, or some of its events
	chainRebuild = "rebuild" // a broken segment made again from the spool
	chainHold    = "hold"    // a legal hold begins
	chainRelease = "release" // a legal hold ends
	chainExport  = "export"  // evidence was handed over
)

// ChainStart is what the first entry has as the hash of the one before it.
const ChainStart = "0000000000000000000000000000000000000000000000000000000000000000"

// chainStride: every entry whose number is divisible by it also holds the hash
// of the entry so many before, so that the way from an old entry to the head is
// short (see chainPath).
const chainStride = 1000

// ChainEntry is one entry. The order of its members is that of the line.
type ChainEntry struct {
	Seq     int64             `json:"seq"`
	At      string            `json:"at"` // RFC 3339, UTC, microseconds
	Kind    string            `json:"kind"`
	Added   []ChainSegment    `json:"added,omitempty"`
	Removed []string          `json:"removed,omitempty"`
	Deleted *ChainDeletion    `json:"deleted,omitempty"`
	Note    map[string]string `json:"note,omitempty"`
	Back    string            `json:"back,omitempty"`
	Prev    string            `json:"prev"`
}

// ChainSegment is what an entry says of a segment.
type ChainSegment struct {
	ID       string         `json:"segment"`
	Level    string         `json:"level"`
	SHA256   string         `json:"sha256"`
	Bytes    int64          `json:"bytes"`
	Events   int64          `json:"events"`
	From     string         `json:"from"`
	To       string         `json:"to"`
	Received [2]string      `json:"received"`
	Units    []event.UnitID `json:"units"`
}

// ChainDeletion is what an entry says of deleted events.
type ChainDeletion struct {
	Reason string                 `json:"reason"`
	Events int64                  `json:"events"`
	Units  map[event.UnitID]int64 `json:"units,omitempty"` // encoding/json sorts them
}

// ChainHead is the last entry; who has noted it down notices later whether the
// chain up to it was changed.
type ChainHead struct {
	Seq  int64
	Hash string
	At   time.Time
}

type chainRow struct {
	bun.BaseModel `bun:"table:lake_chain"`

	Seq   int64  `bun:"seq,pk"`
	Entry string `bun:"entry"`
	Hash  string `bun:"hash"`
}

type archiveRow struct {
	bun.BaseModel `bun:"table:lake_chain_archive"`

	FirstSeq int64  `bun:"first_seq,pk"`
	LastSeq  int64  `bun:"last_seq"`
	LastHash string `bun:"last_hash"`
	Entries  []byte `bun:"entries"`
}

func chainTime(micros int64) string {
	return time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.000000Z")
}

// chained is the segment as its entry tells it.
func (s *segment) chained() ChainSegment {
	return ChainSegment{
		ID: s.id, Level: levelNames[s.level], SHA256: s.sum, Bytes: s.bytes, Events: s.rows,
		From: chainTime(s.minTime), To: chainTime(s.maxTime),
		Received: [2]string{chainTime(s.minReceived), chainTime(s.maxReceived)}, Units: s.units,
	}
}

// line is the canonical form, without the line feed.
func (e *ChainEntry) line() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func chainHash(line string) string {
	sum := sha256.Sum256([]byte(line))
	return hex.EncodeToString(sum[:])
}

// change is why the manifest changes.
type change struct {
	kind    string
	deleted *ChainDeletion
	note    map[string]string
}

// appendChain writes the entry of a change in the change's transaction. The head
// is locked by its update, so that entries follow each other whoever writes.
func (l *Lake) appendChain(ctx context.Context, tx bun.Tx, c change, added, removed []*segment) error {
	e := ChainEntry{At: chainTime(l.now().UnixMicro()), Kind: c.kind, Deleted: c.deleted, Note: c.note}
	for _, s := range added {
		e.Added = append(e.Added, s.chained())
	}
	for _, s := range removed {
		e.Removed = append(e.Removed, s.id)
	}
	slices.Sort(e.Removed)
	if err := tx.NewRaw("UPDATE lake_chain_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash").Scan(ctx, &e.Seq, &e.Prev); err != nil {
		return fmt.Errorf("evidence chain: %w", err)
	}
	if e.Seq%chainStride == 0 && e.Seq > chainStride {
		if err := tx.NewSelect().Model((*chainRow)(nil)).Column("hash").Where("seq = ?", e.Seq-chainStride).Scan(ctx, &e.Back); err != nil {
			return fmt.Errorf("evidence chain: entry %d: %w", e.Seq-chainStride, err)
		}
	}
	line, err := e.line()
	if err != nil {
		return fmt.Errorf("evidence chain: %w", err)
	}
	row := chainRow{Seq: e.Seq, Entry: string(line)}
	row.Hash = chainHash(row.Entry)
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("evidence chain: %w", err)
	}
	if _, err := tx.NewRaw("UPDATE lake_chain_head SET hash = ? WHERE id = 1", row.Hash).Exec(ctx); err != nil {
		return fmt.Errorf("evidence chain: %w", err)
	}
	for _, s := range added {
		s.chainSeq = e.Seq
	}
	return nil
}

// adoptMost is how many segments one entry adopts.
const adoptMost = 500

// adopt writes the first entries of a lake that is older than its chain.
func (l *Lake) adopt(ctx context.Context) error {
	head, err := l.Head(ctx)
	if err != nil || head.Seq > 0 || len(l.segments) == 0 {
		return err
	}
	all := make([]*segment, 0, len(l.segments))
	for _, s := range l.segments {
		all = append(all, s)
	}
	byAge(all)
	return l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		for segs := range slices.Chunk(all, adoptMost) {
			if err := l.appendChain(ctx, tx, change{kind: chainAdopt}, segs, nil); err != nil {
				return err
			}
			for _, s := range segs {
				if _, err := tx.NewUpdate().Model((*segmentRow)(nil)).Set("chain_seq = ?", s.chainSeq).Where("id = ?", s.id).Exec(ctx); err != nil {
					return fmt.Errorf("evidence chain: %w", err)
				}
			}
		}
		return nil
	})
}

// Head returns the head of the chain; Seq 0 for an empty one.
func (l *Lake) Head(ctx context.Context) (ChainHead, error) { return ReadHead(ctx, l.db) }

// ReadHead reads the head from a control database. At is zero where the last
// entry is missing or cannot be read.
func ReadHead(ctx context.Context, db bun.IDB) (ChainHead, error) {
	var h ChainHead
	if err := db.NewRaw("SELECT seq, hash FROM lake_chain_head WHERE id = 1").Scan(ctx, &h.Seq, &h.Hash); err != nil {
		return h, fmt.Errorf("evidence chain: %w", err)
	}
	if h.Seq == 0 {
		return h, nil
	}
	// A chain cut off at its end has a head all the same; Verify names what is missing.
	var line string
	err := db.NewSelect().Model((*chainRow)(nil)).Column("entry").Where("seq = ?", h.Seq).Scan(ctx, &line)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return h, fmt.Errorf("evidence chain: the last entry, %d: %w", h.Seq, err)
	}
	var e ChainEntry
	if err == nil && json.Unmarshal([]byte(line), &e) == nil {
		h.At, _ = time.Parse(time.RFC3339Nano, e.At)
	}
	return h, nil
}

// Entries move in blocks from their table into compressed ones, because a lake
// that commits once a second makes 86,400 of them a day. So many of the newest
// stay, more than chainStride.
const (
	archiveBlock = 4096
	archiveKeep  = 2 * archiveBlock
)

// archiveChain moves one block of old entries, and tells whether there was one.
func (l *Lake) archiveChain(ctx context.Context) (bool, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	var rows []chainRow
	err := l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var first, head int64
		if err := tx.NewRaw("SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM lake_chain").Scan(ctx, &first, &head); err != nil {
			return err
		}
		if head-first < archiveKeep+archiveBlock {
			return nil
		}
		if err := tx.NewSelect().Model(&rows).Where("seq < ?", first+archiveBlock).Order("seq").Scan(ctx); err != nil {
			return err
		}
		var lines strings.Builder
		for _, r := range rows {
			lines.WriteString(r.Entry)
			lines.WriteByte('\n')
		}
		last := rows[len(rows)-1]
		if _, err := tx.NewInsert().Model(&archiveRow{
			FirstSeq: first, LastSeq: last.Seq, LastHash: last.Hash, Entries: l.best.EncodeAll([]byte(lines.String()), nil),
		}).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewDelete().Model((*chainRow)(nil)).Where("seq <= ?", last.Seq).Exec(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("evidence chain: archiving old entries: %w", err)
	}
	return len(rows) > 0, nil
}
