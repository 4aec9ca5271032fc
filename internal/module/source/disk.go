package source

import (
	"context"
	"math"
	"time"

	"github.com/uptrace/bun"

	"github.com/lachan-vn/lachan/internal/event"
	"github.com/lachan-vn/lachan/internal/sqldb"
)

// DiskUse is what one part of the data folder takes now.
type DiskUse struct {
	Part string // lake, spool, database
	Path string // whose file system
	Disk string // the same for parts on one file system
	Used int64  // bytes
	Free int64  // bytes on the file system that may still be used
}

// Forecast is when a file system will be full.
type Forecast struct {
	Disk   string
	Path   string
	Parts  []DiskUse
	Free   int64
	PerDay float64   // growth of all parts, bytes a day; may be negative
	FullOn time.Time // zero: not within a year, or not known yet
	Known  bool      // enough days are known
}

const (
	// diskDays is over how many days the growth is fitted, and diskLeast how
	// many there must be.
	diskDays   = 14
	diskLeast  = 3
	diskKept   = 60 * 24 * time.Hour
	fullWithin = 365 * 24 * time.Hour
)

type diskRow struct {
	bun.BaseModel `bun:"table:disk_use,alias:d"`

	Part string       `bun:"part,pk"`
	Day  sqldb.Micros `bun:"day,pk"`
	At   sqldb.Micros `bun:"at"`
	Used int64        `bun:"used"`
}

// slope is the growth per day that a straight line through the measurements has,
// by least squares; false where fewer than diskLeast days are known.
func slope(rows []diskRow) (perDay float64, known bool) {
	if len(rows) < diskLeast {
		return 0, false
	}
	n, mx, my := float64(len(rows)), 0.0, 0.0
	day := func(r *diskRow) float64 { return r.At.Time().Sub(rows[0].At.Time()).Hours() / 24 }
	for i := range rows {
		mx, my = mx+day(&rows[i])/n, my+float64(rows[i].Used)/n
	}
	sxy, sxx := 0.0, 0.0
	for i := range rows {
		dx := day(&rows[i]) - mx
		sxy, sxx = sxy+dx*(float64(rows[i].Used)-my), sxx+dx*dx
	}
	if sxx < 0.5 {
		return 0, false // all at nearly one time
	}
	return sxy / sxx, true
}

// forecast puts parts and what is known of their growth together by file system.
func forecast(parts []DiskUse, known map[string][]diskRow, now time.Time) []Forecast {
	var out []Forecast
	place := map[string]int{}
	for _, part := range parts {
		i, seen := place[part.Disk]
		if !seen {
			i = len(out)
			place[part.Disk] = i
			out = append(out, Forecast{Disk: part.Disk, Path: part.Path, Free: part.Free, Known: true})
		}
		f := &out[i]
		f.Parts = append(f.Parts, part)
		grows, ok := slope(known[part.Part])
		f.PerDay += grows
		f.Known = f.Known && ok
	}
	for i := range out {
		f := &out[i]
		if !f.Known || f.PerDay <= 0 {
			continue
		}
		if days := float64(f.Free) / f.PerDay; days <= fullWithin.Hours()/24 {
			f.FullOn = now.Add(time.Duration(math.Max(days, 0) * 24 * float64(time.Hour)))
		}
	}
	return out
}

// measureDisks keeps today's measurement and forgets old ones.
func (s *Service) measureDisks(ctx context.Context, now time.Time) error {
	parts, err := s.watch.Disks(ctx)
	if err != nil || len(parts) == 0 {
		return err
	}
	rows := make([]diskRow, len(parts))
	for i, p := range parts {
		rows[i] = diskRow{Part: p.Part, Day: sqldb.MicrosOf(now.UTC().Truncate(24 * time.Hour)), At: sqldb.MicrosOf(now), Used: p.Used}
	}
	if _, err := s.store.db.NewInsert().Model(&rows).On("CONFLICT (part, day) DO UPDATE").
		Set("at = EXCLUDED.at").Set("used = EXCLUDED.used").Exec(ctx); err != nil {
		return err
	}
	_, err = s.store.db.NewDelete().Model((*diskRow)(nil)).Where("day < ?", sqldb.MicrosOf(now.Add(-diskKept))).Exec(ctx)
	return err
}

// Forecasts tells when the disks will be full.
func (s *Service) forecasts(ctx context.Context, now time.Time) ([]Forecast, error) {
	if s.watch == nil {
		return nil, nil
	}
	parts, err := s.watch.Disks(ctx)
	if err != nil {
		return nil, err
	}
	var rows []diskRow
	err = s.store.db.NewSelect().Model(&rows).Where("day >= ?", sqldb.MicrosOf(now.Add(-diskDays*24*time.Hour))).OrderExpr("day").Scan(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string][]diskRow{}
	for _, r := range rows {
		known[r.Part] = append(known[r.Part], r)
	}
	return forecast(parts, known, now), nil
}

// diskSignals are the disks that will be full too soon.
func (s *Service) diskSignals(list []Forecast, now time.Time) []Signal {
	var out []Signal
	for _, f := range list {
		left := f.FullOn.Sub(now)
		if f.FullOn.IsZero() || left > time.Duration(s.config.DiskDays)*24*time.Hour {
			continue
		}
		sig := Signal{Kind: kindDisk, Unit: event.CentreUnit, About: f.Path, Details: map[string]string{
			"fullOn": f.FullOn.In(s.zone).Format(time.RFC3339), "free": bytesText(float64(f.Free)), "growth": bytesText(f.PerDay), "path": f.Path,
		}}
		if left < 3*24*time.Hour {
			sig.Severity = "critical"
		}
		out = append(out, sig)
	}
	return out
}
