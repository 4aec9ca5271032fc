package app

import (
	"context"

	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/module/coordination"
	"github.com/lachan-vn/lachan/internal/module/incident"
)

// coordinationMatters shows module coordination what people are brought together
// about.
type coordinationMatters struct{ cases *incident.Service }

// Matter implements [coordination.Matters].
func (x coordinationMatters) Matter(ctx context.Context, kind, id string) (coordination.Matter, error) {
	if kind != "incident" {
		return coordination.Matter{}, fault.New(fault.Invalid, "no kind of matter %q", kind).WithCode("coordination.matter").OnField("body.subject.kind")
	}
	i, _, err := x.cases.Get(ctx, id)
	if err != nil {
		return coordination.Matter{}, err
	}
	return coordination.Matter{Subject: module.Subject{Kind: kind, ID: i.ID, Code: i.Code, Title: i.Title}, Unit: i.Unit, Drill: i.Drill}, nil
}
