package incident

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Entry is one line of an incident's timeline: what somebody wrote, or what the
// product noted of what was done.
type Entry struct {
	ID     string
	At     time.Time // when it happened
	Stored time.Time
	Kind   string // note, comment; or what the product noted: opened, phase, task.done, …
	Text   string
	Detail map[string]string
	TLP    TLP
	ByID   string
	By     string
	Struck string // why it does not hold; "" it does
}

type entryRow struct {
	bun.BaseModel `bun:"table:incident_entries"`

	ID       string       `bun:"id,pk"`
	Incident string       `bun:"incident"`
	At       sqldb.Micros `bun:"at"`
	Stored   sqldb.Micros `bun:"stored"`
	Kind     string       `bun:"kind"`
	Text     string       `bun:"text"`
	Detail   string       `bun:"detail"`
	TLP      string       `bun:"tlp"`
	ByID     string       `bun:"by_id"`
	By       string       `bun:"by_name"`
	Struck   string       `bun:"struck"`
}

const maxEntries = 5000

func (s store) addEntry(ctx context.Context, tx bun.Tx, incident string, e *Entry) error {
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}
	r := entryRow{ID: e.ID, Incident: incident, At: sqldb.MicrosOf(e.At), Stored: sqldb.MicrosOf(e.Stored), Kind: e.Kind, Text: e.Text, Detail: string(detail),
		TLP: string(e.TLP), ByID: e.ByID, By: e.By, Struck: e.Struck}
	_, err = tx.NewInsert().Model(&r).Exec(ctx)
	return err
}

func (s store) entries(ctx context.Context, db bun.IDB, incident string) ([]Entry, error) {
	var rows []entryRow
	if err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("at, id").Limit(maxEntries).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Entry, len(rows))
	for i, r := range rows {
		list[i] = Entry{ID: r.ID, At: r.At.Time(), Stored: r.Stored.Time(), Kind: r.Kind, Text: r.Text, TLP: TLP(r.TLP), ByID: r.ByID, By: r.By, Struck: r.Struck}
		if err := json.Unmarshal([]byte(r.Detail), &list[i].Detail); err != nil {
			return nil, fmt.Errorf("incident entry %s: %w", r.ID, err)
		}
	}
	return list, nil
}

// note writes what the product saw into the timeline. Its mark is the incident's.
func (s *Service) note(ctx context.Context, tx bun.Tx, i *Incident, kind string, detail map[string]string) error {
	return s.noteOf(ctx, tx, i, i.TLP, kind, detail)
}

// noteOf is note of something with a mark of its own.
func (s *Service) noteOf(ctx context.Context, tx bun.Tx, i *Incident, mark TLP, kind string, detail map[string]string) error {
	p, now := module.PrincipalOf(ctx), s.Now()
	return s.store.addEntry(ctx, tx, i.ID, &Entry{ID: module.NewID(), At: now, Stored: now, Kind: kind, Detail: detail, TLP: mark, ByID: p.ID, By: p.DisplayName})
}

// Timeline returns the entries that the principal sees, in the order things
// happened. Errors: Denied, NotFound.
func (s *Service) Timeline(ctx context.Context, id string) ([]Entry, error) {
	i, sight, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	list, err := s.store.entries(ctx, s.DB, i.ID)
	return slices.DeleteFunc(list, func(e Entry) bool { return !sight.Shows(e.TLP) || !sight.All && aboutRecipients(e.Kind) }), err
}

// aboutRecipients tells whether a line says who else sees the incident: recipients do
// not learn of one another.
func aboutRecipients(kind string) bool {
	return kind == "share" || kind == "unshare" || strings.HasPrefix(kind, "guest.")
}

// Write adds a comment, or an entry of the timeline at a time of the past. Who
// was shared the incident with may comment. Errors: Denied, NotFound, Conflict,
// Invalid.
func (s *Service) Write(ctx context.Context, id string, e Entry) (Entry, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentTask); err != nil {
		return Entry{}, err
	}
	now := s.Now()
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		i, sight, err := s.get(ctx, tx, p, id)
		if err != nil {
			return err
		}
		if e.TLP == "" {
			e.TLP = i.TLP
		}
		if err := e.check(&i, sight, now); err != nil {
			return err
		}
		e.ID, e.Stored, e.ByID, e.By, e.Detail, e.Struck = module.NewID(), now, p.ID, p.DisplayName, nil, ""
		if err := s.mention(ctx, tx, &i, &e); err != nil {
			return err
		}
		if err := s.store.addEntry(ctx, tx, id, &e); err != nil {
			return err
		}
		return s.told(ctx, tx, &i, e.Kind, map[string]string{"tlp": string(e.TLP)})
	})
	if err != nil {
		return Entry{}, err
	}
	s.Wake()
	return e, nil
}

func (e *Entry) check(i *Incident, sight Sight, now time.Time) error {
	if e.At.IsZero() {
		e.At = now
	}
	switch n := len([]rune(strings.TrimSpace(e.Text))); {
	case i.Secrecy != "":
		return fault.New(fault.Conflict, "the matter bears a state-secrecy mark: nothing is written about it here").WithCode("incident.secret")
	case i.MergedInto != "":
		return fault.New(fault.Conflict, "the incident was merged into another; work on that one").WithCode("incident.merged")
	case e.Kind != "note" && e.Kind != "comment":
		return bad("kind", "kind", "write a note or a comment, not %q", e.Kind)
	case e.Kind == "note" && !sight.All:
		return fault.New(fault.Denied, "the timeline is written by the incident's own unit; comment instead").WithCode("permission.denied")
	case n == 0 || n > maxText:
		return bad("text", "text", "write 1 to %d letters", maxText)
	case !sight.Shows(e.TLP):
		return bad("tlp", "tlp", "you could not read what is marked TLP:%s yourself", e.TLP)
	case e.At.After(now.Add(skew)):
		return bad("at", "future", "an entry cannot be of the future")
	}
	return nil
}

// Strike marks an entry as one that does not hold; it stays readable. Errors:
// Denied, NotFound, Invalid.
func (s *Service) Strike(ctx context.Context, id, entry, why string) error {
	_, err := s.edit(ctx, id, "strike", func(ctx context.Context, tx bun.Tx, p module.Principal, i Incident) (Incident, map[string]string, error) {
		if n := len([]rune(strings.TrimSpace(why))); n == 0 || n > maxTitle {
			return i, nil, bad("why", "reason", "say in at most %d letters why it does not hold", maxTitle)
		}
		res, err := tx.NewUpdate().Table("incident_entries").Set("struck = ?", strings.TrimSpace(why)).
			Where("id = ?", entry).Where("incident = ?", id).Where("kind IN ('note', 'comment')").Where("struck = ''").Exec(ctx)
		if err != nil {
			return i, nil, err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			if err == nil {
				err = fault.New(fault.NotFound, "no such entry that could be struck").WithCode("incident.entry-unknown")
			}
			return i, nil, err
		}
		i.Version++
		return i, map[string]string{"entry": entry, "why": strings.TrimSpace(why)}, nil
	})
	return err
}
