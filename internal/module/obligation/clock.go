package obligation

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

const (
	// look is how often reminders and dates are looked at.
	look = 20 * time.Second
	// ahead is how long before it is due a duty of a date arises.
	ahead = 60 * 24 * time.Hour
	// atOnce bounds the reminders of one transaction.
	atOnce = 200
)

// hear starts the clocks of the duties that a matter brings, and marks those it
// no longer brings.
func (s *Service) hear(ctx context.Context, f module.Fact) error {
	m, err := module.ReadMatter(f)
	if err != nil {
		// It will not become readable: it is said, and the facts behind it go on.
		s.Log.ErrorContext(ctx, "a matter could not be read; no clock was started for it", "fact", f.ID, "error", err)
		return nil
	}
	traits := map[string]any{"subject": m.Subject.Kind}
	for k, v := range m.Traits {
		traits[k] = v
	}
	b := s.book.Load()
	ctx = module.WithPrincipal(ctx, module.System())
	told := false
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		told = false
		if err := s.store.concern(ctx, tx, m.Subject, m.Systems); err != nil {
			return err
		}
		found, err := s.store.about(ctx, tx, m.Subject)
		if err != nil {
			return err
		}
		for _, id := range b.order {
			d := b.duties[id].Duty
			if d.On != OnMatter {
				continue
			}
			arises := !m.Ended && d.Arises(traits)
			start, ok := m.At[d.From]
			if o, ok := found[id]; ok {
				if err := s.follow(ctx, tx, &o, &m, arises); err != nil {
					return err
				}
				if err := s.retime(ctx, tx, &o, &d, start); err != nil {
					return err
				}
				continue
			}
			if !arises || !ok || start.IsZero() || !d.IsEnabled() {
				continue
			}
			due, missing := d.Due(start, b.calendar)
			o := d.obligation(m.Subject, m.Unit, d.RecipientOf(traits), start, due, missing)
			o.Drill = m.Drill
			if err := s.arise(ctx, tx, &o); err != nil {
				return err
			}
			told = true
		}
		return nil
	})
	if err == nil && told {
		s.Wake()
		s.changedOf(m.Unit)
	}
	return err
}

// follow keeps an obligation in step with the words of its matter.
func (s *Service) follow(ctx context.Context, tx bun.Tx, o *Obligation, m *module.Matter, arises bool) error {
	doubtful := !arises && o.State.Open()
	if o.Doubtful == doubtful && o.Subject == m.Subject && o.Unit == m.Unit {
		return nil
	}
	o.Doubtful, o.Subject, o.Unit, o.Version = doubtful, m.Subject, m.Unit, o.Version+1
	_, err := s.store.update(ctx, tx, o)
	return err
}

// retime follows a correction of the moment the clock runs from: the law counts
// from when it was, not from when somebody first wrote it was. What was sent
// already keeps its time.
func (s *Service) retime(ctx context.Context, tx bun.Tx, o *Obligation, d *Duty, start time.Time) error {
	if !o.State.Open() || start.IsZero() || start.Equal(o.StartedAt) {
		return nil
	}
	before := o.DueAt
	o.StartedAt = start
	o.DueAt, o.Missing = d.Due(start, s.book.Load().calendar)
	o.Reminded, o.Version = 0, o.Version+1
	if ok, err := s.store.update(ctx, tx, o); err != nil || !ok {
		return err
	}
	const shape = "15:04 02/01/2006"
	x := Step{ID: module.NewID(), Verb: Retime, From: o.State, To: o.State, At: s.Now(), Stored: s.Now(),
		Note: before.In(s.Zone).Format(shape) + " → " + o.DueAt.In(s.Zone).Format(shape)}
	if err := s.store.addStep(ctx, tx, o.ID, &x); err != nil {
		return err
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "obligation.retime", Object: "obligation:" + o.ID, Detail: map[string]string{
		"duty": o.Duty, "unit": string(o.Unit), "subject": o.Subject.Code, "from": before.UTC().Format(time.RFC3339), "to": o.DueAt.UTC().Format(time.RFC3339),
	}})
}

