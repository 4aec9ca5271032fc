package obligation

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/fault"
	"github.com/lachan-vn/lachan/internal/module"
)

// book is the catalogue as it is in force: what is shipped, with what
// administrators changed.
type book struct {
	*Catalogue
	duties   map[string]entry
	order    []string
	years    map[int]yearEntry
	calendar *Calendar

	mu   sync.Mutex
	done map[dateOf]bool // the dates that arose, so that they are not tried at every look
}

// dateOf is the date of a duty of a unit.
type dateOf struct {
	duty, day string
	unit      event.UnitID
}

type entry struct {
	Duty
	Own     bool  // an administrator added it
	Changed bool  // it is other than it was shipped
	Version int64 // 0: as shipped
}

type yearEntry struct {
	Year
	Version int64
}

// notArisen returns those of units for which the date of a duty did not arise yet. A unit
// may be registered after the others had theirs.
func (b *book) notArisen(duty, day string, units []event.UnitID) []event.UnitID {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []event.UnitID
	for _, u := range units {
		if !b.done[dateOf{duty, day, u}] {
			left = append(left, u)
		}
	}
	return left
}

func (b *book) noteArisen(duty, day string, units []event.UnitID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, u := range units {
		b.done[dateOf{duty, day, u}] = true
	}
}

// Load takes over what administrators changed of the catalogue.
func (s *Service) Load(ctx context.Context) error {
	duties, years, err := s.store.changes(ctx, s.DB)
	if err != nil {
		return err
	}
	b, err := s.bookOf(duties, years)
	if err == nil {
		s.book.Store(b)
	}
	return err
}

// bookOf is the shipped catalogue with the changes.
func (s *Service) bookOf(duties []dutyRow, years []yearRow) (*book, error) {
	c, err := shipped()
	if err != nil {
		return nil, err
	}
	b := &book{Catalogue: c, duties: map[string]entry{}, order: slices.Clone(c.Order), years: map[int]yearEntry{}, done: map[dateOf]bool{}}
	for id, d := range c.Duties {
		b.duties[id] = entry{Duty: d}
	}
	for _, r := range duties {
		var d Duty
		if err := json.Unmarshal([]byte(r.Duty), &d); err != nil {
			return nil, fmt.Errorf("duty %s: %w", r.ID, err)
		}
		if _, shipped := c.Duties[r.ID]; !shipped && !r.Own {
			continue // shipped once, and no more
		} else if !shipped {
			b.order = append(b.order, r.ID)
		}
		b.duties[r.ID] = entry{Duty: d, Own: r.Own, Changed: true, Version: r.Version}
	}
	for year, y := range c.Years {
		b.years[year] = yearEntry{Year: y}
	}
	for _, r := range years {
		var y Year
		if err := json.Unmarshal([]byte(r.Days), &y); err != nil {
			return nil, fmt.Errorf("holidays of %d: %w", r.Year, err)
		}
		b.years[int(r.Year)] = yearEntry{y, r.Version}
	}
	days := map[int]Year{}
	for year, y := range b.years {
		days[year] = y.Year
	}
	b.calendar = NewCalendar(s.Zone, days)
	return b, nil
}

// Duties returns the catalogue in its order. Errors: Denied.
func (s *Service) Duties(ctx context.Context) ([]entry, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionObligationRead); err != nil {
		return nil, err
	}
	b := s.book.Load()
	list := make([]entry, len(b.order))
	for i, id := range b.order {
		list[i] = b.duties[id]
	}
	return list, nil
}

func dutyUnknown() error { return fault.New(fault.NotFound, "no such duty").WithCode("duty.unknown") }

func dutyChanged() error {
	return fault.New(fault.Conflict, "somebody else changed the duty; read it again").WithCode("duty.changed")
}

const maxOwn = 500

