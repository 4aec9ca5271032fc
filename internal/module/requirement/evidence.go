package requirement

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Evidence shows that a requirement is met: a file, or where to find a paper.
type Evidence struct {
	ID      string
	Item    string
	Kind    string // file or reference
	Name    string // of the file, or the reference itself
	Size    int64
	SHA256  string
	Expires module.Date // "" never
	At      time.Time
	ByID    string
	By      string
	Signed  module.Signed
}

const (
	maxEvidence  = 20 // of a requirement
	maxFileBytes = 50 << 20
	maxReference = 500
)

type evidenceRow struct {
	bun.BaseModel `bun:"table:requirement_evidence"`

	ID      string       `bun:"id,pk"`
	System  string       `bun:"system"`
	Item    string       `bun:"item"`
	Kind    string       `bun:"kind"`
	Name    string       `bun:"name"`
	Size    int64        `bun:"size"`
	SHA256  string       `bun:"sha256"`
	Expires string       `bun:"expires"`
	At      sqldb.Micros `bun:"at"`
	ByID    string       `bun:"by_id"`
	By      string       `bun:"by_name"`

	Signed module.Signed `bun:"signature"`
}

// evidence returns what was given for a system, by item, the oldest first.
func (s store) evidence(ctx context.Context, db bun.IDB, system string) (map[string][]Evidence, error) {
	var rows []evidenceRow
	err := db.NewSelect().Model(&rows).Where("system = ?", system).OrderExpr("at, id").Scan(ctx)
	out := map[string][]Evidence{}
	for _, r := range rows {
		out[r.Item] = append(out[r.Item], Evidence{r.ID, r.Item, r.Kind, r.Name, r.Size, r.SHA256, module.Date(r.Expires), r.At.Time(), r.ByID, r.By, r.Signed})
	}
	return out, err
}

// Load makes the folder of the files and removes what no requirement knows: files a
// killed process was receiving.
func (s *Service) Load(ctx context.Context) error {
	var ids []string
	if err := s.DB.NewSelect().Table("requirement_evidence").Column("id").Where("kind = 'file'").Scan(ctx, &ids); err != nil {
		return err
	}
	return s.shelf().Load(ids)
}

func (s *Service) shelf() module.Shelf {
	return module.Shelf{Dir: s.Dir, Code: "requirement", Max: maxFileBytes, Tip: "pack it, or leave out what shows nothing"}
}

// AddFile takes a file as evidence. Errors: Denied, NotFound, Conflict, Invalid,
// TooLarge.
func (s *Service) AddFile(ctx context.Context, system, item, name string, expires module.Date, body io.Reader) (Evidence, error) {
	if _, err := s.seen(ctx, s.DB, module.ActionRequirementDeclare, system); err != nil {
		return Evidence{}, err
	}
	e := Evidence{ID: module.NewID(), Kind: "file", Name: module.FileName(name), Expires: expires}
	var err error
	if e.Size, e.SHA256, err = s.shelf().Receive(e.ID, body); err != nil {
		return e, err
	}
	e.Signed = s.Signatures.Look(ctx, s.shelf(), e.ID)
	if err := s.addEvidence(ctx, system, item, &e); err != nil {
		return e, errors.Join(err, s.shelf().Remove(e.ID))
	}
	return e, nil
}

// AddReference notes where evidence is to be found: the number of a paper, an
// address. Errors: Denied, NotFound, Conflict, Invalid.
func (s *Service) AddReference(ctx context.Context, system, item, text string, expires module.Date) (Evidence, error) {
	text = module.OneLine(text)
	if text == "" || !module.IsText(text, maxReference) {
		return Evidence{}, fault.New(fault.Invalid, "write where it is found, in at most %d letters", maxReference).WithCode("requirement.reference").OnField("body.reference")
	}
	e := Evidence{ID: module.NewID(), Kind: "reference", Name: text, Expires: expires}
	return e, s.addEvidence(ctx, system, item, &e)
}

func (s *Service) addEvidence(ctx context.Context, system, item string, e *Evidence) error {
	_, it, err := s.item(item)
	if err != nil {
		return err
	}
	p := module.PrincipalOf(ctx)
	e.Item, e.At, e.ByID, e.By = it.ID, s.Now(), p.ID, p.DisplayName
	return s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		sys, err := s.seen(ctx, tx, module.ActionRequirementDeclare, system)
		if err != nil {
			return err
		}
		have, err := s.store.evidence(ctx, tx, system)
		if err != nil {
			return err
		}
		if len(have[it.ID]) >= maxEvidence {
			return fault.New(fault.Conflict, "at most %d pieces of evidence; take back what is no longer needed", maxEvidence).WithCode("requirement.evidence")
		}
		row := &evidenceRow{ID: e.ID, System: system, Item: it.ID, Kind: e.Kind, Name: e.Name, Size: e.Size, SHA256: e.SHA256,
			Expires: string(e.Expires), At: sqldb.MicrosOf(e.At), ByID: e.ByID, By: e.By, Signed: e.Signed}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		return s.noteEvidence(ctx, tx, "requirement.evidence-add", &sys, e)
	})
}

func (s *Service) noteEvidence(ctx context.Context, tx bun.Tx, action string, sys *System, e *Evidence) error {
	return s.Trail.Append(ctx, tx, module.Entry{Action: action, Object: "system:" + sys.ID, Detail: map[string]string{
		"system": sys.Code, "unit": string(sys.Unit), "item": e.Item, "kind": e.Kind, "name": e.Name, "sha256": e.SHA256, "expires": string(e.Expires),
	}})
}

// TakeBack removes a piece of evidence; the trail keeps that it was there. Errors:
// Denied, NotFound.
func (s *Service) TakeBack(ctx context.Context, system, id string) error {
	var gone Evidence
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		sys, err := s.seen(ctx, tx, module.ActionRequirementDeclare, system)
		if err != nil {
			return err
		}
		if gone, err = s.oneEvidence(ctx, tx, system, id); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*evidenceRow)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return s.noteEvidence(ctx, tx, "requirement.evidence-remove", &sys, &gone)
	})
	if err != nil || gone.Kind != "file" {
		return err
	}
	return s.shelf().Remove(gone.ID)
}

func (s *Service) oneEvidence(ctx context.Context, db bun.IDB, system, id string) (Evidence, error) {
	all, err := s.store.evidence(ctx, db, system)
	if err != nil {
		return Evidence{}, err
	}
	for _, list := range all {
		if i := slices.IndexFunc(list, func(e Evidence) bool { return e.ID == id }); i >= 0 {
			return list[i], nil
		}
	}
	return Evidence{}, fault.New(fault.NotFound, "no such evidence").WithCode("requirement.evidence-unknown")
}

// File opens a file of evidence. The caller closes it. Errors: Denied, NotFound.
func (s *Service) File(ctx context.Context, system, id string) (Evidence, io.ReadCloser, error) {
	if _, err := s.seen(ctx, s.DB, module.ActionRequirementRead, system); err != nil {
		return Evidence{}, nil, err
	}
	e, err := s.oneEvidence(ctx, s.DB, system, id)
	if err == nil && e.Kind != "file" {
		err = fault.New(fault.NotFound, "no such evidence").WithCode("requirement.evidence-unknown")
	}
	if err != nil {
		return e, nil, err
	}
	in, err := s.shelf().Open(e.ID)
	return e, in, err
}
