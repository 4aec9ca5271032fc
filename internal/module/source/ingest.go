package source

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// Blocks knows what became of accepted blocks.
type Blocks interface {
	// Status tells whether all blocks of the sequences are searchable, and how
	// many events they hold so far.
	Status(ctx context.Context, first, last uint64) (processed bool, events, unparsed int64, err error)
}

// maxSequences bounds the blocks one question may be about.
const maxSequences = 1_000_000

// IngestStatus tells a sender whether what it sent is searchable. A block may
// hold records of several units; no more than their number is told.
// Errors: Denied, Invalid.
func (s *Service) IngestStatus(ctx context.Context, first, last uint64) (processed bool, events, unparsed int64, err error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionIngestStatus); err != nil {
		return false, 0, 0, err
	}
	if first == 0 || last < first || last-first >= maxSequences {
		return false, 0, 0, fault.New(fault.Invalid, "last: from first to at most %d after it", maxSequences-1).OnField("query.last")
	}
	return s.blocks.Status(ctx, first, last)
}

// IngestStatusView is what became of accepted blocks.
type IngestStatusView struct {
	Processed bool  `json:"processed" doc:"all of it is searchable"`
	Events    int64 `json:"events"`
	Unparsed  int64 `json:"unparsed"`
}

func (s *Service) ingestRoute(api huma.API) {
	type input struct {
		First uint64 `query:"first" required:"true" minimum:"1"`
		Last  uint64 `query:"last" required:"true" minimum:"1"`
	}
	type output struct{ Body IngestStatusView }
	huma.Register(api, module.Op(module.ActionIngestStatus, huma.Operation{
		OperationID: "ingest-status", Method: http.MethodGet, Path: "/ingest/status", Tags: []string{"ingest"},
		Summary: "What became of the sequences an ingest request was answered with",
	}), func(ctx context.Context, in *input) (*output, error) {
		out := &output{}
		var err error
		out.Body.Processed, out.Body.Events, out.Body.Unparsed, err = s.IngestStatus(ctx, in.First, in.Last)
		if err != nil {
			return nil, err
		}
		return out, nil
	})
}
