package advisory

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/module"
)

// Lister knows what units run from elsewhere. It is asked as the system, sees all units,
// and keeps what it lists: here are copies, so that advisories match them.
type Lister interface {
	Origin() Origin
	// Stamps returns the units that have something listed, and for each a text that is
	// another once its list is.
	Stamps(ctx context.Context) (map[event.UnitID]string, error)
	// Lines returns what a unit has. Origin and Unit are filled in by the caller; what has
	// no name or cannot be stored is left out.
	Lines(ctx context.Context, unit event.UnitID) ([]Software, error)
}

const (
	relistEvery = 10 * time.Minute
	relistQuiet = 2 * time.Second // several changes are one
	perRelist   = 2000            // lines written at once: others write between
)

// Relist tells that a lister has something new. It does not wait.
func (s *Service) Relist() {
	select {
	case s.listed <- struct{}{}:
	default:
	}
}

// relisting brings the lists in step: at the start, when told to, and now and then.
func (s *Service) relisting(ctx context.Context) error {
	ctx = module.WithPrincipal(ctx, module.System())
	tick := time.NewTicker(relistEvery)
	defer tick.Stop()
	for {
		if err := s.relistAll(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-s.listed:
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(relistQuiet):
			}
		}
	}
}

func (s *Service) relistAll(ctx context.Context) error {
	for _, from := range s.Listers {
		if err := s.relist(ctx, from); err != nil {
			return err
		}
	}
	return nil
}

// relist takes over what one lister has for the units whose list is not the one that was
// taken over last.
func (s *Service) relist(ctx context.Context, from Lister) error {
	stamps, err := from.Stamps(ctx)
	if err != nil {
		return err
	}
	var had []event.UnitID
	if err := s.DB.NewSelect().Model((*softwareRow)(nil)).Distinct().Column("unit").Where("origin = ?", string(from.Origin())).Scan(ctx, &had); err != nil {
		return err
	}
	seen := s.stamps[from.Origin()]
	if seen == nil {
		seen = map[event.UnitID]string{}
		s.stamps[from.Origin()] = seen
	}
	units := slices.AppendSeq(had, maps.Keys(stamps))
	slices.Sort(units)
	for _, unit := range slices.Compact(units) {
		stamp, listed := stamps[unit]
		if old, known := seen[unit]; known && listed && old == stamp {
			continue
		}
		var lines []Software
		if listed {
			if lines, err = from.Lines(ctx, unit); err != nil {
				return err
			}
		}
		if err := s.takeOver(ctx, from.Origin(), unit, lines); err != nil {
			return err
		}
		seen[unit] = stamp
	}
	return nil
}

// takeOver makes lines all that a unit has of an origin.
func (s *Service) takeOver(ctx context.Context, origin Origin, unit event.UnitID, lines []Software) error {
	var rows []softwareRow
	if err := s.DB.NewSelect().Model(&rows).Where("origin = ?", string(origin)).Where("unit = ?", string(unit)).Scan(ctx); err != nil {
		return err
	}
	old := make(map[string]*softwareRow, len(rows))
	for i := range rows {
		old[rows[i].Identity] = &rows[i]
	}
	var put []Software
	for _, x := range gather(origin, unit, lines) {
		r, known := old[x.identity()]
		delete(old, x.identity())
		switch {
		case !known:
			x.ID, x.Version = module.NewID(), 1
		case r.Quantity == x.Count && r.Place == x.Place:
			continue
		default:
			x.ID, x.Version = r.ID, r.Version+1
		}
		x.UpdatedAt = s.Now()
		put = append(put, x)
	}
	gone := make([]string, 0, len(old))
	for _, r := range old {
		gone = append(gone, r.ID)
	}
	return s.relisted(ctx, put, gone)
}

// gather puts lines that are the same together, and leaves out those that cannot be
// stored: whoever lists them has them still.
func gather(origin Origin, unit event.UnitID, lines []Software) []Software {
	var list []Software
	at := map[string]int{}
	for _, x := range lines {
		x.Origin, x.Unit = origin, unit
		x.Product.Vendor, x.Product.Name = module.Text(x.Product.Vendor, maxName), module.Text(x.Product.Name, maxName)
		x.Release, x.Place = module.Text(x.Release, maxReleased), module.Text(x.Place, maxPlace)
		if err := x.check(); err != nil {
			x.Product.CPE = "" // what is no CPE name may still have a name
			if x.check() != nil {
				continue
			}
		}
		key := x.identity()
		if i, known := at[key]; known {
			list[i].Count = min(list[i].Count+x.Count, maxCount)
			continue
		}
		at[key] = len(list)
		list = append(list, x)
	}
	return list
}

// relisted writes lines with what they match, and takes others away.
func (s *Service) relisted(ctx context.Context, put []Software, gone []string) error {
	if err := inChunks(gone, perRelist, func(part []string) error {
		return s.write(ctx, func(ctx context.Context, tx bun.Tx) error { return s.store.removeSoftware(ctx, tx, part) })
	}); err != nil {
		return err
	}
	return inChunks(put, perRelist, func(part []Software) error {
		return s.write(ctx, func(ctx context.Context, tx bun.Tx) error {
			if err := s.store.putSoftware(ctx, tx, part); err != nil {
				return err
			}
			return s.declared(ctx, tx, "", part)
		})
	})
}
