package search

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/module"
)

// HistoryEntryView is one query the caller asked.
type HistoryEntryView struct {
	ID     string               `json:"id"`
	Query  string               `json:"query"`
	Range  module.TimeRangeView `json:"range"`
	At     module.Time          `json:"at" doc:"when it was asked last"`
	TookMs int64                `json:"tookMs"`
	Hits   *int64               `json:"hits" doc:"null: not counted"`
}

func (s *Service) historyRoutes(api huma.API) {
	op := func(id, method, path, summary string) huma.Operation {
		return module.Op(module.ActionEventRead, huma.Operation{
			OperationID: id, Method: method, Path: "/search/history" + path, Tags: tags, Summary: summary,
		})
	}
	type ask struct {
		Q     string `query:"q" maxLength:"200" doc:"in the query, without case and marks"`
		Limit int    `query:"limit" minimum:"1" maximum:"200" default:"200"`
	}
	type list struct {
		Body module.List[HistoryEntryView]
	}
	huma.Register(api, op("list-search-history", http.MethodGet, "", "What the caller asked last, newest first; nobody else sees it"),
		func(ctx context.Context, in *ask) (*list, error) {
			asked, err := s.History(ctx, in.Q, in.Limit)
			if err != nil {
				return nil, err
			}
			return &list{module.ListOf(asked, func(a Asked) HistoryEntryView {
				v := HistoryEntryView{
					ID: a.ID, Query: a.Query, Range: module.TimeRangeView{From: a.From, To: a.To},
					At: module.Time{Time: a.At}, TookMs: a.Took.Milliseconds(),
				}
				if a.Hits >= 0 {
					v.Hits = &a.Hits
				}
				return v
			})}, nil
		})
	type one struct {
		ID string `path:"id" minLength:"1" maxLength:"64"`
	}
	huma.Register(api, op("forget-search", http.MethodDelete, "/{id}", "Remove one entry of the caller's history"),
		func(ctx context.Context, in *one) (*struct{}, error) { return nil, s.Forget(ctx, in.ID) })
	huma.Register(api, op("forget-searches", http.MethodDelete, "", "Remove the caller's whole history"),
		func(ctx context.Context, _ *struct{}) (*struct{}, error) { return nil, s.Forget(ctx, "") })
}
