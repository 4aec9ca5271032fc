package lake

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"github.com/klauspost/compress/zstd"
	"github.com/uptrace/bun"
)

// chainPage is how many entries are read at a time.
const chainPage = 1000

// eachChainRow calls each for the entries from..to, in order; what is missing is
// left out. Entries move into the archive meanwhile.
func eachChainRow(ctx context.Context, db bun.IDB, from, to int64, each func(chainRow) error) error {
	unzstd, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	if err != nil {
		return err
	}
	defer unzstd.Close()
	for next := from; next <= to; {
		var block archiveRow
		err := db.NewSelect().Model(&block).Where("first_seq <= ? AND last_seq >= ?", next, next).Order("first_seq").Limit(1).Scan(ctx)
		if err == nil {
			if next, err = eachArchived(unzstd, &block, next, to, each); err != nil {
				return err
			}
			continue
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		var rows []chainRow
		if err := db.NewSelect().Model(&rows).Where("seq >= ? AND seq <= ?", next, to).Order("seq").Limit(chainPage).Scan(ctx); err != nil {
			return err
		}
		if len(rows) == 0 || rows[0].Seq > next {
			// Archived since, or missing up to the next there is.
			after, err := nextArchived(ctx, db, next)
			if err != nil {
				return err
			}
			if after > 0 && (len(rows) == 0 || after < rows[0].Seq) {
				next = after
				continue
			}
		}
		if len(rows) == 0 {
			return nil
		}
		for _, r := range rows {
			if err := each(r); err != nil {
				return err
			}
		}
		next = rows[len(rows)-1].Seq + 1
	}
	return nil
}

// nextArchived returns the first archived entry from a number on, 0 if none.
func nextArchived(ctx context.Context, db bun.IDB, from int64) (seq int64, err error) {
	err = db.NewSelect().Model((*archiveRow)(nil)).ColumnExpr("coalesce(min(CASE WHEN first_seq < ? THEN ? ELSE first_seq END), 0)", from, from).
		Where("last_seq >= ?", from).Scan(ctx, &seq)
	return seq, err
}

// eachArchived takes a block of the archive apart. A line has no hash of its own
// there: it is computed, and for the last compared with the block's, so that an
// altered line is named by the entry after it.
func eachArchived(unzstd *zstd.Decoder, b *archiveRow, from, to int64, each func(chainRow) error) (next int64, err error) {
	text, err := unzstd.DecodeAll(b.Entries, nil)
	if err != nil {
		// Named by their numbers: what cannot be read is missing.
		return b.LastSeq + 1, nil //nolint:nilerr // reported as missing entries
	}
	lines := bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	for i, line := range lines {
		r := chainRow{Seq: b.FirstSeq + int64(i), Entry: string(line)}
		if r.Seq < from || r.Seq > min(to, b.LastSeq) {
			continue
		}
		r.Hash = chainHash(r.Entry)
		if r.Seq == b.LastSeq {
			r.Hash = b.LastHash
		}
		if err := each(r); err != nil {
			return 0, err
		}
	}
	return b.LastSeq + 1, nil
}
