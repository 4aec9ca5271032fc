package document

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// signatories are those of a unit who may approve.
func signatories(unit event.UnitID) []module.Recipient {
	if unit == event.CentreUnit {
		return []module.Recipient{{Who: "role", ID: string(module.RoleLeader)}, {Who: "role", ID: string(module.RoleCoordinator)}}
	}
	return []module.Recipient{{Who: "unit-role", ID: string(module.RoleUnitHead)}}
}

// notify has those told who have to act now: of what is submitted who may approve it,
// of the decision who wrote it. Of what he did himself nobody is told.
func (s *Service) notify(ctx context.Context, tx bun.Tx, d *Document, x *Step) error {
	n := module.Notice{Level: "medium", Drill: d.Drill, Object: "document:" + d.ID}
	title := module.Text(d.Title, 400)
	switch {
	case x.Verb == Submit:
		n.Kind, n.Told = "document.submitted", signatories(d.Issuer)
		n.TitleVi, n.Title = "Văn bản chờ duyệt: "+title, "A document awaits approval: "+title
	case x.Verb == Approve && d.DraftedBy != x.ByID:
		n.Kind, n.User = "document.decided", d.DraftedBy
		n.TitleVi, n.Title = "Văn bản đã được duyệt: "+d.Code+" "+title, "A document was approved: "+d.Code+" "+title
	case x.Verb == Return && d.DraftedBy != x.ByID:
		n.Kind, n.User = "document.decided", d.DraftedBy
		n.TitleVi, n.Title = "Văn bản được trả lại để sửa: "+title, "A document was returned for changes: "+title
	default:
		return nil
	}
	fact, err := n.Fact(d.Issuer)
	if err != nil {
		return err
	}
	return module.Emit(ctx, tx, []module.Fact{fact})
}
