package source

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// healthRow is what the worker keeps of a source, and what people set.
type healthRow struct {
	bun.BaseModel `bun:"table:source_health,alias:h"`

	ID            string       `bun:"id,pk"`
	LearnedTo     sqldb.Micros `bun:"learned_to"`
	Profile       []byte       `bun:"profile"`
	Recent        []byte       `bun:"recent"`
	State         string       `bun:"state"`
	Score         float64      `bun:"score"`
	Due           sqldb.Micros `bun:"due"`
	DueFor        sqldb.Micros `bun:"due_for"`
	SilentSince   sqldb.Micros `bun:"silent_since"`
	VolumeSince   sqldb.Micros `bun:"volume_since"`
	SkewSince     sqldb.Micros `bun:"skew_since"`
	SkewProblem   sqldb.Micros `bun:"skew_problem"`
	UnparsedSince sqldb.Micros `bun:"unparsed_since"`

	SilentAfter int64        `bun:"silent_after"` // seconds
	SilentFixed bool         `bun:"silent_fixed"`
	MutedAt     sqldb.Micros `bun:"muted_at"`
	MutedUntil  sqldb.Micros `bun:"muted_until"`
	MutedBy     string       `bun:"muted_by"`
	MuteReason  string       `bun:"mute_reason"`
	MuteSilence bool         `bun:"mute_silence"`
}

// stateText is the part of a health row that only the judge reads.
type stateText struct {
	Rhythm struct {
		N       int     `json:"n"`
		Mean    float64 `json:"mean"`
		Sq      float64 `json:"sq"`
		Most    float64 `json:"most"`
		Longest int64   `json:"longest"` // ns
	} `json:"rhythm"`
	Volume struct {
		Streak int     `json:"streak,omitempty"`
		Calm   int     `json:"calm,omitempty"`
		On     bool    `json:"on,omitempty"`
		Shift  float64 `json:"shift,omitempty"`
	} `json:"volume"`
	Share struct {
		Usual float64 `json:"usual"`
		Hours int     `json:"hours"`
		On    bool    `json:"on,omitempty"`
		Now   float64 `json:"now"`
	} `json:"share"`
}

// health is a source with what is known of it.
type health struct {
	sourceRow
	healthRow healthRow
	profile   *profile
	recent    *recent
	rhythm    rhythm
	volume    volume
	share     share
}

// open reads the stored figures. What cannot be read is learned again.
func (h *health) open() {
	h.profile, h.recent = parseProfile(h.healthRow.Profile), parseRecent(h.healthRow.Recent)
	var t stateText
	if json.Unmarshal([]byte(h.healthRow.State), &t) != nil {
		return
	}
	h.rhythm = rhythm{n: t.Rhythm.N, mean: t.Rhythm.Mean, sq: t.Rhythm.Sq, most: t.Rhythm.Most, longest: time.Duration(t.Rhythm.Longest)}
	h.volume = volume{streak: t.Volume.Streak, calm: t.Volume.Calm, on: t.Volume.On, shift: t.Volume.Shift}
	h.share = share{usual: t.Share.Usual, hours: t.Share.Hours, on: t.Share.On, now: t.Share.Now}
}

// close writes the figures back into the row.
func (h *health) close() error {
	var t stateText
	t.Rhythm.N, t.Rhythm.Mean, t.Rhythm.Sq, t.Rhythm.Most, t.Rhythm.Longest = h.rhythm.n, h.rhythm.mean, h.rhythm.sq, h.rhythm.most, int64(h.rhythm.longest)
	t.Volume.Streak, t.Volume.Calm, t.Volume.On, t.Volume.Shift = h.volume.streak, h.volume.calm, h.volume.on, h.volume.shift
	t.Share.Usual, t.Share.Hours, t.Share.On, t.Share.Now = h.share.usual, h.share.hours, h.share.on, h.share.now
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("health of source %s: %w", h.sourceRow.ID, err)
	}
	h.healthRow.State, h.healthRow.Profile, h.healthRow.Recent = string(text), h.profile.bytes(), h.recent.bytes()
	return nil
}

func (h *health) setting() setting {
	return setting{silentAfter: time.Duration(h.healthRow.SilentAfter) * time.Second, fixed: h.healthRow.SilentFixed}
}

// setting is what a person set about a source's silence.
type setting struct {
	silentAfter time.Duration // 0: nothing; a bound besides the rhythm
	fixed       bool          // the bound alone goes
}

func (h *health) muted(now time.Time) bool { return h.healthRow.MutedUntil.Time().After(now) }

// senderKey is a sender: the formats of one machine.
type senderKey struct{ unit, input, peer, host string }

func (r *sourceRow) sender() senderKey { return senderKey{r.Unit, r.Input, r.Peer, r.Host} }

