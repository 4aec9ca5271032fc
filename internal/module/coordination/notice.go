package coordination

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// answerable are those of a side who decide; of forces and members, those of the
// centre who keep the contact.
func answerable(unit event.UnitID) []module.Recipient {
	if unit == "" || unit == event.CentreUnit {
		return []module.Recipient{{Who: "role", ID: string(module.RoleCoordinator)}}
	}
	return module.Responsible()
}

// tell has people told, in tx; unit is the one whose people may be told.
func tell(ctx context.Context, tx bun.Tx, unit event.UnitID, list ...module.Notice) error {
	facts := make([]module.Fact, len(list))
	for i := range list {
		var err error
		if facts[i], err = list[i].Fact(unit); err != nil {
			return err
		}
	}
	return module.Emit(ctx, tx, facts)
}

const clock = "15:04 02/01/2006"

func (s *Service) clock(t time.Time) string { return t.In(s.Zone).Format(clock) }

// calledNotices tell the accounts of those who are called now.
func (s *Service) calledNotices(c *CallUp, called []int) (list []module.Notice) {
	for _, i := range called {
		x := &c.Line[i]
		if x.User == "" {
			continue
		}
		list = append(list, module.Notice{Kind: "coordination.called", Level: "critical", User: x.User, Object: "call-up:" + c.ID, Drill: c.Drill,
			TitleVi: "Được huy động: " + c.Subject.Code + ", có mặt trước " + s.clock(c.By), Title: "You are called up: " + c.Subject.Code + ", by " + s.clock(c.By)})
	}
	return list
}

// shortNotice tells who coordinates that the line is at its end.
func (s *Service) shortNotice(c *CallUp) module.Notice {
	return module.Notice{Kind: "coordination.short", Level: "critical", Object: "call-up:" + c.ID, Drill: c.Drill, User: c.Caller, Told: answerable(""),
		TitleVi: "Huy động chưa đủ người: " + c.Subject.Code, Title: "Too few people come: " + c.Subject.Code}
}

func askNotice(a *Ask, kind, level, vi, en string) module.Notice {
	return module.Notice{Kind: kind, Level: level, Object: "ask:" + a.ID, Drill: a.Drill, Told: answerable(a.To.other()),
		TitleVi: vi + ": " + a.Subject.Code, Title: en + ": " + a.Subject.Code}
}
