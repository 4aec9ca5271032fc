package module

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Trail is the audit trail: append-only records in a hash chain.
//
// Each record holds SHA-256 over the previous record's hash and its own
// canonical form, so changing, removing or inserting one
// breaks every later hash. The head row holds the last number and hash, so
// that records cut off at the end are noticed too, and is locked by its update,
// so that concurrent transactions append one after the other. Triggers in the
// database refuse to change or delete a record. Who can rewrite the whole table
// and its head can still forge a chain; copies elsewhere are the answer to that.
type Trail struct {
	db *bun.DB
}

// NewTrail makes the trail over db.
func NewTrail(db *bun.DB) *Trail { return &Trail{db: db} }

// Entry is what a service records about a change.
type Entry struct {
	Action string            // "alert.close"
	Object string            // "alert:<id>"
	Detail map[string]string // never a secret
}

type auditRow struct {
	bun.BaseModel `bun:"table:audit_log"`

	Seq    int64        `bun:"seq,pk"`
	At     sqldb.Micros `bun:"at"`
	Actor  string       `bun:"actor"`
	Action string       `bun:"action"`
	Object string       `bun:"object"`
	Detail string       `bun:"detail"`
	Addr   string       `bun:"addr"`
	Hash   string       `bun:"hash"`
}

// hashAfter returns the hex hash of the row that follows one with hash prev.
// The canonical form is a JSON array in a fixed order; map keys in Detail are
// sorted by encoding/json.
func (r *auditRow) hashAfter(prev string) string {
	canonical, err := json.Marshal([]any{r.Seq, int64(r.At), r.Actor, r.Action, r.Object, json.RawMessage(r.Detail), r.Addr})
	if err != nil {
		// Detail was damaged into something that is not JSON: no hash fits it.
		return ""
	}
	sum := sha256.Sum256(append([]byte(prev+"\n"), canonical...))
	return hex.EncodeToString(sum[:])
}

// Append writes e into tx in the name of ctx's principal.
func (t *Trail) Append(ctx context.Context, tx bun.Tx, e Entry) error {
	return t.AppendAll(ctx, tx, []Entry{e})
}

// auditChunk is how many records one statement writes.
const auditChunk = 200

// AppendAll is Append for many, in their order: what one import does to thousands of
// objects must not hold the chain for as many round trips.
func (t *Trail) AppendAll(ctx context.Context, tx bun.Tx, entries []Entry) error {
	if len(entries) == 0 {
		return nil
	}
	p, now := PrincipalOf(ctx), sqldb.MicrosOf(time.Now())
	var last int64
	var hash string
	err := tx.NewRaw("UPDATE audit_head SET seq = seq + ? WHERE id = 1 RETURNING seq, hash", len(entries)).Scan(ctx, &last, &hash)
	if err != nil {
		return fmt.Errorf("audit %s: %w", entries[0].Action, err)
	}
	rows := make([]auditRow, 0, min(auditChunk, len(entries)))
	for i, e := range entries {
		detail := e.Detail
		if detail == nil {
			detail = map[string]string{}
		}
		text, err := json.Marshal(detail)
		if err != nil {
			return fmt.Errorf("audit %s: %w", e.Action, err)
		}
		row := auditRow{
			Seq: last - int64(len(entries)-1-i), At: now, Actor: p.Name, Action: e.Action,
			Object: e.Object, Detail: string(text), Addr: p.Address,
		}
		hash = row.hashAfter(hash)
		row.Hash = hash
		if rows = append(rows, row); len(rows) == auditChunk || i == len(entries)-1 {
			if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
				return fmt.Errorf("audit %s: %w", e.Action, err)
			}
			rows = rows[:0]
		}
	}
	if _, err := tx.NewRaw("UPDATE audit_head SET hash = ? WHERE id = 1", hash).Exec(ctx); err != nil {
		return fmt.Errorf("audit %s: %w", entries[0].Action, err)
	}
	return nil
}

// Head is the last record of the chain, or one that was: noted elsewhere, it
// proves later that nothing before it was rewritten.
type Head struct {
	Seq  int64
	At   time.Time
	Hash string // "": of no record
}

// Head returns the last record's. It is for who works on the node itself.
func (t *Trail) Head(ctx context.Context) (Head, error) {
	var h Head
	if err := t.db.NewRaw("SELECT seq, hash FROM audit_head WHERE id = 1").Scan(ctx, &h.Seq, &h.Hash); err != nil || h.Seq == 0 {
		return h, err
	}
	var at []sqldb.Micros
	err := t.db.NewRaw("SELECT at FROM audit_log WHERE seq = ?", h.Seq).Scan(ctx, &at)
	if len(at) == 1 {
		h.At = at[0].Time()
	}
	return h, err
}

// Verify walks the whole chain. It returns the number of good records, and
// fault.Conflict naming the first record that does not fit.
func (t *Trail) Verify(ctx context.Context) (int64, error) {
	good, err := t.VerifyNoted(ctx, Head{}, nil)
	return good.Seq, err
}

// VerifyNoted is Verify that also wants the chain to hold a record noted earlier,
// and returns the last good record. progress, if not nil, is told how many
// records of how many are done.
func (t *Trail) VerifyNoted(ctx context.Context, noted Head, progress func(done, of int64)) (Head, error) {
	const page = 1000
	var good Head
	end, err := t.Head(ctx)
	if err != nil {
		return good, err
	}
	held := noted.Hash == ""
	for {
		var rows []auditRow
		err := t.db.NewSelect().Model(&rows).Where("seq > ?", good.Seq).OrderExpr("seq").Limit(page).Scan(ctx)
		if err != nil {
			return good, err
		}
		for i := range rows {
			if rows[i].Seq != good.Seq+1 {
				return good, broken("audit record %d is missing", good.Seq+1)
			}
			if rows[i].Hash != rows[i].hashAfter(good.Hash) {
				return good, broken("audit record %d was changed: its hash does not fit", good.Seq+1)
			}
			good = Head{Seq: rows[i].Seq, At: rows[i].At.Time(), Hash: rows[i].Hash}
			held = held || good.Hash == noted.Hash
		}
		if progress != nil {
			progress(good.Seq, max(end.Seq, good.Seq))
		}
		if len(rows) < page {
			break
		}
	}
	if err := t.verifyEnd(ctx, good); err != nil {
		return good, err
	}
	if !held {
		return good, broken("no audit record has the noted hash %s: the trail was rewritten since", noted.Hash)
	}
	return good, nil
}

// verifyEnd compares the last record of a walk with the head row.
func (t *Trail) verifyEnd(ctx context.Context, last Head) error {
	head, err := t.Head(ctx)
	if err != nil {
		return err
	}
	// Records may have been appended since the walk; those are not ours to judge.
	if head.Seq < last.Seq || (head.Seq == last.Seq && head.Hash != last.Hash) {
		return broken("audit head %d does not fit the last record %d", head.Seq, last.Seq)
	}
	if head.Seq > last.Seq {
		var n int
		if err := t.db.NewRaw("SELECT count(*) FROM audit_log WHERE seq > ?", last.Seq).Scan(ctx, &n); err != nil {
			return err
		}
		if n == 0 {
			return broken("audit records %d to %d are missing", last.Seq+1, head.Seq)
		}
	}
	return nil
}

func broken(format string, args ...any) error {
	return fault.New(fault.Conflict, format, args...).WithCode("audit.broken")
}
