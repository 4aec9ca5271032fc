package obligation

import (
	"fmt"
	"time"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// answerable are those who answer for the duties of a unit: its own officer and
// head, and who coordinates at the centre.
func answerable(unit event.UnitID, late bool) []module.Recipient {
	list := []module.Recipient{{Who: "role", ID: string(module.RoleCoordinator)}}
	if unit != event.CentreUnit {
		list = append(list, module.Responsible()...)
	}
	if late || unit == event.CentreUnit {
		list = append(list, module.Recipient{Who: "role", ID: string(module.RoleLeader)})
	}
	return list
}

// noticeOf is what people are told of a fact about an obligation; false for nothing.
func noticeOf(kind module.FactKind, o *Obligation, passed int, zone *time.Location) (module.Notice, bool) {
	n := module.Notice{Kind: string(kind), Level: "medium", Object: "obligation:" + o.ID, Told: answerable(o.Unit, kind == FactLate), Drill: o.Drill}
	vi, en := o.Vi, o.En
	if en == "" {
		en = vi
	}
	if o.Subject.Kind != "date" {
		vi, en = o.Subject.Code+" - "+vi, o.Subject.Code+" - "+en
	}
	due := o.DueAt.In(zone).Format("15:04 02/01/2006")
	switch kind {
	case FactArose:
		n.TitleVi, n.Title = fmt.Sprintf("%s, hạn %s", vi, due), fmt.Sprintf("%s, due %s", en, due)
		if o.Subject.Kind == "date" {
			n.Level = "low"
		}
	case FactRemind:
		if passed >= 80 {
			n.Level = "high"
		}
		n.TitleVi, n.Title = fmt.Sprintf("Đã qua %d%% thời hạn: %s, hạn %s", passed, vi, due), fmt.Sprintf("%d%% of the time is over: %s, due %s", passed, en, due)
	case FactLate:
		n.Level = "critical"
		n.TitleVi, n.Title = fmt.Sprintf("Trễ hạn: %s, hạn %s", vi, due), fmt.Sprintf("Late: %s, due %s", en, due)
	default:
		return n, false
	}
	return n, true
}
