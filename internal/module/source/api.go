package source

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// UnparsedView is what one sender sent that no parser understood.
type UnparsedView struct {
	Unit     event.UnitID `json:"unit"`
	Input    string       `json:"input"`
	Peer     string       `json:"peer"`
	Host     string       `json:"host"`
	Count    int64        `json:"count"`
	LastSeen module.Time  `json:"lastSeen"`
	Samples  []string     `json:"samples" nullable:"false" maxItems:"3"`
}

func (s *Service) routes(api huma.API) {
	tags := []string{"sources"}

	s.ingestRoute(api)

	s.healthRoutes(api)

	type period struct {
		From time.Time `query:"from" required:"true"`
		To   time.Time `query:"to" required:"true"`
	}
	type inbox struct{ Body module.List[UnparsedView] }
	huma.Register(api, module.Op(module.ActionSourceRead, huma.Operation{
		OperationID: "list-unparsed", Method: http.MethodGet, Path: "/unparsed", Tags: tags,
		Summary: "Lines that need a parser, by sender", Description: "Counted by whole hours of arrival.",
	}), func(ctx context.Context, in *period) (*inbox, error) {
		list, err := s.Inbox(ctx, in.From, in.To)
		if err != nil {
			return nil, err
		}
		out := &inbox{}
		out.Body.Items = make([]UnparsedView, len(list))
		for i, u := range list {
			out.Body.Items[i] = UnparsedView{Unit: u.Unit, Input: u.Input, Peer: u.Peer, Host: u.Host, Count: u.Count, LastSeen: module.Time{Time: u.LastSeen}, Samples: u.Samples}
		}
		return out, nil
	})
}
