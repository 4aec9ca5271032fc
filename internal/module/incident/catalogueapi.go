package incident

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// IncidentPieceView is a taxonomy or a playbook as an administrator edits it.
type IncidentPieceView struct {
	ID      string       `json:"id"`
	Text    string       `json:"text" doc:"YAML"`
	Shipped bool         `json:"shipped" doc:"the product comes with one of this id"`
	Changed bool         `json:"changed" doc:"the text is not the one that is shipped"`
	At      *module.Time `json:"at,omitempty"`
	By      string       `json:"by"`
	Version int64        `json:"version" doc:"send it back with a change; 0: as shipped, or none yet"`
}

func (s *Service) pieceRoutes(api huma.API, kind, folder, word string) {
	type byPiece struct {
		ID string `path:"piece" maxLength:"48"`
	}
	type piece struct{ Body IncidentPieceView }
	answer := func(p Piece, err error) (*piece, error) {
		if err != nil {
			return nil, err
		}
		return &piece{IncidentPieceView{p.ID, p.Text, p.Shipped, p.Changed, module.TimeOrNil(p.At), p.By, p.Version}}, nil
	}
	at := "/catalogue/" + folder + "/{piece}"
	huma.Register(api, op(module.ActionIncidentCatalogue, "get-incident-"+word, http.MethodGet, at, "The text of a "+word),
		func(ctx context.Context, in *byPiece) (*piece, error) { return answer(s.Piece(ctx, kind, in.ID)) })
	save := op(module.ActionIncidentCatalogue, "save-incident-"+word, http.MethodPut, at, "Change a "+word+", or add one")
	save.Description = "422 incident.catalogue names the line and the field that is wrong. 409 incident.category-used: a category would go that incidents have."
	huma.Register(api, save, func(ctx context.Context, in *SaveIncidentPiece) (*piece, error) {
		return answer(s.SavePiece(ctx, kind, in.ID, in.Body.Text, in.Body.Version))
	})
	huma.Register(api, op(module.ActionIncidentCatalogue, "reset-incident-"+word, http.MethodDelete, at, "Bring a "+word+" back to what is shipped; one that is not shipped goes"),
		func(ctx context.Context, in *byPiece) (*struct{}, error) { return nil, s.ResetPiece(ctx, kind, in.ID) })
}

// SaveIncidentPiece is the text of a taxonomy or a playbook, edited.
type SaveIncidentPiece struct {
	ID   string `path:"piece" maxLength:"48"`
	Body struct {
		Text    string `json:"text" minLength:"1"`
		Version int64  `json:"version" doc:"as read; 0: as shipped, or none yet"`
	}
}
