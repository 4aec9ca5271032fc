package module

import (
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/fault"
)

// AuditView is an audit record on the wire.
type AuditView struct {
	Seq    int64             `json:"seq"`
	At     Time              `json:"at"`
	Actor  string            `json:"actor"`
	Action string            `json:"action"`
	Object string            `json:"object"`
	Detail map[string]string `json:"detail"`
	IP     string            `json:"ip"`
}

// AuditPage is one page of the trail.
type AuditPage struct {
	Items      []AuditView `json:"items" nullable:"false"`
	NextCursor string      `json:"nextCursor,omitempty"`
}

// Routes registers the trail's operations.
func (t *Trail) Routes(api huma.API) {
	type input struct {
		Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
		Cursor string `query:"cursor"`
	}
	type output struct{ Body AuditPage }
	huma.Register(api, Op(ActionAuditRead, huma.Operation{
		OperationID: "list-audit", Method: http.MethodGet, Path: "/audit", Tags: []string{"administration"},
		Summary: "Audit trail, newest first",
	}), func(ctx context.Context, in *input) (*output, error) {
		var before int64
		if in.Cursor != "" {
			n, err := strconv.ParseInt(in.Cursor, 10, 64)
			if err != nil || n < 1 {
				return nil, fault.New(fault.Invalid, "cursor: not one this list gave out").OnField("query.cursor")
			}
			before = n
		}
		records, err := t.List(ctx, before, int64(in.Limit))
		if err != nil {
			return nil, err
		}
		page := AuditPage{Items: make([]AuditView, len(records))}
		for i, r := range records {
			page.Items[i] = AuditView{Seq: r.Seq, At: Time{r.At}, Actor: r.Actor, Action: r.Action, Object: r.Object, Detail: r.Detail, IP: r.Addr}
		}
		if n := len(records); n == in.Limit && records[n-1].Seq > 1 {
			page.NextCursor = strconv.FormatInt(records[n-1].Seq, 10)
		}
		return &output{page}, nil
	})
}
