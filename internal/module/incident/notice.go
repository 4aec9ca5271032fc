package incident

import (
	"cmp"
	"context"
	"slices"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// notice is one about an incident.
type notice struct {
	module.Notice
	unit event.UnitID // whose people the rules of notification choose from; "" the incident's
}

var (
	centreDesk  = []module.Recipient{{Who: "role", ID: "coordinator"}, {Who: "role", ID: "analyst"}}
	unitOfficer = []module.Recipient{{Who: "unit-role", ID: "security-officer"}}
)

// newNotice says something about an incident, in both languages. What is secret is
// called by its number alone.
func newNotice(i *Incident, kind, level, user, vi, en string) notice {
	about := i.Code
	if i.Secrecy == "" {
		about += " " + i.Title
	}
	n := notice{Notice: module.Notice{Kind: kind, Level: level, User: user, Object: "incident:" + i.ID, TitleVi: vi + ": " + about, Title: en + ": " + about, Drill: i.Drill}}
	return n
}

func (n notice) to(lists ...[]module.Recipient) notice {
	n.Told = slices.Concat(lists...)
	return n
}

func damagedNotice(i *Incident, f *File) notice {
	return newNotice(i, "incident.file-damaged", "critical", "", "Tệp chứng cứ không còn nguyên vẹn ("+f.Name+")", "A file of evidence is not what was received ("+f.Name+")").to(centreDesk)
}

// levelOf is how bad what is told is.
func levelOf(i *Incident) string {
	if i.Grave {
		return "critical"
	}
	return i.Severity
}

func openedNotice(i *Incident) notice {
	return newNotice(i, "incident.opened", levelOf(i), "", "Sự cố mới", "A new incident").to(centreDesk, unitOfficer)
}

// ledBy tells who was given an incident, unless he took it himself.
func ledBy(i *Incident, before, by string) []notice {
	if i.Lead == "" || i.Lead == before || i.Lead == by {
		return nil
	}
	return []notice{newNotice(i, "incident.assigned", levelOf(i), i.Lead, "Bạn được giao chủ trì xử lý sự cố", "You were given an incident to lead")}
}

// givenTo tells who was given a task, unless he took it himself.
func givenTo(i *Incident, t *Task, before, by string) []notice {
	if t.Owner == "" || t.Owner == before || t.Owner == by || t.State != TaskOpen {
		return nil
	}
	return []notice{newNotice(i, "incident.task", levelOf(i), t.Owner, "Bạn được giao việc «"+t.Title+"»", "You were given the task \""+t.Title+"\"")}
}

// notify has people told, in the transaction of the change.
func (s *Service) notify(ctx context.Context, tx bun.Tx, i *Incident, list ...notice) error {
	var facts []module.Fact
	for _, n := range list {
		fact, err := n.Fact(cmp.Or(n.unit, i.Unit))
		if err != nil {
			return err
		}
		facts = append(facts, fact)
	}
	return module.Emit(ctx, tx, facts)
}
