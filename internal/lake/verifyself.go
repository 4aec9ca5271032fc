package lake

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// verifyShare is the part of the time in which the server's own verification
// reads: it has all night.
const verifyShare = 4

// VerifyAndKeep verifies the evidence beside everything else, slowly, and keeps
// the report for LastVerification. Segments whose files were altered or are
// missing are marked broken, so that searches say what is missing from their
// answers and the spool's copy is used where there is one.
func (l *Lake) VerifyAndKeep(ctx context.Context) (*EvidenceReport, error) {
	report, err := VerifyEvidence(ctx, VerifyOptions{DB: l.db, Dir: l.dir, Running: true, Pause: func(d time.Duration) {
		t := time.NewTimer((verifyShare - 1) * d)
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}})
	if err != nil {
		return nil, err
	}
	for _, f := range report.Findings {
		if f.Kind != FindFileMissing && f.Kind != FindFileAltered {
			continue
		}
		segs := l.acquire(func(s *segment) bool { return s.id == f.Segment && s.broken == "" })
		for _, s := range segs {
			if reason, err := l.checkSum(ctx, s); err == nil && reason != "" {
				err = l.markBroken(ctx, s, reason)
				if err != nil {
					l.release(segs)
					return nil, err
				}
			}
		}
		l.release(segs)
	}
	l.metrics.findings.Set(float64(len(report.Findings) + report.More))
	text, err := json.Marshal(report)
	if err != nil {
		return nil, err
	}
	err = l.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		at := report.At.UnixMicro()
		if _, err := tx.NewRaw("INSERT INTO lake_verification (at, report) VALUES (?, ?)", at, string(text)).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("DELETE FROM lake_verification WHERE at < ?", at-keepVerifications.Microseconds()).Exec(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keeping the report of a verification: %w", err)
	}
	return report, nil
}

const keepVerifications = 400 * 24 * time.Hour

// LastVerification returns the newest report that was kept, nil if there is none.
func (l *Lake) LastVerification(ctx context.Context) (*EvidenceReport, error) {
	var text string
	err := l.db.NewRaw("SELECT report FROM lake_verification ORDER BY at DESC LIMIT 1").Scan(ctx, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("lake: last verification: %w", err)
	}
	r := &EvidenceReport{}
	if err := json.Unmarshal([]byte(text), r); err != nil {
		return nil, fmt.Errorf("lake: last verification: %w", err)
	}
	return r, nil
}
