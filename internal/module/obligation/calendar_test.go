package obligation

import (
	"slices"
	"testing"
	"time"
)

var hanoi = time.FixedZone("+07", 7*3600)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	x, err := time.ParseInLocation("2006-01-02 15:04", text, hanoi)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// Each line: begun, working days, when the time has run out.
func TestWorkingDays(t *testing.T) {
	c, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	calendar := NewCalendar(hanoi, c.Years)
	for _, x := range []struct {
		why, start string
		days       int
		due        string
		missing    []int
	}{
		{"the first day does not count and the last one ends at midnight", "2026-11-16 08:00", 3, "2026-11-20 00:00", nil},
		{"a minute before midnight is the same day", "2026-11-16 23:59", 3, "2026-11-20 00:00", nil},
		{"a weekend is left out", "2026-11-19 09:00", 3, "2026-11-26 00:00", nil}, // 20, 23, and 25: the 24th is a holiday
		{"begun on a Saturday", "2026-10-17 10:00", 1, "2026-10-20 00:00", nil},
		{"over Tết", "2026-02-13 17:00", 1, "2026-02-24 00:00", nil},
		{"a Saturday that is worked instead of a Friday", "2026-01-09 08:00", 1, "2026-01-11 00:00", nil},
		{"30 April and 1 May, with the days for the Kings' festival before", "2026-04-24 08:00", 5, "2026-05-07 00:00", nil}, // 28, 29, 4/5, 5/5, 6/5
		{"the National Day and the exchanged Monday", "2026-08-28 08:00", 2, "2026-09-05 00:00", nil},
		{"into a year that nobody entered", "2027-12-30 08:00", 2, "2028-01-04 00:00", []int{2028}},
		{"no days", "2026-11-16 08:00", 0, "2026-11-17 00:00", nil},
	} {
		due, missing := calendar.After(at(t, x.start), x.days)
		if want := at(t, x.due); !due.Equal(want) || !slices.Equal(missing, x.missing) {
			t.Errorf("%s: %s and %d days end %s, want %s; missing %v, want %v", x.why, x.start, x.days, due.In(hanoi).Format("2006-01-02 15:04"), x.due, missing, x.missing)
		}
	}
}

// One working day more never ends sooner, and always on the midnight after a day
// that is worked.
func TestMoreDaysNeverEndSooner(t *testing.T) {
	c, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	calendar := NewCalendar(hanoi, c.Years)
	for start := at(t, "2025-01-01 07:30"); start.Year() < 2027; start = start.Add(31 * time.Hour) {
		before := start
		for n := 1; n < 30; n++ {
			due, _ := calendar.After(start, n)
			works, _ := calendar.Works(due.Add(-time.Second))
			if !due.After(before) || !works || due.In(hanoi).Hour() != 0 {
				t.Fatalf("%s and %d days end %s, after %s; the last day is worked: %v", start, n, due, before, works)
			}
			before = due
		}
	}
}

func TestAYearThatCannotBe(t *testing.T) {
	for _, x := range []struct {
		why  string
		year int
		y    Year
		code string
	}{
		{"no day", 2027, Year{Off: []string{"02-30"}}, "calendar.bad-day"},
		{"29 February", 2027, Year{Off: []string{"02-29"}}, "calendar.bad-day"},
		{"words", 2027, Year{Off: []string{"Tết"}}, "calendar.bad-day"},
		{"twice", 2027, Year{Off: []string{"01-01", "01-01"}}, "calendar.twice"},
		{"off and worked", 2027, Year{Off: []string{"01-02"}, Swap: []string{"01-02"}}, "calendar.twice"},
		{"worked on a Monday", 2027, Year{Swap: []string{"01-04"}}, "calendar.no-weekend"},
		{"another century", 1999, Year{}, "calendar.year"},
		{"a leap year", 2028, Year{Off: []string{"02-29"}}, ""},
	} {
		if got := code(x.y.check(x.year)); got != x.code {
			t.Errorf("%s: %q, want %q", x.why, got, x.code)
		}
	}
}
