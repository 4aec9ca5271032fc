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

// Record is one stored record.
type Record struct {
	Seq    int64
	At     time.Time // microseconds
	Actor  string
	Action string
	Object string
	Detail map[string]string
	Addr   string
	Hash   string
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
	p := PrincipalOf(ctx)
	detail := e.Detail
	if detail == nil {
		detail = map[string]string{}
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	row := auditRow{
		At: sqldb.MicrosOf(time.Now()), Actor: p.Name, Action: e.Action,
		Object: e.Object, Detail: string(text), Addr: p.Address,
	}
	var prev string
	err = tx.NewRaw("UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash").Scan(ctx, &row.Seq, &prev)
	if err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	row.Hash = row.hashAfter(prev)
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	if _, err := tx.NewRaw("UPDATE audit_head SET hash = ? WHERE id = 1", row.Hash).Exec(ctx); err != nil {
		return fmt.Errorf("audit %s: %w", e.Action, err)
	}
	return nil
}

// Verify walks the whole chain. It returns the number of good records, and
// fault.Conflict naming the first record that does not fit.
func (t *Trail) Verify(ctx context.Context) (int64, error) {
	const page = 1000
	var seq int64
	prev := ""
	for {
		var rows []auditRow
		err := t.db.NewSelect().Model(&rows).Where("seq > ?", seq).OrderExpr("seq").Limit(page).Scan(ctx)
		if err != nil {
			return seq, err
		}
		for i := range rows {
			if rows[i].Seq != seq+1 {
				return seq, fault.New(fault.Conflict, "audit record %d is missing", seq+1).WithCode("audit.broken")
			}
			if rows[i].Hash != rows[i].hashAfter(prev) {
				return seq, fault.New(fault.Conflict, "audit record %d was changed: its hash does not fit", seq+1).WithCode("audit.broken")
			}
			seq, prev = rows[i].Seq, rows[i].Hash
		}
		if len(rows) < page {
			break
		}
	}
	var headSeq int64
	var headHash string
	if err := t.db.NewRaw("SELECT seq, hash FROM audit_head WHERE id = 1").Scan(ctx, &headSeq, &headHash); err != nil {
		return seq, err
	}
	// Records may have been appended since the walk; those are not ours to judge.
	if headSeq < seq || (headSeq == seq && headHash != prev) {
		return seq, fault.New(fault.Conflict, "audit head %d does not fit the last record %d", headSeq, seq).WithCode("audit.broken")
	}
	if headSeq > seq {
		var n int
		if err := t.db.NewRaw("SELECT count(*) FROM audit_log WHERE seq > ?", seq).Scan(ctx, &n); err != nil {
			return seq, err
		}
		if n == 0 {
			return seq, fault.New(fault.Conflict, "audit records %d to %d are missing", seq+1, headSeq).WithCode("audit.broken")
		}
	}
	return seq, nil
}

// List returns up to limit records before the sequence number before (0: the
// newest), newest first.
func (t *Trail) List(ctx context.Context, before int64, limit int64) ([]Record, error) {
	if err := PrincipalOf(ctx).Require(ActionAuditRead); err != nil {
		return nil, err
	}
	var rows []auditRow
	q := t.db.NewSelect().Model(&rows).OrderExpr("seq DESC").Limit(limit)
	if before > 0 {
		q = q.Where("seq < ?", before)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]Record, len(rows))
	for i, r := range rows {
		out[i] = Record{Seq: r.Seq, At: r.At.Time(), Actor: r.Actor, Action: r.Action, Object: r.Object, Addr: r.Addr, Hash: r.Hash}
		if err := json.Unmarshal([]byte(r.Detail), &out[i].Detail); err != nil {
			return nil, fmt.Errorf("audit record %d: %w", r.Seq, err)
		}
	}
	return out, nil
}
