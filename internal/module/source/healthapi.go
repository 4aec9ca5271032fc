package source

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

func (s *Service) healthRoutes(api huma.API) {
	tags := []string{"sources"}

	type list struct {
		Unit   event.UnitID `query:"unit"`
		Status string       `query:"status" maxLength:"60" doc:"comma-separated: silent, problem, new, ok, muted"`
		Q      string       `query:"q" maxLength:"200" doc:"text in any name"`
		System string       `query:"system" maxLength:"64" doc:"id of an information system: those of its machines"`
		Limit  int          `query:"limit" minimum:"1" maximum:"2000" default:"2000"`
		Offset int          `query:"offset" minimum:"0" maximum:"10000000" default:"0"`
	}
	type sources struct{ Body SourcePageView }
	huma.Register(api, module.Op(module.ActionSourceRead, huma.Operation{
		OperationID: "list-sources", Method: http.MethodGet, Path: "/sources", Tags: tags, Summary: "Who sends logs, those that most need a look first",
		Description: "By score, the latest silence, the share of unparsed lines, then the longest unheard.",
	}), func(ctx context.Context, in *list) (*sources, error) {
		page, err := s.List(ctx, Filter{Unit: in.Unit, Statuses: splitStatuses(in.Status), Text: in.Q, System: in.System, Limit: in.Limit, Offset: in.Offset})
		if err != nil {
			return nil, err
		}
		out := &sources{SourcePageView{Items: make([]SourceHealthView, len(page.Items)), Total: page.Total, ByStatus: countsView(page.ByStatus)}}
		now := s.now()
		for i := range page.Items {
			out.Body.Items[i] = s.healthView(&page.Items[i], now, page.outages)
		}
		return out, nil
	})

	type none struct{}
	type summary struct{ Body SourcesSummaryView }
	huma.Register(api, module.Op(module.ActionSourceRead, huma.Operation{
		OperationID: "sources-health", Method: http.MethodGet, Path: "/sources/health", Tags: tags,
		Summary: "Sources by status, when disks will be full, which certificates expire",
	}), func(ctx context.Context, _ *none) (*summary, error) {
		x, err := s.Health(ctx)
		if err != nil {
			return nil, err
		}
		return &summary{summaryView(&x, s.now())}, nil
	})

	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type detail = struct{ Body SourceDetailView }
	huma.Register(api, module.Op(module.ActionSourceRead, huma.Operation{
		OperationID: "get-source", Method: http.MethodGet, Path: "/sources/{id}", Tags: tags, Summary: "One source with its usual week",
	}), func(ctx context.Context, in *byID) (*detail, error) {
		return s.show(ctx, in.ID)
	})

	type mute struct {
		ID   string `path:"id" maxLength:"64"`
		Body struct {
			Until   time.Time `json:"until" doc:"at most a year ahead"`
			Reason  string    `json:"reason" maxLength:"500"`
			Silence bool      `json:"silence,omitempty" required:"false" doc:"nothing at all is expected meanwhile: if it sends, that is a problem of its own"`
		}
	}
	huma.Register(api, module.Op(module.ActionSourceManage, huma.Operation{
		OperationID: "mute-source", Method: http.MethodPost, Path: "/sources/{id}/mute", Tags: tags,
		Summary: "No alerts about the source until a time", Description: "A second one replaces the first. 422 source.reason-required, source.until-past, source.until-far.",
	}), func(ctx context.Context, in *mute) (*detail, error) {
		if err := s.Mute(ctx, in.ID, Mute{Until: in.Body.Until, Reason: in.Body.Reason, Silence: in.Body.Silence}); err != nil {
			return nil, err
		}
		return s.show(ctx, in.ID)
	})
	huma.Register(api, module.Op(module.ActionSourceManage, huma.Operation{
		OperationID: "unmute-source", Method: http.MethodDelete, Path: "/sources/{id}/mute", Tags: tags, Summary: "End a mute",
		Description: "409 source.not-muted.", DefaultStatus: http.StatusOK,
	}), func(ctx context.Context, in *byID) (*detail, error) {
		if err := s.Unmute(ctx, in.ID); err != nil {
			return nil, err
		}
		return s.show(ctx, in.ID)
	})

	type silence struct {
		ID   string `path:"id" maxLength:"64"`
		Body SilenceView
	}
	huma.Register(api, module.Op(module.ActionSourceManage, huma.Operation{
		OperationID: "set-source-silence", Method: http.MethodPut, Path: "/sources/{id}/silence", Tags: tags,
		Summary: "After how long the source counts as silent at the latest",
	}), func(ctx context.Context, in *silence) (*detail, error) {
		if err := s.SetSilence(ctx, in.ID, time.Duration(in.Body.SilentAfterSeconds)*time.Second, in.Body.Fixed); err != nil {
			return nil, err
		}
		return s.show(ctx, in.ID)
	})

	huma.Register(api, module.Op(module.ActionSourceManage, huma.Operation{
		OperationID: "forget-source", Method: http.MethodDelete, Path: "/sources/{id}", Tags: tags, Summary: "Forget a retired source",
		Description: "Its events stay. 409 source.heard if it was heard within the last hour.", DefaultStatus: http.StatusNoContent,
	}), func(ctx context.Context, in *byID) (*struct{}, error) {
		return nil, s.Forget(ctx, in.ID)
	})
}

func (s *Service) show(ctx context.Context, id string) (*struct{ Body SourceDetailView }, error) {
	d, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return &struct{ Body SourceDetailView }{s.detailView(&d, s.now())}, nil
}
