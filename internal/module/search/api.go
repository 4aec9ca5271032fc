package search

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
)

// EventPageView is one page of events.
type EventPageView struct {
	Events          []module.EventView `json:"events" nullable:"false"`
	NextCursor      string             `json:"nextCursor,omitempty"`
	TookMs          int64              `json:"tookMs"`
	ScannedSegments int                `json:"scannedSegments"`
	Partial         string             `json:"partial,omitempty" doc:"what is missing from the answer, and why"`
}

// EventsAroundView is the neighbourhood of an event.
type EventsAroundView struct {
	Events []module.EventView `json:"events" nullable:"false"`
}

// BucketView is one bar of a histogram.
type BucketView struct {
	T     module.Time `json:"t" doc:"its beginning"`
	Count int64       `json:"count"`
}

// HistogramView counts events over time.
type HistogramView struct {
	BucketSeconds float64      `json:"bucketSeconds"`
	Total         int64        `json:"total"`
	Buckets       []BucketView `json:"buckets" nullable:"false"`
	TookMs        int64        `json:"tookMs"`
	Partial       string       `json:"partial,omitempty"`
}

// ValueCountView is a value and how often it was seen.
type ValueCountView struct {
	Value string `json:"value"`
	Count int64  `json:"count"`
}

// FieldStatsView tells of one field.
type FieldStatsView struct {
	Name  string           `json:"name"`
	Count int64            `json:"count"`
	Top   []ValueCountView `json:"top" nullable:"false" maxItems:"5"`
}

// FieldsView tells of the fields of the newest events found.
type FieldsView struct {
	Fields  []FieldStatsView `json:"fields" nullable:"false"`
	Sampled int              `json:"sampled" doc:"how many events were looked at: the newest 10,000"`
	Partial string           `json:"partial,omitempty"`
}

// ValidationView says whether a query can be read.
type ValidationView struct {
	OK       bool     `json:"ok"`
	Table    bool     `json:"table,omitempty" doc:"the query asks for a table: POST /search/table"`
	Offset   int      `json:"offset,omitempty" doc:"in UTF-16 code units, as JavaScript counts"`
	Length   int      `json:"length,omitempty"`
	Message  string   `json:"message,omitempty"`
	Code     string   `json:"code,omitempty"`
	Expected []string `json:"expected,omitempty"`

	Unknown []UnknownFieldView `json:"unknown,omitempty" doc:"fields that no event between from and to has"`
}

// RangeBody is what every question about events has. Exported, because huma
// looks into exported parts only.
type RangeBody struct {
	Query string    `json:"query,omitempty" maxLength:"16384" doc:"empty: everything"`
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
}

// RememberBody asks for a search to be put on the caller's history.
type RememberBody struct {
	Remember bool                  `json:"remember,omitempty" doc:"put it on the caller's history"`
	Range    *module.TimeRangeView `json:"range,omitempty" doc:"the range as the person chose it, for the history; absent: from and to"`
}

func (b RememberBody) note(r Request) Request {
	r.Remember = b.Remember
	if b.Range != nil {
		r.RangeFrom, r.RangeTo = b.Range.From, b.Range.To
	}
	return r
}

func (b RangeBody) request() Request { return Request{Query: b.Query, From: b.From, To: b.To} }

var tags = []string{"search"}

