package lake

import (
	"context"

	"github.com/lachan-vn/lachan/internal/query"
)

type Want struct {
	Fields []string
	Raw    bool
	Core   bool
}

func (l *Lake) Scan(ctx context.Context, sc Scope, s Search, want Want, each func(*Row) error) (Stats, error) {
	q := s.Query
	s.Query = nil
	if q == nil {
		q = &query.Query{}
	}
	return l.Search(ctx, sc, s, func(r *Row) error {
		ev := r.Event()
		if q.Match(&ev, r.Rules) {
			return each(r)
		}
		return nil
	})
}
