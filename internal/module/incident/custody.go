package incident

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// File is something that belongs to an incident as evidence or paper.
type File struct {
	ID        string
	Incident  string
	Name      string
	Size      int64
	SHA256    string
	Declared  string // type as the name says; "" nothing known
	Detected  string // type as the bytes say
	Mismatch  bool   // the name lies
	TLP       TLP
	Note      string
	AddedAt   time.Time
	ByID      string
	By        string
	CheckedAt time.Time // when the bytes were last held against the hash
	Intact    bool      // what that found
	Destroyed time.Time
}

// Custody is one line of a file's chain of custody.
type Custody struct {
	ID     string
	File   string
	At     time.Time
	Kind   string
	Whom   string // who has it from then on, of what was handed over or returned
	Why    string
	Intact bool   // the bytes were those of the hash
	Found  string // the hash of the bytes; "" there were none
	ByID   string
	By     string
}

// The kinds of custody.
const (
	Received   = "received"
	Opened     = "opened"     // somebody looked into it, where it can do no harm
	Downloaded = "downloaded" // a copy left the product
	Copied     = "copied"     // a copy went into a dossier
	Checked    = "checked"
	HandedOver = "handed-over"
	Returned   = "returned"
	Destroyed  = "destroyed"
)

// byHand are the kinds people write themselves.
var byHand = []string{Opened, Checked, HandedOver, Returned, Destroyed}

type fileRow struct {
	bun.BaseModel `bun:"table:incident_files"`

	ID          string       `bun:"id,pk"`
	Incident    string       `bun:"incident"`
	Name        string       `bun:"name"`
	Size        int64        `bun:"size"`
	SHA256      string       `bun:"sha256"`
	Declared    string       `bun:"declared"`
	Detected    string       `bun:"detected"`
	Mismatch    bool         `bun:"mismatch"`
	TLP         string       `bun:"tlp"`
	Note        string       `bun:"note"`
	AddedAt     sqldb.Micros `bun:"added_at"`
	ByID        string       `bun:"by_id"`
	By          string       `bun:"by_name"`
	CheckedAt   sqldb.Micros `bun:"checked_at"`
	Intact      bool         `bun:"intact"`
	DestroyedAt sqldb.Micros `bun:"destroyed_at"`
}

func fileRowOf(f *File) fileRow {
	return fileRow{ID: f.ID, Incident: f.Incident, Name: f.Name, Size: f.Size, SHA256: f.SHA256, Declared: f.Declared, Detected: f.Detected, Mismatch: f.Mismatch,
		TLP: string(f.TLP), Note: f.Note, AddedAt: sqldb.MicrosOf(f.AddedAt), ByID: f.ByID, By: f.By, CheckedAt: sqldb.MicrosOf(f.CheckedAt), Intact: f.Intact, DestroyedAt: sqldb.MicrosOf(f.Destroyed)}
}

func (r *fileRow) file() File {
	return File{ID: r.ID, Incident: r.Incident, Name: r.Name, Size: r.Size, SHA256: r.SHA256, Declared: r.Declared, Detected: r.Detected, Mismatch: r.Mismatch,
		TLP: TLP(r.TLP), Note: r.Note, AddedAt: r.AddedAt.Time(), ByID: r.ByID, By: r.By, CheckedAt: r.CheckedAt.Time(), Intact: r.Intact, Destroyed: r.DestroyedAt.Time()}
}

type custodyRow struct {
	bun.BaseModel `bun:"table:incident_custody"`

	ID     string       `bun:"id,pk"`
	File   string       `bun:"file"`
	At     sqldb.Micros `bun:"at"`
	Kind   string       `bun:"kind"`
	Whom   string       `bun:"whom"`
	Why    string       `bun:"why"`
	Intact bool         `bun:"intact"`
	Found  string       `bun:"found"`
	ByID   string       `bun:"by_id"`
	By     string       `bun:"by_name"`
}

const (
	maxFiles   = 500
	maxCustody = 2000 // that are shown of a file
)

func (s store) files(ctx context.Context, db bun.IDB, incident string) ([]File, error) {
	var rows []fileRow
	if err := db.NewSelect().Model(&rows).Where("incident = ?", incident).OrderExpr("added_at, id").Limit(maxFiles).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]File, len(rows))
	for i := range rows {
		list[i] = rows[i].file()
	}
	return list, nil
}

func (s store) file(ctx context.Context, db bun.IDB, incident, id string) (f File, ok bool, err error) {
	var r fileRow
	err = db.NewSelect().Model(&r).Where("id = ?", id).Where("incident = ?", incident).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	return r.file(), err == nil, err
}

func (s store) custody(ctx context.Context, db bun.IDB, file string) ([]Custody, error) {
	var rows []custodyRow
	if err := db.NewSelect().Model(&rows).Where("file = ?", file).OrderExpr("at, id").Limit(maxCustody).Scan(ctx); err != nil {
		return nil, err
	}
	list := make([]Custody, len(rows))
	for i, r := range rows {
		list[i] = Custody{r.ID, r.File, r.At.Time(), r.Kind, r.Whom, r.Why, r.Intact, r.Found, r.ByID, r.By}
	}
	return list, nil
}

