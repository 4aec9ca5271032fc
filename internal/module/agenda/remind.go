package agenda

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/config"
	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

//go:embed data
var data embed.FS

// Files is what is shipped.
func Files() fs.FS { return module.Folder(data, "data") }

// Reminder says when and whom to remind of dates of a kind.
type Reminder struct {
	Kind   string        `yaml:"kind"`
	Before []int         `yaml:"before"` // days, the farthest first; below zero: after
	Roles  []module.Role `yaml:"roles"`  // of the unit
	Vi     string        `yaml:"vi"`     // what several of them are called
	En     string        `yaml:"en"`
}

// ReadReminders reads reminders.yaml. Errors name the row.
func ReadReminders(files fs.FS) ([]Reminder, error) {
	var list []Reminder
	if err := config.LoadFS(files, "reminders.yaml", &list); err != nil {
		return nil, err
	}
	for i, r := range list {
		down := slices.IsSortedFunc(r.Before, func(a, b int) int { return b - a })
		if r.Kind == "" || r.Vi == "" || r.En == "" || len(r.Roles) == 0 || len(r.Before) == 0 || !down || r.Before[0] > 365 || r.Before[len(r.Before)-1] < -365 {
			return nil, fmt.Errorf("reminders.yaml: row %d needs kind, vi, en, roles, and before as days from the farthest to the nearest, at most a year away", i+1)
		}
	}
	return list, nil
}

// stage is the distance that a date stands at: the smallest one it has come to.
func (r *Reminder) stage(day, today module.Date) (before int, ok bool) {
	for _, n := range r.Before {
		if day.Add(-n) <= today {
			before, ok = n, true
		}
	}
	return before, ok
}

const (
	remindFirst = 5 * time.Minute
	remindEvery = time.Hour
	// late is for how many days past its last distance a date is still told of.
	late = 30
	// maxRemind bounds the dates of a kind that one look takes.
	maxRemind = 100_000
	keepTold  = 800 // days
)

// run reminds again and again until ctx ends.
func (s *Service) run(ctx context.Context) error {
	module.Every(ctx, remindFirst, remindEvery, func(ctx context.Context) {
		if err := s.Remind(ctx); err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "people could not be reminded of what falls due; it will be tried again", "error", err)
		}
	})
	return nil
}

// Remind tells whoever is responsible of the dates that came near, each once at each
// distance; several of a unit and a day together.
func (s *Service) Remind(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	today := module.DateOf(s.Now())
	for i := range s.Reminders {
		r := &s.Reminders[i]
		at := slices.IndexFunc(s.Sources, func(x Source) bool { return x.Kind == r.Kind })
		if at < 0 {
			continue
		}
		from, to := today.Add(min(r.Before[len(r.Before)-1], 0)-late), today.Add(max(r.Before[0], 0))
		dates, more, err := s.Sources[at].Due(ctx, Range{From: from, To: to, Start: from.Start(), End: to.Add(1).Start(), Limit: maxRemind})
		if err != nil {
			return err
		}
		if more {
			s.Log.WarnContext(ctx, "more falls due than is told of at once", "kind", r.Kind, "told", len(dates))
		}
		if err := s.tell(ctx, r, dates, today); err != nil {
			return err
		}
	}
	_, err := s.DB.NewDelete().Table("agenda_told").Where("day < ?", string(today.Add(-keepTold))).Exec(ctx)
	return err
}

// heap is what is told together.
type heap struct {
	unit   event.UnitID
	day    module.Date
	before int
}

func (s *Service) tell(ctx context.Context, r *Reminder, dates []Date, today module.Date) error {
	heaps := map[heap][]Date{}
	var order []heap
	for _, d := range dates {
		before, ok := r.stage(d.Day, today)
		if !ok || d.State == Done || d.Unit == "" {
			continue
		}
		h := heap{d.Unit, d.Day, before}
		if heaps[h] == nil {
			order = append(order, h)
		}
		heaps[h] = append(heaps[h], d)
	}
	for _, h := range order {
		told := false
		err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			fresh, err := s.fresh(ctx, tx, r.Kind, h, heaps[h])
			if err != nil || len(fresh) == 0 {
				return err
			}
			told = true
			fact, err := r.notice(h, fresh, today).Fact(h.unit)
			if err != nil {
				return err
			}
			return module.Emit(ctx, tx, []module.Fact{fact})
		})
		if err != nil {
			return err
		}
		if told {
			s.Wake()
		}
	}
	return nil
}

// fresh notes dates as told and returns those that were not.
func (s *Service) fresh(ctx context.Context, tx bun.Tx, kind string, h heap, dates []Date) (fresh []Date, err error) {
	for _, d := range dates {
		row := map[string]any{"kind": kind, "object": d.object(), "day": string(h.day), "before": h.before, "at": sqldb.MicrosOf(s.Now())}
		first, err := sqldb.One(tx.NewInsert().Model(&row).TableExpr("agenda_told").On("CONFLICT DO NOTHING").Exec(ctx))
		if err != nil {
			return nil, err
		}
		if first {
			fresh = append(fresh, d)
		}
	}
	return fresh, nil
}

func (d *Date) object() string { return d.Subject.Kind + ":" + d.Subject.ID + "/" + d.Key }

// notice is what is said of dates of one unit and day.
func (r *Reminder) notice(h heap, dates []Date, today module.Date) *module.Notice {
	day := h.day.Start().Format("02/01/2006")
	left := int(h.day.Start().Sub(today.Start()) / (24 * time.Hour))
	vi, en := fmt.Sprintf("Còn %d ngày (%s)", left, day), fmt.Sprintf("In %d days (%s)", left, day)
	level := "medium"
	switch {
	case left < 0:
		vi, en, level = "Đã quá hạn ("+day+")", "Past its day ("+day+")", "high"
	case left == 0:
		vi, en, level = "Hôm nay", "Today", "high"
	}
	n := &module.Notice{Kind: "agenda.reminder", Level: level}
	if len(dates) == 1 {
		d := &dates[0]
		n.TitleVi, n.Title, n.Object = vi+": "+d.Vi, en+": "+d.En, d.Subject.Kind+":"+d.Subject.ID
	} else {
		n.TitleVi, n.Title = fmt.Sprintf("%s: %d %s", vi, len(dates), r.Vi), fmt.Sprintf("%s: %d %s", en, len(dates), r.En)
		n.Object = "agenda:" + string(h.day) + "/" + r.Kind
	}
	for _, role := range r.Roles {
		n.Told = append(n.Told, module.Recipient{Who: "unit-role", ID: string(role)})
	}
	return n
}