// SaveDuty changes a duty, or adds one where there is none of that id. What arose
// of it stays as it is. Errors: Denied, Conflict duty.changed, Invalid.
func (s *Service) SaveDuty(ctx context.Context, d Duty, version int64) (entry, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionDutyManage); err != nil {
		return entry{}, err
	}
	b := s.book.Load()
	if d.Of == "" {
		d.Of = OfCentre
	}
	if err := d.check(b.Catalogue); err != nil {
		return entry{}, err
	}
	before, exists := b.duties[d.ID]
	switch {
	case version != before.Version:
		return entry{}, dutyChanged()
	case !exists && len(b.order) >= maxOwn:
		return entry{}, fault.New(fault.Conflict, "there are %d duties; remove some first", maxOwn).WithCode("duty.too-many")
	}
	text, err := json.Marshal(d)
	if err != nil {
		return entry{}, err
	}
	_, shipped := b.Duties[d.ID]
	err = s.write(ctx, module.Entry{Action: "duty.save", Object: "duty:" + d.ID, Detail: map[string]string{"duty": string(text)}}, func(ctx context.Context, tx bun.Tx) error {
		return s.store.saveDuty(ctx, tx, &dutyRow{ID: d.ID, Own: !shipped, Duty: string(text), Version: version + 1})
	})
	if err != nil {
		return entry{}, err
	}
	return s.book.Load().duties[d.ID], nil
}

// RestoreDuty makes a shipped duty as it was, or removes an added one. Errors:
// Denied, NotFound, Conflict.
func (s *Service) RestoreDuty(ctx context.Context, id string, version int64) error {
	if err := module.PrincipalOf(ctx).Require(module.ActionDutyManage); err != nil {
		return err
	}
	d, ok := s.book.Load().duties[id]
	switch {
	case !ok:
		return dutyUnknown()
	case d.Version != version:
		return dutyChanged()
	}
	return s.write(ctx, module.Entry{Action: "duty.restore", Object: "duty:" + id}, func(ctx context.Context, tx bun.Tx) error {
		return s.store.dropDuty(ctx, tx, id)
	})
}

// Holidays is the days off of a year as they are in force.
type Holidays struct {
	Number int
	Year
	Version int64
	Known   bool
}

// Calendar returns the years there are, and this year and the next whether there
// are or not. Errors: Denied.
func (s *Service) Calendar(ctx context.Context) ([]Holidays, error) {
	if err := module.PrincipalOf(ctx).Require(module.ActionObligationRead); err != nil {
		return nil, err
	}
	b := s.book.Load()
	year := s.Now().In(s.Zone).Year()
	numbers := slices.Collect(maps.Keys(b.years))
	numbers = slices.Compact(slices.Sorted(slices.Values(append(numbers, year, year+1))))
	list := make([]Holidays, len(numbers))
	for i, n := range numbers {
		y, known := b.years[n]
		list[i] = Holidays{n, y.Year, y.Version, known}
	}
	return list, nil
}

// SaveYear stores the days off of a year. Deadlines that run keep theirs. Errors:
// Denied, Conflict, Invalid.
func (s *Service) SaveYear(ctx context.Context, year int, y Year, version int64) error {
	if err := module.PrincipalOf(ctx).Require(module.ActionDutyManage); err != nil {
		return err
	}
	if err := y.check(year); err != nil {
		return err
	}
	if s.book.Load().years[year].Version != version {
		return fault.New(fault.Conflict, "somebody else changed the year; read it again").WithCode("calendar.changed")
	}
	slices.SortFunc(y.Off, cmp.Compare[string])
	slices.SortFunc(y.Swap, cmp.Compare[string])
	text, err := json.Marshal(y)
	if err != nil {
		return err
	}
	return s.write(ctx, module.Entry{Action: "calendar.save", Object: "calendar:" + strconv.Itoa(year), Detail: map[string]string{"days": string(text)}}, func(ctx context.Context, tx bun.Tx) error {
		return s.store.saveYear(ctx, tx, &yearRow{Year: int64(year), Days: string(text), Version: version + 1})
	})
}

// write changes the catalogue and takes the change into use.
func (s *Service) write(ctx context.Context, e module.Entry, do func(context.Context, bun.Tx) error) error {
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		if err := do(ctx, tx); err != nil {
			return err
		}
		return s.Trail.Append(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	return s.Load(context.WithoutCancel(ctx))
}