// addCustody adds a line, and what it found to the file.
func (s store) addCustody(ctx context.Context, tx bun.Tx, c *Custody) error {
	r := custodyRow{ID: c.ID, File: c.File, At: sqldb.MicrosOf(c.At), Kind: c.Kind, Whom: c.Whom, Why: c.Why, Intact: c.Intact, Found: c.Found, ByID: c.ByID, By: c.By}
	if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
		return err
	}
	q := tx.NewUpdate().Table("incident_files").Set("checked_at = ?", r.At).Set("intact = ?", c.Intact).Where("id = ?", c.File)
	if c.Kind == Destroyed {
		q = q.Set("destroyed_at = ?", r.At)
	}
	_, err := q.Exec(ctx)
	return err
}

// holders counts the files that have these bytes still.
func (s store) holders(ctx context.Context, db bun.IDB, sum string) (int64, error) {
	return db.NewSelect().Table("incident_files").Where("sha256 = ?", sum).Where("destroyed_at = 0").Count(ctx)
}

// Handling is what somebody says he did with a file.
type Handling struct {
	Kind string
	Whom string
	Why  string
}

func (h *Handling) check() error {
	h.Whom, h.Why = strings.TrimSpace(h.Whom), strings.TrimSpace(h.Why)
	switch n := len([]rune(h.Why)); {
	case !slices.Contains(byHand, h.Kind):
		return bad("kind", "custody", "no kind of custody %q; one of %v", h.Kind, byHand)
	case n > maxTitle || n == 0 && h.Kind != Checked:
		return bad("why", "reason", "say in at most %d letters why", maxTitle)
	case (h.Whom == "") == (h.Kind == HandedOver || h.Kind == Returned) || len([]rune(h.Whom)) > maxTitle:
		return bad("whom", "whom", "of what is handed over or returned say to whom, in at most %d letters; of the rest nobody", maxTitle)
	}
	return nil
}

func destroyed() error {
	return fault.New(fault.Conflict, "the file was destroyed; its hash and its custody are kept").WithCode("incident.file-destroyed")
}

func damaged() error {
	return fault.New(fault.Conflict, "the bytes on disk are not those that were received: the file is no evidence any more; restore it from a backup").WithCode("incident.file-damaged")
}

// Handle writes into the chain of custody what was done with a file, and holds its
// bytes against the hash. What is destroyed is destroyed then: its bytes go, unless
// another incident has them too. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) Handle(ctx context.Context, id, file string, h Handling) (File, error) {
	p := module.PrincipalOf(ctx)
	if err := p.Require(module.ActionIncidentTask); err != nil {
		return File{}, err
	}
	i, sight, f, err := s.oneFile(ctx, id, file)
	if err != nil {
		return f, err
	}
	if !sight.All || h.Kind == Destroyed && !p.Can(module.ActionIncidentHandle, i.Unit) {
		return f, fault.New(fault.Denied, "the custody of a file is kept by the incident's own unit").WithCode("permission.denied")
	}
	if err := h.check(); err != nil {
		return f, err
	}
	if !f.Destroyed.IsZero() {
		return f, destroyed()
	}
	open, c, err := s.examine(ctx, &f, h)
	if err != nil {
		return f, err
	}
	if open != nil {
		if err := open.Close(); err != nil {
			return f, err
		}
	}
	s.files.Lock()
	defer s.files.Unlock()
	if err := s.record(ctx, &i, &f, c); err != nil {
		return f, err
	}
	if h.Kind != Destroyed {
		return f, nil
	}
	n, err := s.store.holders(ctx, s.DB, f.SHA256)
	if err == nil && n == 0 {
		err = s.vault.remove(f.SHA256)
	}
	return f, err
}

// record writes a line of custody with its audit record, and says loudly that the
// bytes are not what they were.
func (s *Service) record(ctx context.Context, i *Incident, f *File, c Custody) error {
	alarm := !c.Intact && f.Intact
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		now, ok, err := s.store.file(ctx, tx, i.ID, f.ID)
		if err != nil || !ok || !now.Destroyed.IsZero() {
			if err == nil {
				err = destroyed()
			}
			return err
		}
		if err := s.store.addCustody(ctx, tx, &c); err != nil {
			return err
		}
		detail := map[string]string{"file": f.ID, "name": f.Name, "sha256": f.SHA256}
		for k, v := range map[string]string{"whom": c.Whom, "why": c.Why} {
			if v != "" {
				detail[k] = v
			}
		}
		if !c.Intact {
			detail["found"] = c.Found
		}
		if err := s.noteOf(ctx, tx, i, f.TLP, "file."+c.Kind, detail); err != nil {
			return err
		}
		if alarm {
			if err := s.noteOf(ctx, tx, i, f.TLP, "file.damaged", detail); err != nil {
				return err
			}
			if err := s.notify(ctx, tx, i, damagedNotice(i, f)); err != nil {
				return err
			}
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.file." + c.Kind, Object: "incident:" + i.ID, Detail: detail})
	})
	if err != nil {
		return err
	}
	f.CheckedAt, f.Intact = c.At, c.Intact
	if c.Kind == Destroyed {
		f.Destroyed = c.At
	}
	if !c.Intact {
		s.Log.Error("a file of an incident is not what was received", "incident", i.Code, "file", f.ID, "sha256", f.SHA256, "found", c.Found)
	}
	s.Wake()
	return nil
}
