package advisory

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/advisory"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// scoresAtOnce are how many scores one transaction writes: others write meanwhile.
const scoresAtOnce = 10_000

// takeEPSS writes the scores that are others than before. A crash in the middle
// leaves some of the old ones; the next file mends that.
func (s *Service) takeEPSS(ctx context.Context, file, source string, data []byte) (Outcome, error) {
	list := make([]scoreRow, 0, 300_000)
	head, err := advisory.ReadEPSS(file, bytes.NewReader(data), func(x advisory.Score) error {
		list = append(list, scoreRow{CVE: x.CVE, Score: int64(x.Score*1e6 + 0.5), Percentile: int64(x.Percentile*1e6 + 0.5)})
		return nil
	})
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Format: advisory.FormatEPSS, Title: "EPSS", Number: head.Date.Format(time.DateOnly), What: WhatUnchanged, Entries: head.Count}
	if head.Date.IsZero() {
		return out, fault.New(fault.Invalid, "%s: line 1: no score_date; an EPSS file says of which day it is: download it again", file).WithCode("advisory.bad-file")
	}
	feed, err := s.store.feed(ctx, s.DB, string(advisory.FormatEPSS))
	if err != nil {
		return out, err
	}
	if feed.At > sqldb.MicrosOf(head.Date) {
		out.What = WhatOlder
		return out, nil
	}
	if feed.ImportedAt == 0 {
		out.What = WhatNew
	}
	old, err := s.store.allScores(ctx)
	if err != nil {
		return out, err
	}
	list = slices.DeleteFunc(list, func(r scoreRow) bool {
		before, ok := old[r.CVE]
		switch {
		case !ok:
			out.New++
		case before != [2]int64{r.Score, r.Percentile}:
			out.Changed++
		default:
			return true
		}
		return false
	})
	if out.New+out.Changed > 0 && out.What == WhatUnchanged {
		out.What = WhatChanged
	}
	err = inChunks(list, scoresAtOnce, func(part []scoreRow) error {
		return s.write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.store.putScores(ctx, tx, part) })
	})
	if err != nil {
		return out, err
	}
	return out, s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
		if err := s.store.spreadScores(ctx, tx, sqldb.MicrosOf(head.Date)); err != nil {
			return err
		}
		if err := s.store.setFeed(ctx, tx, &feedRow{Kind: string(advisory.FormatEPSS), At: sqldb.MicrosOf(head.Date), Revision: head.Model, Entries: int64(head.Count), ImportedAt: sqldb.MicrosOf(s.Now())}); err != nil {
			return err
		}
		if out.What == WhatUnchanged {
			return nil
		}
		return s.Trail.Append(ctx, tx, s.entry(file, source, out))
	})
}
