package search

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// The history holds what each person asked last, when the page asks for it to be
// remembered. It is that person's alone: no operation shows it to another, an
// administrator neither, and it is not in the audit trail. Tokens have none.
const (
	historyKept  = 200
	hitsUnknown  = -1
	maxPointText = 40
	// historyJoin is how long a search and the histogram beside it count as one.
	historyJoin = time.Minute
)

// Asked is one entry of the history.
type Asked struct {
	ID       string
	Query    string
	From, To string // as the person chose them: "now-24h", or RFC 3339
	At       time.Time
	Took     time.Duration
	Hits     int64 // hitsUnknown if it was not counted
}

// remember puts a search on the caller's history. A history that cannot be
// written is logged and costs nobody his answer.
func (s *Service) remember(ctx context.Context, r Request, took time.Duration, hits int64) {
	p := module.PrincipalOf(ctx)
	if !r.Remember || p.Session == "" || p.ID == "" {
		return
	}
	a := Asked{Query: strings.TrimSpace(r.Query), From: r.RangeFrom, To: r.RangeTo, At: s.now(), Took: took, Hits: hits}
	if a.From == "" || a.To == "" || len(a.From) > maxPointText || len(a.To) > maxPointText {
		a.From, a.To = r.From.UTC().Format(time.RFC3339Nano), r.To.UTC().Format(time.RFC3339Nano)
	}
	a.Query, a.From, a.To = module.Text(a.Query, len(a.Query)), module.Text(a.From, maxPointText), module.Text(a.To, maxPointText)
	sum := sha256.Sum256([]byte(a.Query))
	a.ID = hex.EncodeToString(sum[:16])
	err := s.store.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.addHistory(ctx, tx, p.ID, a); err != nil {
			return err
		}
		return s.store.trimHistory(ctx, tx, p.ID, historyKept)
	})
	if err != nil && ctx.Err() == nil {
		s.log.WarnContext(ctx, "a search could not be put on the history", "error", err)
	}
}

// History returns the caller's history, newest first: the queries that hold text.
// Errors: Denied.
func (s *Service) History(ctx context.Context, text string, limit int) ([]Asked, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return nil, err
	}
	all, err := s.store.history(ctx, p.ID, historyKept)
	if err != nil {
		return nil, err
	}
	text = module.Fold(text)
	out := all[:0]
	for _, a := range all {
		if len(out) < limit && (text == "" || strings.Contains(module.Fold(a.Query), text)) {
			out = append(out, a)
		}
	}
	return out, nil
}

// Forget removes one entry of the caller's history, all of it for "". What is not
// there is gone already. Errors: Denied.
func (s *Service) Forget(ctx context.Context, id string) error {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionEventRead); err != nil {
		return err
	}
	return s.store.forget(ctx, p.ID, id)
}

type historyRow struct {
	bun.BaseModel `bun:"table:search_history,alias:h"`

	UserID  string       `bun:"user_id,pk"`
	ID      string       `bun:"id,pk"`
	Query   string       `bun:"query"`
	From    string       `bun:"range_from"`
	To      string       `bun:"range_to"`
	AskedAt sqldb.Micros `bun:"asked_at"`
	TookMs  int64        `bun:"took_ms"`
	Hits    int64        `bun:"hits"`
}
