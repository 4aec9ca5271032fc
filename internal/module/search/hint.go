package search

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/lachan-vn/lachan/internal/lake"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/query"
)

// Limits of what is offered to somebody who types.
const (
	maxNames  = 2000
	maxValues = 50
)

// FieldNameView is a field and how many events have it.
type FieldNameView struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// FieldNamesView lists the fields there are.
type FieldNamesView struct {
	Fields  []FieldNameView `json:"fields" nullable:"false"`
	Whole   bool            `json:"whole" doc:"false: there are so many events that only the newest were looked at"`
	Partial string          `json:"partial,omitempty"`
}

// FieldValuesView lists values of a field.
type FieldValuesView struct {
	Values  []ValueCountView `json:"values" nullable:"false"`
	Partial string           `json:"partial,omitempty"`
}

// UnknownFieldView is a field of a query that no event of the time has.
type UnknownFieldView struct {
	Name    string   `json:"name"`
	Offset  int      `json:"offset" doc:"in UTF-16 code units, as JavaScript counts"`
	Length  int      `json:"length"`
	Nearest []string `json:"nearest" nullable:"false" doc:"fields there are that may be meant, the likeliest first"`
}

// FieldNames lists the fields of the events of a time, the most frequent first.
// Errors: Denied, Invalid, Busy.
func (s *Service) FieldNames(ctx context.Context, from, to time.Time) ([]lake.NameCount, bool, lake.Stats, error) {
	sc, _, done, err := s.prepare(ctx, Request{From: from, To: to}, "body")
	if err != nil {
		return nil, false, lake.Stats{}, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	names, whole, stats, err := s.lake.FieldNames(ctx, sc, from, to)
	return names, whole, stats, outcome(err)
}

// FieldValues lists values of a field that begin with prefix, the most frequent
// first. Errors: Denied, Invalid, Busy.
func (s *Service) FieldValues(ctx context.Context, r Request, field, prefix string) ([]lake.ValueCount, lake.Stats, error) {
	sc, ls, done, err := s.prepare(ctx, r, "body")
	if err != nil {
		return nil, lake.Stats{}, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	values, stats, err := s.lake.FieldValues(ctx, sc, ls, field, prefix, min(max(r.Limit, 1), maxValues))
	return values, stats, outcome(err)
}

// Unknown lists the fields of a query that no event of the time has, and those
// that may be meant, of the caller's scope. Errors: Denied, Invalid, Busy.
func (s *Service) Unknown(ctx context.Context, p *query.Pipeline, from, to time.Time) ([]query.Unknown, error) {
	if len(p.Fields()) == 0 {
		return nil, nil
	}
	sc, _, done, err := s.prepare(ctx, Request{From: from, To: to}, "body")
	if err != nil {
		return nil, err
	}
	defer done()
	ctx, cancel := withSearchTime(ctx)
	defer cancel()
	unknown, err := UnknownFields(ctx, s.lake, sc, p, from, to)
	return unknown, outcome(err)
}

// FieldLake is the part of the lake that knows fields.
type FieldLake interface {
	HasField(from, to time.Time, name string) bool
	FieldNames(ctx context.Context, sc lake.Scope, from, to time.Time) ([]lake.NameCount, bool, lake.Stats, error)
}

// UnknownFields lists the fields of a query that no event in scope has. Where not
// every event could be looked at, it is those that no segment has at all, which
// the lake knows without looking. Where there are no events, nothing is unknown.
func UnknownFields(ctx context.Context, l FieldLake, sc lake.Scope, p *query.Pipeline, from, to time.Time) ([]query.Unknown, error) {
	if len(p.Fields()) == 0 {
		return nil, nil
	}
	names, whole, stats, err := l.FieldNames(ctx, sc, from, to)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	unknown := p.Unknown(nameTexts(names))
	if whole && len(stats.Warnings) == 0 {
		return unknown, nil
	}
	return slices.DeleteFunc(unknown, func(u query.Unknown) bool { return l.HasField(from, to, u.Name) }), nil
}

func nameTexts(names []lake.NameCount) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n.Name
	}
	return out
}

func (s *Service) hintRoutes(api huma.API) {
	type names struct {
		Body struct {
			From time.Time `json:"from"`
			To   time.Time `json:"to"`
		}
	}
	type namesOut struct{ Body FieldNamesView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "search-field-names", Method: http.MethodPost, Path: "/search/field-names", Tags: tags,
		Summary: "The fields of the events of a time, to complete what somebody types",
	}), func(ctx context.Context, in *names) (*namesOut, error) {
		list, whole, stats, err := s.FieldNames(ctx, in.Body.From, in.Body.To)
		if err != nil {
			return nil, err
		}
		list = list[:min(len(list), maxNames)]
		out := &namesOut{FieldNamesView{Fields: make([]FieldNameView, len(list)), Whole: whole, Partial: partial(stats)}}
		for i, n := range list {
			out.Body.Fields[i] = FieldNameView{n.Name, n.Count}
		}
		return out, nil
	})

	type values struct {
		Body struct {
			RangeBody
			Field  string `json:"field" minLength:"1" maxLength:"255"`
			Prefix string `json:"prefix,omitempty" maxLength:"255" doc:"in any case"`
			Limit  int    `json:"limit,omitempty" minimum:"1" maximum:"50" default:"10"`
		}
	}
	type valuesOut struct{ Body FieldValuesView }
	huma.Register(api, module.Op(module.ActionEventRead, huma.Operation{
		OperationID: "search-field-values", Method: http.MethodPost, Path: "/search/field-values", Tags: tags,
		Summary: "The most frequent values of a field that begin with a text",
	}), func(ctx context.Context, in *values) (*valuesOut, error) {
		r := in.Body.request()
		r.Limit = in.Body.Limit
		list, stats, err := s.FieldValues(ctx, r, in.Body.Field, in.Body.Prefix)
		if err != nil {
			return nil, err
		}
		out := &valuesOut{FieldValuesView{Values: make([]ValueCountView, len(list)), Partial: partial(stats)}}
		for i, v := range list {
			out.Body.Values[i] = ValueCountView{v.Value, v.Count}
		}
		return out, nil
	})
}