func (s *Service) routes(api huma.API) {
	type search struct {
		Body struct {
			RangeBody
			RememberBody
			Limit  int    `json:"limit,omitempty" minimum:"1" maximum:"1000" default:"100"`
			Cursor string `json:"cursor,omitempty"`
			Order  string `json:"order,omitempty" enum:"desc,asc" default:"desc"`
		}
	}
	type page struct{ Body EventPageView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "search", Method: http.MethodPost, Path: "/search", Tags: tags,
		Summary: "Events that match a query", Description: "422 query.syntax has errors[0].location query@OFFSET, in UTF-16 code units.",
	}), func(ctx context.Context, in *search) (*page, error) {
		r := in.Body.note(in.Body.request())
		r.Limit, r.Cursor, r.Ascending = in.Body.Limit, in.Body.Cursor, in.Body.Order == "asc"
		out := &page{EventPageView{Events: []module.EventView{}}}
		stats, err := s.Search(ctx, r, func(row *lake.Row) error {
			out.Body.Events = append(out.Body.Events, module.NewEventView(row))
			return nil
		})
		if err != nil {
			return nil, err
		}
		out.Body.NextCursor, out.Body.TookMs = stats.Cursor, stats.Took.Milliseconds()
		out.Body.ScannedSegments, out.Body.Partial = stats.Segments, partial(stats)
		return out, nil
	})

	type histogram struct {
		Body struct {
			RangeBody
			RememberBody
			Buckets int `json:"buckets,omitempty" minimum:"1" maximum:"200" default:"60"`
		}
	}
	type bars struct{ Body HistogramView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "search-histogram", Method: http.MethodPost, Path: "/search/histogram", Tags: tags,
		Summary: "How many events match, over time",
	}), func(ctx context.Context, in *histogram) (*bars, error) {
		buckets, width, stats, err := s.Histogram(ctx, in.Body.note(in.Body.request()), in.Body.Buckets)
		if err != nil {
			return nil, err
		}
		out := &bars{HistogramView{
			BucketSeconds: width.Seconds(), Buckets: make([]BucketView, len(buckets)),
			TookMs: stats.Took.Milliseconds(), Partial: partial(stats),
		}}
		for i, b := range buckets {
			out.Body.Buckets[i] = BucketView{module.Time{Time: b.Time}, b.Count}
			out.Body.Total += b.Count
		}
		return out, nil
	})

	type fields struct{ Body struct{ RangeBody } }
	type fieldsOut struct{ Body FieldsView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "search-fields", Method: http.MethodPost, Path: "/search/fields", Tags: tags,
		Summary: "The fields of the events found, with their most frequent values",
	}), func(ctx context.Context, in *fields) (*fieldsOut, error) {
		list, sampled, stats, err := s.Fields(ctx, in.Body.request())
		if err != nil {
			return nil, err
		}
		out := &fieldsOut{FieldsView{Fields: make([]FieldStatsView, len(list)), Sampled: sampled, Partial: partial(stats)}}
		for i, f := range list {
			v := FieldStatsView{Name: f.Name, Count: f.Count, Top: []ValueCountView{}}
			for _, t := range f.Top[:min(len(f.Top), maxTop)] {
				v.Top = append(v.Top, ValueCountView{t.Value, t.Count})
			}
			out.Body.Fields[i] = v
		}
		return out, nil
	})

	type validateQuery struct {
		Body struct {
			Query string     `json:"query"`
			From  *time.Time `json:"from,omitempty" doc:"with to: also look for fields that no event of this time has"`
			To    *time.Time `json:"to,omitempty"`
		}
	}
	type validated struct{ Body ValidationView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "validate-query", Method: http.MethodPost, Path: "/search/validate", Tags: tags,
		Summary: "Whether a query can be read, and where it cannot",
	}), func(ctx context.Context, in *validateQuery) (*validated, error) {
		pl, err := ParsePipeline(in.Body.Query)
		if err == nil {
			out := &validated{ValidationView{OK: true, Table: pl.Aggregate != nil}}
			if in.Body.From == nil || in.Body.To == nil {
				return out, nil
			}
			unknown, err := s.Unknown(ctx, pl, *in.Body.From, *in.Body.To)
			for _, u := range unknown {
				offset, length := u.Span()
				offset, length = span16(in.Body.Query, offset, length)
				out.Body.Unknown = append(out.Body.Unknown, UnknownFieldView{u.Name, offset, length, u.Nearest})
			}
			return out, err
		}
		se := syntaxError(err)
		if se == nil {
			return nil, err
		}
		offset, length := span16(in.Body.Query, se.Offset, se.Length)
		return &validated{ValidationView{Offset: offset, Length: length, Message: se.Message, Code: se.Code, Expected: se.Expected}}, nil
	})

	s.tableRoute(api)
	s.hintRoutes(api)
	s.exportRoute(api)
	s.exportJobRoutes(api)
	s.historyRoutes(api)
	s.tailRoute(api)
	s.eventRoutes(api)
}

func (s *Service) eventRoutes(api huma.API) {
	type byID struct {
		ID string `path:"id" maxLength:"64"`
	}
	type one struct{ Body module.EventView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "get-event", Method: http.MethodGet, Path: "/events/{id}", Tags: tags, Summary: "One event",
	}), func(ctx context.Context, in *byID) (*one, error) {
		row, err := s.Event(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &one{module.NewEventView(row)}, nil
	})

	type around struct {
		ID      string `path:"id" maxLength:"64"`
		Minutes int    `query:"minutes" minimum:"1" maximum:"1440" default:"5"`
		Limit   int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
	}
	type list struct{ Body EventsAroundView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "events-around", Method: http.MethodGet, Path: "/events/{id}/around", Tags: tags,
		Summary: "The events of the same unit and host in the minutes around one",
	}), func(ctx context.Context, in *around) (*list, error) {
		rows, err := s.Around(ctx, in.ID, time.Duration(in.Minutes)*time.Minute, in.Limit)
		if err != nil {
			return nil, err
		}
		out := &list{}
		out.Body.Events = make([]module.EventView, len(rows))
		for i := range rows {
			out.Body.Events[i] = module.NewEventView(&rows[i])
		}
		return out, nil
	})
}
