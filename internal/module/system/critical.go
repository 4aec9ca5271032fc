package system

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/fault"
)

// SetCritical notes that a system is on the list of those critical to national security,
// or no longer; note is the document it follows from. It is for the module that keeps the
// list, in its transaction and after its own checks. Errors: NotFound.
func (s *Service) SetCritical(ctx context.Context, tx bun.Tx, id string, critical bool, note string) error {
	old, ok, err := s.store.one(ctx, tx, id)
	if err == nil && !ok {
		err = unknown()
	}
	if err != nil {
		return err
	}
	x := old
	x.Critical = critical
	return s.put(ctx, tx, "system.critical", note, &old, &x)
}

// keepsList refuses to make a system critical, or no longer, by its facts: the list of
// those critical to national security rests on documents, which the facts do not name.
func (f *Facts) keepsList(old *Facts) error {
	if f.Critical == old.Critical {
		return nil
	}
	return fault.New(fault.Invalid, "critical: a system is critical to national security by the list; nominate it there, or take it off").
		WithCode("system.critical-list").OnField("body.critical")
}