// addMissing makes the health rows of new sources. Their first hour is not whole,
// so learning begins with the next; of sources of an earlier version, with what
// their slots hold.
func (s store) addMissing(ctx context.Context, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO source_health (id, learned_to)
		SELECT id, CASE WHEN hour = 0 THEN ?0 WHEN prev_hour = 0 THEN hour + ?1
			WHEN prev_hour > first_seen THEN prev_hour ELSE prev_hour + ?1 END
		FROM sources WHERE id <> '' AND NOT EXISTS (SELECT 1 FROM source_health h WHERE h.id = sources.id)
		ON CONFLICT (id) DO NOTHING`, sqldb.MicrosOf(now.Truncate(bucketWidth)), bucketWidth.Microseconds())
	return err
}

// joined reads sources with their health, as narrowed by where. Without figures,
// profile and recent hours are left out.
func (s store) joined(ctx context.Context, db bun.IDB, figures bool, where func(*bun.SelectQuery) *bun.SelectQuery) ([]health, error) {
	type row struct {
		sourceRow `bun:",extend"`
		H         healthRow `bun:"embed:h_"`
	}
	var rows []row
	q := db.NewSelect().Model(&rows).ModelTableExpr("sources AS s").
		Join("LEFT JOIN source_health AS h ON h.id = s.id").ColumnExpr("s.*")
	for _, c := range healthColumns {
		q = q.ColumnExpr("coalesce(h." + c.name + ", " + c.none + ") AS h_" + c.name)
	}
	if figures {
		q = q.ColumnExpr("h.profile AS h_profile, h.recent AS h_recent")
	}
	if err := where(q).Scan(ctx); err != nil {
		return nil, err
	}
	out := make([]health, len(rows))
	for i := range rows {
		out[i] = health{sourceRow: rows[i].sourceRow, healthRow: rows[i].H}
		out[i].open()
	}
	return out, nil
}

// healthColumns are those of a health row apart from its figures, with what stands
// for them in a source that the worker has not seen yet.
var healthColumns = []struct{ name, none string }{
	{"id", "''"}, {"learned_to", "0"}, {"state", "'{}'"}, {"score", "0.0"}, {"due", "0"}, {"due_for", "0"},
	{"silent_since", "0"}, {"volume_since", "0"}, {"skew_since", "0"}, {"skew_problem", "0"}, {"unparsed_since", "0"},
	{"silent_after", "0"}, {"silent_fixed", "FALSE"}, {"muted_at", "0"}, {"muted_until", "0"}, {"muted_by", "''"},
	{"mute_reason", "''"}, {"mute_silence", "FALSE"},
}

// learned are the columns that the worker writes; what people set is not among
// them, so that neither overwrites the other.
var learned = []string{"learned_to", "profile", "recent", "state", "score", "due", "due_for", "silent_since", "volume_since", "skew_since", "skew_problem", "unparsed_since"}

// judged are those that change every minute.
var judged = []string{"score", "due", "due_for", "silent_since", "skew_since", "skew_problem"}

func (s store) update(ctx context.Context, list []*health, columns []string) error {
	for len(list) > 0 {
		n := min(len(list), 200) // a commit of events waits no longer than for these
		err := s.db.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			for _, h := range list[:n] {
				if _, err := tx.NewUpdate().Model(&h.healthRow).Column(columns...).WherePK().Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// outageMost bounds what is remembered of times the centre could not hear.
const outageMost = 100

type watchRow struct {
	bun.BaseModel `bun:"table:source_watch"`

	ID      int          `bun:"id,pk"`
	Looked  sqldb.Micros `bun:"looked"`
	Outages string       `bun:"outages"` // JSON array of spans
}

func (s store) readWatch(ctx context.Context) (looked time.Time, out []span, err error) {
	var rows []watchRow
	if err := s.db.NewSelect().Model(&rows).Where("id = 1").Scan(ctx); err != nil || len(rows) == 0 {
		return time.Time{}, nil, err
	}
	if err := json.Unmarshal([]byte(rows[0].Outages), &out); err != nil {
		return time.Time{}, nil, fmt.Errorf("source_watch: outages: %w", err)
	}
	return rows[0].Looked.Time(), out, nil
}

func (s store) writeWatch(ctx context.Context, looked time.Time, out []span) error {
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	row := watchRow{ID: 1, Looked: sqldb.MicrosOf(looked), Outages: string(text)}
	_, err = s.db.NewInsert().Model(&row).On("CONFLICT (id) DO UPDATE").Set("looked = EXCLUDED.looked").Set("outages = EXCLUDED.outages").Exec(ctx)
	return err
}

type signalRow struct {
	bun.BaseModel `bun:"table:source_signals"`

	Kind  string       `bun:"kind,pk"`
	Unit  string       `bun:"unit,pk"`
	About string       `bun:"about,pk"`
	Since sqldb.Micros `bun:"since"`
	Crowd string       `bun:"crowd"`
	Input string       `bun:"input"`

	Severity string `bun:"severity"`
}

func (s store) raised(ctx context.Context) ([]signalRow, error) {
	var rows []signalRow
	err := s.db.NewSelect().Model(&rows).OrderExpr("kind, unit, about").Scan(ctx)
	return rows, err
}

func (s store) noteRaised(ctx context.Context, r signalRow) error {
	_, err := s.db.NewInsert().Model(&r).On("CONFLICT (kind, unit, about) DO UPDATE").Set("severity = EXCLUDED.severity").Exec(ctx)
	return err
}

func (s store) noteSettled(ctx context.Context, r signalRow) error {
	_, err := s.db.NewDelete().Model(&r).WherePK().Exec(ctx)
	return err
}

func (r *sourceRow) unitID() event.UnitID { return event.UnitID(r.Unit) }
