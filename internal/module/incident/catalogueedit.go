package incident

import (
	"context"
	"errors"
	"maps"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// Piece is a taxonomy or a playbook as an administrator edits it.
type Piece struct {
	Kind    string
	ID      string
	Text    string
	Shipped bool // the product comes with one of this id
	Changed bool // the text is not the one that is shipped
	At      time.Time
	By      string
	Version int64 // 0: as it is shipped
}

type pieceRow struct {
	bun.BaseModel `bun:"table:incident_catalogue"`

	Kind    string       `bun:"kind,pk"`
	ID      string       `bun:"id,pk"`
	Text    string       `bun:"text"`
	At      sqldb.Micros `bun:"at"`
	By      string       `bun:"by_name"`
	Version int64        `bun:"version"`
}

const maxPiece = 256 << 10

func (s store) pieces(ctx context.Context, db bun.IDB) ([]pieceRow, error) {
	var rows []pieceRow
	err := db.NewSelect().Model(&rows).OrderExpr("kind, id").Scan(ctx)
	return rows, err
}

// texts returns the texts in force: those that are shipped, and over them what was
// changed.
func (s *Service) texts(ctx context.Context, db bun.IDB) (map[place]string, map[place]pieceRow, error) {
	rows, err := s.store.pieces(ctx, db)
	texts, changed := maps.Clone(s.shipped), map[place]pieceRow{}
	for _, r := range rows {
		texts[place{r.Kind, r.ID}], changed[place{r.Kind, r.ID}] = r.Text, r
	}
	return texts, changed, err
}

// loadCatalogue puts the stored catalogue in force. One that a later version finds
// wrong is left out, and said: the centre must come up.
func (s *Service) loadCatalogue(ctx context.Context) error {
	texts, _, err := s.texts(ctx, s.DB)
	if err != nil {
		return err
	}
	c, err := build(texts)
	if err != nil {
		s.Log.Error("the changed taxonomies and playbooks are not sound; those that are shipped are in force", "error", err)
		return nil
	}
	s.current.Store(c)
	return nil
}

// book is the catalogue in force.
func (s *Service) book() *Catalogue { return s.current.Load() }

func noPiece() error {
	return fault.New(fault.NotFound, "no such taxonomy or playbook").WithCode("incident.catalogue-unknown")
}

// Piece returns a taxonomy or playbook as text. Errors: Denied, NotFound.
func (s *Service) Piece(ctx context.Context, kind, id string) (Piece, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionIncidentCatalogue); err != nil {
		return Piece{}, err
	}
	texts, changed, err := s.texts(ctx, s.DB)
	if err != nil {
		return Piece{}, err
	}
	return s.piece(place{kind, id}, texts, changed)
}

func (s *Service) piece(at place, texts map[place]string, changed map[place]pieceRow) (Piece, error) {
	text, ok := texts[at]
	if !ok {
		return Piece{}, noPiece()
	}
	_, shipped := s.shipped[at]
	r, edited := changed[at]
	return Piece{Kind: at.kind, ID: at.id, Text: text, Shipped: shipped, Changed: edited, At: r.At.Time(), By: r.By, Version: r.Version}, nil
}

// SavePiece puts a taxonomy or playbook in force that was edited as version; 0: it
// was as shipped, or there was none. Errors: Denied, Conflict, Invalid naming field
// and line.
func (s *Service) SavePiece(ctx context.Context, kind, id, text string, version int64) (Piece, error) {
	return s.changePiece(ctx, place{kind, id}, "save", func(ctx context.Context, tx bun.Tx, r *pieceRow) (bool, error) {
		switch {
		case len(text) == 0 || len(text) > maxPiece:
			return false, bad("text", "catalogue", "the text has 1 to %d bytes", maxPiece)
		case r.Version != version:
			return false, fault.New(fault.Conflict, "somebody else changed it; read it again").WithCode("incident.catalogue-changed")
		}
		r.Text = text
		r.Version++
		return true, nil
	})
}

// ResetPiece brings back the text that is shipped; what is not shipped goes. Errors:
// Denied, NotFound, Conflict where something in use would go.
func (s *Service) ResetPiece(ctx context.Context, kind, id string) error {
	_, err := s.changePiece(ctx, place{kind, id}, "reset", func(_ context.Context, _ bun.Tx, r *pieceRow) (bool, error) {
		if r.Version == 0 {
			return false, noPiece()
		}
		return false, nil
	})
	return err
}

// changePiece changes a piece, if the catalogue is sound with it. change tells
// whether the row stays.
func (s *Service) changePiece(ctx context.Context, at place, what string, change func(context.Context, bun.Tx, *pieceRow) (bool, error)) (p Piece, err error) {
	who := module.PrincipalOf(ctx)
	if err := who.Require(module.ActionIncidentCatalogue); err != nil {
		return p, err
	}
	s.editing.Lock()
	defer s.editing.Unlock()
	var next *Catalogue
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		texts, changed, err := s.texts(ctx, tx)
		if err != nil {
			return err
		}
		r := changed[at]
		r.Kind, r.ID, r.At, r.By = at.kind, at.id, sqldb.MicrosOf(s.Now()), who.DisplayName
		stays, err := change(ctx, tx, &r)
		if err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(&r).WherePK().Exec(ctx); err != nil {
			return err
		}
		if stays {
			if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
				return err
			}
			texts[at], changed[at] = r.Text, r
		} else {
			delete(changed, at)
			if texts[at] = s.shipped[at]; texts[at] == "" {
				delete(texts, at)
			}
		}
		if next, err = s.sound(ctx, tx, at, texts); err != nil {
			return err
		}
		if p, err = s.piece(at, texts, changed); err != nil && stays {
			return err
		}
		return s.Trail.Append(ctx, tx, module.Entry{Action: "incident.catalogue." + what, Object: "incident-" + at.kind + ":" + at.id,
			Detail: map[string]string{"version": strconv.FormatInt(r.Version, 10)}})
	})
	if err == nil {
		s.current.Store(next)
	}
	return p, err
}

// sound makes the catalogue of texts. Errors: Invalid naming field and line, Conflict
// where a category is gone that incidents have.
func (s *Service) sound(ctx context.Context, tx bun.Tx, at place, texts map[place]string) (*Catalogue, error) {
	schemes, playbooks := 0, 0
	for p := range texts {
		if p.kind == PieceScheme {
			schemes++
		} else {
			playbooks++
		}
	}
	if schemes > maxSchemes || playbooks > maxPlaybooks {
		return nil, fault.New(fault.Conflict, "at most %d taxonomies and %d playbooks", maxSchemes, maxPlaybooks).WithCode("incident.too-many")
	}
	next, err := build(texts)
	if err != nil {
		var f *flaw
		if errors.As(err, &f) && f.place != at {
			// What was sound before is not with this change: something it needs went.
			return nil, fault.New(fault.Conflict, "%w", err).WithCode("incident.catalogue-needed")
		}
		return nil, fault.New(fault.Invalid, "%w", err).WithCode("incident.catalogue").OnField("body.text")
	}
	var gone []string
	for id := range s.book().categories {
		if _, ok := next.categories[id]; !ok {
			gone = append(gone, id)
		}
	}
	if len(gone) == 0 {
		return next, nil
	}
	var used []string
	if err := tx.NewSelect().Table("incidents").Column("category").Where("category IN (?)", bun.List(gone)).Limit(1).Scan(ctx, &used); err != nil {
		return nil, err
	}
	if len(used) > 0 {
		return nil, fault.New(fault.Conflict, "category %q is gone, and incidents have it", used[0]).WithCode("incident.category-used").OnField("body.text")
	}
	return next, nil
}
