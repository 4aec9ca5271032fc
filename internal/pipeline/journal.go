package pipeline

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/detect"
)

//go:embed migrations/sqlite/*.sql migrations/postgres/*.sql
var migrationFiles embed.FS

// Migrations makes the table of the journal; app applies them before New.
var Migrations = sub()

func sub() fs.FS {
	f, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the pattern above is wrong
	}
	return f
}

// given is what the correlator was given between two entries of the journal.
type given struct {
	Before time.Time    `json:"before"` // advanced to before the hits
	Hits   []detect.Hit `json:"hits"`
	After  time.Time    `json:"after"` // and after them
}

// entry is one row of the journal, in parts.
type entry struct {
	seq   int64
	whole bool   // the whole state: nothing before it is needed any more
	body  []byte // given or state, as JSON in a zstd frame
}

// journal stores what the correlator was given, in the transaction of the commit
// that gave it.
type journal struct{ db *bun.DB }

type journalRow struct {
	bun.BaseModel `bun:"table:correlation_journal"`

	Seq   int64  `bun:"seq,pk"`
	Part  int    `bun:"part,pk"`
	Whole bool   `bun:"whole"`
	Body  []byte `bun:"body"`
}

// maxPartBytes keeps a row well below what engines take in one statement.
const maxPartBytes = 256 << 10

func (j journal) append(ctx context.Context, tx bun.Tx, e *entry) error {
	part := 0
	for body := range slices.Chunk(e.body, maxPartBytes) {
		row := journalRow{Seq: e.seq, Part: part, Whole: e.whole, Body: body}
		if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
			return fmt.Errorf("journal of the correlations: %w", err)
		}
		part++
	}
	if !e.whole {
		return nil
	}
	_, err := tx.NewDelete().Model((*journalRow)(nil)).Where("seq < ?", e.seq).Exec(ctx)
	return err
}

// has reports whether an entry was committed.
func (j journal) has(ctx context.Context, seq int64) (bool, error) {
	return j.db.NewSelect().Model((*journalRow)(nil)).Where("seq >= ?", seq).Exists(ctx)
}

// last returns the number of the newest entry, 0 if there is none.
func (j journal) last(ctx context.Context) (seq int64, err error) {
	err = j.db.NewSelect().Model((*journalRow)(nil)).ColumnExpr("COALESCE(MAX(seq), 0)").Scan(ctx, &seq)
	return seq, err
}

// read calls each with every entry since the last whole state, in order.
func (j journal) read(ctx context.Context, each func(*entry) error) (err error) {
	rows, err := j.db.QueryContext(ctx, `
		SELECT seq, whole, body FROM correlation_journal
		WHERE seq >= COALESCE((SELECT MAX(seq) FROM correlation_journal WHERE whole), 0) ORDER BY seq, part`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var e entry
	for rows.Next() {
		var seq int64
		var whole bool
		var body []byte
		if err := rows.Scan(&seq, &whole, &body); err != nil {
			return err
		}
		if seq != e.seq && e.seq > 0 {
			if err := each(&e); err != nil {
				return err
			}
			e.body = e.body[:0]
		}
		e.seq, e.whole, e.body = seq, whole, append(e.body, body...)
	}
	if err := rows.Err(); err != nil || e.seq == 0 {
		return err
	}
	return each(&e)
}

func (g *given) pack() ([]byte, error) {
	text, err := json.Marshal(g)
	return pack(text), err
}

func unpackGiven(body []byte) (g given, err error) {
	text, err := unpack(body)
	if err == nil {
		err = json.Unmarshal(text, &g)
	}
	return g, err
}

// maxStateBytes bounds what a frame may unfold to, many times the largest state.
const maxStateBytes = 4 << 30

var packer = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return e
})

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxStateBytes))
	if err != nil {
		panic(fmt.Sprintf("zstd refuses constant options: %v", err))
	}
	return d
})

func pack(text []byte) []byte { return packer().EncodeAll(text, nil) }

func unpack(body []byte) ([]byte, error) { return unpacker().DecodeAll(body, nil) }
