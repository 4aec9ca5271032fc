package obligation

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lachan-vn/lachan/internal/fault"
)

// Year is the days off of one year, as the public service works in Vietnam.
// Days are "MM-DD"; Swap are days of a weekend that are worked instead.
type Year struct {
	Verified bool     `yaml:"verified" json:"verified"`
	Note     string   `yaml:"note" json:"note"`
	Off      []string `yaml:"off" json:"off"`
	Swap     []string `yaml:"swap" json:"swap"`
}

// check returns why a year cannot be kept. Errors: Invalid.
func (y *Year) check(year int) error {
	if year < 2020 || year > 2100 {
		return fault.New(fault.Invalid, "the year %d is not between 2020 and 2100", year).WithCode("calendar.year").OnField("path.year")
	}
	seen := map[string]bool{}
	for field, days := range map[string][]string{"body.off": y.Off, "body.swap": y.Swap} {
		if len(days) > 60 {
			return fault.New(fault.Invalid, "%d days are more than a year can have off; at most 60", len(days)).WithCode("calendar.too-many").OnField(field)
		}
		for i, d := range days {
			at := fmt.Sprintf("%s[%d]", field, i)
			t, err := time.Parse(time.DateOnly, fmt.Sprintf("%d-%s", year, d))
			switch {
			case err != nil:
				return fault.New(fault.Invalid, "%q is no day of %d; write MM-DD", d, year).WithCode("calendar.bad-day").OnField(at)
			case seen[d]:
				return fault.New(fault.Invalid, "%s is there twice", d).WithCode("calendar.twice").OnField(at)
			case field == "body.swap" && !weekend(t):
				return fault.New(fault.Invalid, "%s is no Saturday or Sunday: it is worked anyhow", d).WithCode("calendar.no-weekend").OnField(at)
			}
			seen[d] = true
		}
	}
	return nil
}

func weekend(t time.Time) bool { return t.Weekday() == time.Saturday || t.Weekday() == time.Sunday }

// Calendar knows the working days of the years it has.
type Calendar struct {
	zone  *time.Location
	years map[int]days
}

type days struct{ off, swap map[string]bool }

// NewCalendar makes a calendar of the years; days begin and end in zone.
func NewCalendar(zone *time.Location, years map[int]Year) *Calendar {
	c := &Calendar{zone: zone, years: map[int]days{}}
	for year, y := range years {
		d := days{map[string]bool{}, map[string]bool{}}
		for _, day := range y.Off {
			d.off[day] = true
		}
		for _, day := range y.Swap {
			d.swap[day] = true
		}
		c.years[year] = d
	}
	return c
}

// Works tells whether the day of t is worked. known is false where the calendar
// does not have the year: only weekends are off then.
func (c *Calendar) Works(t time.Time) (works, known bool) {
	t = t.In(c.zone)
	y, known := c.years[t.Year()]
	day := t.Format("01-02")
	switch {
	case y.off[day]:
		return false, known
	case y.swap[day]:
		return true, known
	}
	return !weekend(t), known
}

// maxWorkingDays bounds a time given in working days.
const maxWorkingDays = 260

// After returns when a time of n working days from start has run out: as the
// n-th working day after start's own ends. missing lists the years it went
// through without knowing their days off; the true end may then be later.
func (c *Calendar) After(start time.Time, n int) (due time.Time, missing []int) {
	lost := map[int]bool{}
	y, m, d := start.In(c.zone).Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, c.zone)
	for n = min(n, maxWorkingDays); n > 0; {
		day = day.AddDate(0, 0, 1)
		works, known := c.Works(day)
		if !known {
			lost[day.Year()] = true
		}
		if works {
			n--
		}
	}
	return day.AddDate(0, 0, 1), slices.Sorted(maps.Keys(lost))
}

// Start returns the beginning of a day of the calendar's zone.
func (c *Calendar) Start(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, c.zone)
}

// AfterWorkingDays returns when a time of n working days from start has run out, by
// the calendar in force.
func (s *Service) AfterWorkingDays(start time.Time, n int) time.Time {
	due, _ := s.book.Load().calendar.After(start, n)
	return due
}