func (d *Duty) obligation(subject module.Subject, unit event.UnitID, recipient string, start, due time.Time, missing []int) Obligation {
	return Obligation{
		ID: module.NewID(), Duty: d.ID, Vi: d.Vi, En: d.En, Stage: d.Stage, Basis: d.Basis, Recipient: recipient, Form: d.Form, Verify: d.Verify,
		Subject: subject, Unit: unit, StartedAt: start, DueAt: due, Missing: missing, State: Pending, Version: 1,
	}
}

func (s *Service) arise(ctx context.Context, tx bun.Tx, o *Obligation) error {
	fresh, err := s.store.insert(ctx, tx, o)
	if err != nil || !fresh {
		return err
	}
	if len(o.Missing) > 0 {
		s.Log.WarnContext(ctx, "a deadline was computed without the public holidays of a year; enter them", "obligation", o.ID, "years", o.Missing)
	}
	if err := s.tell(ctx, tx, FactArose, o, 0, ""); err != nil {
		return err
	}
	return s.Trail.Append(ctx, tx, module.Entry{Action: "obligation.arise", Object: "obligation:" + o.ID, Detail: map[string]string{
		"duty": o.Duty, "unit": string(o.Unit), "subject": o.Subject.Code, "due": o.DueAt.UTC().Format(time.RFC3339),
	}})
}

func (s *Service) run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if err := s.Tick(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Tick lets the duties of dates arise and reminds of what is due.
func (s *Service) Tick(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	if err := s.dates(ctx); err != nil {
		return err
	}
	for {
		n, err := s.remind(ctx)
		if err != nil || n < atOnce {
			return err
		}
	}
}

// dates lets every duty of a date arise that is due within [ahead].
func (s *Service) dates(ctx context.Context) error {
	b, now := s.book.Load(), s.Now()
	for _, id := range b.order {
		d := b.duties[id].Duty
		if d.On != OnDate || !d.IsEnabled() {
			continue
		}
		due, ok := d.Next(now, b.calendar)
		if !ok || due.Sub(now) > ahead {
			continue
		}
		day := due.In(s.Zone).AddDate(0, 0, -1).Format(time.DateOnly) // the last day it may be done on
		owing := []event.UnitID{event.CentreUnit}
		if d.Of == OfUnits {
			owing = s.Units.Working()
		}
		if owing = b.notArisen(id, day, owing); len(owing) == 0 {
			continue
		}
		subject := module.Subject{Kind: "date", ID: day, Code: day, Title: d.Vi}
		err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
			for _, unit := range owing {
				o := d.obligation(subject, unit, d.Recipient, due.Add(-ahead), due, nil)
				if err := s.arise(ctx, tx, &o); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		b.noteArisen(id, day, owing)
		s.Wake()
		s.changedOf(owing...)
	}
	return nil
}

// remind tells of the obligations a reminder is due of; n is how many.
func (s *Service) remind(ctx context.Context) (n int, err error) {
	now := s.Now()
	var units []event.UnitID
	err = s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		units = nil
		list, err := s.store.waiting(ctx, tx, now, atOnce)
		if err != nil {
			return err
		}
		n = len(list)
		for i := range list {
			o := &list[i]
			percent := o.reminder(now)
			units = append(units, o.Unit)
			kind := FactRemind
			if percent >= 100 {
				kind = FactLate
			}
			o.Reminded, o.Version = percent, o.Version+1
			if ok, err := s.store.update(ctx, tx, o); err != nil || !ok {
				return err
			}
			if err := s.tell(ctx, tx, kind, o, percent, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && n > 0 {
		slices.Sort(units)
		s.Wake()
		s.changedOf(slices.Compact(units)...)
	}
	return n, err
}
